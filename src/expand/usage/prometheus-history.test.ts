import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrometheusHistory, type RangeQuery } from './prometheus-history.ts';

const labels = { namespace: 'namespace', claim: 'persistentvolumeclaim' };
const queries = { capacity: 'cap{$matchers}', available: 'avail{$matchers}' };
const DAY_MS = 86_400_000;

/** Answers all questions with these series; `asked` are the questions. */
function historyWith(series: readonly object[], asked: RangeQuery[] = [], more: object = {}) {
  return createPrometheusHistory({
    queries,
    labels,
    matchers: 'cluster="x"',
    place: 'prom:9090',
    async range(query) {
      asked.push(query);
      return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: series }, ...more });
    },
  });
}

const series = (part: string, values: readonly (readonly [number, string])[], extra: object = {}) => ({
  metric: { namespace: 'a', persistentvolumeclaim: 'b', larder_part: part, ...extra },
  values,
});
const day = { key: 'a/b', uid: 'u', from: 0, to: DAY_MS };

test('a range is asked in whole steps, of which there are no more than the server gives', async () => {
  const asked: RangeQuery[] = [];
  const history = historyWith([], asked);
  await history.series({ ...day, from: 100_000, to: DAY_MS + 100_000 });
  await history.series({ ...day, to: 365 * DAY_MS });
  await history.series({ ...day, from: 1_000, to: 2_000 }); // no whole step lies in it
  assert.deepEqual(
    asked.map(({ start, end, step }) => [start, end, step]),
    [
      [300, 86_400, 300],
      [0, 31_533_692, 3_154],
    ],
  );
  assert.equal(
    asked[0]?.query,
    'label_replace(cap{namespace=~"a",persistentvolumeclaim=~"b",cluster="x"}, "larder_part", "capacity", "__name__", ".*") or ' +
      'label_replace(avail{namespace=~"a",persistentvolumeclaim=~"b",cluster="x"}, "larder_part", "available", "__name__", ".*")',
  );
});

test('a point has both numbers; what lacks one, or is impossible, is no point', async () => {
  const capacity = series('capacity', [
    [0, '100'],
    [300, '100'],
    [600, '200'],
    [900, 'NaN'],
    [1_200, '100'],
    [1_500, '0'],
  ]);
  const available = series('available', [
    [0, '90'],
    [600, '70'],
    [900, '1'],
    [1_200, '101'],
    [1_500, '0'],
  ]);
  assert.deepEqual(await historyWith([available, capacity]).series(day), [
    { at: 0, usedBytes: 10n, capacityBytes: 100n },
    { at: 600_000, usedBytes: 130n, capacityBytes: 200n },
  ]);
});

test('a pod that moved is one curve; at a moment that two nodes tell of, the fuller counts', async () => {
  const moved = [
    series(
      'capacity',
      [
        [0, '100'],
        [300, '100'],
      ],
      { node: 'b' },
    ),
    series(
      'available',
      [
        [0, '80'],
        [300, '60'],
      ],
      { node: 'b' },
    ),
    series(
      'capacity',
      [
        [-300, '100'],
        [0, '100'],
      ],
      { node: 'a' },
    ),
    series(
      'available',
      [
        [-300, '90'],
        [0, '85'],
      ],
      { node: 'a' },
    ),
  ];
  const points = await historyWith(moved).series(day);
  assert.deepEqual(
    points.map(({ at, usedBytes }) => [at, usedBytes]),
    [
      [-300_000, 10n],
      [0, 20n],
      [300_000, 40n],
    ],
  );
});

test('two clusters, and an error of the server, are said and not drawn', async () => {
  const mixed = [series('capacity', [[0, '1']], { cluster: 'a' }), series('capacity', [[0, '1']], { cluster: 'b' })];
  await assert.rejects(historyWith(mixed).series(day), /prom:9090: series differ in the label cluster/);
  const failed = { status: 'error', errorType: 'execution', error: 'too many samples' };
  await assert.rejects(historyWith([], [], failed).series(day), /prom:9090: execution: too many samples/);
});
