/**
 * From what runs to what should run, pure: which release each node gets, one after the other, or why not.
 *
 * Sources: version skew policy of Kubernetes (servers within one minor of each other, kubelets never newer than the
 * oldest server and at most three minors older; kubernetes.io/releases/version-skew-policy, read 2026-11) · etcd goes
 * from 3.5 to 3.6 only from 3.5.26 on (etcd.io/blog/2025/zombie_members_upgrade; k3s-io/k3s#13485 is a cluster that
 * broke).
 */
import { compareReleases, parseRelease, type Release, releaseText, sameRelease } from './release.ts';

/** Kubernetes 1.34 is the first that k3s packages with etcd 3.6. */
const FIRST_MINOR_WITH_ETCD_36 = 34;
const ETCD_BEFORE_36 = [3, 5, 26] as const;
/** Kubelets may be that many minors older than the oldest server. */
const KUBELET_SKEW = 3;

export interface RunningNode {
  readonly name: string;
  readonly role: 'server-agent' | 'worker';
  /** As the node says; undefined where nothing is installed yet. */
  readonly release: string | undefined;
}

export interface UpgradeRequest {
  readonly nodes: readonly RunningNode[];
  readonly target: string;
  /** Releases for the minors between, where the target is more than one away. */
  readonly via: readonly string[];
  /** What the members of etcd say of themselves, as 3.5.26; the oldest. Undefined: nobody could be asked, or there is no etcd. */
  readonly etcd: string | undefined;
}

export interface UpgradeStep {
  readonly node: string;
  readonly from: string;
  readonly to: string;
}

export type UpgradePlan =
  | { readonly kind: 'plan'; readonly steps: readonly UpgradeStep[] }
  | { readonly kind: 'refused'; readonly reasons: readonly UpgradeRefusal[] };

export interface UpgradeRefusal {
  readonly reason:
    | 'NotARelease'
    | 'NotInstalled'
    | 'Downgrade'
    | 'MinorSkipped'
    | 'BeyondTarget'
    | 'EtcdTooOld'
    | 'ServersApart'
    | 'KubeletNewer'
    | 'KubeletTooOld';
  readonly message: string;
}

interface Installed {
  readonly name: string;
  readonly role: RunningNode['role'];
  readonly release: Release;
}

/** Servers first, one at a time, each hop finished on all servers before the workers follow; a node that has it is left alone. */
export function planUpgrade(request: UpgradeRequest): UpgradePlan {
  const target = parseRelease(request.target);
  const via = request.via.map(parseRelease);
  const unreadable = [
    ...(target === undefined ? [request.target] : []),
    ...request.via.filter((_, index) => via[index] === undefined),
  ];
  const nodes = request.nodes.flatMap(installed);
  const missing = request.nodes.filter(({ name }) => !nodes.some((node) => node.name === name));
  if (target === undefined || unreadable.length > 0 || missing.length > 0) {
    return refused([
      ...unreadable.map((text) => refusal('NotARelease', `${text} is no release of k3s, as v1.34.2+k3s1`)),
      ...missing.map(({ name, release }) =>
        refusal(
          'NotInstalled',
          release === undefined
            ? `${name} runs no k3s: bootstrap it first`
            : `${name} runs ${release}, which is no release`,
        ),
      ),
    ]);
  }
  const hops = [...via.filter((release) => release !== undefined).toSorted(compareReleases), target];
  const reasons = [...standing(nodes), ...obstacles({ nodes, hops, etcd: request.etcd })];
  return reasons.length > 0 ? refused(reasons) : { kind: 'plan', steps: stepsOf(nodes, hops) };
}

function installed({ name, role, release }: RunningNode): readonly Installed[] {
  const parsed = release === undefined ? undefined : parseRelease(release);
  return parsed === undefined ? [] : [{ name, role, release: parsed }];
}

/** What is wrong before anything is changed. */
function standing(nodes: readonly Installed[]): readonly UpgradeRefusal[] {
  const servers = nodes.filter(({ role }) => role === 'server-agent');
  const [oldest, newest] = [lowest(servers), highest(servers)];
  if (oldest === undefined || newest === undefined) return [];
  const apart =
    newest.release.minor - oldest.release.minor > 1
      ? [
          refusal(
            'ServersApart',
            `${newest.name} runs ${releaseText(newest.release)} and ${oldest.name} ${releaseText(oldest.release)}; servers may be one minor apart: bring ${oldest.name} up first`,
          ),
        ]
      : [];
  return [...apart, ...nodes.flatMap((node) => skewOf(node, oldest))];
}

function skewOf({ name, role, release }: Installed, oldest: Installed): readonly UpgradeRefusal[] {
  if (role === 'server-agent') return [];
  const told = `${name} runs ${releaseText(release)} and the oldest server ${releaseText(oldest.release)}`;
  if (release.minor > oldest.release.minor)
    return [refusal('KubeletNewer', `${told}; a kubelet may not be newer: upgrade the servers first`)];
  if (oldest.release.minor - release.minor > KUBELET_SKEW)
    return [refusal('KubeletTooOld', `${told}; a kubelet may be ${KUBELET_SKEW} minors older: bring ${name} up first`)];
  return [];
}

interface Way {
  readonly nodes: readonly Installed[];
  /** Oldest first; the last is the target. */
  readonly hops: readonly Release[];
  readonly etcd: string | undefined;
}

function obstacles({ nodes, hops, etcd }: Way): readonly UpgradeRefusal[] {
  const target = hops.at(-1);
  const oldest = lowest(nodes);
  if (target === undefined || oldest === undefined) return [];
  const newer = nodes.filter(({ release }) => compareReleases(release, target) > 0);
  return [
    ...newer.map(({ name, release }) =>
      refusal(
        'Downgrade',
        `${name} runs ${releaseText(release)}, newer than ${releaseText(target)}; etcd cannot go back: restore a snapshot instead`,
      ),
    ),
    ...hops
      .slice(0, -1)
      .filter((hop) => compareReleases(hop, target) >= 0)
      .map((hop) =>
        refusal(
          'BeyondTarget',
          `${releaseText(hop)} is not on the way to ${releaseText(target)}: take it out of --via`,
        ),
      ),
    ...skipped(oldest.release, hops),
    ...etcdTooOld(nodes, hops, etcd),
  ];
}

function skipped(from: Release, hops: readonly Release[]): readonly UpgradeRefusal[] {
  const path = [from, ...hops.filter((hop) => compareReleases(hop, from) > 0)];
  return path.flatMap((release, index) => {
    const next = path[index + 1];
    if (next === undefined || (next.major === release.major && next.minor - release.minor <= 1)) return [];
    const between = `v${release.major}.${release.minor + 1}`;
    return [
      refusal(
        'MinorSkipped',
        `${releaseText(release)} to ${releaseText(next)} leaves out a minor: name a release of ${between} with --via`,
      ),
    ];
  });
}

function etcdTooOld(
  nodes: readonly Installed[],
  hops: readonly Release[],
  etcd: string | undefined,
): readonly UpgradeRefusal[] {
  const servers = nodes.filter(({ role }) => role === 'server-agent');
  const before = servers.filter(({ release }) => release.minor < FIRST_MINOR_WITH_ETCD_36);
  const crosses = hops.some(({ minor }) => minor >= FIRST_MINOR_WITH_ETCD_36);
  if (before.length === 0 || !crosses) return [];
  const needed = ETCD_BEFORE_36.join('.');
  const advice = `upgrade to the newest release of 1.${FIRST_MINOR_WITH_ETCD_36 - 1} in a run of its own, whose etcd is ${needed} or newer, then again`;
  if (etcd === undefined)
    return [
      refusal(
        'EtcdTooOld',
        `etcd 3.6 comes with this upgrade and the running etcd did not say its version; it must be ${needed} or newer: ${advice}`,
      ),
    ];
  return atLeast(etcd, ETCD_BEFORE_36)
    ? []
    : [
        refusal(
          'EtcdTooOld',
          `etcd 3.6 comes with this upgrade and ${etcd} runs; members that were removed would come back: ${advice}`,
        ),
      ];
}

/** `3.5.26-k3s1` is 3.5.26. */
function atLeast(version: string, least: readonly number[]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) return false;
  const first = parts.findIndex((part, index) => part !== least[index]);
  return first === -1 || (parts[first] ?? 0) > (least[first] ?? 0);
}

function stepsOf(nodes: readonly Installed[], hops: readonly Release[]): readonly UpgradeStep[] {
  const order = [
    ...nodes.filter(({ role }) => role === 'server-agent'),
    ...nodes.filter(({ role }) => role === 'worker'),
  ];
  const now = new Map(order.map(({ name, release }) => [name, release]));
  return hops.flatMap((hop) =>
    order.flatMap(({ name }) => {
      const running = now.get(name);
      if (running === undefined || sameRelease(running, hop) || compareReleases(running, hop) > 0) return [];
      now.set(name, hop);
      return [{ node: name, from: releaseText(running), to: releaseText(hop) }];
    }),
  );
}

function lowest(nodes: readonly Installed[]): Installed | undefined {
  return nodes.toSorted((a, b) => compareReleases(a.release, b.release))[0];
}

function highest(nodes: readonly Installed[]): Installed | undefined {
  return nodes.toSorted((a, b) => compareReleases(b.release, a.release))[0];
}

function refusal(reason: UpgradeRefusal['reason'], message: string): UpgradeRefusal {
  return { reason, message };
}

function refused(reasons: readonly UpgradeRefusal[]): UpgradePlan {
  return { kind: 'refused', reasons };
}
