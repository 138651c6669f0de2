import type { Clock } from '../telemetry/clock.ts';
import type { Explanation } from './explain.ts';
import type { Rules } from './facts.ts';
import { judge } from './judge.ts';
import type { Notebook } from './notebook.ts';
import { type Surroundings, situationOf } from './situation.ts';
import type { UsageHistory } from './usage/history.ts';
import { lookBack } from './usage/look-back.ts';

export type Annotations = Readonly<Record<string, string>>;

interface Known {
  readonly surroundings: Surroundings;
  readonly notebook: Notebook;
  readonly rules: Rules;
  /** The first that remembers the claim is asked. */
  readonly histories: readonly UsageHistory[];
  readonly clock: Clock;
  /** As if the claim had these; absent: its own. */
  readonly annotations?: Annotations | undefined;
}

/** Decides afresh, with everything that led to it; changes nothing. Undefined: there is no such claim. */
export async function explanationOf(key: string, by: Known, signal?: AbortSignal): Promise<Explanation | undefined> {
  const { surroundings, notebook, rules, histories, clock } = by;
  const stored = surroundings.view.claim(key);
  if (!stored) return undefined;
  const { annotations = stored.metadata.annotations } = by;
  const object = { ...stored, metadata: { ...stored.metadata, ...(annotations ? { annotations } : {}) } };
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
