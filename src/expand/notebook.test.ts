import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createClaimMetrics } from './claim-metrics.ts';
import { configured, GIB, MINUTE, NOW, sampleAt, situationInput } from './decide.fixture.ts';
import { FROM_FUTURE } from './facts.ts';
import { Notebook } from './notebook.ts';
import { metrics } from './registry.ts';
import { rulesOf } from './settings/configuration.ts';
import { forgetfulHistory } from './usage/history.ts';
import type { SampleStore } from './usage/samples.ts';
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
  const kept = { capacityBytes: 10n * GIB, settledAt: undefined, announced: [], awaitedBytes: undefined };
  const samples = [sampleAt(NOW, 0.99), sampleAt(NOW + 2 * HOUR, 0.99)];
  const entry = notebookWith(createManualClock(NOW), { ...kept, samples }).open(claim);
  assert.deepEqual(entry.track.samples, samples.slice(0, 1));
});
