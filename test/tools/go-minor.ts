/**
 * Another minor of Kubernetes than the pinned one: the newest of its patches that can be had, as a Go module made in the
 * cache. Its sums are checked by Go against the public checksum database, not against a file of this repository.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runChild } from './child.ts';
import { goEnvironment, type Source } from './go-build.ts';
import { tools, toolsOf } from './tool.ts';

const MODULE = 'k8s.io/kubernetes';
const LIMIT_MS = 10 * 60_000;

export interface MinorOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly go: string | undefined;
  /** Folder of all tools. */
  readonly cache: string;
}

type Outcome = Source | { readonly kind: 'unavailable'; readonly reason: string };

/** Looks only once which patch is the newest; whoever wants a newer one removes the folder that `say` named. */
export async function minorSource(minor: string, options: MinorOptions): Promise<Outcome> {
  const { env, say, go, cache } = options;
  if (!/^1\.\d+$/.test(minor)) return unavailable(`"${minor}" is no minor of Kubernetes: write 1.N`);
  const folder = join(cache, `kubernetes-${minor}`);
  const made = madeIn(folder);
  if (made !== undefined) return made;
  if (go === undefined)
    return unavailable(`Kubernetes ${minor} is built with Go, which is neither on PATH nor in /usr/local/go`);
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, `kubernetes-${minor}.`));
  const run: Run = async (args) => {
    const { code, output } = await runChild({
      command: go,
      args,
      cwd: partial,
      env: { ...goEnvironment(env), GOFLAGS: '-mod=mod' },
      limitMs: LIMIT_MS,
    });
    return code === 0 ? output : new Error(`go ${args.slice(0, 2).join(' ')} ended with ${code}: ${lastLines(output)}`);
  };
  try {
    const failure = await make(minor, partial, run);
    if (failure !== undefined) return unavailable(`Kubernetes ${minor}: ${failure}`);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  say(`Kubernetes ${minor}: its newest patch that can be had is required by ${join(folder, 'go.mod')}`);
  return madeIn(folder) ?? unavailable(`Kubernetes ${minor}: ${folder} has no go.mod`);
}

type Run = (args: readonly string[]) => Promise<string | Error>;

function unavailable(reason: string): Outcome {
  return { kind: 'unavailable', reason };
}

function madeIn(folder: string): Source | undefined {
  const file = join(folder, 'go.mod');
  if (!existsSync(file)) return undefined;
  const version = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  return version === undefined ? undefined : { kind: 'source', folder, version };
}

/** Resolves to the reason when it fails. */
async function make(minor: string, folder: string, run: Run): Promise<string | undefined> {
  writeFileSync(join(folder, 'go.mod'), moduleText([]));
  const listed = await run(['list', '-m', '-versions', MODULE]);
  if (listed instanceof Error) return listed.message;
  const version = newestPatch(listed, minor);
  if (version === undefined) return `there is none; there are ${minorsIn(listed).join(', ')}`;
  const downloaded = await run(['mod', 'download', '-json', `${MODULE}@${version}`]);
  if (downloaded instanceof Error) return downloaded.message;
  const { GoMod: file }: { readonly GoMod: string } = JSON.parse(downloaded.slice(downloaded.indexOf('{')));
  writeFileSync(join(folder, 'go.mod'), moduleText(stagingReplacements(readFileSync(file, 'utf8'), version)));
  const packages = toolsOf('kubernetes').map((name) => `${tools[name].package}@${version}`);
  const resolved = await run(['get', '-tool', ...packages]);
  return resolved instanceof Error ? resolved.message : undefined;
}

/** Of what `go list -m -versions` prints; previews do not count. */
export function newestPatch(listed: string, minor: string): string | undefined {
  const patches = listed.split(/\s+/).filter((word) => word.startsWith(`v${minor}.`) && !word.includes('-'));
  return patches.sort((one, other) => patchOf(one) - patchOf(other)).at(-1);
}

function patchOf(version: string): number {
  return Number(version.split('.')[2]);
}

function minorsIn(listed: string): readonly string[] {
  const minors = listed.matchAll(/\bv(1\.\d+)\.\d+(?!\S)/g);
  return [...new Set([...minors].map(([, minor = '']) => minor))];
}

/**
 * k8s.io/kubernetes replaces its staging modules by folders of its own repository. Outside of it their published
 * versions take that place: v0.X.Y is cut from the commit of v1.X.Y.
 */
export function stagingReplacements(text: string, version: string): readonly string[] {
  const published = version.replace(/^v1\./, 'v0.');
  const modules = text.matchAll(/^\s*(?:replace )?(\S+) => \.\/staging\/\S+$/gm);
  return [...modules].map(([, module]) => `${module} => ${module} ${published}`);
}

function moduleText(replacements: readonly string[]): string {
  const lines = ['module larder.dev/test/tools/go/kubernetes', '', 'go 1.26.0', ''];
  return [...lines, ...replacements.map((each) => `replace ${each}`), ''].join('\n');
}
