/**
 * Builds the image with the first builder that works here: `npm run image [-- NAME:TAG] [-- BUILDER OPTIONS…]`, for
 * example `npm run image -- larder:0.1.0 --platform linux/arm64`. Says exactly what is missing where none does.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { version } from '../../src/operator/version.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Builder {
  readonly name: string;
  /** Succeeds where it can build: a client without its daemon cannot. */
  readonly proof: readonly string[];
  /** The words before the Dockerfile. */
  readonly build: readonly string[];
}

export const builders: readonly Builder[] = [
  { name: 'docker', proof: ['version', '--format', '{{.Server.Version}}'], build: ['build'] },
  { name: 'podman', proof: ['info', '--format', '{{.Version.Version}}'], build: ['build'] },
  { name: 'buildah', proof: ['info'], build: ['build'] },
  { name: 'nerdctl', proof: ['info'], build: ['build'] },
];

export type Found =
  | { readonly kind: 'found'; readonly builder: Builder }
  /** One line for each builder: why it cannot. */
  | { readonly kind: 'none'; readonly reasons: readonly string[] };

/** The first that can build; `run` gives undefined for success, else what the program said. */
export function findBuilder(run: (command: string, args: readonly string[]) => string | undefined): Found {
  const reasons: string[] = [];
  for (const builder of builders) {
    const complaint = run(builder.name, builder.proof);
    if (complaint === undefined) return { kind: 'found', builder };
    reasons.push(`${builder.name}: ${complaint}`);
  }
  return { kind: 'none', reasons };
}

/** Undefined when it succeeds. */
function complaintOf(command: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) return 'code' in error && error.code === 'ENOENT' ? 'is not installed' : error.message;
  if (status === 0) return undefined;
  return stderr.trim().split('\n').at(-1) ?? `ended with ${status}`;
}

function revision(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}

/** Returns the exit code. */
function main([first = '', ...others]: readonly string[]): number {
  const named = first !== '' && !first.startsWith('-');
  const options = named ? others : [first, ...others].filter((word) => word !== '');
  const found = findBuilder(complaintOf);
  if (found.kind === 'none') {
    const lines = found.reasons.map((reason) => `  ${reason}\n`).join('');
    process.stderr.write(`larder: no image was built, because no image builder works here:\n${lines}`);
    process.stderr.write('Install one of them, or build on a machine that has one. `npm run bundle` needs none.\n');
    return 2;
  }
  const { name, build } = found.builder;
  const labels = ['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${revision()}`];
  const tag = named ? first : `larder:${version}`;
  const words = [...build, '-f', 'deploy/docker/Dockerfile', '-t', tag, ...labels, ...options, '.'];
  process.stdout.write(`${name} ${words.join(' ')}\n`);
  return spawnSync(name, words, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
