import { dig } from './dig.ts';
import { selects, textMap, type Workload } from './workload.ts';

/** Finds workloads by the labels of their pods without asking each of hundreds. */
export type PodIndex = (namespace: string, selector: unknown) => readonly Workload[];

export function podIndex(workloads: readonly Workload[]): PodIndex {
  const byNamespace = Map.groupBy(workloads, ({ manifest }) => manifest.namespace);
  const byLabel = new Map<string, Workload[]>();
  for (const workload of workloads)
    for (const [key, value] of Object.entries(workload.labels)) {
      const id = idOf(workload.manifest.namespace, key, value);
      const known = byLabel.get(id);
      if (known) known.push(workload);
      else byLabel.set(id, [workload]);
    }
  return (namespace, selector) => {
    const sets = Object.entries(textMap(dig(selector, 'matchLabels'))).map(
      ([key, value]) => byLabel.get(idOf(namespace, key, value)) ?? [],
    );
    const [smallest = byNamespace.get(namespace) ?? []] = sets.toSorted((one, other) => one.length - other.length);
    return smallest.filter(({ labels }) => selects(selector, labels));
  };
}

function idOf(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}=${value}`;
}
