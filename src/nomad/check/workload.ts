import { dig, type Fields, fields, maps, word } from './dig.ts';
import type { WrittenManifest, WrittenModule } from './tree.ts';

/** A manifest that makes pods. */
export interface Workload {
  readonly manifest: WrittenManifest;
  readonly module: WrittenModule;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** spec of its pods. */
  readonly pod: Fields;
  /** Where that stands in the manifest. */
  readonly podPath: readonly string[];
  /** Init containers first, as they run. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  /** `sidecar`: an init container that goes on. */
  readonly role: 'init' | 'sidecar' | 'main';
  readonly spec: Fields;
  /** Where it stands in the manifest. */
  readonly path: readonly (string | number)[];
}

const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

export function workloadsOf(module: WrittenModule): readonly Workload[] {
  return module.manifests.flatMap((manifest) => {
    const path = Object.hasOwn(templates, manifest.kind) ? templates[manifest.kind] : undefined;
    if (!path) return [];
    const podPath = [...path, 'spec'];
    const pod = fields(dig(manifest.object, ...podPath));
    const labels = textMap(dig(manifest.object, ...path, 'metadata', 'labels'));
    return [{ manifest, module, labels, pod, podPath, containers: containersOf(pod, podPath) }];
  });
}

function containersOf(pod: Fields, podPath: readonly string[]): readonly Container[] {
  const read = (key: string): readonly Container[] =>
    maps(pod[key]).map((spec, index) => ({
      name: word(spec['name']),
      role: key === 'containers' ? 'main' : spec['restartPolicy'] === 'Always' ? 'sidecar' : 'init',
      spec,
      path: [...podPath, key, index],
    }));
  return [...read('initContainers'), ...read('containers')];
}

export function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, each]) => [key, word(each)]));
}

/** Whether labels are what a map of labels asks for; an empty map asks for nothing and finds all. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** A LabelSelector with both of its halves. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!hasLabels(labels, textMap(dig(selector, 'matchLabels')))) return false;
  return maps(dig(selector, 'matchExpressions')).every(({ key, operator, values }) => {
    const own = labels[word(key)];
    const listed = Array.isArray(values) && own !== undefined && values.map(word).includes(own);
    if (operator === 'In') return listed;
    if (operator === 'NotIn') return !listed;
    return operator === 'Exists' ? own !== undefined : own === undefined;
  });
}

export function labelOf({ manifest: { kind, name } }: Workload): string {
  return `${kind}/${name}`;
}
