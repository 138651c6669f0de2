/** Judges what a host said of itself. Pure: facts and cluster.yaml in, findings out. */
import { contains, overlap, parseAddress, parseRange } from '../spec/address.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import type { HostFacts } from './host-facts.ts';
import type { PreflightCode } from './preflight-code.ts';

export interface PreflightFinding {
  readonly code: PreflightCode;
  /** `error`: a run is refused. `unknown`: it could not be told. */
  readonly severity: 'error' | 'warning' | 'unknown';
  /** Or the repository. */
  readonly host: string;
  readonly message: string;
}

export interface Judged {
  readonly spec: ClusterSpec;
  readonly node: NodeSpec;
  readonly facts: HostFacts;
  /** Whether the disk was measured. */
  readonly measured: boolean;
  /** From asking to its answer: its clock was read somewhere between. */
  readonly askedMs?: number;
}

type Said = Omit<PreflightFinding, 'host'>;
type Check = (judged: Judged) => readonly Said[];

const SKEW_AT_MOST_S = 5;
const SERVER_MIB = 1800; // 2 GiB less what firmware and kernel keep
const WORKER_MIB = 450;
const FREE_MIB = 4096;
const FREE_SHARE = 0.1;
/** Of etcd's own documentation; beyond the second value elections fail. */
const FSYNC_WELL_MS = 10;
const FSYNC_HOPELESS_MS = 50;
const RELEASES = ['bookworm', 'trixie', 'jammy', 'noble'];
const ARCHITECTURES: Readonly<Record<string, string>> = { aarch64: 'arm64', x86_64: 'amd64' };
/** vcgencmd: what is so now; the upper bits are what was so since the start. */
const THROTTLED_NOW = 0xf;

export function judgeHost(judged: Judged): readonly PreflightFinding[] {
  return checks.flatMap((check) => check(judged)).map((said) => ({ ...said, host: judged.node.name }));
}

const checks: readonly Check[] = [
  ({ facts: { uid } }) =>
    told(uid, 'who one is there', (id) => (id === 0 ? [] : [error('SUDO', 'sudo does not make root of this user')])),
  ({ facts: { architecture }, node: { arch } }) =>
    told(architecture, 'the processor', (machine) =>
      ARCHITECTURES[machine] === arch
        ? []
        : [error('ARCH', `it is ${ARCHITECTURES[machine] ?? machine}, and cluster.yaml says ${arch}`)],
    ),
  ({ facts: { distribution_release: release, distribution }, spec: { os } }) =>
    told(release, 'the operating system', (name) => {
      if (!RELEASES.includes(name)) return [error('RELEASE', `it runs ${distribution ?? ''} ${name}`.trim())];
      return name === os.release
        ? []
        : [warning('RELEASE_DIFFERS', `it runs ${name}, and os.release is ${os.release}`)];
    }),
  clock,
  ({ facts: { memory_mib: mib }, node: { role } }) =>
    told(mib, 'its memory', (has) => {
      const least = role === 'worker' ? WORKER_MIB : SERVER_MIB;
      return has >= least ? [] : [warning('MEMORY', `it has ${has} MiB of memory`)];
    }),
  cgroup,
  ({ facts: { swap } }) =>
    told(swap, 'its swap', (all) =>
      all.length === 0 ? [] : [warning('SWAP', `swap is on: ${all.map(({ name }) => name).join(', ')}`)],
    ),
  disk,
  ({ facts: { throttled } }) => {
    const bits = Number(throttled ?? '0x0');
    if (bits === 0) return [];
    const now = (bits & THROTTLED_NOW) !== 0;
    return [
      warning('THROTTLED', `get_throttled is ${throttled}: ${now ? 'it is so now' : 'it was so since its start'}`),
    ];
  },
  ({ facts: { addresses }, node: { address } }) =>
    told(addresses, 'its addresses', (all) =>
      all.some((each) => same(each, address)) ? [] : [error('ADDRESS', `it has ${all.join(', ')} and not ${address}`)],
    ),
  ports,
  names,
  nomad,
];

function clock({ facts, askedMs = 0 }: Judged): readonly Said[] {
  const { time, time_controller: here, clock_synchronized: kept } = facts;
  if (time === undefined || here === undefined) return [untold('its time')];
  const ahead = time - (here + askedMs / 1000);
  const behind = here - time;
  const skew = Math.max(ahead, behind);
  if (skew > SKEW_AT_MOST_S) {
    const way = ahead > behind ? 'ahead of' : 'behind';
    return [error('CLOCK', `its clock is ${skew.toFixed(0)} s ${way} the one here`)];
  }
  return kept === false ? [warning('CLOCK_UNSYNCHRONIZED', 'its clock is right, and nothing keeps it so')] : [];
}

/** The kernel that runs counts: what a file says is what the next one will have. */
function cgroup({ facts, node, spec }: Judged): readonly Said[] {
  const { cgroup_version: version, boot_command_line: place } = facts;
  if (version === undefined) return [untold('its cgroups')];
  if (!lacksMemoryController(facts)) return [];
  const why = version === 2 ? 'the running kernel has no memory controller' : 'the running kernel has cgroup v1 alone';
  const quiet = (node.coexist ?? spec.coexist) === 'nomad';
  if (quiet) return [error('CGROUP', `${why}, and Nomad runs there: nothing is edited or rebooted`)];
  if (place === '')
    return [error('BOOT_PATH', `${why}, and neither /boot/firmware/cmdline.txt nor /boot/cmdline.txt is there`)];
  return [warning('CGROUP', `${why}; ${REBOOT[spec.os.reboot](place ?? 'its command line')}`)];
}

const REBOOT: Readonly<Record<ClusterSpec['os']['reboot'], (place: string) => string>> = {
  allowed: (place) => `${place} will be edited, and the machine rebooted`,
  ask: (place) => `${place} will be edited; without a yes to the reboot the run stops there until it was made`,
  never: (place) => `os.reboot is never, so ${place} is left as it is and the run stops there`,
};

/** Whether the kernel that runs cannot limit memory, so that it must be started anew with another command line. */
export function lacksMemoryController({ cgroup_version, cgroup_controllers = [] }: HostFacts): boolean {
  return cgroup_version !== undefined && !(cgroup_version === 2 && cgroup_controllers.includes('memory'));
}

function disk({ facts, node, measured }: Judged): readonly Said[] {
  const { disk_free_mib: free, disk_total_mib: total, disk_kind: kind, fsync_p99_ms: p99 } = facts;
  const found: Said[] = [];
  if (free === undefined || total === undefined) found.push(untold('how full its disk is'));
  else if (free < FREE_MIB || free < total * FREE_SHARE) {
    found.push(
      (free < 1024 ? error : warning)('DISK_FULL', `${free} MiB of ${total} MiB are free below /var/lib/rancher`),
    );
  }
  if (kind !== undefined && kind !== 'unknown' && kind !== node.storage && !(kind === 'ssd' && node.storage === 'nvme'))
    found.push(warning('DISK_KIND', `its disk is ${kind}, and cluster.yaml says ${node.storage}`));
  if (node.role === 'worker' || !measured) return found;
  if (p99 === undefined) return [...found, untold('how long a write to its disk takes')];
  if (p99 <= FSYNC_WELL_MS) return found;
  const words = `99 of 100 writes are on the disk after ${p99.toFixed(0)} ms; etcd wants less than ${FSYNC_WELL_MS}`;
  return [...found, (p99 > FSYNC_HOPELESS_MS ? error : warning)('DISK_SLOW', words)];
}

/** Ports that k3s takes; `worker` has the last ones alone. */
function portsOf({ spec, node }: Judged): readonly { readonly port: number; readonly protocol: string }[] {
  const tcp = [10250, ...(node.role === 'worker' ? [] : [spec.api.port, 2379, 2380])];
  const web = spec.ingress === 'traefik' && spec.loadBalancer === 'servicelb' ? [80, 443] : [];
  const udp = spec.cni === 'flannel' ? [8472] : [];
  return [
    ...[...tcp, ...web].map((port) => ({ port, protocol: 'tcp' })),
    ...udp.map((port) => ({ port, protocol: 'udp' })),
  ];
}

/** Of k3s itself: what it starts, and what stands in its place. */
const OWN = /^(k3s|containerd|etcd|kube|kubelet|traefik|flannel|svclb|klipper|lb-)/;

function ports(judged: Judged): readonly Said[] {
  return told(judged.facts.ports, 'who listens there', (listening) =>
    portsOf(judged).flatMap(({ port, protocol }) => {
      const holder = listening.find((each) => each.port === port && each.protocol === protocol);
      if (holder === undefined || OWN.test(holder.process)) return [];
      // The kernel itself, as for vxlan of flannel, has no name.
      if (holder.process === '' && judged.facts.k3s_active === true) return [];
      return [error('PORT', `${holder.process || 'somebody'} listens at ${port}/${protocol}`)];
    }),
  );
}

function names({ facts, spec }: Judged): readonly Said[] {
  return told(facts.names, 'which names it knows', (known) =>
    spec.nodes.flatMap(({ name, address }) => {
      // Its own name is often 127.0.1.1, and a name that nobody knows is written by the role.
      const wrong = (known[name] ?? []).filter((each) => !same(each, address) && !isLoopback(each));
      return wrong.length === 0
        ? []
        : [warning('NAME', `it knows ${name} as ${wrong.join(', ')}, and cluster.yaml has ${address}`)];
    }),
  );
}

function nomad({ facts, spec, node }: Judged): readonly Said[] {
  const { nomad: found } = facts;
  if (found === undefined || !found.active) return [];
  const expected = (node.coexist ?? spec.coexist) === 'nomad';
  const said = expected ? [] : [error('NOMAD', 'Nomad runs there, and nothing in cluster.yaml says so')];
  const bridge = found.bridge === undefined ? undefined : parseRange(found.bridge);
  if (bridge === undefined) return said;
  const clash = [spec.cidrs.pods, spec.cidrs.services].filter((text) => {
    const range = parseRange(text);
    return range !== undefined && overlap(range, bridge);
  });
  return [
    ...said,
    ...clash.map((range) => error('NOMAD_RANGE', `${range} overlaps ${found.bridge} of Nomad's bridge`)),
  ];
}

function told<T>(value: T | undefined, what: string, judge: (value: T) => readonly Said[]): readonly Said[] {
  return value === undefined ? [untold(what)] : judge(value);
}

type Short<Code> = Code extends `LARDER_PREFLIGHT_${infer Rest}` ? Rest : never;

function error(code: Short<PreflightCode>, message: string): Said {
  return { code: `LARDER_PREFLIGHT_${code}`, severity: 'error', message };
}

function warning(code: Short<PreflightCode>, message: string): Said {
  return { code: `LARDER_PREFLIGHT_${code}`, severity: 'warning', message };
}

function untold(what: string): Said {
  return { code: 'LARDER_PREFLIGHT_UNTOLD', severity: 'unknown', message: `${what} could not be told` };
}

function same(a: string, b: string): boolean {
  const [left, right] = [parseAddress(a), parseAddress(b)];
  return left !== undefined && right !== undefined && left.family === right.family && left.value === right.value;
}

function isLoopback(address: string): boolean {
  const range = parseRange('127.0.0.0/8');
  const parsed = parseAddress(address);
  return address === '::1' || (range !== undefined && parsed !== undefined && contains(range, parsed));
}
