/** What records tell about a volume: by the claim's name, by the volume's, and by its directory. Pure. */
import type { LedgerRecord, Unsigned } from '../../ledger/record.ts';
import { told } from './change-rows.ts';
import type { LifeQuery, Told } from './ledger-api.ts';
import { objectsOf } from './record-objects.ts';

const AT_MOST = 200;

/** Newest first. */
export function objectLife(records: readonly LedgerRecord[], asked: LifeQuery): readonly Told[] {
  const found: Told[] = [];
  for (const record of records.toReversed()) {
    if (found.length === AT_MOST) break;
    const verb = verbAbout(record, asked);
    if (verb === undefined) continue;
    const { what, ...rest } = told(record);
    found.push({ ...rest, what: verb === '' ? what : verb });
  }
  return found;
}

/** What was done to it, as `undelete`; empty where the record does not say; undefined: it is about something else. */
function verbAbout(record: Unsigned, asked: LifeQuery): string | undefined {
  switch (record.type) {
    case 'action-recorded':
      return record.data.objects.find((object) => isIt(object, asked))?.verb;
    case 'change-applied':
      return record.data.objects.find((object) => isIt(object, asked))?.outcome.replace('-', ' ');
    case 'evidence-attached':
      return objectsOf(record).some((object) => isIt(object, asked)) ? '' : undefined;
    default:
      return undefined;
  }
}

interface Named {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

function isIt({ kind, namespace, name }: Named, asked: LifeQuery): boolean {
  switch (kind) {
    case 'PersistentVolumeClaim':
      return name === asked.name && (namespace ?? '') === asked.namespace && name !== '';
    case 'PersistentVolume':
      return name === asked.volume && name !== '';
    case 'Directory':
      // As it is written: a name that only ends alike may be another's.
      return asked.path !== '' && (name === asked.path || `/${name}` === asked.path);
    default:
      return false;
  }
}
