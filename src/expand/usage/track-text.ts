/** A track as a line of text, small because a line for each claim is written after every look at the volumes. */
import type { Sample } from './source.ts';
import type { Track } from './track.ts';

/** Another number: another shape, which is then forgotten. */
const SHAPE = 2;

type Observer = Pick<Sample, 'origin' | 'place' | 'everyMs'>;

/**
 * A sample is its fields in hexadecimal between commas: time (after that of the one before), capacity, available, used,
 * inodes, used inodes, number of the observer, abnormal. What is as in the sample before is left out, and so is what is
 * used when it is capacity less available; `-` = the filesystem reports no inodes.
 */
export function formatTrack(track: Track): string {
  const { capacityBytes, settledAt, samples, announced, awaitedBytes, refusedAt } = track;
  const observers: Observer[] = [];
  const numbers = new Map<string, number>();
  let before: readonly string[] = [];
  let at = 0;
  const rows = samples.map((sample) => {
    const { origin, place, everyMs } = sample;
    const identity = `${origin}\n${place}\n${everyMs}`;
    const number = numbers.get(identity) ?? observers.push({ origin, place, everyMs }) - 1;
    numbers.set(identity, number);
    const fields = fieldsOf(sample, number);
    const row = fields.map((field, index) => (field === before[index] ? '' : field));
    row.unshift((sample.at - at).toString(16));
    before = fields;
    at = sample.at;
    return row.join(',');
  });
  const seen = observers.map(({ origin, place, everyMs }) => [origin, place, everyMs]);
  const awaited = awaitedBytes?.toString(16) ?? null;
  return JSON.stringify([
    SHAPE,
    capacityBytes.toString(16),
    settledAt ?? null,
    announced,
    awaited,
    seen,
    rows.join(';'),
    ...(refusedAt === undefined ? [] : [refusedAt]),
  ]);
}

/** All but the time; never empty, so that an empty field means the one before. */
function fieldsOf(sample: Sample, observer: number): readonly string[] {
  const { capacityBytes, availableBytes, usedBytes, inodes, abnormal } = sample;
  return [
    capacityBytes.toString(16),
    availableBytes.toString(16),
    usedBytes === capacityBytes - availableBytes ? '=' : usedBytes.toString(16),
    inodes ? inodes.total.toString(16) : '-',
    inodes ? inodes.used.toString(16) : '-',
    observer.toString(16),
    abnormal ? '1' : '0',
  ];
}

/** Undefined when the text is not a track: it is then forgotten, and measuring starts afresh. */
export function parseTrack(text: string): Track | undefined {
  const [shape, capacity, settledAt, announced, awaited, seen, rows, refusedAt] = arrayIn(text);
  const capacityBytes = bytesIn(capacity);
  const observers = Array.isArray(seen) ? seen.map(observerIn) : [undefined];
  if (shape !== SHAPE || capacityBytes === undefined || typeof rows !== 'string') return undefined;
  if (observers.includes(undefined)) return undefined;
  const samples = samplesIn(
    rows,
    observers.filter((one) => one !== undefined),
  );
  if (!samples) return undefined;
  return {
    capacityBytes,
    settledAt: typeof settledAt === 'number' ? settledAt : undefined,
    samples,
    announced: Array.isArray(announced) ? announced.filter((key) => typeof key === 'string') : [],
    awaitedBytes: bytesIn(awaited),
    refusedAt: typeof refusedAt === 'number' ? refusedAt : undefined,
  };
}

function samplesIn(rows: string, observers: readonly Observer[]): readonly Sample[] | undefined {
  const samples: Sample[] = [];
  let fields: readonly string[] = [];
  let at = 0;
  for (const row of rows === '' ? [] : rows.split(';')) {
    const [later = '', ...given] = row.split(',');
    fields = given.map((field, index) => field || (fields[index] ?? ''));
    at += Number.parseInt(later, 16);
    const sample = sampleOf(at, fields, observers);
    if (!sample) return undefined;
    samples.push(sample);
  }
  return samples;
}

function sampleOf(at: number, fields: readonly string[], observers: readonly Observer[]): Sample | undefined {
  const [capacity, available, used, total, usedInodes, number = '', abnormal] = fields;
  const [capacityBytes, availableBytes] = [bytesIn(capacity), bytesIn(available)];
  const observer = observers[Number.parseInt(number, 16)];
  if (!Number.isFinite(at) || capacityBytes === undefined || availableBytes === undefined) return undefined;
  const usedBytes = used === '=' ? capacityBytes - availableBytes : bytesIn(used);
  if (!observer || usedBytes === undefined || (abnormal !== '0' && abnormal !== '1')) return undefined;
  const [all, taken] = [bytesIn(total), bytesIn(usedInodes)];
  const inodes = all === undefined || taken === undefined ? undefined : { total: all, used: taken };
  return { at, capacityBytes, availableBytes, usedBytes, inodes, ...observer, abnormal: abnormal === '1' };
}

function observerIn(value: unknown): Observer | undefined {
  const [origin, place, everyMs]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (typeof origin !== 'string' || typeof place !== 'string' || typeof everyMs !== 'number') return undefined;
  return { origin, place, everyMs };
}

function bytesIn(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[0-9a-f]{1,30}$/.test(value) ? BigInt(`0x${value}`) : undefined;
}

function arrayIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return []; // given up: a row that was cut off holds nothing of worth
  }
}
