/** The pods that an object makes. */
import { type JsonObject, listAt, type Manifest, objectAt } from './manifest.ts';

/** Undefined for kinds that make none that this knows. */
export function podSpecOf({ kind, object }: Pick<Manifest, 'kind' | 'object'>): JsonObject | undefined {
  switch (kind) {
    case 'Pod':
      return objectAt(object, 'spec');
    case 'CronJob':
      return objectAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job':
      return objectAt(object, 'spec', 'template', 'spec');
    default:
      return undefined;
  }
}

export function containersOf(spec: JsonObject): readonly unknown[] {
  return [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
}
