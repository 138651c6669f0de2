/** The six words for how a volume is, each with a shape, so that no one depends on colour. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';

export interface StateLook {
  readonly word: string;
  readonly shape: 'circle' | 'diamond' | 'triangle' | 'square' | 'dashed' | 'bars';
  readonly tone: 'ok' | 'warn' | 'danger' | 'quiet';
  /** What calls for a person comes first. */
  readonly rank: number;
}

export const stateLooks = {
  'needs you': { word: 'needs you', shape: 'triangle', tone: 'danger', rank: 0 },
  stuck: { word: 'stuck', shape: 'square', tone: 'danger', rank: 1 },
  filling: { word: 'filling', shape: 'diamond', tone: 'warn', rank: 2 },
  unknown: { word: 'unknown', shape: 'dashed', tone: 'quiet', rank: 3 },
  paused: { word: 'paused', shape: 'bars', tone: 'quiet', rank: 4 },
  ok: { word: 'ok', shape: 'circle', tone: 'ok', rank: 5 },
} as const satisfies Record<string, StateLook>;

const known = new Map<string, StateLook>(Object.entries(stateLooks));

/** Only a bound volume is judged; of the others their phase is what there is to say, unless they wait for a person. */
export function stateLook({ state, phase }: Pick<VolumeRow, 'state' | 'phase'>): StateLook {
  if (state !== 'needs you' && phase !== 'Bound' && phase !== '')
    return { ...stateLooks.unknown, word: phase.toLowerCase() };
  return known.get(state) ?? stateLooks.unknown;
}

export type StateCounts = Readonly<Record<'needs you' | 'filling' | 'stuck' | 'unknown', number>>;

export function countStates(rows: Iterable<VolumeRow>): StateCounts {
  const counts = { 'needs you': 0, filling: 0, stuck: 0, unknown: 0 };
  for (const { state } of rows) {
    if (state === 'needs you' || state === 'filling' || state === 'stuck' || state === 'unknown') counts[state] += 1;
  }
  return counts;
}
