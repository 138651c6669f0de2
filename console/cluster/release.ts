/** Which releases run, and whether they may run beside each other. Pure. */
import type { NodesAnswer } from '../../src/cluster/sight/answer.ts';
import { planUpgrade, type UpgradeRefusal } from '../../src/cluster/upgrade/plan-upgrade.ts';
import { compareReleases, parseRelease, type Release, releaseText } from '../../src/cluster/upgrade/release.ts';

export interface ReleaseGroup {
  readonly release: string;
  readonly nodes: readonly string[];
}

export interface Releases {
  /** The most usual first. */
  readonly groups: readonly ReleaseGroup[];
  /** What cluster.yaml says, else the newest that runs; empty: nobody can tell. */
  readonly target: string;
  readonly isWritten: boolean;
  /** Nodes that run something else. */
  readonly behind: readonly string[];
  /** What the skew policy of Kubernetes forbids, as sentences. */
  readonly forbidden: readonly string[];
}

const SKEW: ReadonlySet<UpgradeRefusal['reason']> = new Set(['ServersApart', 'KubeletNewer', 'KubeletTooOld']);

export function releasesOf({ nodes, wanted }: NodesAnswer): Releases {
  const told = nodes.filter(({ release }) => release !== '');
  const groups = [...Map.groupBy(told, ({ release }) => release)]
    .map(([release, own]) => ({ release, nodes: own.map(({ name }) => name) }))
    .toSorted((a, b) => b.nodes.length - a.nodes.length || (a.release < b.release ? 1 : -1));
  const written = wanted.kind === 'known' ? wanted.value.release : '';
  const newest = told
    .map(({ release }) => parseRelease(release))
    .filter((release): release is Release => release !== undefined)
    .toSorted(compareReleases)
    .at(-1);
  const target = written !== '' ? written : newest === undefined ? '' : releaseText(newest);
  return {
    ...{ groups, target },
    isWritten: written !== '',
    behind: target === '' ? [] : told.filter(({ release }) => release !== target).map(({ name }) => name),
    forbidden: newest === undefined ? [] : forbiddenIn(nodes, releaseText(newest)),
  };
}

function forbiddenIn(nodes: NodesAnswer['nodes'], target: string): readonly string[] {
  const running = nodes
    .filter(({ release }) => parseRelease(release) !== undefined)
    .map(({ name, roles, release }) => ({
      ...{ name, release },
      role: roles.includes('control-plane') ? ('server-agent' as const) : ('worker' as const),
    }));
  const plan = planUpgrade({ nodes: running, target, via: [], etcd: undefined });
  if (plan.kind === 'plan') return [];
  return plan.reasons.filter(({ reason }) => SKEW.has(reason)).map(({ message }) => message);
}

/** Of equals the last in the order of text, which is usually the newest; as `larder cluster drift` counts. */
export function mostOf(releases: readonly string[]): string | undefined {
  const told = releases.filter((release) => release !== '');
  const counts = [...Map.groupBy(told, (release) => release)];
  return counts.toSorted(([a, some], [b, others]) => others.length - some.length || (a < b ? 1 : -1))[0]?.[0];
}
