/** Builds tools from a Go module, proves that they run, and puts them where they are kept. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { lastLines, runChild } from './child.ts';
import { filledModule } from './filled-module.ts';
import type { InstallOptions } from './install.ts';
import { type Family, type FamilyName, families, type ToolName, tools } from './tool.ts';

/** Go code of one version: a folder with go.mod and go.sum. */
export interface Source {
  readonly kind: 'source';
  readonly folder: string;
  readonly version: string;
}

export type BuildOutcome = { readonly kind: 'built' } | { readonly kind: 'unavailable'; readonly reason: string };

export interface Order {
  readonly family: FamilyName;
  /** Of that family; they share one run of the compiler. */
  readonly names: readonly ToolName[];
  readonly source: Source;
  /** Where they are put, under their names. */
  readonly folder: string;
}

const BUILD_LIMIT_MS = 45 * 60_000; // a slow machine that is busy as well
const PROOF_LIMIT_MS = 60_000;

export async function build(order: Order, { env, say }: InstallOptions): Promise<BuildOutcome> {
  const { family, names, source, folder } = order;
  const title = `${names.join(', ')} ${source.version}`;
  const go = goOf(env);
  if (go === undefined) return unavailable(`${title}: built with Go, which is neither on PATH nor in /usr/local/go`);
  say(`${title}: building with ${go} (some minutes the first time)`);
  const begun = performance.now();
  const partial = join(dirname(folder), `${family}.${process.pid}.part`);
  mkdirSync(folder, { recursive: true });
  removeRests(dirname(folder));
  mkdirSync(partial, { recursive: true });
  try {
    const reason = (await compile(go, partial, { order, env })) ?? (await prove(partial, order));
    if (reason !== undefined) return unavailable(reason);
    for (const name of names) renameSync(join(partial, name), join(folder, name)); // whole or not there
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  say(`${title}: built in ${((performance.now() - begun) / 1000).toFixed(0)} s, kept in ${folder}`);
  return { kind: 'built' };
}

/** Of builds that were interrupted; one that runs beside this one keeps its own. */
function removeRests(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Signal 0 only asks. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function unavailable(reason: string): BuildOutcome {
  return { kind: 'unavailable', reason };
}

interface Job {
  readonly order: Order;
  readonly env: NodeJS.ProcessEnv;
}

/** Resolves to the reason when it fails. */
async function compile(go: string, partial: string, { order, env }: Job): Promise<string | undefined> {
  const { family, names, source } = order;
  const { linker, tags, module, files }: Family = families[family];
  const filling = { go, module, files: files ?? {}, source: source.folder, partial, env: goEnvironment(env) };
  const filled = files === undefined ? { kind: 'filled' as const, flags: [] } : await filledModule(filling);
  if (filled.kind === 'unavailable') return filled.reason;
  const packages = names.map((name) => tools[name].package);
  const [only] = names;
  // Several are named by Go after their folders, which is what we call them; a single one can be named anyhow.
  const output = names.length === 1 && only ? join(partial, only) : `${partial}/`;
  const strip = ['-s', '-w', ...linker(source.version)].join(' ');
  const flags = [
    '-trimpath',
    '-buildvcs=false',
    '-mod=readonly',
    '-ldflags',
    strip,
    ...(tags ? ['-tags', tags] : []),
    ...filled.flags,
  ];
  const { code, output: said } = await runChild({
    command: go,
    args: ['build', ...flags, '-o', output, ...packages],
    cwd: source.folder,
    env: goEnvironment(env),
    limitMs: BUILD_LIMIT_MS,
  });
  if (code === 0) return undefined;
  const what = packages.length === 1 ? packages.join('') : names.map((name) => basename(name)).join(' ');
  return `go build ${what} ended with ${code}: ${lastLines(said)}`;
}

/** A program that does not start here, or is not what it should be, must not be found by the tests. */
async function prove(partial: string, { names, source }: Order): Promise<string | undefined> {
  for (const name of names) {
    const { proof, prints }: { readonly proof: readonly string[]; readonly prints?: string } = tools[name];
    const expected = prints ?? source.version.slice(1);
    const command = join(partial, name);
    const env = { PATH: process.env['PATH'], HOME: partial, CHECKPOINT_DISABLE: '1' };
    const { output } = await runChild({ command, args: proof, cwd: partial, env, limitMs: PROOF_LIMIT_MS });
    if (!output.includes(expected)) {
      return `${name} was built, but does not say "${expected}" when it is run: ${lastLines(output)}`;
    }
  }
  return undefined;
}

/** The caller's, without what could make the outcome another one. */
export function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
}

export function goOf(env: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin'].filter((folder) => folder !== '');
  return folders.map((folder) => resolve(folder, 'go')).find(runs);
}

/** A shim of a version manager is a program as well, but may have nothing behind it. */
function runs(go: string): boolean {
  return spawnSync(go, ['version'], { cwd: import.meta.dirname, stdio: 'ignore' }).status === 0;
}
