import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disposal } from '../provision/disposal.ts';
import type { ExportDescription } from '../provision/storage.ts';
import { type EndFacts, wordsOfEnd } from './end-words.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 1);
const LOCAL: ExportDescription = { backend: 'local', server: '', path: '/srv', root: '/srv' };

const facts: EndFacts = {
  ...{
    namespace: 'media',
    claim: 'plex',
    volume: 'pvc-1',
    directory: 'video/plex',
    mayNameOthers: false,
    early: 'none',
    now: NOW,
  },
};
const move = (to: 'trash' | 'archive', text: string, ms?: number, path = ['video', 'plex']): Disposal => ({
  ...{ kind: 'move', to, retention: { text, ms }, export: LOCAL, path },
});

test('an archive is named as it will be called, beside its place', () => {
  const words = wordsOfEnd(move('archive', 'never'), facts);
  assert.equal(words.kind, 'archive');
  assert.match(words.says, /renamed to video\/archived-plex, .* kept for ever, because on-delete is archive\.$/);
  assert.equal(words.until, undefined);
  assert.equal(words.backCommand, 'larder volumes undelete media/plex');
  const long = wordsOfEnd(move('archive', 'never', undefined, ['x'.repeat(255)]), facts);
  assert.match(
    long.says,
    new RegExp(`renamed to archived-x{${255 - 'archived-'.length}},`),
    'cut as the export cuts it',
  );
});

test('what has an end says when, and whether it may come sooner', () => {
  const trash = wordsOfEnd(move('trash', '7d', 7 * DAY_MS), facts);
  assert.deepEqual([trash.kind, trash.until], ['trash', NOW + 7 * DAY_MS]);
  assert.match(trash.says, /removed for ever after 7d, because on-delete is delete/);
  assert.match(wordsOfEnd(move('trash', 'never'), facts).says, /kept there for ever/);
  const sooner = (disposal: Disposal, early: EndFacts['early']): boolean =>
    wordsOfEnd(disposal, { ...facts, early }).says.includes('too little room');
  const archive = move('archive', '30d', 30 * DAY_MS);
  assert.deepEqual(
    (['none', 'trash', 'all'] as const).map((early) => [sooner(move('trash', '7d', 1), early), sooner(archive, early)]),
    [
      [false, false],
      [true, false],
      [true, true],
    ],
  );
  assert.equal(sooner(move('archive', 'never'), 'all'), false, 'what has no end never goes');
});

test('what stays says why, and how a directory without a volume gets one', () => {
  const kept = wordsOfEnd({ kind: 'forget', reason: 'on-delete', message: 'm' }, facts);
  assert.match(kept.says, /stays where it is, and its volume goes: on-delete is retain\./);
  assert.equal(kept.backCommand, 'larder volumes adopt --match video/plex -n media --file adopted.yaml');
  const odd = wordsOfEnd({ kind: 'forget', reason: 'adopted', message: 'm' }, { ...facts, directory: "a b'c" });
  assert.match(odd.says, /held data before it was a volume/);
  assert.match(odd.backCommand, /--match 'a b'\\''c' -n media/);
  const retained = wordsOfEnd({ kind: 'ignore', reason: 'kept' }, facts);
  assert.match(retained.says, /reclaim policy Retain decides before anything else/);
  assert.match(retained.back, /create claim plex in namespace media again/);
  assert.match(retained.backCommand, /^kubectl patch pv\/pvc-1 --type merge/);
  assert.match(wordsOfEnd({ kind: 'let-go' }, facts).says, /stays where it is: its volume was deleted/);
});

test('volumes of others are named only to those who may see them', () => {
  const shared: Disposal = { kind: 'forget', reason: 'shared', message: 'directory d is kept: secret/other uses it' };
  const overlap: Disposal = {
    ...{
      kind: 'refuse',
      reason: 'overlap',
      message: 'directory d overlaps e of pv secret-pv',
      untilVolume: 'secret-pv',
    },
  };
  const waiting: Disposal = { kind: 'wait', untilVolume: 'secret-pv' };
  for (const disposal of [shared, overlap, waiting]) {
    const words = wordsOfEnd(disposal, facts);
    assert.doesNotMatch(JSON.stringify(words), /secret/);
    assert.match(words.says, /another (volume|claim)/);
  }
  const told = { ...facts, mayNameOthers: true };
  assert.equal(wordsOfEnd(shared, told).says, 'Directory d is kept: secret/other uses it.');
  assert.match(
    wordsOfEnd(overlap, told).says,
    /refuses to move the directory, .*: directory d overlaps e of pv secret-pv\.$/,
  );
  assert.equal(wordsOfEnd(shared, facts).backCommand, '', 'it is in use: nothing is to be adopted');
});
