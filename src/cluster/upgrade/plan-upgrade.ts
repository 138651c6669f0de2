/**
 * From what runs to what should run, pure: which release each node gets, one after the other, or why not.
 *
 * Sources: version skew policy of Kubernetes (servers within one minor of each other, kubelets never newer than the
 * oldest server and at most three minors older; kubernetes.io/releases/version-skew-policy, read 2026-11) · etcd goes
 * from 3.5 to 3.6 only from 3.5.26 on (etcd.io/blog/2025/zombie_members_upgrade; k3s-io/k3s#13485 is a cluster that
 * broke). etcd's guide now asks for 3.5.32 (etcd.io/docs/v3.6/upgrades/upgrade_3_6, read 2026-11), which no release of k3s
 * packages (k3s-io/k3s, discussion #14908): that is told, and refused it would close the only way.
 */
import { hasEtcd36, lastStop, mayBringEtcd36 } from './etcd-releases.ts';
import { compareReleases, parseRelease, type Release, releaseText, sameRelease } from './release.ts';

const ETCD_BEFORE_36 = [3, 5, 26] as const;
const ETCD_BEFORE_36_UPSTREAM = [3, 5, 32] as const;
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
  | {
      readonly kind: 'plan';
      readonly steps: readonly UpgradeStep[];
      /** What is against it and does not forbid it, a sentence each. */
      readonly warnings: readonly string[];
    }
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
  if (reasons.length > 0) return refused(reasons);
  const steps = stepsOf(nodes, hops);
  return { kind: 'plan', steps, warnings: steps.length === 0 ? [] : earlyEtcd(nodes, hops, request.etcd) };
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

/** Whether members of etcd 3.5 would become ones of 3.6. What the running ones say of themselves counts before any table. */
function crossesTo36(nodes: readonly Installed[], hops: readonly Release[], etcd: string | undefined): boolean {
  const servers = nodes.filter(({ role }) => role === 'server-agent');
  const is36 = etcd === undefined ? servers.every(({ release }) => hasEtcd36(release)) : atLeast(etcd, [3, 6, 0]);
  return servers.length > 0 && !is36 && hops.some(mayBringEtcd36);
}

function etcdTooOld(
  nodes: readonly Installed[],
  hops: readonly Release[],
  etcd: string | undefined,
): readonly UpgradeRefusal[] {
  if (!crossesTo36(nodes, hops, etcd)) return [];
  const needed = ETCD_BEFORE_36.join('.');
  const stop = lastStop(ETCD_BEFORE_36[2]);
  const target = hops.find(mayBringEtcd36);
  const brings = `${target === undefined ? 'this upgrade' : releaseText(target)} may bring etcd 3.6`;
  const advice = `upgrade to ${stop}, whose etcd is ${needed} or newer, in a run of its own, then again`;
  if (etcd === undefined)
    return [
      refusal(
        'EtcdTooOld',
        `${brings}, and the running etcd did not say its version; it must be ${needed} or newer: ${advice}`,
      ),
    ];
  return atLeast(etcd, ETCD_BEFORE_36)
    ? []
    : [refusal('EtcdTooOld', `${brings}, and ${etcd} runs; members that were removed would come back: ${advice}`)];
}

function earlyEtcd(nodes: readonly Installed[], hops: readonly Release[], etcd: string | undefined): readonly string[] {
  if (etcd === undefined || !crossesTo36(nodes, hops, etcd) || atLeast(etcd, ETCD_BEFORE_36_UPSTREAM)) return [];
  return [
    `etcd goes from ${etcd} to 3.6, and etcd's own guide asks for ${ETCD_BEFORE_36_UPSTREAM.join('.')} before that, which no release of k3s packages: take a snapshot first, above all where servers were ever replaced`,
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
