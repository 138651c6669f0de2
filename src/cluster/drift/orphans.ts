/** Objects that a change applied and that no manifest holds any more. */
import { FIELD_MANAGER } from '../change/comparison.ts';
import { keyOfObject, subjectOf } from '../change/manifest.ts';
import type { DriftFinding } from './finding.ts';
import type { LiveObject } from './live-object.ts';

/** `wanted`: keys of all objects that manifests hold. */
export function orphans(objects: readonly LiveObject[], wanted: ReadonlySet<string>): readonly DriftFinding[] {
  return objects
    .filter((object) => !wanted.has(keyOfObject(object)) && !object.isGoing && !object.isOwned && isApplied(object))
    .map((object) => ({
      kind: 'orphan',
      object: subjectOf(object),
      message: `was applied by a change${when(object)} and is in no manifest any more`,
    }));
}

function isApplied({ writes }: LiveObject): boolean {
  return writes.some(isOurs);
}

function isOurs({ manager, operation, subresource }: LiveObject['writes'][number]): boolean {
  return manager === FIELD_MANAGER && operation === 'Apply' && subresource === '';
}

function when({ writes }: LiveObject): string {
  const time = writes.find(isOurs)?.at;
  return time === undefined || Number.isNaN(time) ? '' : ` on ${new Date(time).toISOString()}`;
}
