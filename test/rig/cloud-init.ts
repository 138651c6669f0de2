/** cloud-init of Debian 12 for a rig's machine: packages that apt fetches once, and that dpkg installs inside the machine. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLines, runChild } from '../tools/child.ts';
import type { InstallOptions, Provided } from '../tools/install.ts';

/** It and the libraries that it imports; partitions, keyboards and leases of addresses are nothing that a container has. */
const packages = [
  'cloud-init',
  'libyaml-0-2',
  ...['attr', 'blinker', 'certifi', 'cffi-backend', 'chardet', 'charset-normalizer', 'configobj', 'cryptography'],
  ...['idna', 'jinja2', 'json-pointer', 'jsonpatch', 'jsonschema', 'jwt', 'markupsafe', 'more-itertools', 'netifaces'],
  ...[
    'oauthlib',
    'pkg-resources',
    'pyrsistent',
    'requests',
    'serial',
    'six',
    'typing-extensions',
    'urllib3',
    'yaml',
    'zipp',
  ],
].map((name, index) => (index < 2 ? name : `python3-${name}`));
const LIMIT_MS = 5 * 60_000;

/** The path is that of a folder with the packages. */
export async function fetchCloudInit({ env, say }: InstallOptions): Promise<Provided> {
  const key = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 12);
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  const folder = join(cache, `cloud-init-bookworm-${key}-${process.arch}`);
  if (existsSync(join(folder, 'complete'))) return { kind: 'ready', path: folder, how: 'cached' };
  const part = `${folder}.${process.pid}.part`;
  mkdirSync(part, { recursive: true });
  say(`cloud-init: fetching ${packages.length} packages`);
  const fetched = runChild({ command: 'apt-get', args: ['download', ...packages], cwd: part, env, limitMs: LIMIT_MS });
  const { code, output } = await fetched.catch(() => ({ code: 'not there', output: 'no apt-get on PATH' }));
  if (code !== 0 || readdirSync(part).length < packages.length) {
    rmSync(part, { recursive: true, force: true });
    return { kind: 'unavailable', reason: `apt-get download ended with ${code}: ${lastLines(output, 2)}` };
  }
  writeFileSync(join(part, 'complete'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  return { kind: 'ready', path: folder, how: 'built' };
}
