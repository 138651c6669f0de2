/**
 * The root of a rig's machines: Debian 12 with systemd, sshd and Python, made by debootstrap once and kept outside the
 * checkout. Each machine lays its own changes over it.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  'dphys-swapfile',
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
const RELEASE = 'bookworm';
const LIMIT_MS = 10 * 60_000;

/** `debian`: the unpacked packages, with debootstrap among them. */
export async function installRoot(debian: string, options: InstallOptions): Promise<Provided> {
  const { env } = options;
  const key = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 12);
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'larder', 'tools');
  const folder = join(cache, `rig-${RELEASE}-${key}-${process.arch}`);
  return alone(folder, () => installInto({ folder, debian }, options));
}

interface Place {
  readonly folder: string;
  readonly debian: string;
}

async function installInto({ folder, debian }: Place, options: InstallOptions): Promise<Provided> {
  const { env, say } = options;
  if (existsSync(join(folder, 'complete'))) return { kind: 'ready', path: join(folder, 'root'), how: 'cached' };
  const mirror = await mirrorOf(options);
  if (mirror === undefined) return { kind: 'unavailable', reason: `apt here knows no archive of Debian ${RELEASE}` };
  const part = `${folder}.${process.pid}.part`;
  const begun = performance.now();
  say('rig: making the root of its machines, about a minute');
  const { code, output } = await runChild({
    command: join(debian, 'usr', 'sbin', 'debootstrap'),
    args: ['--variant=minbase', `--include=${packages.join(',')}`, RELEASE, join(part, 'root'), mirror],
    cwd: dirname(folder),
    env: { ...env, ...debianEnv(debian), DEBOOTSTRAP_DIR: join(debian, 'usr', 'share', 'debootstrap') },
    limitMs: LIMIT_MS,
  });
  if (code !== 0) {
    rmSync(part, { recursive: true, force: true });
    return { kind: 'unavailable', reason: `debootstrap ended with ${code}: ${lastLines(output, 3)}` };
  }
  writeFileSync(join(part, 'complete'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  say(`rig: root made in ${((performance.now() - begun) / 1000).toFixed(0)} s, kept at ${folder}`);
  return { kind: 'ready', path: join(folder, 'root'), how: 'built' };
}

/** The archive that this system itself installs from. */
async function mirrorOf({ env }: InstallOptions): Promise<string | undefined> {
  const args = ['indextargets', '--format', '$(SITE) $(CODENAME) $(COMPONENT)', 'Created-By: Packages'];
  const asked = runChild({ command: 'apt-get', args, cwd: '/', env, limitMs: LIMIT_MS });
  const { output } = await asked.catch(() => ({ output: '' })); // no apt, no archive
  return new RegExp(`^(\\S+) ${RELEASE} main$`, 'm').exec(output)?.[1];
}
