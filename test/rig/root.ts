/**
 * The root of a rig's machines: Debian or Ubuntu with systemd, sshd and Python, made by debootstrap once and kept outside
 * the checkout. Each machine lays its own changes over it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { alone } from '../tools/alone.ts';
import { lastLines, runChild } from '../tools/child.ts';
import { debianEnv } from '../tools/debian.ts';
import type { InstallOptions, Provided } from '../tools/install.ts';

/** What the roles expect of Debian's image for machines, or install from its mirror, which a rig does not reach. */
const packages = [
  'ca-certificates',
  'chrony',
  'curl',
  'dbus',
  'iproute2',
  'iptables',
  'jq',
  'kmod',
  'nftables',
  'openssh-server',
  'procps',
  'python3',
  'python3-apt',
  'sudo',
  'systemd-sysv',
  'tzdata',
];

/** What comes besides with a release: the swap file of Raspberry Pi OS 12 is Debian's package. */
const releases = { bookworm: [...packages, 'dphys-swapfile'], trixie: packages, noble: packages } as const;

/** What a machine has. */
export interface Distribution {
  /** Of Debian or Ubuntu; `bookworm` without it. */
  readonly release?: keyof typeof releases;
  /** Packages beside those that the roles expect. */
  readonly packages?: readonly string[];
}

/** Where packages come from, and what debootstrap must be told besides. */
interface Archive {
  readonly url: string;
  readonly options: readonly string[];
  /** Of debootstrap, where it knows the release by no name of its own. */
  readonly script?: string;
}

const LIMIT_MS = 10 * 60_000;

/** `debian`: the unpacked packages, with debootstrap among them. */
export async function installRoot(
  debian: string,
  { release = 'bookworm', packages: more = [] }: Distribution,
  options: InstallOptions,
): Promise<Provided> {
  const { env } = options;
  const included = [...releases[release], ...more].toSorted();
  const key = createHash('sha256').update(JSON.stringify(included)).digest('hex').slice(0, 12);
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  const folder = join(cache, `rig-${release}-${key}-${process.arch}`);
  return alone(folder, () => installInto({ folder, debian, release, included }, options));
}

interface Place {
  readonly folder: string;
  readonly debian: string;
  readonly release: keyof typeof releases;
  readonly included: readonly string[];
}

async function installInto({ folder, debian, release, included }: Place, options: InstallOptions): Promise<Provided> {
  const { env, say } = options;
  if (existsSync(join(folder, 'complete'))) return { kind: 'ready', path: join(folder, 'root'), how: 'cached' };
  const part = `${folder}.${process.pid}.part`;
  const unavailable = (reason: string): Provided => {
    rmSync(part, { recursive: true, force: true });
    return { kind: 'unavailable', reason };
  };
  mkdirSync(part, { recursive: true });
  const scripts = join(debian, 'usr', 'share', 'debootstrap');
  const archive = release === 'noble' ? await ubuntu(part, scripts, options) : await debianArchive(options);
  if (typeof archive === 'string') return unavailable(archive);
  const begun = performance.now();
  say(`rig: making the root of its machines (${release}), about a minute`);
  const last = archive.script === undefined ? [] : [archive.script];
  const { code, output } = await runChild({
    command: join(debian, 'usr', 'sbin', 'debootstrap'),
    args: [
      ...['--variant=minbase', `--include=${included.join(',')}`, ...archive.options],
      ...[release, join(part, 'root'), archive.url, ...last],
    ],
    cwd: dirname(folder),
    env: { ...env, ...debianEnv(debian), DEBOOTSTRAP_DIR: scripts },
    limitMs: LIMIT_MS,
  });
  if (code !== 0) return unavailable(`debootstrap ended with ${code}: ${lastLines(output, 3)}`);
  writeFileSync(join(part, 'complete'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  say(`rig: root made in ${((performance.now() - begun) / 1000).toFixed(0)} s, kept at ${folder}`);
  return { kind: 'ready', path: join(folder, 'root'), how: 'built' };
}

/** The archive that this system itself installs from: it has all releases. A text says why there is none. */
async function debianArchive({ env }: InstallOptions): Promise<Archive | string> {
  const args = ['indextargets', '--format', '$(SITE) $(CODENAME) $(COMPONENT)', 'Created-By: Packages'];
  const asked = runChild({ command: 'apt-get', args, cwd: '/', env, limitMs: LIMIT_MS });
  const { output } = await asked.catch(() => ({ output: '' })); // no apt, no archive
  const url = /^(\S+) (?:bookworm|trixie) main$/m.exec(output)?.[1];
  return url === undefined ? 'apt here knows no archive of Debian 12 or 13' : { url, options: [] };
}

/** Ubuntu's keys, which Debian 12 has in no package: what signs is trusted for this sum. */
const KEYS = {
  path: 'pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb',
  sha256: '36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8',
};

/** An archive that whoever runs the tests names, because no Debian knows one. */
async function ubuntu(folder: string, scripts: string, { env }: InstallOptions): Promise<Archive | string> {
  const url = env['LARDER_TEST_UBUNTU'];
  if (!url) return 'no archive of Ubuntu is named: npm run test:rig -- --ubuntu URL';
  const deb = join(folder, 'keys.deb');
  const answer = await fetch(`${url.replace(/\/$/, '')}/${KEYS.path}`).catch((cause: unknown) => String(cause));
  if (typeof answer === 'string' || !answer.ok)
    return `Ubuntu's keys at ${url}: ${typeof answer === 'string' ? answer : answer.status}`;
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (createHash('sha256').update(bytes).digest('hex') !== KEYS.sha256) return `${url}/${KEYS.path} has another sum`;
  writeFileSync(deb, bytes);
  const args = ['--extract', deb, join(folder, 'keys')];
  const { code, output } = await runChild({ command: 'dpkg', args, cwd: folder, env, limitMs: LIMIT_MS });
  if (code !== 0) return `dpkg ended with ${code}: ${lastLines(output, 3)}`;
  const keyring = join(folder, 'keys', 'usr', 'share', 'keyrings', 'ubuntu-archive-keyring.gpg');
  return {
    url,
    options: [`--keyring=${keyring}`, '--components=main,universe'],
    script: join(scripts, 'scripts', 'jammy'),
  };
}
