import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { parseExposition } from './exposition.ts';
import { kubeletOf } from './figures.ts';
import { createKubeletUsage } from './kubelet.ts';
import type { NodeScrape, Reading, Subject } from './source.ts';
import { parseSummary } from './summary.ts';

const READ_AT = Date.UTC(2026, 0, 31, 12);
const observer = kubeletOf('a', 60_000);
const random = { next: () => 0.5, uuid: () => 'id' };

interface VolumeFigures {
  readonly [name: string]: unknown;
}

function summary(...volumes: readonly VolumeFigures[]): string {
  const volume = volumes.map((figures) => ({
    name: 'data',
    pvcRef: { name: 'data', namespace: 'default' },
    ...figures,
  }));
  return JSON.stringify({ node: { nodeName: 'a' }, pods: [{ podRef: { name: 'p' }, volume }] });
}

const whole = {
  time: '2026-01-31T11:59:30Z',
  capacityBytes: 1_000,
  availableBytes: 100,
  usedBytes: 880,
  inodes: 10,
  inodesFree: 4,
};
const only = (readings: ReadonlyMap<string, Reading> | undefined): Reading | undefined => readings?.get('default/data');

test('a summary gives capacity, available, inodes and the moment of the measurement', () => {
  assert.deepEqual(only(parseSummary(summary(whole), observer, READ_AT)), {
    kind: 'sample',
    key: 'default/data',
    sample: {
      at: READ_AT - 30_000,
      capacityBytes: 1_000n,
      availableBytes: 100n,
      usedBytes: 880n,
      inodes: { total: 10n, used: 6n },
      origin: 'kubelet',
      place: 'node a',
      everyMs: 60_000,
      abnormal: false,
    },
  });
});

test('what is missing or impossible is no sample, with the reason', () => {
  for (const [figures, reason] of [
    [{ availableBytes: undefined }, /available is absent/],
    [{ capacityBytes: undefined }, /capacity is absent/],
    [{ availableBytes: -1 }, /available is malformed/],
    [{ availableBytes: '100' }, /available is malformed/],
    [{ availableBytes: 2_000 }, /available is above the capacity/],
    [{ capacityBytes: 0, availableBytes: 0 }, /capacity is zero/],
    [{ capacityBytes: null }, /capacity is absent/],
  ] as const) {
    const reading = only(parseSummary(summary({ ...whole, ...figures }), observer, READ_AT));
    assert.equal(reading?.kind, 'none');
    if (reading?.kind === 'none') assert.match(reading.reason, reason);
  }
});

test('zero or missing inodes lose only the inode numbers', () => {
  for (const figures of [
    { inodes: 0, inodesFree: 0 },
    { inodes: undefined },
    { inodesFree: 99 },
    { inodesFree: undefined },
  ]) {
    const reading = only(parseSummary(summary({ ...whole, ...figures }), observer, READ_AT));
    assert.ok(reading?.kind === 'sample');
    assert.equal(reading.sample.inodes, undefined);
  }
});

test('of several pods with one claim the newest sample counts, and any sample more than none', () => {
  const old = { ...whole, time: '2026-01-31T11:58:00Z', availableBytes: 900 };
  for (const volumes of [
    [old, whole, { ...whole, availableBytes: undefined }],
    [{ ...whole, availableBytes: undefined }, whole, old],
  ]) {
    const reading = only(parseSummary(summary(...volumes), observer, READ_AT));
    assert.ok(reading?.kind === 'sample');
    assert.equal(reading.sample.availableBytes, 100n);
  }
});

test('an abnormal volume is seen, and volumes without a claim are passed over', () => {
  const reading = only(parseSummary(summary({ ...whole, volumeHealthStats: { abnormal: true } }), observer, READ_AT));
  assert.ok(reading?.kind === 'sample' && reading.sample.abnormal);
  assert.equal(parseSummary(summary({ ...whole, pvcRef: undefined }), observer, READ_AT)?.size, 0);
});

test('a body that is cut off anywhere is not a summary', () => {
  const text = summary(whole);
  for (let length = 0; length < text.length; length += 7)
    assert.equal(parseSummary(text.slice(0, length), observer, READ_AT), undefined);
});

const labels = 'namespace="default",persistentvolumeclaim="data"';
const exposition = [
  '# HELP kubelet_volume_stats_capacity_bytes Capacity in bytes of the volume',
  `kubelet_volume_stats_capacity_bytes{${labels}} 1.0e+03`,
  `kubelet_volume_stats_available_bytes{${labels}} 100`,
  `kubelet_volume_stats_inodes{${labels}} 10`,
  `kubelet_volume_stats_inodes_free{${labels}} 4`,
  `kubelet_volume_stats_health_status_abnormal{${labels}} 1`,
  'go_goroutines 7',
  '',
].join('\n');

test('the metrics give the same numbers, with the oldest moment that they may be from', () => {
  const reading = only(parseExposition(exposition, observer, READ_AT));
  assert.ok(reading?.kind === 'sample');
  const { at, capacityBytes, availableBytes, usedBytes, inodes, abnormal } = reading.sample;
  assert.deepEqual(
    { at, capacityBytes, availableBytes, usedBytes, inodes, abnormal },
    {
      at: READ_AT - 60_000,
      capacityBytes: 1_000n,
      availableBytes: 100n,
      usedBytes: 900n,
      inodes: { total: 10n, used: 6n },
      abnormal: true,
    },
  );
});

test('a missing available series is not 100 % used, and NaN is no number', () => {
  const without = exposition.replace(/.*available.*\n/, '');
  const missing = only(parseExposition(without, observer, READ_AT));
  assert.ok(missing?.kind === 'none' && /available is absent/.test(missing.reason));
  for (const bad of ['NaN', '+Inf', '-100', 'many']) {
    const reading = only(parseExposition(exposition.replace(' 100\n', ` ${bad}\n`), observer, READ_AT));
    assert.ok(reading?.kind === 'none' && /available is malformed/.test(reading.reason), bad);
  }
});

test('metrics that are cut off within a number are not read as a smaller number', () => {
  assert.equal(parseExposition(exposition.slice(0, -1), observer, READ_AT), undefined);
  assert.equal(parseExposition(exposition.slice(0, exposition.indexOf('100') + 2), observer, READ_AT), undefined);
});

test('no body makes a parser throw', () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.string().map((text) => `kubelet_volume_stats_${text}\n`),
  );
  fc.assert(
    fc.property(body, (text) => {
      parseSummary(text, observer, READ_AT);
      parseExposition(text, observer, READ_AT);
    }),
    { numRuns: 300 },
  );
});

const subject = (key: string, nodes: readonly string[], sharesFilesystem = false): Subject => ({
  key,
  nodes,
  sharesFilesystem,
});

function collected(fetch: Parameters<typeof createKubeletUsage>[0]['fetch'], subjects: readonly Subject[]) {
  const clock = createManualClock(READ_AT);
  const source = createKubeletUsage({ clock, random, fetch, timeoutMs: 5_000 });
  const readings: Reading[] = [];
  const scrapes: NodeScrape[] = [];
  const done = source.collect(
    { subjects, deliver: (reading) => readings.push(reading), scraped: (scrape) => scrapes.push(scrape) },
    new AbortController().signal,
  );
  return { clock, readings, scrapes, done };
}

test('a node that hangs costs only its own volumes, and the others are there before its time is up', async () => {
  const { clock, readings, scrapes, done } = collected(
    (node, _path, signal) =>
      node === 'hung'
        ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        : Promise.resolve(summary(whole)),
    [subject('default/data', ['good']), subject('default/other', ['hung'])],
  );
  await clock.advance(0);
  assert.deepEqual(
    readings.map(({ key, kind }) => [key, kind]),
    [['default/data', 'sample']],
  );
  await clock.advance(5_000);
  await done;
  const last = readings.at(-1);
  assert.ok(last?.kind === 'none');
  assert.equal(last.reason, 'node hung: the kubelet did not finish within 5000 ms');
  assert.deepEqual(
    scrapes.map(({ node, kind }) => [node, kind]),
    [
      ['good', 'ok'],
      ['hung', 'failed'],
    ],
  );
});

test('each node is asked once, however many volumes it has', async () => {
  const asked: string[] = [];
  const subjects = Array.from({ length: 50 }, (_, index) => subject(`default/v${index}`, [`node-${index % 3}`]));
  const { readings, done } = collected(async (node, path) => {
    asked.push(node + path);
    return summary(whole);
  }, subjects);
  await done;
  assert.deepEqual(asked.sort(), ['node-0/stats/summary', 'node-1/stats/summary', 'node-2/stats/summary']);
  assert.equal(readings.length, 50);
});

test('where the summary is not served, the metrics are read', async () => {
  const fetch = async (_node: string, path: string): Promise<string> => {
    if (path === '/metrics') return exposition;
    throw new Error('404');
  };
  const { readings, done } = collected(fetch, [subject('default/data', ['a'])]);
  await done;
  assert.equal(readings[0]?.kind, 'sample');
});

test('a node that talks nonsense gives a reason that names both attempts', async () => {
  const { readings, done } = collected(async () => '<html>', [subject('default/data', ['a'])]);
  await done;
  const [reading] = readings;
  assert.ok(reading?.kind === 'none');
  assert.equal(
    reading.reason,
    'node a: /stats/summary is cut off or not what a kubelet says; /metrics is cut off or not what a kubelet says',
  );
});

test('a claim on several nodes is delivered once, by whichever node knows it', async () => {
  const fetch = async (node: string): Promise<string> => {
    if (node === 'bad') throw new Error('503');
    return summary(whole);
  };
  const { readings, done } = collected(fetch, [subject('default/data', ['bad', 'good', 'bad'])]);
  await done;
  assert.deepEqual(
    readings.map(({ kind }) => kind),
    ['sample'],
  );
});

test('a directory on a shared export, and a claim that nothing mounts, are not asked about', async () => {
  const fetch = async (): Promise<string> => assert.fail('nobody may be asked');
  const { readings, done } = collected(fetch, [subject('default/nfs', ['a'], true), subject('default/idle', [])]);
  await done;
  assert.deepEqual(
    readings.map((reading) => reading.kind === 'none' && reading.reason),
    ['a kubelet reports the whole export for a directory on it', 'no running pod mounts it'],
  );
});

test('a node that failed says so for both of its paths, and once where they say the same', async () => {
  const failing = async (node: string, path: string): Promise<string> => {
    throw new Error(node === 'gone' ? 'connect ECONNREFUSED' : `${path} answered 500`);
  };
  const { readings, done } = collected(failing, [subject('default/data', ['ill']), subject('default/other', ['gone'])]);
  await done;
  assert.deepEqual(
    readings.map((reading) => reading.kind === 'none' && reading.reason),
    ['node ill: /stats/summary answered 500; /metrics answered 500', 'node gone: connect ECONNREFUSED'],
  );
});

/** Looks again and again at one source; `asked` are the nodes since the last look. */
function looking(options: { spreadMs?: number; parallel?: number; fails?: (node: string) => boolean }) {
  const clock = createManualClock(READ_AT);
  const asked: string[] = [];
  const scrapes: string[] = [];
  const draws = [0.9, 0.1, 0.5];
  const source = createKubeletUsage({
    clock,
    random: { next: () => draws.shift() ?? 0, uuid: () => 'id' },
    fetch: async (node) => {
      asked.push(`${node} ${clock.now() - READ_AT}`);
      if (options.fails?.(node)) throw new Error('503');
      return summary(whole);
    },
    ...options,
  });
  const subjects = ['a', 'b', 'c'].map((node) => subject(`default/${node}`, [node]));
  return {
    clock,
    source,
    scrapes,
    /** Runs for so long, and says who was asked and when, and how many readings there were. */
    async look(ms: number, nodes = subjects) {
      asked.length = 0;
      scrapes.length = 0;
      let readings = 0;
      const scraped = ({ node, kind }: NodeScrape): void => void scrapes.push(`${node} ${kind}`);
      const done = source.collect(
        { subjects: nodes, deliver: () => (readings += 1), scraped },
        new AbortController().signal,
      );
      await clock.advance(ms);
      await done;
      return { asked: [...new Set(asked)], readings };
    },
  };
}

test('nodes are asked spread over the time that is given, each always at the same moment of it', async () => {
  const { look } = looking({ spreadMs: 1_000 });
  assert.deepEqual(await look(60_000), { asked: ['b 100', 'c 500', 'a 900'], readings: 3 });
  assert.deepEqual(await look(60_000), { asked: ['b 60100', 'c 60500', 'a 60900'], readings: 3 });
});

test('a kubelet is not asked more often than it measures; who looks more often gets the same again', async () => {
  const { look, source, scrapes } = looking({ fails: (node) => node === 'c' });
  assert.equal(source.health?.(), undefined);
  assert.deepEqual((await look(5_000)).asked, ['a 0', 'b 0', 'c 0']);
  assert.deepEqual(await look(5_000), { asked: ['c 5000'], readings: 3 }); // it gave nothing yet
  assert.deepEqual(scrapes, ['a kept', 'b kept', 'c failed']);
  assert.deepEqual(source.health?.(), { asked: 3, failed: 1, example: 'node c: 503' });
  await look(45_000);
  assert.deepEqual((await look(5_000)).asked, ['a 55000', 'b 55000', 'c 55000']);
});

test('a node that is due late in the spread is not passed over when the next look is a little early', async () => {
  const { look } = looking({ spreadMs: 5_000 });
  assert.deepEqual((await look(54_000)).asked, ['b 500', 'c 2500', 'a 4500']);
  assert.deepEqual((await look(54_000)).asked, ['b 54500', 'c 56500', 'a 58500']);
});

test('nodes that failed are asked last, so that they keep nobody waiting', async () => {
  const { look } = looking({ parallel: 1, fails: (node) => node === 'a' });
  await look(60_000);
  assert.deepEqual((await look(60_000)).asked, ['b 60000', 'c 60000', 'a 60000']);
});

test('a node without volumes is forgotten', async () => {
  const { look, source } = looking({ fails: (node) => node === 'a' });
  await look(1_000);
  await look(1_000, [subject('default/b', ['b'])]);
  assert.deepEqual(source.health?.(), { asked: 1, failed: 0, example: '' });
});
