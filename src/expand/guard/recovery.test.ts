import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claim } from '../claim.ts';
import { configured, constraintsOf, GIB, MIB, NOW, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { DecideInput } from '../facts.ts';
import type { Growth } from '../history.ts';
import { noGuards } from './guards.ts';
import { type Recovery, recoveryOf } from './recovery.ts';

const growth = (fromBytes: bigint, toBytes: bigint, over: Partial<Growth> = {}): Growth => ({
  at: NOW - 60_000,
  fromBytes,
  toBytes,
  trigger: 'storage',
  usableBytes: fromBytes,
  inodes: undefined,
  origin: 'kubelet',
  ...over,
});
const refusedClaim = (over: Partial<Claim> = {}): Claim => ({
  ...situationInput().claim,
  requestBytes: 20n * GIB,
  capacityBytes: 10n * GIB,
  allocatedBytes: 20n * GIB,
  resizeStatus: 'ControllerResizeInfeasible',
  conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'requested size exceeds the pool' }],
  ...over,
});
const recovery = (over: Partial<Parameters<typeof recoveryOf>[0]> = {}): Recovery =>
  recoveryOf({
    claim: refusedClaim(),
    history: { lastAt: NOW, growths: [growth(10n * GIB, 20n * GIB)] },
    stepBytes: GIB,
    volumeBytes: 10n * GIB,
    problem: '',
    ...over,
  });
const reasonOf = (found: Recovery): string =>
  found.kind === 'lower' ? `lower to ${found.toBytes / GIB}Gi` : found.reason;

test('what was added is halved, to whole steps, until nothing is left above the capacity', () => {
  const sizes: bigint[] = [];
  let claim = refusedClaim();
  for (let found = recovery(); found.kind === 'lower'; ) {
    sizes.push(found.toBytes / GIB);
    claim = { ...claim, requestBytes: found.toBytes, allocatedBytes: found.toBytes };
    const taken = growth(20n * GIB, found.toBytes, { trigger: 'recovery' });
    found = recovery({ claim, history: { lastAt: NOW, growths: [taken] } });
    if (found.kind !== 'lower') assert.equal(reasonOf(found), 'no size between 10Gi and 11Gi is left to try');
  }
  assert.deepEqual(sizes, [15n, 12n, 11n]);
});

test('a size that a person asked for is never lowered, and every other doubt gives up with its reason', () => {
  const human = recovery({ claim: refusedClaim({ requestBytes: 30n * GIB, allocatedBytes: 30n * GIB }) });
  assert.equal(reasonOf(human), 'Larder did not ask for 30Gi: lower it by hand to more than 10Gi');
  assert.equal(recovery({ history: { lastAt: undefined, growths: [] } }).kind, 'give-up');
  assert.equal(reasonOf(recovery({ problem: 'kubectl-edit asked for it too' })), 'kubectl-edit asked for it too');
  assert.match(reasonOf(recovery({ volumeBytes: 20n * GIB })), /^the volume itself has 20Gi already/);
  assert.match(
    reasonOf(recovery({ claim: refusedClaim({ allocatedBytes: undefined }) })),
    /does not say which size was refused/,
  );
  const late = recovery({ claim: refusedClaim({ allocatedBytes: 40n * GIB }) });
  assert.deepEqual(late, { kind: 'wait', reason: 'the driver has not answered for 20Gi yet' });
});

test('a lowered request is above the capacity, below what was asked, a whole step, and Larder’s own', () => {
  const mib = fc.bigInt({ min: 1n, max: 4_000n }).map((count) => count * MIB);
  let lowered = 0;
  fc.assert(
    fc.property(mib, mib, fc.constantFrom(MIB, GIB), fc.boolean(), (capacityBytes, more, stepBytes, own) => {
      const requestBytes = capacityBytes + more;
      const claim = refusedClaim({ capacityBytes, requestBytes, allocatedBytes: requestBytes });
      const found = recovery({
        claim,
        stepBytes,
        volumeBytes: capacityBytes,
        history: { lastAt: NOW, growths: own ? [growth(capacityBytes, requestBytes)] : [] },
      });
      if (found.kind !== 'lower') return;
      lowered += 1;
      assert.ok(
        own && found.toBytes > capacityBytes && found.toBytes < requestBytes && found.toBytes % stepBytes === 0n,
      );
    }),
    { numRuns: 500 },
  );
  assert.ok(lowered > 50);
});

const infeasible = (over: Partial<DecideInput> = {}): DecideInput => ({
  ...situationInput({ usedRatio: 0.9 }),
  claim: refusedClaim(),
  constraints: constraintsOf({ guards: { ...noGuards, volumeBytes: 10n * GIB } }),
  history: { lastAt: NOW - 60_000, growths: [growth(10n * GIB, 20n * GIB)] },
  ...over,
});

test('the decision stays Stuck with the driver’s words, and says what is written to get out of it', () => {
  const decision = decide(infeasible());
  assert.equal(decision.verdict.kind, 'Stuck');
  assert.match(decision.verdict.kind === 'Stuck' ? decision.verdict.reason : '', /requested size exceeds the pool/);
  assert.deepEqual(decision.recovery, { kind: 'lower', toBytes: 15n * GIB });
  assert.equal(decision.targetBytes, undefined, 'this is no growth');
  assert.equal(decision.next.action, 'the request is lowered to 15Gi, which the driver may find possible');
});

test('nothing is lowered while Larder runs dry, is paused, does not manage the claim, or the size is not the reason', () => {
  const kindOf = (over: Partial<DecideInput>): string => decide(infeasible(over)).recovery?.kind ?? 'none';
  const dry = situationInput({ configuration: configured({ flags: { dryRun: 'true' } }) });
  assert.equal(kindOf({ rules: dry.rules }), 'give-up');
  assert.equal(kindOf({ constraints: constraintsOf({ pausedBy: 'a person', guards: noGuards }) }), 'none');
  const unmanaged = situationInput({ annotations: { 'pvc-chonker.io/enabled': 'false' } });
  assert.equal(kindOf({ resolution: unmanaged.resolution }), 'none');
  const failure = { reason: 'detach-needed', remedy: 'stop the pod that uses it' } as const;
  const detach = decide(infeasible({ constraints: constraintsOf({ guards: noGuards, failure }) }));
  assert.deepEqual(detach.recovery, {
    kind: 'give-up',
    reason: 'a smaller size would not help (detach-needed): stop the pod that uses it',
  });
  const rest = decide(infeasible({ claim: refusedClaim({ resizeStatus: 'NodeResizePending', conditions: [] }) }));
  assert.equal(rest.recovery, undefined);
});
