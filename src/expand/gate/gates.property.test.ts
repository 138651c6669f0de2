import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyInput } from '../any-input.fixture.ts';
import { decide } from '../decide.ts';
import { type Decision, type GateName, gateNames, type Verdict } from '../decision.ts';
import type { DecideInput } from '../facts.ts';
import { gateVectors, ready } from './gate-vectors.fixture.ts';

/** What a gate that fails may make of the claim; none: it only reports. */
const verdictsOf: Readonly<Record<GateName, readonly Verdict['kind'][]>> = {
  configuration: ['Invalid'],
  managed: ['Unmanaged'],
  bound: ['Blocked'],
  volume: ['Blocked'],
  pause: ['Blocked'],
  progress: ['InProgress', 'Stuck'],
  expandable: ['Blocked'],
  sample: ['NoSample'],
  effective: ['Ineffective'],
  storage: [],
  inodes: [],
  'full-within': [],
  floor: [],
  breaches: ['Hold'],
  size: ['AtMax'],
  quota: ['Blocked'],
  export: ['Blocked'],
  'limit-range': ['Blocked'],
  'storage-capacity': ['Blocked'],
  approval: ['Blocked'],
  'namespace-budget': ['Blocked'],
  'cluster-budget': ['Blocked'],
  'expansions-per-day': ['Blocked'],
  cooldown: ['CoolingDown'],
  'provider-window': ['CoolingDown', 'InProgress'],
  'foreign-writer': ['Blocked'],
  window: ['Blocked'],
  snapshot: ['Blocked'],
  backup: ['Blocked'],
  circuit: ['Blocked'],
  'dry-run': ['WouldExpand'],
};

const edits = Object.values(gateVectors).flatMap(({ passes, fails }) => [passes, fails]);

/** Anything at all, or a claim that is ready to grow, with a few of the things that gates look at changed. */
const anySituation: fc.Arbitrary<DecideInput> = fc
  .tuple(
    fc.oneof({ arbitrary: fc.constant(ready), weight: 3 }, { arbitrary: anyInput, weight: 1 }),
    fc.shuffledSubarray(edits, { maxLength: 4 }),
  )
  .map(([start, chosen]) => chosen.reduce((input, edit) => edit(input), start));

/** Gates that said no and count: without a measurement, what others want for the claim is reason enough to grow. */
function objections({ gates, reached }: Decision): readonly GateName[] {
  return gates
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ name }) => name)
    .filter((name) => verdictsOf[name].length > 0 && !(name === 'sample' && reached.floor));
}

test('whatever the situation, the first gate that objects gives the verdict, and what grows has none', () => {
  const seen = {
    pass: new Map<GateName, number>(),
    fail: new Map<GateName, number>(),
    skip: new Map<GateName, number>(),
  };
  const first = new Map<GateName, number>();
  let grown = 0;
  fc.assert(
    fc.property(anySituation, (input) => {
      const decision = decide(input);
      const { verdict, gates, targetBytes, reached } = decision;
      assert.deepEqual(
        gates.map(({ name }) => name),
        gateNames,
      );
      for (const { name, outcome, reason, compared } of gates) {
        seen[outcome].set(name, (seen[outcome].get(name) ?? 0) + 1);
        assert.equal(reason === '', outcome === 'pass', `${name}: ${outcome} because of "${reason}"`);
        assert.ok(
          compared.every(({ source }) => source !== ''),
          `${name} has a number without a source`,
        );
      }
      const [decisive] = objections(decision);
      if (decisive === undefined) {
        assert.equal(verdict.kind, targetBytes === undefined ? 'AtMax' : 'Expand');
      } else {
        first.set(decisive, (first.get(decisive) ?? 0) + 1);
        assert.ok(verdictsOf[decisive].includes(verdict.kind), `${decisive} gave ${verdict.kind}`);
        if (verdict.kind === 'Blocked') assert.equal(verdict.gate, decisive);
      }
      if (verdict.kind !== 'Expand') return;
      grown += 1;
      assert.ok(Object.values(reached).includes(true), 'something asked for it');
    }),
    { numRuns: 4_000 },
  );
  const never = (counted: ReadonlyMap<GateName, number>, of: readonly GateName[] = gateNames): readonly GateName[] =>
    of.filter((name) => !counted.has(name));
  assert.deepEqual(never(seen.pass), [], 'these never passed: the property says nothing of them');
  assert.deepEqual(never(seen.fail), [], 'these never failed: the property says nothing of them');
  const deciding = gateNames.filter((name) => verdictsOf[name].length > 0);
  assert.deepEqual(never(first, deciding), [], 'these never decided');
  assert.ok(grown > 100, `only ${grown} of the claims grew`);
});
