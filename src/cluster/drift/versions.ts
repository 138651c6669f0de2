/** Releases that run against those that should, and nodes that run something else than their like. */
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { shortName } from '../spec/rules/rule.ts';
import type { DriftFinding } from './finding.ts';
import type { NodeState } from './node-state.ts';

/** Code name → what the system calls itself; Debian has the code name in it, Ubuntu the number. */
const RELEASES: Readonly<Record<ClusterSpec['os']['release'], RegExp>> = {
  bookworm: /\(bookworm\)|\b12\b/,
  trixie: /\(trixie\)|\b13\b/,
  jammy: /\b22\.04\b/,
  noble: /\b24\.04\b/,
};

/** `server`: what the API server says of itself; undefined: it was not asked. */
export function versionFindings(
  spec: ClusterSpec,
  nodes: readonly NodeState[],
  server: string | undefined,
): readonly DriftFinding[] {
  const ours = nodes.filter(({ name }) => spec.nodes.some((node) => shortName(node.name) === name));
  return [
    ...k3sFindings(spec, ours, server),
    ...ours.flatMap((node) => osFindings(spec, node)),
    ...kernelFindings(ours),
  ];
}

function k3sFindings(
  { k3s: { version } }: ClusterSpec,
  nodes: readonly NodeState[],
  server: string | undefined,
): readonly DriftFinding[] {
  const told = nodes.filter(({ release }) => release !== '');
  // Without a release in cluster.yaml the one that most nodes run counts: a cluster runs one.
  const wanted = version ?? mostOf(told.map(({ release }) => release));
  if (wanted === undefined) return [];
  const why = version === undefined ? 'as most nodes do' : 'as cluster.yaml says';
  const others = told
    .filter(({ release }) => release !== wanted)
    .map(({ name, release }) => finding(`Node ${name}`, `runs k3s ${release} and should run ${wanted}, ${why}`));
  if (version === undefined || server === undefined || server === wanted) return others;
  return [...others, finding('API server', `is of k3s ${server} and should be of ${wanted}, ${why}`)];
}

function osFindings({ os: { release } }: ClusterSpec, { name, osImage }: NodeState): readonly DriftFinding[] {
  if (osImage === '' || RELEASES[release].test(osImage)) return [];
  return [finding(`Node ${name}`, `runs ${osImage} and should run ${release}`)];
}

/** Among nodes with one system and one architecture. */
function kernelFindings(nodes: readonly NodeState[]): readonly DriftFinding[] {
  const alike = Map.groupBy(
    nodes.filter(({ kernel }) => kernel !== ''),
    ({ osImage, architecture }) => JSON.stringify([osImage, architecture]),
  );
  return [...alike.values()].flatMap((group) => {
    const most = mostOf(group.map(({ kernel }) => kernel));
    return group
      .filter(({ kernel }) => kernel !== most)
      .map(({ name, kernel }) => finding(`Node ${name}`, `runs kernel ${kernel}, and nodes like it run ${most}`));
  });
}

function finding(object: string, message: string): DriftFinding {
  return { kind: 'version', object, message };
}

/** What most have; of equals the last in the order of text, which is usually the newest. */
function mostOf(values: readonly string[]): string | undefined {
  const counts = Map.groupBy(values, (value) => value);
  const [first] = [...counts].toSorted(([a, some], [b, others]) => others.length - some.length || (a < b ? 1 : -1));
  return first?.[0];
}
