/**
 * Real storage and a real Prometheus for the tests, from Debian: packages at pinned versions, fetched by apt and unpacked
 * outside the checkout. Nothing of the system is changed and no right is needed; what the system has installed is used
 * from there. By hand: `node test/tools/debian.ts`.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLines, runChild } from './child.ts';
import type { InstallOptions, Provided } from './install.ts';

/** Packages with their versions. */
type Pins = Readonly<Record<string, string>>;

/** As Debian 12 has them. Another release gives its own candidate, which is said. */
const storage: Pins = {
  debootstrap: '1.0.128+nmu2+deb12u2',
  e2fsprogs: '1.47.0-2+b2',
  fuse3: '3.14.0-4',
  'glusterfs-client': '10.3-5',
  'glusterfs-server': '10.3-5',
  kmod: '30+20221128-1',
  'libnfs-utils': '4.0.0-1+deb12u1',
  'nfs-common': '1:2.6.2-4+deb12u1',
  'nfs-ganesha': '4.3-2',
  'nfs-ganesha-gluster': '4.3-2',
  'nfs-ganesha-vfs': '4.3-2',
  'nfs-kernel-server': '1:2.6.2-4+deb12u1',
  prometheus: '2.42.0+ds-5+deb12u1',
  'python3-fusepy': '3.0.1-2',
  quota: '4.06-1+b2',
  'systemd-container': '252.39-1~deb12u2',
  'user-mode-linux': '6.1um4+b13',
  xfsprogs: '6.1.0-1',
};

/** A folder for each: what one test needs is not fetched again because another needs more. */
const sets = { storage, shells: { fish: '3.6.0-3.1+deb12u1', zsh: '5.9-4+b15' } } as const satisfies Record<
  string,
  Pins
>;

const LIMIT_MS = 10 * 60_000;
const LIBRARIES = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;

export const libraryName = process.arch === 'arm64' ? LIBRARIES.arm64 : LIBRARIES.x64;

/** The path is that of a folder with `usr`, `etc` and `var` as the packages fill them. Idempotent; what was fetched stays. */
export async function installDebian(
  { env, say }: InstallOptions,
  set: keyof typeof sets = 'storage',
): Promise<Provided> {
  const pins = sets[set];
  const folder = folderOf(env, pins);
  if (existsSync(join(folder, 'complete'))) return { kind: 'ready', path: folder, how: 'cached' };
  const begun = performance.now();
  const fetched = `${folder}.debs`;
  mkdirSync(fetched, { recursive: true });
  const run: Run = async (command, args, cwd = fetched) => {
    const options = { command, args, cwd, env: { ...env, LC_ALL: 'C' }, limitMs: LIMIT_MS };
    const { code, output } = await runChild(options).catch(() => ({
      code: 'not there',
      output: `no ${command} on PATH`,
    }));
    if (code !== 0)
      throw new Refused(`${command} ${args.slice(0, 3).join(' ')} ended with ${code}: ${lastLines(output, 3)}`);
    return output;
  };
  try {
    const wanted = await resolve(run, { fetched, pins, say });
    say(`Debian packages: fetching ${wanted.length}`);
    if (wanted.length > 0) await run('apt-get', [...wanted.options, 'download', ...wanted.names]);
    await unpack(run, fetched, folder);
  } catch (cause) {
    if (cause instanceof Refused) return { kind: 'unavailable', reason: cause.message };
    throw cause;
  }
  rmSync(fetched, { recursive: true, force: true });
  say(`Debian packages: unpacked in ${((performance.now() - begun) / 1000).toFixed(0)} s, kept at ${folder}`);
  return { kind: 'ready', path: folder, how: 'built' };
}

/** What programs of the folder need to find each other. */
export function debianEnv(folder: string): Record<string, string> {
  const usr = join(folder, 'usr');
  const libraries = join(usr, 'lib', libraryName);
  const fuse = join(libraries, 'libfuse.so.2');
  const path = [
    join(usr, 'sbin'),
    join(usr, 'bin'),
    process.env['PATH'] ?? '',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ];
  return {
    PATH: path.join(':'),
    LD_LIBRARY_PATH: libraries,
    PYTHONPATH: join(usr, 'lib/python3/dist-packages'),
    ...(existsSync(fuse) ? { FUSE_LIBRARY_PATH: fuse } : {}),
  };
}

type Run = (command: string, args: readonly string[], cwd?: string) => Promise<string>;

/** A step that failed, with what it said. */
class Refused extends Error {}

interface Wanted {
  readonly length: number;
  /** `name=version`, with all that they depend on and the system does not have. */
  readonly names: readonly string[];
  readonly options: readonly string[];
}

/** By pins, release and platform: another checkout or release does not disturb this one. */
function folderOf(env: NodeJS.ProcessEnv, pins: Pins): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'unknown';
  const key = createHash('sha256').update(JSON.stringify(pins)).digest('hex').slice(0, 12);
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  return join(cache, `debian-${codename}-${key}-${process.arch}`);
}

interface Wishes {
  readonly fetched: string;
  readonly pins: Pins;
  readonly say: (line: string) => void;
}

async function resolve(run: Run, { fetched, pins, say }: Wishes): Promise<Wanted> {
  const missing: string[] = [];
  for (const name of Object.keys(pins)) if (!(await isInstalled(run, name))) missing.push(name);
  let options: readonly string[] = [];
  let candidates = await candidatesOf(run, missing, options);
  if (missing.length > 0 && candidates.size === 0) {
    options = await privateLists(run, fetched);
    candidates = await candidatesOf(run, missing, options);
  }
  const chosen: string[] = [];
  for (const name of missing) {
    const versions = candidates.get(name);
    const pin = pins[name] ?? '';
    const version = versions?.includes(pin) ? pin : versions?.[0];
    if (version === undefined) say(`Debian packages: apt knows no ${name}; what needs it is skipped`);
    else if (version !== pin) say(`Debian packages: ${name} ${version} instead of ${pin}, which apt does not have`);
    if (version !== undefined) chosen.push(`${name}=${version}`);
  }
  if (chosen.length === 0) return { length: 0, names: [], options };
  const plan = await run('apt-get', [...options, '-s', '--no-install-recommends', 'install', ...chosen]);
  const names = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  return { length: names.length, names, options };
}

async function isInstalled(run: Run, name: string): Promise<boolean> {
  const status = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).catch(() => '');
  return status === 'installed';
}

/** Versions that apt can fetch, the candidate first. */
async function candidatesOf(
  run: Run,
  names: readonly string[],
  options: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const text = await run('apt-cache', [...options, 'policy', name]);
    const candidate = /^\s+Candidate: (\S+)$/m.exec(text)?.[1];
    if (candidate === undefined || candidate === '(none)') continue;
    const others = [...text.matchAll(/^ (?:\*\*\*|\s{3}) (\S+) \d+$/gm)].map(([, version = '']) => version);
    found.set(name, [candidate, ...others]);
  }
  return found;
}

/** A system that was never asked for its lists gets them in a folder of ours. */
async function privateLists(run: Run, fetched: string): Promise<readonly string[]> {
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(fetched, name), { recursive: true });
  const options = ['-o', `Dir::State::lists=${join(fetched, 'lists')}`, '-o', `Dir::Cache=${join(fetched, 'cache')}`];
  await run('apt-get', [...options, '-o', 'APT::Sandbox::User=', 'update']);
  return options;
}

/** Debian's `/lib` is `/usr/lib`; some packages still carry the old name. */
async function unpack(run: Run, fetched: string, folder: string): Promise<void> {
  const part = `${folder}.${process.pid}.part`;
  rmSync(part, { recursive: true, force: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(part, 'usr', name), { recursive: true });
    symlinkSync(join('usr', name), join(part, name));
  }
  for (const name of ['etc', 'var']) mkdirSync(join(part, name));
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink --no-same-owner';
  for (const name of readdirSync(fetched).filter((each) => each.endsWith('.deb'))) {
    await run('bash', ['-o', 'pipefail', '-c', script, 'unpack', join(fetched, name)], part).catch((cause: unknown) => {
      rmSync(join(fetched, name), { force: true }); // cut short: the next attempt fetches it anew
      throw cause;
    });
  }
  writeFileSync(join(part, 'complete'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
}

if (import.meta.main) {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const provided = await installDebian({ env: process.env, say });
  say(provided.kind === 'ready' ? `${provided.path} (${provided.how})` : provided.reason);
  if (provided.kind === 'unavailable') process.exitCode = 1;
}
