import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createClaimMetrics } from './claim-metrics.ts';
import { configured, GIB, MINUTE, NOW, sampleAt, situationInput } from './decide.fixture.ts';
import { FROM_FUTURE, TOLD_BEFORE } from './facts.ts';
import { Notebook } from './notebook.ts';
import { metrics } from './registry.ts';
import { rulesOf } from './settings/configuration.ts';
import { forgetfulHistory } from './usage/history.ts';
import type { SampleStore } from './usage/samples.ts';
import type { Sample } from './usage/source.ts';
import type { Track } from './usage/track.ts';

const HOUR = 60 * MINUTE;
const { claim } = situationInput();

function notebookWith(clock: ManualClock, stored?: Track): Notebook {
  const store: SampleStore = {
    load: () => new Map(stored ? [[claim.uid, stored]] : []),
    save: () => undefined,
    close: () => undefined,
  };
  const registry = new MetricsRegistry().register(metrics);
  return new Notebook({
    clock,
    store,
    history: forgetfulHistory,
    log: silentLog,
    rules: rulesOf(configured()),
    metricsOf: (key) => createClaimMetrics(registry, key),
  });
}

const keptTrack = (samples: readonly Sample[]): Track => ({
  capacityBytes: 10n * GIB,
  settledAt: undefined,
  samples,
  announced: [],
  awaitedBytes: undefined,
  refusedAt: undefined,
});

const read = (notebook: Notebook, at: number): void => {
  const entry = notebook.open(claim);
  notebook.read(entry, { kind: 'sample', key: claim.key, sample: sampleAt(at, 0.99) });
};

test('a measurement from the future is not kept: when its time has come it would count as fresh', () => {
  const clock = createManualClock(NOW);
  const notebook = notebookWith(clock);
  read(notebook, NOW - MINUTE);
  read(notebook, NOW + HOUR);
  const entry = notebook.open(claim);
  assert.deepEqual(
    entry.track.samples.map(({ at }) => at),
    [NOW - MINUTE],
  );
  assert.equal(entry.sampleProblem, FROM_FUTURE);
  read(notebook, NOW);
  assert.equal(entry.sampleProblem, '');
  assert.equal(entry.track.samples.length, 2);
});

test('what an earlier process kept is dropped when a clock was set back since', () => {
  const samples = [sampleAt(NOW, 0.99), sampleAt(NOW + 2 * HOUR, 0.99)];
  const entry = notebookWith(createManualClock(NOW), keptTrack(samples)).open(claim);
  assert.deepEqual(entry.track.samples, samples.slice(0, 1));
});

test('what was dropped stays so when it is told again, however late', () => {
  const clock = createManualClock(NOW);
  const samples = [NOW, NOW + 2 * HOUR].map((at) => sampleAt(at, 0.99));
  const notebook = notebookWith(clock, keptTrack(samples));
  const entry = notebook.open(claim);
  clock.stepWall(2 * HOUR);
  read(notebook, NOW + 2 * HOUR);
  assert.equal(entry.sampleProblem, TOLD_BEFORE);
  assert.deepEqual(entry.track.samples, samples.slice(0, 1));
  read(notebook, NOW + 2 * HOUR + MINUTE);
  assert.equal(entry.sampleProblem, '');
  assert.equal(entry.track.samples.length, 2);
});

test('what was turned down stays so after a restart, when its time has come', () => {
  const before = notebookWith(createManualClock(NOW));
  read(before, NOW + HOUR);
  const next = notebookWith(createManualClock(NOW + HOUR), before.open(claim).track);
  read(next, NOW + HOUR);
  assert.equal(next.open(claim).sampleProblem, TOLD_BEFORE);
  assert.deepEqual(next.open(claim).track.samples, []);
});

test('a measurement of before a resize is waited past, and blames no source', () => {
  const notebook = notebookWith(createManualClock(NOW));
  read(notebook, NOW - MINUTE);
  const entry = notebook.open({ ...claim, capacityBytes: 2n * claim.capacityBytes });
  const told = { kind: 'sample', key: claim.key, sample: sampleAt(NOW - MINUTE, 0.99) } as const;
  notebook.read(entry, told);
  assert.deepEqual([entry.sampleProblem, entry.track.samples], ['', []]);
});
