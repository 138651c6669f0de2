/**
 * The official Python client, schemathesis, which fuzzes HTTP APIs from their OpenAPI documents, and Ansible: pinned with all that they
 * need (python/requirements.txt), in a virtual environment outside the checkout. By hand: `node test/tools/python.ts`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { alone } from './alone.ts';
import { lastLines, runChild } from './child.ts';
import type { InstallOptions, Provided } from './install.ts';

const REQUIREMENTS = resolve(import.meta.dirname, 'python', 'requirements.txt');
const LIMIT_MS = 10 * 60_000;
/** The lower bound of all three. */
const OLDEST = [3, 10];

/** The path is that of a Python that can import `kubernetes` and `schemathesis`. Idempotent; what was interrupted starts again. */
export async function installPython(options: InstallOptions): Promise<Provided> {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const version = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const { env } = options;
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  const folder = join(cache, `python-${version}`);
  return alone(folder, () => installInto(folder, options));
}

async function installInto(folder: string, { env, say }: InstallOptions): Promise<Provided> {
  const path = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete'); // written last: an environment cannot be moved into its place
  if (existsSync(complete)) return { kind: 'ready', path, how: 'cached' };
  const python = await findPython(env);
  if (python === undefined)
    return { kind: 'unavailable', reason: `no python3 of ${OLDEST.join('.')} or newer is on PATH` };
  say(`the Python packages: installing with ${python}`);
  const begun = performance.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [command, args] of [
    [python, ['-m', 'venv', folder]],
    [
      path,
      ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '-r', REQUIREMENTS],
    ],
    [path, ['-c', 'import ansible, kubernetes, schemathesis, yamllint']],
  ] as const) {
    const { code, output } = await runChild({ command, args, cwd: folder, env, limitMs: LIMIT_MS });
    if (code !== 0)
      return {
        kind: 'unavailable',
        reason: `${command} ${args.join(' ')} ended with ${code}: ${lastLines(output, 3)}`,
      };
  }
  writeFileSync(complete, '');
  say(`the Python packages: installed in ${((performance.now() - begun) / 1000).toFixed(0)} s, kept at ${folder}`);
  return { kind: 'ready', path, how: 'built' };
}

/** The first on PATH that is new enough and can make environments. */
async function findPython(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const check = `import sys, ensurepip, venv; sys.exit(sys.version_info < (${OLDEST.join(', ')}))`;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(folder, 'python3');
    if (!existsSync(path)) continue;
    const { code } = await runChild({
      command: path,
      args: ['-c', check],
      cwd: import.meta.dirname,
      env,
      limitMs: LIMIT_MS,
    });
    if (code === 0) return path;
  }
  return undefined;
}

if (import.meta.main) {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const provided = await installPython({ env: process.env, say });
  say(provided.kind === 'ready' ? `${provided.path} (${provided.how})` : provided.reason);
  if (provided.kind === 'unavailable') process.exitCode = 1;
}
