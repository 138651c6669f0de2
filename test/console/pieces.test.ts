/** Pure pieces of the console: what is asked, and what is said, where space and views are concerned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerText, millisecondsText } from '../../console/export/answer-text.ts';
import { figuresOf, marksOf } from '../../console/export/health-strip.ts';
import { withRecent } from '../../console/live/recent.ts';
import { allColumns, parseHidden, toggledText } from '../../console/table/columns.ts';
import { parseFilters, withFilter, withoutFilter } from '../../console/table/saved-filters.ts';
import { cleanCommand, cleanOutcome, cleanRequestOf, goingOf, keptWords } from '../../console/trash/clean-words.ts';
import { restoreCommand, restoreRequestOf } from '../../console/trash/restore-request.ts';
import { maximumBytes, wantedBytes } from '../../console/volume/explained.ts';
import { lifeOf } from '../../console/volume/life.ts';
import type { CleanPlan, CleanRow } from '../../src/operator/clean-api.ts';
import { feedOf, type Happening } from '../../src/operator/console/feed.ts';
import { volumeRow } from '../../src/operator/console/volume-row.fixture.ts';

test('columns come back from the address as they went into it, and what is unknown there is passed over', () => {
  assert.deepEqual([...parseHidden('state,nonsense,size')], ['size', 'state']);
  assert.equal(parseHidden('').size, 0);
  fc.assert(
    fc.property(fc.subarray([...allColumns]), fc.constantFrom(...allColumns), (hidden, name) => {
      const toggled = parseHidden(toggledText(parseHidden(hidden.join(',')), name));
      assert.equal(toggled.has(name), !hidden.includes(name));
      assert.deepEqual(
        allColumns.filter((each) => each !== name && toggled.has(each)),
        allColumns.filter((each) => each !== name && hidden.includes(each)),
      );
    }),
  );
});

test('a saved view replaces the one of its name; what a hand wrote into the browser breaks nothing', () => {
  const one = withFilter([], { name: ' stuck ', query: '?q=state%3Astuck' });
  const two = withFilter(one, { name: 'stuck', query: '' });
  assert.deepEqual(two, [{ name: 'stuck', query: '' }]);
  assert.deepEqual(withFilter(one, { name: '  ', query: '' }), one);
  assert.deepEqual(withoutFilter(one, 'stuck'), []);
  for (const text of [undefined, 'no json', '{}', '[1, null, {"name": 1, "query": ""}]']) {
    assert.deepEqual(parseFilters(text), []);
  }
  assert.deepEqual(parseFilters('[{"name":"x","query":"//elsewhere"}]'), [], 'only what stands behind the path');
  assert.deepEqual(parseFilters(JSON.stringify(one)), one);
});

test('a directory is restored by what was filled in, and the command says the same in words that a shell takes', () => {
  const row = { entry: 'archived-x', export: 'nas:/v' };
  const request = restoreRequestOf(row, { to: ' a b ', claim: '', size: '10Gi' });
  assert.deepEqual(request, { ...row, to: 'a b', size: '10Gi' });
  assert.equal(restoreCommand(request), "larder volumes restore archived-x --export nas:/v --to 'a b' --size 10Gi");
  assert.equal(restoreCommand({ ...row, entry: '$(id)' }), "larder volumes restore '$(id)' --export nas:/v");
});

const row = (over: Partial<CleanRow>): CleanRow => ({
  ...{ entry: 'e', kind: 'trash', claim: 'a/b', path: 'p', trashedAt: 1, bytes: '1024', verdict: 'remove' },
  ...{ reason: 'ended', ...over },
});
const plan = (...rows: readonly CleanRow[]): CleanPlan => ({
  ...{ export: 'nas:/v', freeBytes: String(2 ** 30), neededBytes: '', rows: [...rows] },
});

test('making room says how much goes and what that frees, and never more than is known', () => {
  assert.deepEqual(cleanRequestOf({ belowFree: ' 5% ', early: 'trash' }), { belowFree: '5%', early: 'trash' });
  assert.deepEqual(cleanRequestOf({ belowFree: '', early: 'nonsense' }), { belowFree: '' });
  assert.equal(cleanCommand({ belowFree: '' }), "larder volumes clean --below-free ''");
  assert.equal(cleanCommand({ belowFree: '5Gi', early: 'all' }), 'larder volumes clean --below-free 5Gi --early all');
  const plans = [plan(row({}), row({ verdict: 'keep', reason: 'owned' }), row({ bytes: '' }))];
  assert.equal(goingOf(plans).length, 2);
  assert.deepEqual(cleanOutcome({ plans, problems: [] }), {
    changes: true,
    message: '2 directories go, for ever, which frees at least 1 Ki. nas:/v has 1 Gi free.',
  });
  assert.match(
    cleanOutcome({ plans: [plan(row({}))], problems: [] }).message,
    /^1 directory goes, for ever, which frees about 1 Ki/,
  );
  assert.equal(cleanOutcome({ plans: [plan(row({ verdict: 'keep' }))], problems: [] }).changes, false);
  const problems = [{ export: 'nas2:/w', code: 'LARDER_EXPORT_UNAVAILABLE', message: 'export nas2:/w is away' }];
  assert.match(cleanOutcome({ plans, problems }).message, /free\. Not looked at: export nas2:\/w is away\.$/);
  assert.equal(keptWords('owned'), 'a living volume owns it');
  assert.equal(keptWords('toString'), 'toString', 'a reason of a newer operator stands as it is');
});

test('the strip of a day has a mark where there was a look, and one that fails is the highest', () => {
  const now = 100 * 3_600_000;
  const step = (ago: number, over = {}) => ({
    ...{ at: now - ago, looks: 30, missed: 0, slowestMs: 3, freeBytes: '' },
    ...over,
  });
  const marks = marksOf(
    [step(25 * 3_600_000), step(3_600_000), step(600_000, { slowestMs: 2_000 }), step(0, { missed: 1 })],
    now,
  );
  assert.deepEqual(
    marks.map(({ tone }) => tone),
    ['ok', 'warn', 'danger'],
  );
  assert.ok(marks.every(({ left, height }) => left >= 0 && left <= 1 && height > 0 && height <= 1));
  assert.ok((marks[0]?.height ?? 1) < (marks[1]?.height ?? 0));
  assert.deepEqual(figuresOf([step(0), step(0, { missed: 2, slowestMs: 9 })]), {
    looks: 60,
    missed: 2,
    slowestMs: 9,
  });
  assert.deepEqual([millisecondsText(1), millisecondsText(30), millisecondsText(1_500)], ['< 1 ms', '30 ms', '1.5 s']);
  assert.equal(answerText({}), '—');
});

test('the maximum and the wanted size are those of the decision, where it has them', () => {
  const setting = { source: 'annotation', overruled: [] };
  const of = (value: string, problems: Parameters<typeof maximumBytes>[0]['problems'] = []) =>
    maximumBytes({ settings: { 'max-size': { ...setting, value } }, problems });
  assert.equal(of('1024'), '1024');
  assert.equal(of('much'), undefined);
  const unread = { field: 'max-size', value: '40Mib', reason: '', source: { label: 'annotation' } };
  assert.equal(of('1024', [unread]), undefined, 'a default takes no place of what cannot be read');
  assert.equal(maximumBytes({ settings: {}, problems: [] }), undefined);
  const compared = [{ what: 'wanted size', source: '', unit: 'bytes', value: '7' }] as const;
  assert.equal(wantedBytes({ gates: [{ name: 'size', outcome: 'fail', compared, reason: '' }] }), '7');
  assert.equal(wantedBytes({ gates: [] }), undefined);
});

test('what the stream tells and what the cluster remembers of it is one entry', () => {
  const told = (at: number, count: number): Happening => ({
    ...{ id: 'same', at, count, type: 'Normal', kind: 'PersistentVolumeClaim' },
    ...{ namespace: 'media', name: 'plex-config', reason: 'Told', message: '' },
  });
  const life = lifeOf(volumeRow(), [told(1, 1), told(5, 2)], undefined);
  assert.deepEqual(
    life.map(({ at, count }) => [at, count]),
    [[5, 2]],
  );
});

test('with very many volumes fewer points of each are kept, so that an open page does not grow', () => {
  const head = { version: '1', cluster: '', startedAt: 0, leader: true, apiUp: true };
  const many = 20_000;
  const feedAt = (measuredAt: number) =>
    feedOf({
      ...{ head, exports: [], happenings: [] },
      volumes: Array.from({ length: many }, (_, index) => volumeRow({ claim: `c${index}`, measuredAt })),
    });
  let recent: ReturnType<typeof withRecent> = new Map();
  for (let at = 1; at <= 12; at += 1) recent = withRecent(recent, undefined, feedAt(at));
  assert.equal(recent.size, many);
  assert.equal(recent.get('media/c0/pvc-1')?.length, 10);
  assert.equal(recent.get('media/c0/pvc-1')?.at(-1)?.[0], 12);
});
