/** A real Prometheus from Debian for tests, as a process of its own on loopback, with its data in a folder of its own. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './control-plane/ports.ts';
import { startServer, stopServer } from './control-plane/server.ts';
import { installDebian } from './debian.ts';

export interface PrometheusOptions {
  /** The value of `scrape_configs`, as YAML or JSON. */
  readonly scrape: string;
  /** The text of a file of rules; default none. */
  readonly rules?: string;
  /** The text of its web configuration (TLS, users), and how it is asked then whether it is ready. */
  readonly web?: { readonly text: string; readonly authorization: string };
  /** More flags. */
  readonly flags?: readonly string[];
}

export interface RealPrometheus {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Why none can be run here; false when one can. */
export async function missingPrometheus(): Promise<string | false> {
  const found = await program();
  return found.kind === 'missing' ? found.reason : false;
}

/** Resolves when it is ready, which is before its first scrape. @throws Error with the end of its log when it does not start. */
export async function startPrometheus(options: PrometheusOptions): Promise<RealPrometheus> {
  const found = await program();
  if (found.kind === 'missing') throw new Error(found.reason);
  const folder = mkdtempSync(join(tmpdir(), 'larder-prometheus-'));
  mkdirSync(join(folder, 'data'));
  const rules = options.rules === undefined ? '' : 'rule_files: [rules.yaml]\n';
  writeFileSync(join(folder, 'prometheus.yaml'), `${rules}scrape_configs: ${options.scrape}\n`);
  if (options.rules !== undefined) writeFileSync(join(folder, 'rules.yaml'), options.rules);
  if (options.web) writeFileSync(join(folder, 'web.yaml'), options.web.text);
  const [port = 0] = await freePorts(1);
  const url = `${options.web ? 'https' : 'http'}://127.0.0.1:${port}`;
  const child = await startServer({
    name: 'prometheus',
    path: found.path,
    flags: [
      '--config.file=prometheus.yaml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.web ? ['--web.config.file=web.yaml'] : []),
      ...(options.flags ?? []),
    ],
    folder,
    health: {
      url: `${url}/-/ready`,
      token: '',
      ...(options.web ? { authorization: options.web.authorization } : {}),
    },
  });
  return {
    url,
    port,
    async close() {
      await stopServer(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Found = { readonly kind: 'found'; readonly path: string } | { readonly kind: 'missing'; readonly reason: string };

async function program(): Promise<Found> {
  const debian = await installDebian({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (debian.kind === 'unavailable') return { kind: 'missing', reason: debian.reason };
  // Unpacked, or where the system has it installed.
  const path = [join(debian.path, 'usr/bin/prometheus'), '/usr/bin/prometheus'].find(existsSync);
  return path === undefined ? { kind: 'missing', reason: 'apt knows no prometheus' } : { kind: 'found', path };
}
