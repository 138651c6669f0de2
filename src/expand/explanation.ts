import type { Clock } from '../telemetry/clock.ts';
import type { Explanation } from './explain.ts';
import type { Rules } from './facts.ts';
import { judge } from './judge.ts';
import type { Notebook } from './notebook.ts';
import { type Surroundings, situationOf } from './situation.ts';
import type { UsageHistory } from './usage/history.ts';
import { lookBack } from './usage/look-back.ts';

interface Known {
  readonly surroundings: Surroundings;
  readonly notebook: Notebook;
  readonly rules: Rules;
  /** The first that remembers the claim is asked. */
  readonly histories: readonly UsageHistory[];
  readonly clock: Clock;
}

/** Decides afresh, with everything that led to it; changes nothing. Undefined: there is no such claim. */
export async function explanationOf(key: string, by: Known, signal?: AbortSignal): Promise<Explanation | undefined> {
  const { surroundings, notebook, rules, histories, clock } = by;
  const object = surroundings.view.claim(key);
  if (!object) return undefined;
  const situation = await situationOf(object, surroundings, signal);
  const { claim, layers, resolution, constraints, notes } = situation;
  const entry = notebook.get(key);
  const known = entry?.uid === claim.uid ? entry : undefined;
  const { decision, history } = judge(situation, known, { rules, clock });
  const samples = known?.track.samples ?? [];
  const { grown, notes: missing } = await lookBack(histories, { key, uid: claim.uid, to: decision.at }, signal);
  return {
    decision,
    claim,
    layers,
    resolution,
    constraints,
    notes: [...notes, ...missing],
    samples,
    growths: history.growths,
    grown,
  };
}
