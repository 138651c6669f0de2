import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { parseAnswer } from './answer.ts';
import { createPrometheusUsage } from './prometheus.ts';
import { pagesOf, usageQuery } from './promql.ts';
import type { Reading, Subject } from './source.ts';

const AT = Date.UTC(2026, 0, 31, 12);
const labels = { namespace: 'namespace', claim: 'persistentvolumeclaim' };
const observer = { origin: 'prometheus', place: 'prom:9090', everyMs: 60_000 };
const options = { labels, observer, lagMs: 60_000 };
const queries = {
  capacity: 'cap{$matchers}',
  available: 'avail{$matchers} * 1024',
  used: '',
  inodes: '',
  inodesFree: '',
  inodesUsed: '',
  abnormal: 'bad{$matchers}',
};

const subject = (key: string, nodes: readonly string[] = ['a'], sharesFilesystem = false): Subject => ({
  key,
  nodes,
  sharesFilesystem,
});

/** One observer's series of `default/data`; figures as Prometheus writes them. */
function series(figures: Readonly<Record<string, string>>, extra: Readonly<Record<string, string>> = {}) {
  const whole = { capacity: '1000', capacityAt: `${AT / 1_000}`, available: '100', availableAt: `${AT / 1_000}` };
  return Object.entries({ ...whole, ...figures })
    .filter(([, value]) => value !== '')
    .map(([part, value]) => ({
      metric: { namespace: 'default', persistentvolumeclaim: 'data', larder_part: part, ...extra },
      value: [AT / 1_000, value],
    }));
}

const answer = (result: readonly object[], more: object = {}): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more });

function only(text: string): Reading | undefined {
  const parsed = parseAnswer(text, options);
  assert.equal(parsed.kind, 'readings');
  return parsed.kind === 'readings' ? parsed.readings.get('default/data') : undefined;
}

const reasonOf = (reading: Reading | undefined): string | undefined =>
  reading?.kind === 'none' ? reading.reason : undefined;

test('an answer gives a sample of the scrape’s time, less what a kubelet may have remembered', () => {
  const inodes = { inodes: '10', inodesFree: '4', used: '880', abnormal: '1' };
  assert.deepEqual(only(answer(series(inodes))), {
    kind: 'sample',
    key: 'default/data',
    sample: {
      at: AT - 60_000,
      capacityBytes: 1_000n,
      availableBytes: 100n,
      usedBytes: 880n,
      inodes: { total: 10n, used: 6n },
      ...observer,
      abnormal: true,
    },
  });
});

test('what is missing, no number or of two scrapes is no sample, with the reason', () => {
  for (const [figures, reason] of [
    [{ available: '' }, 'prom:9090: available is absent'],
    [{ capacity: '' }, 'prom:9090: capacity is absent'],
    [{ available: 'NaN' }, 'prom:9090: available is malformed'],
    [{ capacity: '+Inf' }, 'prom:9090: capacity is malformed'],
    [{ available: '-1' }, 'prom:9090: available is malformed'],
    [{ available: '2000' }, 'prom:9090: available is above the capacity'],
    [{ capacityAt: '', availableAt: '' }, 'prom:9090: the moment of the measurement is missing'],
    [{ capacityAt: 'NaN', availableAt: '' }, 'prom:9090: the moment of the measurement is missing'],
    [{ availableAt: `${AT / 1_000 - 30}` }, 'prom:9090: capacity and available are of two scrapes'],
  ] as const) {
    assert.equal(reasonOf(only(answer(series(figures)))), reason);
  }
});

test('of several observers the newest whole one counts, and of equals the one that sees less room', () => {
  const late = `${AT / 1_000 + 15}`;
  const moved = { available: '40', capacityAt: late, availableAt: late };
  for (const result of [
    [...series({}, { node: 'a' }), ...series(moved, { node: 'b' })],
    [...series(moved, { node: 'b' }), ...series({}, { node: 'a' })],
    [...series(moved, { node: 'b' }), ...series({ capacityAt: '', available: '1' }, { node: 'c' })],
  ]) {
    const reading = only(answer(result));
    assert.ok(reading?.kind === 'sample');
    assert.equal(reading.sample.availableBytes, 40n);
  }
  const alike = [...series({}, { replica: 'one' }), ...series({ available: '99' }, { replica: 'two' })];
  for (const result of [alike, alike.toReversed()]) {
    const reading = only(answer(result));
    assert.ok(reading?.kind === 'sample');
    assert.equal(reading.sample.availableBytes, 99n);
  }
});

test('series of two clusters, or two of one name, are nobody’s', () => {
  const clusters = [...series({}, { cluster: 'a' }), ...series({}, { cluster: 'b' })];
  assert.equal(
    reasonOf(only(answer(clusters))),
    'prom:9090: series differ in the label cluster: name one with the setting prometheusMatchers',
  );
  const half = [...series({}, { region: 'eu' }), ...series({})];
  assert.match(reasonOf(only(answer(half))) ?? '', /label region/);
  assert.equal(
    reasonOf(only(answer([...series({}), ...series({})]))),
    'prom:9090: several series have the same labels',
  );
});

test('an error is told in the server’s words, and what is cut off is no answer', () => {
  const failed = JSON.stringify({ status: 'error', errorType: 'timeout', error: 'query timed out' });
  assert.deepEqual(parseAnswer(failed, options), { kind: 'refused', reason: 'timeout: query timed out' });
  const text = answer(series({}));
  for (let length = 0; length < text.length; length += 11)
    assert.equal(parseAnswer(text.slice(0, length), options).kind, 'refused');
  const matrix = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } });
  assert.equal(parseAnswer(matrix, options).kind, 'refused');
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (any) => void parseAnswer(any, options)));
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      (result) =>
        void parseAnswer(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }), options),
    ),
  );
});

test('one query asks for everything, each part marked, with what was configured in it', () => {
  assert.equal(
    usageQuery(queries, 'a="$1"'),
    'label_replace(cap{a="$1"}, "larder_part", "capacity", "__name__", ".*") or ' +
      'label_replace(timestamp(cap{a="$1"}), "larder_part", "capacityAt", "__name__", ".*") or ' +
      'label_replace(avail{a="$1"} * 1024, "larder_part", "available", "__name__", ".*") or ' +
      'label_replace(timestamp(avail{a="$1"} * 1024), "larder_part", "availableAt", "__name__", ".*") or ' +
      'label_replace(bad{a="$1"}, "larder_part", "abnormal", "__name__", ".*")',
  );
});

test('pages hold each claim once, are of a bounded size, and match it', () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(name, name).map((pair) => pair.join('/')),
        { maxLength: 450 },
      ),
      (keys) => {
        const pages = pagesOf(
          keys.map((key) => subject(key)),
          labels,
          'cluster="x"',
        );
        assert.deepEqual(
          pages.flatMap((page) => page.keys),
          [...keys].sort(),
        );
        for (const { keys: page, matchers } of pages) {
          assert.ok(page.length <= 200);
          const parts = /^namespace=~"(.*)",persistentvolumeclaim=~"(.*)",cluster="x"$/.exec(matchers);
          const [inNamespace, named] = [1, 2].map((index) => new RegExp(`^(?:${parts?.[index]})$`));
          for (const key of page) {
            const [namespace = '', claim = ''] = key.split('/');
            assert.ok(inNamespace?.test(namespace) && named?.test(claim), key);
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('claims that kubelets cannot know are not asked about; a page that fails costs its own claims', async () => {
  const clock = createManualClock(AT);
  const asked: string[] = [];
  const source = createPrometheusUsage({
    clock,
    queries,
    labels,
    matchers: '',
    place: 'prom:9090',
    intervalMs: 30_000,
    kubeletIntervalMs: 60_000,
    timeoutMs: 5_000,
    async query(expression, signal) {
      asked.push(expression);
      if (asked.length === 1) throw new Error('answered 502');
      if (asked.length > 2) return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      return answer(series({}), { warnings: ['store eu-2 is away'] });
    },
  });
  const many = Array.from({ length: 200 }, (_, index) => subject(`default/a${String(index).padStart(3, '0')}`));
  const later = Array.from({ length: 200 }, (_, index) => subject(`default/z${index}`));
  const subjects = [...many, subject('default/data'), subject('default/gone'), ...later];
  const others = [subject('default/nfs', ['a'], true), subject('default/idle', [])];
  const readings = new Map<string, Reading>();
  assert.equal(source.health?.(), undefined);
  const done = source.collect(
    { subjects: [...subjects, ...others], deliver: (reading) => void readings.set(reading.key, reading) },
    new AbortController().signal,
  );
  await clock.advance(5_000);
  await done;
  const reason = (name: string) => reasonOf(readings.get(`default/${name}`));
  assert.equal(readings.size, subjects.length + others.length);
  assert.equal(readings.get('default/data')?.kind, 'sample');
  assert.equal(reason('a000'), 'prom:9090: answered 502');
  assert.equal(reason('gone'), 'prom:9090: has no fresh series of this volume, and warns: store eu-2 is away');
  assert.equal(reason('z99'), 'prom:9090: the query did not finish within 5000 ms');
  assert.deepEqual(
    [reason('idle'), reason('nfs')],
    ['no running pod mounts it', 'a kubelet reports the whole export for a directory on it'],
  );
  assert.deepEqual(source.health?.(), { asked: 3, failed: 2, example: 'prom:9090: answered 502' });
  assert.ok(asked.every((expression) => !expression.includes('idle') && !expression.includes('nfs')));
});
