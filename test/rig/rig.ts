/**
 * Machines to try a cluster on: systemd containers of Debian with sshd, on a bridge of their own, in one namespace that takes
 * everything with it when the test ends, however that happens. A machine can lose its power, reboot, and come back with
 * the disk it had.
 */
import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Room, roomOf } from '../storage/room.ts';
import { debianEnv, installDebian } from '../tools/debian.ts';
import { installK3s, type K3s } from './k3s.ts';
import { type Distribution, installRoot } from './root.ts';

/** Of the bridge, where the operator's own machine is. */
const CONTROLLER = '10.77.0.1';
const PREFIX = 24;
/** systemd-nspawn ends with it where the machine rebooted. */
const REBOOTED = 133;
const KEY = '/mnt/id';

const options = { env: process.env, say: (line: string): void => void process.stderr.write(`${line}\n`) };

export interface Machine {
  readonly name: string;
  readonly address: string;
}

export interface Rig {
  readonly machines: readonly Machine[];
  /** The namespace, where the operator's own commands run. */
  readonly room: Room;
  /** The private key that every machine lets in as `larder`, who may use sudo. Inside the room. */
  readonly key: string;
  /** Runs a bash script on a machine, by ssh, as root. */
  on(machine: string, script: string): Promise<string>;
  /** Takes the power: nothing of it is told, nothing is written any more. */
  cut(machine: string): Promise<void>;
  /** Gives it back, and waits for ssh. */
  power(machine: string): Promise<void>;
  /** Waits until it answers ssh as another boot than before. */
  reboot(machine: string): Promise<void>;
}

export interface RigExtras extends Distribution {
  /** Puts the programs behind it where the stand-in of k3s (`k3s.ts`) looks for them. */
  readonly k3s?: K3s;
}

interface RigOptions extends RigExtras {
  readonly names: readonly string[];
  /** The root of `root.ts`. */
  readonly root: string;
  /** The unpacked packages of `debian.ts`, with systemd-nspawn among them. */
  readonly debian: string;
}

/** The reason of a skip where the rig cannot be had here. Ready when every machine answers ssh. */
export async function rig(t: TestContext, names: readonly string[], extras: RigExtras = {}): Promise<Rig | string> {
  if (process.geteuid?.() !== 0) return 'a rig of machines needs root';
  const debian = await installDebian(options);
  if (debian.kind === 'unavailable') return debian.reason;
  const root = await installRoot(debian.path, extras, options);
  if (root.kind === 'unavailable') return root.reason;
  return machinesOf(t, { names, root: root.path, debian: debian.path, ...extras });
}

/** A rig whose machines can run the stand-in of k3s, and that stand-in; the reason of a skip where it cannot be had here. */
export async function k3sRig(
  t: TestContext,
  names: readonly string[],
  distribution: Distribution = {},
): Promise<{ readonly rig: Rig; readonly k3s: K3s } | string> {
  if (process.geteuid?.() !== 0) return 'a rig of machines needs root';
  const k3s = await installK3s(options);
  if (k3s.kind === 'unavailable') return k3s.reason;
  const made = await rig(t, names, { ...distribution, k3s });
  return typeof made === 'string' ? made : { rig: made, k3s };
}

async function machinesOf(t: TestContext, { names, root, debian, k3s }: RigOptions): Promise<Rig | string> {
  let made: Room | undefined;
  t.after(() => made?.run('bash /mnt/machine.sh end -')); // before the room itself ends
  const room = await roomOf(t, { isolated: true, env: debianEnv(debian) });
  if (typeof room === 'string') return room;
  made = room;
  const machines = names.map((name, index) => ({ name, address: `10.77.0.${11 + index}` }));
  await room.run(stage(debian));
  copyFileSync(join(import.meta.dirname, 'machine.sh'), room.at('/mnt/machine.sh'));
  for (const { name, address } of machines)
    await room.run(`ROOT='${root}' bash /mnt/machine.sh prepare ${name} ${address}/${PREFIX} ${CONTROLLER}`);
  const binds = Object.entries(k3s?.tools ?? {})
    .map(([name, path]) => `--bind-ro=${path}:/opt/rig/${name}`)
    .join(' ');
  const on = (name: string, script: string): Promise<string> =>
    room.run(`${shell(addressOf(machines, name))} bash -eu <<'RIG'\n${script}\nRIG`);
  const answers = (name: string, boot = ''): Promise<string> =>
    room.run(`SSH='${shell(addressOf(machines, name))}' bash /mnt/machine.sh answers ${name} '${boot}'`);
  const rig: Rig = {
    machines,
    room,
    key: KEY,
    on,
    async cut(name) {
      await room.run(`bash /mnt/machine.sh cut ${name}`);
    },
    async power(name) {
      await room.run(`REBOOTED=${REBOOTED} BINDS='${binds}' bash /mnt/machine.sh power ${name}`);
      await answers(name);
    },
    async reboot(name) {
      const before = await on(name, 'cat /proc/sys/kernel/random/boot_id');
      await on(name, 'systemctl --no-block reboot');
      await answers(name, before.trim());
    },
  };
  await Promise.all(names.map((name) => rig.power(name)));
  return rig;
}

/** ssh as root with the pinned host key of the machine. */
function shell(address: string): string {
  return `ssh -i ${KEY} -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/mnt/known_hosts -o BatchMode=yes -o ConnectTimeout=1 root@${address}`;
}

/** cgroups of its own, which systemd wants in their second version; a bridge; a key. */
function stage(debian: string): string {
  return `mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/nspawn
    umount -l /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; echo rig-${process.pid}-${randomUUID()} >/mnt/branch
    ip link set lo up; ip link add br0 type bridge; ip addr add ${CONTROLLER}/${PREFIX} dev br0; ip link set br0 up
    ssh-keygen -q -t ed25519 -N '' -f ${KEY}; ln -s '${join(debian, 'usr', 'bin', 'systemd-nspawn')}' /mnt/nspawn`;
}

function addressOf(machines: readonly Machine[], name: string): string {
  const machine = machines.find((each) => each.name === name);
  if (machine === undefined) throw new Error(`the rig has no machine ${name}`);
  return machine.address;
}
