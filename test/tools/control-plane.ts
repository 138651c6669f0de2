/**
 * A real control plane for tests: etcd, kube-apiserver and, if asked for, kube-controller-manager and kube-scheduler,
 * each a process of its own on a free port of the loopback interface, with its data in a folder of its own.
 * By hand: `node test/tools/control-plane.ts [--scheduler]` starts one, says how to reach it, and ends it at Ctrl-C.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Access, type Users, writeAccess } from './control-plane/access.ts';
import { ask, type Server } from './control-plane/ask.ts';
import { compactEtcd } from './control-plane/etcd.ts';
import { AUDIT_POLICY, flagsOf, healthOf, type Place, type Program, programs, urlsOf } from './control-plane/flags.ts';
import { freePorts } from './control-plane/ports.ts';
import { logTail, startServer, stopServer } from './control-plane/server.ts';
import { install, installAll } from './install.ts';

export type { Program } from './control-plane/flags.ts';

export interface ControlPlaneOptions {
  /** Runs kube-controller-manager too: binding, protection, garbage collection, namespaces, quotas. Default true. */
  readonly controllers?: boolean;
  /** Runs kube-scheduler too. Default false. */
  readonly scheduler?: boolean;
  /** Writes an audit log (`auditLog`) of all requests, a JSON line each, without bodies. Default false. */
  readonly audit?: boolean;
  /** More flags, by program, for example `{ 'kube-apiserver': ['--max-requests-inflight=10'] }`. They come last and win. */
  readonly flags?: Readonly<Partial<Record<Program, readonly string[]>>>;
  /** Users besides the administrator, each with its groups. Their tokens are in `tokens`. */
  readonly users?: Users;
  /** Where the programs come from (`install.ts`). Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ControlPlane extends Access {
  readonly url: string;
  /** As the API server says it: `v1.N.P`. */
  readonly version: string;
  /** Path; empty without `audit`. `control-plane/audit.ts` reads it. */
  readonly auditLog: string;
  /** For etcdctl-like calls over its HTTP gateway. */
  readonly etcdUrl: string;
  readonly folder: string;
  readonly startedInMs: number;
  pidOf(program: Program): number;
  /** Sends a signal to a program; resolves when it has ended. */
  stop(program: Program, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a program that was stopped, on its old port, and resolves when it is ready. */
  start(program: Program): Promise<void>;
  /** Makes etcd forget all but the present revision, and resolves to it. */
  compact(): Promise<string>;
  /** The end of a program's log. */
  logOf(program: Program): string;
  /** Ends every process by its own id and removes the folder; after a failure (`keep`) the logs stay. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

const ATTEMPTS = 3;
const ACCOUNT_LIMIT_MS = 30_000;
const POLL_MS = 50;

/** Undefined when everything is there; else which tool is missing and why. What can be built is built. */
export async function missingControlPlane(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const provided of (await installAll(programs, { env, say })).values()) {
    if (provided.kind === 'unavailable') return provided.reason;
  }
  return undefined;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Resolves when the API server answers `readyz` and what was asked for runs. @throws Error with the end of the log of what did not start. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (cause) {
      // Between the search for a free port and its use somebody else can have taken it.
      if (attempt === ATTEMPTS || !String(cause).includes('address already in use')) throw cause;
    }
  }
}

/** One that ends with the test. When the test fails its logs stay, and a diagnostic says where. */
export async function controlPlaneFor(t: TestContext, options?: ControlPlaneOptions): Promise<ControlPlane> {
  const plane = await startControlPlane(options);
  t.after(async () => {
    const passed = 'passed' in t && t.passed === true;
    await plane.close({ keep: !passed });
    if (!passed) t.diagnostic(`the logs of the control plane are in ${plane.folder}`);
  });
  return plane;
}

async function startOnce(options: ControlPlaneOptions): Promise<ControlPlane> {
  const begun = performance.now();
  const place = await newPlace(options.audit ?? false);
  const { folder, ports, auditLog } = place;
  const { api: url, etcd: etcdUrl } = urlsOf(ports);
  const access = await writeAccess(folder, url, options.users ?? {});
  const { controllers = true, scheduler = false, env = process.env } = options;
  const plane = createServers({ place, env, flags: options.flags ?? {}, token: access.token });
  try {
    await plane.start('etcd');
    await plane.start('kube-apiserver');
    if (controllers) await plane.start('kube-controller-manager');
    if (scheduler) await plane.start('kube-scheduler');
    if (controllers) await podsMayBeCreated({ ...access, url });
  } catch (cause) {
    await plane.end();
    throw new Error(`the control plane did not start; its logs are in ${folder}. ${String(cause)}`, { cause });
  }
  return {
    ...access,
    url,
    version: JSON.parse((await ask({ ...access, url }, '/version')).text).gitVersion,
    etcdUrl,
    auditLog,
    folder,
    startedInMs: performance.now() - begun,
    pidOf: (program) => plane.children.get(program)?.pid ?? 0,
    stop: (program, signal = 'SIGKILL') => stopServer(plane.children.get(program), signal),
    start: (program) => plane.start(program),
    compact: () => compactEtcd(etcdUrl),
    logOf: (program) => logTail(folder, program),
    async close({ keep = false } = {}) {
      await plane.end();
      rmSync(keep ? join(folder, 'etcd') : folder, { recursive: true, force: true });
    },
  };
}

async function newPlace(audit: boolean): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-control-plane-'));
  const auditLog = audit ? join(folder, 'audit.log') : '';
  if (audit) writeFileSync(join(folder, 'audit-policy.yaml'), AUDIT_POLICY);
  const [etcd = 0, peer = 0, api = 0, manager = 0, scheduler = 0] = await freePorts(5);
  const ports = {
    etcd,
    peer,
    'kube-apiserver': api,
    'kube-controller-manager': manager,
    'kube-scheduler': scheduler,
  };
  return { folder, ports, auditLog };
}

interface Servers {
  readonly children: ReadonlyMap<Program, ChildProcess>;
  start(program: Program): Promise<void>;
  end(): Promise<void>;
}

interface ServersOptions {
  readonly place: Place;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: Readonly<Partial<Record<Program, readonly string[]>>>;
  readonly token: string;
}

function createServers({ place, env, flags, token }: ServersOptions): Servers {
  const { folder, ports } = place;
  const children = new Map<Program, ChildProcess>();
  return {
    children,
    async start(name) {
      const provided = await install(name, { env, say });
      if (provided.kind === 'unavailable') throw new Error(provided.reason);
      const child = await startServer({
        name,
        path: provided.path,
        flags: [...flagsOf[name](place), ...(flags[name] ?? [])],
        folder,
        health: { url: healthOf(name, ports), token },
      });
      children.set(name, child);
    },
    async end() {
      for (const program of [...programs].reverse()) await stopServer(children.get(program), 'SIGKILL');
    },
  };
}

/** Pods are refused until kube-controller-manager has made the account that they run as. */
async function podsMayBeCreated(server: Server): Promise<void> {
  const limit = performance.now() + ACCOUNT_LIMIT_MS;
  while (performance.now() < limit) {
    const { status } = await ask(server, '/api/v1/namespaces/default/serviceaccounts/default');
    if (status === 200) return;
    await wait(POLL_MS);
  }
  throw new Error('kube-controller-manager made no default service account');
}

async function main(words: readonly string[]): Promise<void> {
  const plane = await startControlPlane({ scheduler: words.includes('--scheduler') });
  process.stdout.write(
    [
      `ready in ${(plane.startedInMs / 1000).toFixed(1)} s`,
      `export KUBECONFIG=${plane.kubeconfig}`,
      `export LARDER_CONFORMANCE_URL=${plane.url}`,
      `export LARDER_CONFORMANCE_TOKEN=${plane.token}`,
      `export LARDER_CONFORMANCE_CA=${plane.authorityFile}`,
      '',
    ].join('\n'),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void plane.close());
}

if (import.meta.main) await main(process.argv.slice(2));
