/**
 * The real tools that tests run, each pinned and provided in its own way. Provided once per version and kept outside the
 * checkout; a build that was interrupted goes on where it stopped, because Go keeps what it has fetched and compiled.
 * By hand: `node test/tools/install.ts [NAME…]`.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { runChild } from './child.ts';

export interface Tool {
  readonly version: string;
  /** Built from `package`, which the Go module in this folder names as one of its tools. */
  readonly provide: { readonly kind: 'go'; readonly package: string; readonly linker: readonly string[] };
}

export type Provided =
  | { readonly kind: 'ready'; readonly path: string; readonly how: 'assets' | 'cached' | 'built' }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface InstallOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told what is done and how long it took, a line at a time. */
  readonly say: (line: string) => void;
}

const MODULE = import.meta.dirname;
const BUILD_LIMIT_MS = 20 * 60_000;

/** Every Kubernetes program is told its version, because feature emulation depends on it. */
function kubernetes(program: string): Tool {
  const version = versionOf('k8s.io/kubernetes');
  const [major = '', minor = ''] = version.slice(1).split('.');
  const set = (name: string, value: string): string => `-X k8s.io/component-base/version.${name}=${value}`;
  return {
    version,
    provide: {
      kind: 'go',
      package: `k8s.io/kubernetes/cmd/${program}`,
      linker: [set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)],
    },
  };
}

/** The pin of each tool is the requirement in go.mod. */
export const tools = {
  kubectl: kubernetes('kubectl'),
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;

/** A folder of ready binaries (KUBEBUILDER_ASSETS) comes first, then what an earlier run provided, then a build. */
export async function install(name: ToolName, options: InstallOptions): Promise<Provided> {
  const { env } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets && isProgram(join(assets, name))) return { kind: 'ready', path: join(assets, name), how: 'assets' };
  const tool = tools[name];
  const path = join(folderOf(tool, env), name);
  if (isProgram(path)) return { kind: 'ready', path, how: 'cached' };
  return build(name, path, options);
}

async function build(name: ToolName, path: string, { env, say }: InstallOptions): Promise<Provided> {
  const { version, provide } = tools[name];
  const go = goOf(env);
  if (go === undefined) {
    return {
      kind: 'unavailable',
      reason: `${name} ${version} is built with Go, which is neither on PATH nor in /usr/local/go`,
    };
  }
  say(`${name} ${version}: building with ${go} (some minutes the first time)`);
  const start = performance.now();
  const partial = `${path}.${process.pid}.part`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    const flags = [
      '-trimpath',
      '-buildvcs=false',
      '-mod=readonly',
      '-ldflags',
      ['-s', '-w', ...provide.linker].join(' '),
    ];
    const { code, output } = await runChild({
      command: go,
      args: ['build', ...flags, '-o', partial, provide.package],
      cwd: MODULE,
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      limitMs: BUILD_LIMIT_MS,
    });
    if (code !== 0)
      return { kind: 'unavailable', reason: `go build ${provide.package} ended with ${code}: ${lastLines(output)}` };
    renameSync(partial, path); // whole or not there, also for a run beside this one
  } finally {
    rmSync(partial, { force: true });
  }
  say(`${name} ${version}: built in ${((performance.now() - start) / 1000).toFixed(0)} s, kept at ${path}`);
  return { kind: 'ready', path, how: 'built' };
}

/** By version and platform, so that two checkouts with different pins do not disturb each other. */
function folderOf({ version }: Tool, env: NodeJS.ProcessEnv): string {
  const caches = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(caches, 'larder', 'tools', `${version}-${process.platform}-${architecture}`);
}

function goOf(env: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin'].filter((folder) => folder !== '');
  return folders.map((folder) => resolve(folder, 'go')).find((path) => isProgram(path) && runs(path));
}

/** A shim of a version manager is a program as well, but may have nothing behind it. */
function runs(go: string): boolean {
  return spawnSync(go, ['version'], { cwd: MODULE, stdio: 'ignore' }).status === 0;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}

function versionOf(module: string): string {
  const text = readFileSync(join(MODULE, 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*(?:require )?${module} (v\\S+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`go.mod does not require ${module}`);
  return version;
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join('; ');
}

function isTool(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

if (import.meta.main) {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tools);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const name of wanted) {
    const provided: Provided = isTool(name)
      ? await install(name, { env: process.env, say })
      : { kind: 'unavailable', reason: `there is no tool "${name}"; known: ${Object.keys(tools).join(', ')}` };
    say(provided.kind === 'ready' ? `${name}: ${provided.path} (${provided.how})` : `${name}: ${provided.reason}`);
    if (provided.kind === 'unavailable') process.exitCode = 1;
  }
}
