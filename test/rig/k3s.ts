/**
 * What takes the place of k3s on a rig's machines, built from `k3s/` and kept outside the checkout. A version is a file
 * of its own, with its own sum, as the releases of k3s are.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { alone } from '../tools/alone.ts';
import { lastLines, runChild } from '../tools/child.ts';
import { goEnvironment, goOf } from '../tools/go-build.ts';
import { type InstallOptions, installAll, type Provided } from '../tools/install.ts';

/** Behind the stand-in, under their names in `/opt/rig` of each machine. */
const k3sPrograms = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;

const SOURCE = join(import.meta.dirname, 'k3s');
const LIMIT_MS = 20 * 60_000;

/** Where the stand-in and the real programs behind it are; the reason where they cannot be had. */
export interface K3s {
  readonly kind: 'ready';
  /** The program without a version. */
  readonly program: string;
  readonly tools: Readonly<Record<string, string>>;
}

export async function installK3s(
  options: InstallOptions,
): Promise<K3s | { readonly kind: 'unavailable'; readonly reason: string }> {
  const tools: Record<string, string> = {};
  for (const [name, provided] of await installAll(k3sPrograms, options)) {
    if (provided.kind === 'unavailable') return provided;
    tools[name] = provided.path;
  }
  const program = await build(options);
  return program.kind === 'unavailable' ? program : { kind: 'ready', program: program.path, tools };
}

async function build(options: InstallOptions): Promise<Provided> {
  const names = readdirSync(SOURCE).toSorted();
  const key = createHash('sha256');
  for (const name of names) key.update(name).update(readFileSync(join(SOURCE, name)));
  const { env } = options;
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  const path = join(cache, `rig-k3s-${key.digest('hex').slice(0, 12)}-${process.arch}`);
  return alone(path, () => buildInto(path, options));
}

async function buildInto(path: string, { env, say }: InstallOptions): Promise<Provided> {
  if (existsSync(path)) return { kind: 'ready', path, how: 'cached' };
  const go = goOf(env);
  if (go === undefined)
    return { kind: 'unavailable', reason: 'the stand-in of k3s is built with Go, which is not there' };
  mkdirSync(dirname(path), { recursive: true });
  say('rig: building what takes the place of k3s');
  const run = (...args: readonly string[]): ReturnType<typeof runChild> =>
    runChild({ command: go, args, cwd: SOURCE, env: goEnvironment(env), limitMs: LIMIT_MS });
  const fetched = await run('mod', 'download');
  if (fetched.code !== 0)
    return { kind: 'unavailable', reason: `modules of the stand-in of k3s: ${lastLines(fetched.output, 3)}` };
  const part = `${path}.${process.pid}.part`;
  const built = await run(
    'build',
    '-trimpath',
    '-buildvcs=false',
    '-mod=readonly',
    '-ldflags',
    '-s -w',
    '-o',
    part,
    '.',
  );
  if (built.code !== 0) throw new Error(`the stand-in of k3s does not compile: ${lastLines(built.output, 5)}`);
  renameSync(part, path);
  return { kind: 'ready', path, how: 'built' };
}

/** Writes the stand-in as one release of k3s: the file as its page names it, and the sums beside it. Resolves to the sum. */
export function writeK3s({ program }: K3s, folder: string, version: string): string {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const name = arch === 'arm64' ? 'k3s-arm64' : 'k3s';
  const text = Buffer.concat([readFileSync(program), Buffer.from(`\0k3s-version=${version}\n`)]);
  const sum = createHash('sha256').update(text).digest('hex');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
  writeFileSync(join(folder, `sha256sum-${arch}.txt`), `${sum}  ${name}\n`);
  return sum;
}
