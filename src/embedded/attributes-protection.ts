/** Lets go of VolumeAttributesClasses that are deleted and that no claim and no volume has. */
import type { Chore } from './housekeeping.ts';
import { textAt, withAt } from './json.ts';
import { ATTRIBUTES_PROTECTION } from './kinds/storage-rules.ts';
import { ATTRIBUTES_CLASSES, CLAIMS, VOLUMES } from './kinds.ts';
import { finalizersOf, isTerminating } from './metadata.ts';
import type { Reading } from './store.ts';

/** What, when it changes, may free a class. */
export const attributesUsers: readonly string[] = [ATTRIBUTES_CLASSES, CLAIMS, VOLUMES];

export function releaseAttributesClasses(reading: Reading): readonly Chore[] {
  return reading
    .list(ATTRIBUTES_CLASSES)
    .filter(({ object }) => isTerminating(object) && finalizersOf(object).includes(ATTRIBUTES_PROTECTION))
    .filter(({ name }) => !isUsed(reading, name))
    .map(({ key }) => (transaction) => {
      const found = transaction.get(ATTRIBUTES_CLASSES, key);
      if (!found || !isTerminating(found.object) || isUsed(transaction, found.name)) return;
      const left = finalizersOf(found.object).filter((name) => name !== ATTRIBUTES_PROTECTION);
      if (left.length === 0) transaction.remove(ATTRIBUTES_CLASSES, key);
      else transaction.put(ATTRIBUTES_CLASSES, found, withAt(found.object, ['metadata', 'finalizers'], left));
    });
}

/** By what a claim or volume asks for, and by what it has. */
function isUsed(reading: Reading, name: string): boolean {
  const has = [CLAIMS, VOLUMES].flatMap((shelf) => reading.list(shelf));
  return has.some(({ object }) =>
    [
      textAt(object, 'spec', 'volumeAttributesClassName'),
      textAt(object, 'status', 'currentVolumeAttributesClassName'),
      textAt(object, 'status', 'modifyVolumeStatus', 'targetVolumeAttributesClassName'),
    ].includes(name),
  );
}
