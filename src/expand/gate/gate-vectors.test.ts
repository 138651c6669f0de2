import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../decide.ts';
import { type Decision, type GateName, gateNames } from '../decision.ts';
import { explain } from '../explain.ts';
import type { DecideInput } from '../facts.ts';
import { foreignNotice, noticesOf } from '../notices.ts';
import { gateEvents } from './gate-events.ts';
import { gateMeanings } from './gate-meaning.ts';
import { gateVectors, ready } from './gate-vectors.fixture.ts';

const gateOf = ({ gates }: Decision, name: GateName) => {
  const found = gates.find((gate) => gate.name === name);
  assert.ok(found, name);
  return found;
};

/** What people hear of the claim: from the decision, and from whoever watches its request. */
function eventsOn(input: DecideInput): readonly string[] {
  const growth = 'growths' in input.history ? input.history.growths.at(-1) : undefined;
  const notices = [...noticesOf(decide(input)), foreignNotice(input.claim, growth)];
  return notices.flatMap((notice) => notice?.event ?? []);
}

function explained(input: DecideInput): string {
  const { claim, resolution, constraints, samples } = input;
  const shown = { claim, resolution, constraints, samples, layers: [], growths: [], grown: [], notes: [] };
  return explain({ ...shown, decision: decide(input) });
}

test('the claim that the vectors change is ready to grow', () => {
  assert.deepEqual(decide(ready).verdict, { kind: 'Expand' });
  assert.equal(Object.keys(gateVectors).length, gateNames.length);
});

for (const name of gateNames) {
  const { passes, fails, verdict, reason } = gateVectors[name];

  test(`${name}: passes and fails where it should, with its verdict, event, explain line and meaning`, () => {
    const passing = decide(passes(ready));
    assert.equal(gateOf(passing, name).outcome, 'pass');
    assert.deepEqual(
      passing.verdict,
      { kind: 'Expand' },
      'nothing else is in the way, so the vectors differ in this gate',
    );
    const input = fails(ready);
    const failing = decide(input);
    const gate = gateOf(failing, name);
    assert.equal(gate.outcome, 'fail');
    assert.match(gate.reason, reason);
    if (verdict === undefined) {
      assert.ok(failing.verdict.kind === 'Expand' || failing.verdict.kind === 'Hold', failing.verdict.kind);
    } else {
      assert.equal(failing.verdict.kind, verdict);
      assert.equal(failing.verdict.kind === 'Blocked' ? failing.verdict.gate : name, name);
    }
    assert.match(explained(passes(ready)), new RegExp(`^ *\\+ ${name}\\b`, 'm'));
    assert.match(explained(input), new RegExp(`^ *x ${name}\\b`, 'm'));
    assert.notEqual(gateMeanings[name].otherwise, '');
  });

  test(`${name}: what people hear when it fails is what its table says`, () => {
    const heard = eventsOn(fails(ready));
    const said = gateEvents[name];
    switch (said.kind) {
      case 'blocked':
        assert.deepEqual(heard, [said.event]);
        break;
      case 'follows':
        // A resize that runs is no news; one that fails or stands still is.
        assert.deepEqual(name === 'progress' ? [] : said.events, heard);
        break;
      case 'none':
        assert.deepEqual(heard, []);
        assert.match(said.why, /^[A-Z].{20,}\.$/);
        break;
      default:
        said satisfies never;
    }
  });
}

test('a resize that fails, is impossible or stands still is heard of as the table of progress says', () => {
  const since = new Date(ready.now - 3_600_000).toISOString();
  const resizing = { type: 'Resizing', status: 'True', lastTransitionTime: since } as const;
  const failed = { type: 'ControllerResizeError', status: 'True', message: 'no' } as const;
  const claims: readonly Partial<DecideInput['claim']>[] = [
    { requestBytes: ready.claim.requestBytes * 2n, conditions: [failed] },
    { requestBytes: ready.claim.requestBytes * 2n, resizeStatus: 'ControllerResizeInfeasible' },
    { conditions: [resizing] },
  ];
  const heard = claims.flatMap((over) => eventsOn({ ...ready, claim: { ...ready.claim, ...over } }));
  const said = gateEvents.progress;
  assert.deepEqual(said.kind === 'follows' ? said.events : [], heard);
});
