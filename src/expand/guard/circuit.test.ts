import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../../telemetry/metrics.ts';
import { metrics as declared } from '../registry.ts';
import { admits, asked, type Circuit, CLOSED, failed, succeeded, withdrawn } from './circuit.ts';
import { Circuits } from './circuits.ts';

const rules = { failures: 3, probeMs: 60_000, patienceMs: 1_800_000 };
const failing = (times: number): Circuit =>
  Array.from({ length: times }, (_, index) => `claim-${index}`).reduce<Circuit>(
    (circuit, claim) => failed(circuit, claim, rules, 0),
    CLOSED,
  );

test('it opens after so many failures in a row, and a success in between starts the count again', () => {
  assert.deepEqual(failing(2), { kind: 'closed', failures: 2 });
  assert.deepEqual(failing(3), { kind: 'open', opens: 1, untilMs: 60_000 });
  assert.deepEqual(succeeded(failing(2)), CLOSED);
  assert.equal(admits(failing(3), 'any', rules, 59_999), false);
  assert.equal(admits(failing(3), 'any', rules, 60_000), true);
});

test('half-open, one claim tries; each probe that fails doubles the pause, up to a quarter of an hour', () => {
  let circuit = failing(3);
  const pauses: number[] = [];
  for (let now = 60_000, probe = 0; probe < 6; probe += 1) {
    const half = asked(circuit, 'probe', now);
    assert.equal(half.kind, 'half-open');
    assert.equal(admits(half, 'other', rules, now), false);
    assert.equal(admits(half, 'probe', rules, now), true, 'it may be asked again after a conflict');
    assert.deepEqual(failed(half, 'other', rules, now), half, 'an old failure of another claim says nothing new');
    circuit = failed(half, 'probe', rules, now);
    assert.ok(circuit.kind === 'open');
    pauses.push((circuit.untilMs - now) / 60_000);
    now = circuit.untilMs;
  }
  assert.deepEqual(pauses, [2, 4, 8, 15, 15, 15]);
  assert.deepEqual(succeeded(circuit), CLOSED);
});

test('a probe that goes away, or tells nothing for long, lets another one try', () => {
  const half = asked(failing(3), 'probe', 60_000);
  assert.deepEqual(withdrawn(half, 'other', 70_000), half);
  assert.equal(admits(withdrawn(half, 'probe', 70_000), 'other', rules, 70_000), true);
  assert.equal(admits(half, 'other', rules, 60_000 + rules.patienceMs), true);
});

test('between an opening and the next probe nobody is let through, whatever happens', () => {
  const event = fc.record({
    kind: fc.constantFrom('fail', 'fail', 'fail', 'fail', 'fail', 'ask', 'ask', 'succeed', 'withdraw'),
    claim: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.integer({ min: 0, max: 200_000 }),
  });
  let opened = 0;
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let circuit: Circuit = CLOSED;
      let now = 0;
      const probing = new Set<string>();
      for (const { kind, claim, afterMs } of events) {
        now += afterMs;
        if (kind === 'fail') circuit = failed(circuit, claim, rules, now);
        if (kind === 'succeed') circuit = succeeded(circuit);
        if (kind === 'withdraw') circuit = withdrawn(circuit, claim, now);
        if (kind === 'ask' && admits(circuit, claim, rules, now)) {
          if (circuit.kind === 'open') assert.ok(now >= circuit.untilMs);
          circuit = asked(circuit, claim, now);
          if (circuit.kind === 'half-open') probing.add(claim);
        }
        if (circuit.kind === 'open') {
          opened += 1;
          assert.ok(circuit.untilMs - now <= 900_000 && circuit.opens >= 1);
        }
        if (circuit.kind === 'half-open') assert.ok(probing.has(circuit.probe));
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(opened > 100);
});

test('circuits of drivers are apart, a failure counts once however often it is looked at, and a metric shows the state', async () => {
  const clock = createManualClock(0);
  const registry = new MetricsRegistry();
  const circuits = new Circuits({ clock, rules, metrics: registry.register(declared) });
  for (let look = 0; look < 9; look += 1) circuits.fail('bad.io', 'a', 'uid 11');
  assert.equal(circuits.of('bad.io', 'b').state, 'closed');
  circuits.fail('bad.io', 'a', 'uid 12');
  circuits.fail('bad.io', 'b', 'uid 11');
  assert.deepEqual(circuits.of('bad.io', 'c'), { driver: 'bad.io', state: 'open', admits: false, probeInMs: 60_000 });
  assert.equal(circuits.ask('bad.io', 'c'), false);
  assert.equal(circuits.ask('good.io', 'c'), true);
  assert.match(await registry.expose(), /pvc_chonker_circuit_state\{driver="bad\.io"\} 2\n/);
  await clock.advance(60_000);
  assert.equal(circuits.ask('bad.io', 'c'), true);
  assert.equal(circuits.ask('bad.io', 'd'), false);
  assert.match(await registry.expose(), /pvc_chonker_circuit_state\{driver="bad\.io"\} 1\n/);
  circuits.forget('c');
  assert.equal(circuits.ask('bad.io', 'd'), true, 'the claim that tried is gone');
  circuits.succeed('bad.io', 'd');
  assert.equal(circuits.of('bad.io', 'a').state, 'closed');
  assert.match(await registry.expose(), /pvc_chonker_circuit_state\{driver="bad\.io"\} 0\n/);
});
