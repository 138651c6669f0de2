import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventTypes } from '../../ledger/event.ts';
import type { RecordRow } from './ledger-api.ts';
import { recordFilter } from './record-filter.ts';
import { families, familyOfType } from './record-type.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;

const row = (changed: Partial<RecordRow> = {}): RecordRow => ({
  ...{ id: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1b001', seq: 12, type: 'action-recorded', at: NOW - DAY_MS },
  ...{ operator: 'ana', words: 'larder grow media/plex · success', objects: ['PersistentVolumeClaim media/plex'] },
  ...{ evidence: 0, standing: 'verified', marks: [] },
  ...changed,
});

const rows: readonly RecordRow[] = [
  row(),
  row({
    seq: 13,
    type: 'change-applied',
    operator: 'ben',
    words: 'web-2',
    objects: [],
    marks: ['failed'],
    evidence: 1,
  }),
  row({ seq: 14, type: 'change-created', at: NOW - 9 * DAY_MS, words: 'web-2 · draft', objects: [] }),
  row({ seq: 15, type: 'record', words: 'docs/000015', operator: '', objects: [], standing: 'broken' }),
];
const found = (text: string): readonly number[] => rows.filter(recordFilter(text, NOW)).map(({ seq }) => seq);

test('all words must fit; a name before the colon says where they are looked for', () => {
  assert.deepEqual(found(''), [12, 13, 14, 15]);
  assert.deepEqual(found('kind:changes'), [13, 14]);
  assert.deepEqual(found('type:change-applied'), [13]);
  assert.deepEqual(found('type:change'), [13, 14]);
  assert.deepEqual(found('kind:changes -is:failed'), [14]);
  assert.deepEqual(found('by:ANA grow'), [12]);
  assert.deepEqual(found('object:media/plex'), [12]);
  assert.deepEqual(found('is:evidence'), [13]);
  assert.deepEqual(found('is:broken,failed'), [13, 15]);
  assert.deepEqual(found('#14'), [14]);
  assert.deepEqual(found('constructor:x'), []);
});

test('times are ages and days; a file that cannot be read has none, and is left in', () => {
  const dated = [
    row({ seq: 1, at: Date.parse('2026-03-01T23:59:00Z') }),
    row({ seq: 2, at: Date.parse('2026-03-09T00:00:00Z') }),
  ];
  const { at: _none, ...unreadable } = row({ seq: 3, standing: 'broken' });
  const seqs = (text: string): readonly number[] =>
    [...dated, unreadable].filter(recordFilter(text, NOW)).map(({ seq }) => seq);
  assert.deepEqual(seqs('since:7d'), [2, 3]);
  assert.deepEqual(seqs('until:2026-03-01'), [1, 3], 'a day is meant with all that is in it');
  assert.deepEqual(seqs('since:2026-03-02 until:2026-03-09'), [2, 3]);
  assert.deepEqual(seqs('since:yesterday'), [], 'what is no time is looked for as it stands');
});

test('whatever is typed is a filter, and its opposite finds all others', () => {
  const word = fc.stringMatching(/^[a-z:,#0-9-]{1,12}$/).filter((each) => !each.startsWith('-'));
  fc.assert(
    fc.property(word, (text) => {
      const with_ = found(text);
      const without = found(`-${text}`);
      assert.deepEqual([...with_, ...without].toSorted(), rows.map(({ seq }) => seq).toSorted());
    }),
  );
});

test('every type of record is in a family', () => {
  assert.deepEqual(new Set(eventTypes.map(familyOfType)), new Set(families));
});
