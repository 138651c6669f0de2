/** What the ledger tells about a volume, as its timeline has it. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';
import type { Happening } from '../../src/operator/console/feed.ts';
import type { Told } from '../../src/operator/ledger/ledger-api.ts';

/** By the id of the happening: the record that says it. */
export type RecordLinks = ReadonlyMap<string, Told>;

export interface Recorded {
  readonly happenings: readonly Happening[];
  readonly records: RecordLinks;
}

export function recordedOf(
  { namespace, claim }: Pick<VolumeRow, 'namespace' | 'claim'>,
  told: readonly Told[],
): Recorded {
  const entries = told.map((each): readonly [Happening, Told] => {
    const { record, at, what, words, by, failed } = each;
    const subject = { kind: 'PersistentVolumeClaim', namespace, name: claim } as const;
    const how = failed ? 'failed, ' : '';
    const type = failed ? 'Warning' : 'Normal';
    return [
      { ...subject, id: `record ${record}`, at, count: 1, type, reason: what, message: `${how}${words}, by ${by}` },
      each,
    ];
  });
  return {
    happenings: entries.map(([happening]) => happening),
    records: new Map(entries.map(([{ id }, each]) => [id, each])),
  };
}
