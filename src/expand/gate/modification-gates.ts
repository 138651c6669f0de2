/** The gates that keep time between modifications: the claim's own cooldown, and what its cloud allows. */
import type { Measure } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { freeAt, type History } from '../history.ts';
import type { Modification } from '../provider.ts';
import { failedWith, type GateResult, type GateRule, passed, skipped, text } from './gate.ts';

/** A modification that the cloud saw this long after a growth, or a little before by its clock, is that growth. */
const SAME_AFTER_MS = 15 * 60_000;
const SAME_BEFORE_MS = 60_000;

/**
 * The own cooldown counts from growths of Larder; the provider's interval also from what somebody else did, where the
 * cloud was asked.
 */
function cooldown({ input, history }: Facts): GateResult {
  const own = input.resolution.settings.cooldown;
  const { modifications, lastModification: seen } = input.constraints.volume;
  const interval = modifications?.minIntervalMs ?? 0;
  if (history.lastAt === undefined && !seen) return skipped('it has never grown');
  const provider = `provider ${input.constraints.provider}`;
  const lastAt = Math.max(history.lastAt ?? 0, seen?.at ?? 0);
  const ownUntil = history.lastAt === undefined ? 0 : history.lastAt + own.value;
  const until = Math.max(ownUntil, lastAt + interval);
  const byCloud = seen !== undefined && seen.at > (history.lastAt ?? 0);
  const compared: readonly Measure[] = [
    byCloud
      ? { what: 'last modification', unit: 'time', value: seen.at, source: seen.source }
      : { what: 'last expansion', unit: 'time', value: lastAt, source: 'annotation last-expansion' },
    {
      what: 'cooldown',
      unit: 'duration',
      value: byCloud ? interval : Math.max(own.value, interval),
      source: byCloud || interval > own.value ? provider : own.source.label,
    },
  ];
  if (input.now >= until) return passed(compared);
  return failedWith({ kind: 'CoolingDown', until }, 'the cooldown of the last expansion is not over', compared);
}

function providerWindow({ input, history }: Facts): GateResult {
  const { modifications: limits, lastModification: seen } = input.constraints.volume;
  if (seen && !seen.settled) return running(seen);
  if (!limits) return skipped('the provider counts no modifications');
  const counted = withSeen(history, seen);
  const until = freeAt(counted, limits.perWindow, limits.windowMs, input.now);
  const count = counted.growths.filter(({ at }) => at > input.now - limits.windowMs).length;
  const source = `provider ${input.constraints.provider}`;
  const compared: readonly Measure[] = [
    { what: 'expansions in the window', unit: 'count', value: count, source: 'annotation history' },
    { what: 'allowed', unit: 'count', value: limits.perWindow, source },
    { what: 'window', unit: 'duration', value: limits.windowMs, source },
  ];
  if (until === undefined) return passed(compared);
  return failedWith(
    { kind: 'CoolingDown', until },
    'the provider allows no more modifications in this window',
    compared,
  );
}

function running({ at, state, source }: Modification): GateResult {
  const compared: readonly Measure[] = [
    text('modification', state, source),
    { what: 'since', unit: 'time', value: at, source },
  ];
  return failedWith(
    { kind: 'InProgress', since: at },
    `the cloud has not finished the last modification: ${state}`,
    compared,
  );
}

/** One that Larder did not ask for counts too; one that it did ask for counts once. */
function withSeen(history: History, seen: Modification | undefined): History {
  if (!seen) return history;
  const own = history.growths.some(({ at }) => seen.at >= at - SAME_BEFORE_MS && seen.at <= at + SAME_AFTER_MS);
  if (own) return history;
  const foreign = {
    at: seen.at,
    fromBytes: 0n,
    toBytes: 0n,
    trigger: 'storage',
    usableBytes: 0n,
    inodes: undefined,
    origin: '',
  } as const;
  return { ...history, growths: [...history.growths, foreign] };
}

export const modificationGates: readonly GateRule[] = [
  { name: 'cooldown', evaluate: cooldown },
  { name: 'provider-window', evaluate: providerWindow },
];
