/**
 * What was refused to each person, for the ledger. Evidence that somebody tried has to be there, and whoever may not do
 * something shall not be able to fill the ledger with it: the first few different refusals of an hour are records of their
 * own, and all others of that hour are one more record, which says how often what was tried.
 */
import { HttpError } from '../http/registry.ts';
import { isKubeError } from '../kube/error.ts';
import type { EventData } from '../ledger/event.ts';
import { ProvisionError } from '../provision/registry.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { CodedError } from '../telemetry/registry.ts';

type Objects = EventData<'action-recorded'>['objects'];

export interface Refused {
  /** The command line that does the same. */
  readonly command: string;
  readonly objects: Objects;
  readonly reason: string;
}

/** Everything that was refused to one person in an hour and is no record of its own. */
export interface Summary {
  /** The same for each state of one summary. */
  readonly id: string;
  readonly who: string;
  /** Of what was tried most often. */
  readonly command: string;
  readonly objects: Objects;
  /** What was tried how often, and why it was refused. */
  readonly message: string;
  /** Epoch ms: the first and the last of them. */
  readonly startedAt: number;
  readonly completedAt: number;
}

export interface RefusalsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Called with each further refusal: who keeps it on a disk has the count also after a crash. */
  readonly keep: (summary: Summary) => void;
  /** Called when the hour is over. */
  readonly record: (summary: Summary) => void;
}

export interface Refusals {
  /** True: it is to be recorded by itself. False: it was counted and kept. Throws what `keep` throws. */
  isFirst(who: string, refused: Refused): boolean;
}

interface Count {
  readonly refused: Refused;
  times: number;
}

interface Hour {
  /** Of those that are records of their own. */
  readonly own: Set<string>;
  readonly counts: Map<string, Count>;
  readonly objects: Map<string, Objects[number]>;
  /** Beyond the kinds that are told apart. */
  others: number;
  summary: Summary | undefined;
}

const HOUR_MS = 60 * 60 * 1000;
const OWN_AT_MOST = 10;
const KINDS_AT_MOST = 20;
const OBJECTS_AT_MOST = 100;
const CHARACTERS_AT_MOST = 200;

export function createRefusals({ clock, random, keep, record }: RefusalsOptions): Refusals {
  /** By person; gone when its hour is over. */
  const hours = new Map<string, Hour>();
  const hourOf = (who: string): Hour => {
    const known = hours.get(who);
    if (known) return known;
    const begun: Hour = { own: new Set(), counts: new Map(), objects: new Map(), others: 0, summary: undefined };
    hours.set(who, begun);
    clock.after(HOUR_MS, () => {
      hours.delete(who);
      if (begun.summary) record(begun.summary);
    });
    return begun;
  };
  return {
    isFirst(who, given) {
      const refused = { ...given, command: cut(given.command), reason: cut(given.reason) };
      const key = JSON.stringify([refused.command, refused.reason]);
      const hour = hourOf(who);
      if (!hour.own.has(key) && hour.own.size < OWN_AT_MOST) {
        hour.own.add(key);
        return true;
      }
      count(hour, key, refused);
      const now = clock.now();
      const { id, startedAt } = hour.summary ?? { id: random.uuid(), startedAt: now };
      hour.summary = { ...summaryOf(hour, refused), id, who, startedAt, completedAt: Math.max(startedAt, now) };
      keep(hour.summary);
      return false;
    },
  };
}

/**
 * Whether nothing was done. An answer that did not come, or says that the server failed, may hide a change; what was begun
 * and then could not go on left one; and of what is removed for ever each try counts.
 */
export function isRefusal(failure: unknown): failure is HttpError {
  if (!(failure instanceof HttpError) || !isClientError(failure.status)) return false;
  const { cause } = failure;
  if (isKubeError(cause)) return isClientError(cause.status);
  if (cause instanceof ProvisionError && cause.mayHaveChanged) return false;
  return !(cause instanceof CodedError) || (cause.cause === undefined && cause.code !== 'LARDER_CLEAN_REFUSED');
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

function count(hour: Hour, key: string, refused: Refused): void {
  const known = hour.counts.get(key);
  if (known) known.times += 1;
  else if (hour.counts.size < KINDS_AT_MOST) hour.counts.set(key, { refused, times: 1 });
  else hour.others += 1;
  for (const object of refused.objects) {
    if (hour.objects.size >= OBJECTS_AT_MOST) return;
    hour.objects.set(JSON.stringify(object), object);
  }
}

function summaryOf({ counts, objects, others }: Hour, last: Refused): Pick<Summary, 'command' | 'objects' | 'message'> {
  const kinds = [...counts.values()].toSorted((one, other) => other.times - one.times);
  const { refused: most, times: often } = kinds[0] ?? { refused: last, times: 1 };
  const tried = { command: most.command, objects: [...objects.values()] };
  if (kinds.length === 1 && others === 0) {
    return { ...tried, message: `refused ${timesText(often)} more: ${most.reason}` };
  }
  const sum = kinds.reduce((before, { times }) => before + times, others);
  const told = kinds.map(({ refused, times }) => `${timesText(times)} ${refused.command} (${refused.reason})`);
  const rest = others === 0 ? [] : [`${timesText(others)} something else`];
  return { ...tried, message: `${sum} more actions were refused: ${[...told, ...rest].join('; ')}` };
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}

function cut(text: string): string {
  return text.length <= CHARACTERS_AT_MOST ? text : `${text.slice(0, CHARACTERS_AT_MOST).toWellFormed()}…`;
}
