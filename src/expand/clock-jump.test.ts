import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createClaimMetrics } from './claim-metrics.ts';
import { configured, GIB, MINUTE, sampleAt, situationInput } from './decide.fixture.ts';
import { decide } from './decide.ts';
import { explain } from './explain.ts';
import type { Rules } from './facts.ts';
import { judge } from './judge.ts';
import { Notebook } from './notebook.ts';
import { metrics } from './registry.ts';
import { rulesOf } from './settings/configuration.ts';
import { forgetfulHistory } from './usage/history.ts';
import { forgetfulSamples, type SampleStore } from './usage/samples.ts';
import type { Sample, UsageSource } from './usage/source.ts';
import { recalled, type Track } from './usage/track.ts';
import { formatTrack, parseTrack } from './usage/track-text.ts';
import { KEY, makeClaim, startWorld, type World } from './world.fixture.ts';

const HOUR = 60 * MINUTE;
const PAUSED = 'larder.dev/paused';
/** What a measurement is trusted for: three intervals of a minute. */
const TRUSTED = 3 * MINUTE;
/** Why a measurement does not count, in any of the words for it. */
const NOT_FRESH = /from the future|tells a measurement again|s old \(at most/;

/** Tells one measurement for as long as it is there. */
interface Told {
  sample: Sample | undefined;
}

const telling = (told: Told): UsageSource => ({
  name: 'script',
  async collect({ deliver }) {
    deliver(
      told.sample
        ? { kind: 'sample', key: KEY, sample: told.sample }
        : { kind: 'none', key: KEY, reason: 'nothing', final: true },
    );
  },
});

/** Keeps what it is given in the form in which a file has it. */
function onDisk(): SampleStore {
  const rows = new Map<string, string>();
  return {
    load() {
      const tracks = new Map<string, Track>();
      for (const [uid, text] of rows) {
        const track = parseTrack(text);
        if (track) tracks.set(uid, recalled(track));
      }
      return tracks;
    },
    save(changes) {
      for (const [uid, track] of changes) track ? rows.set(uid, formatTrack(track)) : rows.delete(uid);
    },
    close: () => undefined,
  };
}

const requestOf = async (world: World): Promise<string | undefined> =>
  (await world.claim()).spec.resources.requests['storage'];

const reasonOf = (world: World): string => {
  const verdict = world.expander.decision(KEY)?.verdict;
  return verdict?.kind === 'NoSample' ? verdict.reason : `${verdict?.kind}`;
};

async function pause({ client }: World, value: string | null): Promise<void> {
  const annotations = { [PAUSED]: value };
  const where = { namespace: 'default', name: 'data' };
  await client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value: { metadata: { annotations } } });
}

/** A volume was full while growth was paused; then its source stands still. */
async function standingStill(world: World, told: Told): Promise<void> {
  await makeClaim(world);
  await pause(world, 'true');
  told.sample = sampleAt(world.clock.now() + MINUTE, 0.99);
  await world.pass();
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Blocked');
}

test('a source that stands still measures nothing, though a clock that was set back has come so far again', async (t) => {
  const told: Told = { sample: undefined };
  const world = await startWorld(t, { usage: telling(told) });
  await standingStill(world, told);
  world.clock.stepWall(-2 * HOUR);
  await world.pass();
  await pause(world, null);
  for (let minute = 0; minute < 140; minute += 1) {
    await world.pass();
    assert.match(reasonOf(world), NOT_FRESH, `after ${minute} minutes`);
  }
  assert.equal(await requestOf(world), '10Gi');
  told.sample = sampleAt(world.clock.now() + MINUTE, 0.99);
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi', 'it measures again');
});

test('nor does it after a restart on the way', async (t) => {
  const told: Told = { sample: undefined };
  const [samples, usage] = [onDisk(), telling(told)];
  const world = await startWorld(t, { usage, samples });
  await standingStill(world, told);
  world.clock.stepWall(-2 * HOUR);
  await world.pass(100);
  await pause(world, null);
  await world.stop();
  await world.clock.advance(20 * MINUTE);
  const next = await world.another({ usage, samples });
  await next.pass();
  assert.match(reasonOf(next), /tells a measurement again that does not count/);
  await next.pass(5);
  assert.equal(await requestOf(next), '10Gi');
});

test('nor across a restart, when the clock was set back by about as long as nobody was there', async (t) => {
  const told: Told = { sample: undefined };
  const [samples, usage] = [onDisk(), telling(told)];
  const world = await startWorld(t, { usage, samples });
  await standingStill(world, told);
  await pause(world, null);
  await world.stop();
  world.clock.stepWall(-2 * HOUR);
  await world.clock.advance(2 * HOUR);
  const next = await world.another({ usage, samples });
  await next.pass();
  assert.equal(next.expander.decision(KEY)?.verdict.kind, 'Hold');
  const explanation = await next.expander.explain(KEY);
  assert.ok(explanation);
  const said = explain(explanation).replaceAll(/\s+/g, ' ');
  assert.match(said, /x breaches .*measured before Larder started: the next measurement decides/);
  assert.match(said, /Next: grows to 11Gi when one more measurement is at the threshold/);
  await next.pass(200);
  assert.equal(await requestOf(next), '10Gi');
  told.sample = sampleAt(next.clock.now() + MINUTE, 0.99);
  await next.pass(2);
  assert.equal(await requestOf(next), '11Gi', 'it measures again');
});

test('a clock that is set back by less than clocks may differ makes no measurement younger', async (t) => {
  const told: Told = { sample: undefined };
  const world = await startWorld(t, { usage: telling(told) });
  await standingStill(world, told);
  world.clock.stepWall(-2 * MINUTE);
  await world.pass(4);
  await pause(world, null);
  await world.pass();
  assert.match(reasonOf(world), /the last measurement is \d+ s old \(at most 180 s\)/);
  assert.equal(await requestOf(world), '10Gi');
});

test('a measurement of before a resize is none of after it, whatever the clock says', async (t) => {
  const told: Told = { sample: undefined };
  const world = await startWorld(t, { usage: telling(told) });
  await makeClaim(world);
  told.sample = sampleAt(world.clock.now() + MINUTE, 0.99);
  await world.pass();
  await world.clock.advance(5_000);
  assert.equal(await requestOf(world), '11Gi');
  world.clock.stepWall(-MINUTE);
  await world.grant();
  await world.pass();
  assert.deepEqual(
    (await world.events()).filter((event) => event.startsWith('ExpansionIneffective')),
    [],
  );
});

/** What may happen to a process, its clock and its source. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('measure' as const), ratio: fc.constantFrom(0.5, 0.85, 0.99) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('repeat' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 5 * MINUTE }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3 * HOUR }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -3 * HOUR, max: 3 * HOUR }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -TRUSTED, max: TRUSTED }) }),
  },
  {
    weight: 2,
    // Of a machine without a clock of its own, which goes on from where it stopped, more or less.
    arbitrary: fc
      .record({ ms: fc.integer({ min: 0, max: 3 * HOUR }), off: fc.integer({ min: -TRUSTED, max: TRUSTED }) })
      .map(({ ms, off }) => ({ kind: 'restart' as const, ms, step: off - ms })),
  },
);

const input = situationInput();
const object: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: 'default', name: 'data-0', uid: 'uid-0', resourceVersion: '1', annotations: {} },
  spec: { resources: { requests: { storage: '10Gi' } }, volumeName: 'pv-0' },
};

function notebookWith(clock: ManualClock, rules: Rules, store: SampleStore = forgetfulSamples): Notebook {
  const registry = new MetricsRegistry().register(metrics);
  return new Notebook({
    clock,
    store,
    history: forgetfulHistory,
    log: silentLog,
    rules,
    metricsOf: (key) => createClaimMetrics(registry, key),
  });
}

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** The newest measurement lies too far ahead after the restart, the one before it does not. */
const turnedDownWhileAway: Happening[] = [
  { kind: 'measure', ratio: 0.99 },
  { kind: 'step', ms: 1 },
  { kind: 'measure', ratio: 0.5 },
  { kind: 'step', ms: -21_216 },
  { kind: 'restart', ms: 30_878, step: -189_663 },
  { kind: 'pass', ms: 149_123 },
  { kind: 'repeat' },
];

test('whatever clocks do, nothing grows by a measurement that was told longer ago than it is trusted', async () => {
  let grew = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 40 }), async (happenings) => {
      const clock = createManualClock(input.now);
      const rules = rulesOf(configured());
      const store = onDisk();
      let notebook = notebookWith(clock, rules, store);
      let told: { readonly sample: Sample; readonly mono: number } | undefined;
      for (const happens of happenings) {
        if (happens.kind === 'step') clock.stepWall(happens.ms);
        if (happens.kind === 'pass') await clock.advance(happens.ms);
        if (happens.kind === 'restart') {
          notebook.flush();
          clock.stepWall(happens.step);
          await clock.advance(happens.ms);
          notebook = notebookWith(clock, rules, store);
        }
        const entry = notebook.open(input.claim);
        if (happens.kind === 'measure') {
          told = {
            sample: sampleAt(clock.now(), happens.ratio, { capacityBytes: 10n * GIB }),
            mono: clock.monotonic(),
          };
        }
        if (told && (happens.kind === 'measure' || happens.kind === 'repeat')) {
          notebook.read(entry, { kind: 'sample', key: input.claim.key, sample: told.sample });
        }
        const { decision } = judge({ ...input, object, layers: [], notes: [] }, entry, { rules, clock });
        if (decision.verdict.kind !== 'Expand') continue;
        grew += 1;
        assert.ok(told && clock.monotonic() - told.mono <= TRUSTED, `${clock.monotonic() - (told?.mono ?? 0)} ms ago`);
      }
    }),
    { numRuns: 1_000, examples: [[turnedDownWhileAway]] },
  );
  assert.ok(grew > 500, `only ${grew} growths were looked at`);
});

test('one that counts while a later one is turned down was told before that', async () => {
  const clock = createManualClock(input.now);
  const rules = rulesOf(configured());
  const notebook = notebookWith(clock, rules);
  const entry = notebook.open(input.claim);
  for (const [after, ratio] of [0.99, 0.5].entries()) {
    const sample = sampleAt(input.now + after, ratio, { capacityBytes: 10n * GIB });
    notebook.read(entry, { kind: 'sample', key: input.claim.key, sample });
  }
  await clock.advance(10 * MINUTE);
  clock.stepWall(-10 * MINUTE - TRUSTED);
  notebook.open(input.claim);
  assert.equal(entry.track.samples.length, 1, 'the later one lies too far ahead');
  const { verdict } = judge({ ...input, object, layers: [], notes: [] }, entry, { rules, clock }).decision;
  assert.equal(verdict.kind, 'NoSample');
});

test('a measurement is at least as old as it was heard of', () => {
  const full = situationInput({ usedRatio: 0.99 });
  const ageMs = (heardAgo: number): string => decide({ ...full, heardAt: full.now - heardAgo }).verdict.kind;
  assert.deepEqual([0, MINUTE, TRUSTED].map(ageMs), ['Expand', 'Expand', 'Expand']);
  assert.equal(ageMs(TRUSTED + 1), 'NoSample');
});
