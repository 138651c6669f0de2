/**
 * Provides the real tools that tests run: once per version, outside the checkout. A build that was interrupted goes on
 * where it stopped, because Go keeps what it has fetched and compiled. By hand: `node test/tools/install.ts [NAME…]`;
 * without names, or as `debian`, also the packages of debian.ts.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { killChildren } from './child.ts';
import { installDebian } from './debian.ts';
import { build, goOf, type Source } from './go-build.ts';
import { minorSource } from './go-minor.ts';
import { type FamilyName, folderOf, isTool, pinnedVersion, type ToolName, toolNames, tools } from './tool.ts';

export type { ToolName } from './tool.ts';

export type Provided =
  | { readonly kind: 'ready'; readonly path: string; readonly how: 'assets' | 'cached' | 'built' }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface InstallOptions {
  /**
   * `KUBEBUILDER_ASSETS`: a folder of ready binaries. `XDG_CACHE_HOME`: where the others are kept. `LARDER_TEST_KUBERNETES`:
   * another minor of Kubernetes than the pinned one, as 1.N. `LARDER_TEST_UNAVAILABLE`: reasons by name, as JSON, from
   * a caller that has tried already.
   */
  readonly env: NodeJS.ProcessEnv;
  /** Told what is done and how long it took, a line at a time. */
  readonly say: (line: string) => void;
}

/** Names the packages of debian.ts on the command line. */
const DEBIAN = 'debian';

type ManyProvided = ReadonlyMap<ToolName, Provided>;

export async function install(name: ToolName, options: InstallOptions): Promise<Provided> {
  const provided = await installAll([name], options);
  return provided.get(name) ?? { kind: 'unavailable', reason: `${name} was not built` };
}

/** A folder of ready binaries comes first, then what an earlier run provided, then one build for each family. */
export async function installAll(names: readonly ToolName[], options: InstallOptions): Promise<ManyProvided> {
  const provided = new Map<ToolName, Provided>();
  const families = Map.groupBy(names, (name) => tools[name].family);
  for (const [family, wanted] of families) {
    for (const [name, each] of await installFamily(family, wanted, options)) provided.set(name, each);
  }
  return provided;
}

async function installFamily(
  family: FamilyName,
  wanted: readonly ToolName[],
  options: InstallOptions,
): Promise<ManyProvided> {
  const { env } = options;
  const provided = new Map<ToolName, Provided>();
  const reasons = reasonsIn(env);
  for (const name of wanted) {
    const path = asset(name, env);
    const reason = reasons[name];
    if (path !== undefined) provided.set(name, { kind: 'ready', path, how: 'assets' });
    else if (reason !== undefined) provided.set(name, { kind: 'unavailable', reason });
  }
  const others = wanted.filter((name) => !provided.has(name));
  if (others.length === 0) return provided;
  const source = await sourceOf(family, options);
  if (source.kind === 'unavailable') {
    for (const name of others) provided.set(name, source);
    return provided;
  }
  const folder = join(cacheOf(env), `${source.version}-${platform()}`);
  for (const name of others) {
    const path = join(folder, name);
    if (isProgram(path)) provided.set(name, { kind: 'ready', path, how: 'cached' });
  }
  const missing = others.filter((name) => !provided.has(name));
  if (missing.length === 0) return provided;
  const outcome = await build({ family, names: missing, source, folder }, options);
  for (const name of missing) {
    const path = join(folder, name);
    provided.set(name, outcome.kind === 'built' ? { kind: 'ready', path, how: 'built' } : outcome);
  }
  return provided;
}

/** Somebody who asks for a certain minor does not mean whatever is in the folder of ready binaries. */
function asset(name: ToolName, env: NodeJS.ProcessEnv): string | undefined {
  const folder = env['KUBEBUILDER_ASSETS'];
  if (!folder || (env['LARDER_TEST_KUBERNETES'] && tools[name].family === 'kubernetes')) return undefined;
  return isProgram(join(folder, name)) ? join(folder, name) : undefined;
}

async function sourceOf(
  family: FamilyName,
  { env, say }: InstallOptions,
): Promise<Source | { readonly kind: 'unavailable'; readonly reason: string }> {
  const version = pinnedVersion(family);
  const pinned = { kind: 'source', folder: folderOf(family), version } as const;
  const minor = env['LARDER_TEST_KUBERNETES'];
  if (family !== 'kubernetes' || !minor || version.startsWith(`v${minor}.`)) return pinned;
  return minorSource(minor, { env, say, go: goOf(env), cache: cacheOf(env) });
}

function reasonsIn(env: NodeJS.ProcessEnv): Readonly<Partial<Record<ToolName, string>>> {
  return JSON.parse(env['LARDER_TEST_UNAVAILABLE'] || '{}');
}

/** By version and platform, so that two checkouts with different pins do not disturb each other. */
function cacheOf(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
}

function platform(): string {
  return `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}

async function main(words: readonly string[]): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const unknown = words.filter((word) => !isTool(word) && word !== DEBIAN);
  for (const name of unknown) say(`${name}: there is no such tool; known: ${[...toolNames, DEBIAN].join(', ')}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killChildren();
      process.exit(1);
    });
  }
  const begun = performance.now();
  const wanted = words.length === 0 ? toolNames : words.filter(isTool);
  const provided = await installAll(wanted, { env: process.env, say });
  for (const [name, each] of provided) {
    say(each.kind === 'ready' ? `${name}: ${each.path} (${each.how})` : `${name}: ${each.reason}`);
  }
  const packages =
    words.length === 0 || words.includes(DEBIAN) ? await installDebian({ env: process.env, say }) : undefined;
  if (packages !== undefined) {
    say(packages.kind === 'ready' ? `${DEBIAN}: ${packages.path} (${packages.how})` : `${DEBIAN}: ${packages.reason}`);
  }
  const missing = [...provided.values()].filter(({ kind }) => kind === 'unavailable').length;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`${provided.size - missing} of ${provided.size} tools ready after ${seconds} s`);
  if (missing + unknown.length > 0 || packages?.kind === 'unavailable') process.exitCode = 1;
}

if (import.meta.main) await main(process.argv.slice(2));
