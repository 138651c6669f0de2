/** The page of decisions: every gate in the order in which it is looked at, and every verdict. */
import { type GateName, gateNames, stateOf, type Verdict } from '../../../src/expand/decision.ts';
import { gateEvents } from '../../../src/expand/gate/gate-events.ts';
import { gateMeanings, verdictMeanings } from '../../../src/expand/gate/gate-meaning.ts';
import { gates } from '../../../src/expand/gate/gates.ts';
import { code, markdownTable, page } from './markdown.ts';

/** One of each kind, for its state. */
const verdicts: { readonly [Kind in Verdict['kind']]: Extract<Verdict, { kind: Kind }> } = {
  Expand: { kind: 'Expand' },
  WouldExpand: { kind: 'WouldExpand' },
  InProgress: { kind: 'InProgress', since: 0 },
  Hold: { kind: 'Hold' },
  CoolingDown: { kind: 'CoolingDown', until: 0 },
  Stuck: { kind: 'Stuck', since: 0, reason: '' },
  Ineffective: { kind: 'Ineffective' },
  AtMax: { kind: 'AtMax' },
  Blocked: { kind: 'Blocked', gate: 'quota', reason: '' },
  Invalid: { kind: 'Invalid', field: '', value: '', reason: '', source: '' },
  NoSample: { kind: 'NoSample', reason: '' },
  Unmanaged: { kind: 'Unmanaged', reason: '' },
};

export function decisionPage(): string {
  const rules: readonly GateName[] = gates.map(({ name }) => name);
  if (rules.join() !== gateNames.join()) throw new Error('the gates and their names are in different orders');
  const kinds = Object.values(verdicts).map((verdict) => [
    code(verdict.kind),
    stateOf(verdict, undefined),
    verdictMeanings[verdict.kind],
  ]);
  return page(
    'How Larder decides',
    'One function decides whether a claim grows. It gets the claim, its measurements, its settings, the limits of its storage and its past growths, and answers with a verdict, a size, and every gate with the numbers that it compared. `larder explain pvc/NAME -n NAMESPACE` prints all of it; the operator, the console and `larder simulate` ask the same function.',
    '## Gates',
    'In this order. The first that gives a verdict decides; the others are looked at all the same, so that `explain` shows them. The last column has the [events](events.md) by which people hear that a gate said no, or why there is none. In its output `+` has passed, `x` has failed, `-` does not apply.',
    markdownTable(
      ['Gate', 'It asks', 'Otherwise', 'Event'],
      rules.map((name) => [code(name), gateMeanings[name].asks, gateMeanings[name].otherwise, eventCell(name)]),
    ),
    '## Verdicts',
    'The state is the word that the console, the list of volumes and the events use.',
    markdownTable(['Verdict', 'State', 'It means'], kinds),
    'A `Blocked` by a pause is `paused`, and one by a gate that only waits (a window, a backup) is `filling`. An `Unmanaged` claim of which 95 % is used `needs you`. Failures have their events ([events](events.md)), and what claims a person must help carry is in [troubleshooting](../troubleshooting.md).',
    '## Sizes',
    'The new size is the present one and `increase`, at least `min-scale-up`, at most `max-step`; where the rate of growth is known, at least what lasts until the claim may grow again ([looking ahead](../guides/forecast.md)). It is rounded up to the step of the storage, and kept below `max-size`, the provider’s maximum, quotas, budgets and what is free. A request is never lowered, but to take back a size that the storage driver calls impossible.',
  );
}

function eventCell(name: GateName): string {
  const said = gateEvents[name];
  switch (said.kind) {
    case 'blocked':
      return code(said.event);
    case 'follows':
      return said.events.map(code).join(', ');
    case 'none':
      return `None. ${said.why}`;
    default:
      return said satisfies never;
  }
}
