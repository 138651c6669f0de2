/**
 * What a user can set for a claim, and the one reading of each value. The same keys count on a claim, on its namespace
 * and on its StorageClass (prefix `pvc-chonker.io/`). A value that cannot be read is kept as such: the claim then fails
 * closed (see policy.ts), it is never replaced by a default.
 */
import { parseQuantity } from '../../kube/quantity.ts';
import { type ChangeWindow, parseWindow } from './window.ts';

export const ANNOTATION_PREFIX = 'pvc-chonker.io/';
/** Any value but `false` on a claim or its namespace stops growth until it is taken away. */
const PAUSED_ANNOTATION = 'larder.dev/paused';

/** `reason` is the accepted form, as the rest of a sentence that begins with the field's name. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export type Increase =
  | { readonly kind: 'percentage' /** Of the present size, 0.1 = 10 %. */; readonly ratio: number }
  | { readonly kind: 'quantity'; readonly bytes: bigint };

/** Every setting of a claim. Ratios 0–1, sizes in bytes, durations in milliseconds. */
export interface Settings {
  readonly enabled: boolean;
  readonly policy: string;
  readonly group: string;
  /** Used share of the capacity that triggers, inclusive. */
  readonly threshold: number;
  readonly inodesThreshold: number;
  readonly increase: Increase;
  readonly minScaleUp: bigint;
  readonly maxStep: bigint;
  readonly maxSize: bigint | 'unlimited';
  readonly cooldown: number;
  /** Grow when the volume will be full within this time, whatever its share; 0 = off. */
  readonly fullWithin: number;
  /** The least size of a new claim. */
  readonly initialSize: bigint;
  /** When the claim may be changed. */
  readonly window: ChangeWindow;
  /** Larger sizes need a person's word. */
  readonly approvalAbove: bigint | 'never';
  /** Growth by more than this share of the size needs a recent snapshot. */
  readonly snapshotAbove: number | 'never';
  readonly provider: string;
  readonly volumeType: string;
}
export type SettingName = keyof Settings;

/** One value as it was written and what it means; `key` where it was written, when that is no annotation. */
export type Field<T> = Parsed<T> & { readonly text: string; readonly key?: string };
/** What one place (a claim, a namespace, …) says; absent = silent. */
export type Fields = { readonly [Name in SettingName]?: Field<Settings[Name]> | undefined };

/** The annotation of each setting, without the prefix. */
export const settingKeys = {
  enabled: 'enabled',
  policy: 'policy',
  group: 'group',
  threshold: 'threshold',
  inodesThreshold: 'inodes-threshold',
  increase: 'increase',
  minScaleUp: 'min-scale-up',
  maxStep: 'max-step',
  maxSize: 'max-size',
  cooldown: 'cooldown',
  fullWithin: 'full-within',
  initialSize: 'initial-size',
  window: 'window',
  approvalAbove: 'approval-above',
  snapshotAbove: 'snapshot-above',
  provider: 'provider',
  volumeType: 'aws-volume-type',
} as const satisfies Record<SettingName, string>;

const PERCENTAGE = 'must be a percentage from 1 to 99, for example "80%" or "80"';
const INCREASE = 'must be a percentage or a quantity above zero, for example "10%" or "5Gi"';
const SIZE = 'must be a quantity above zero, for example "10Gi"';
const DURATION = 'must be a duration, for example "15m", "1h30m" or "2d"';
const NAME = 'must be the name of an object: lower-case letters, digits, "-" and "."';

/** The API stores quantities in 63 bits. */
const LARGEST_BYTES = 2n ** 63n - 1n;
const LONGEST_DURATION_MS = 100 * 365 * 86_400_000;
/** A larger percentage is a slip of the finger; a volume that grows elevenfold at once needs a written quantity. */
const LARGEST_INCREASE_PERCENT = 1_000;

export function parsePercentage(text: string): Parsed<number> {
  const percent = percentIn(text, /^(\d{1,2}(?:\.\d{1,4})?)%?$/);
  return percent !== undefined && percent >= 1 && percent <= 99 ? good(percent / 100) : bad(PERCENTAGE);
}

export function parseIncrease(text: string): Parsed<Increase> {
  if (text.endsWith('%')) {
    const percent = percentIn(text, /^(\d{1,4}(?:\.\d{1,4})?)%$/);
    const allowed = percent !== undefined && percent > 0 && percent <= LARGEST_INCREASE_PERCENT;
    return allowed ? good({ kind: 'percentage', ratio: percent / 100 }) : bad(INCREASE);
  }
  const size = parseSize(text);
  return size.ok ? good({ kind: 'quantity', bytes: size.value }) : bad(INCREASE);
}

export function parseSize(text: string): Parsed<bigint> {
  const quantity = parseQuantity(text);
  return quantity.ok && quantity.value > 0n && quantity.value <= LARGEST_BYTES ? good(quantity.value) : bad(SIZE);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Go's duration, with `d` for 24 hours; not negative, at most a century; rounded up to a millisecond. */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return good(0);
  if (!/^(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) return bad(DURATION);
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total <= LONGEST_DURATION_MS ? good(Math.ceil(total)) : bad(`${DURATION}, of at most 100 years`);
}

export function parseSwitch(text: string): Parsed<boolean> {
  const lower = text.toLowerCase();
  if (lower === 'true') return good(true);
  return lower === 'false' ? good(false) : bad('must be "true" or "false"');
}

export function parseName(text: string): Parsed<string> {
  return /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(text) ? good(text) : bad(NAME);
}

export function parseApproval(text: string): Parsed<bigint | 'never'> {
  if (text === 'never') return good('never');
  const size = parseSize(text);
  return size.ok ? size : bad(`${size.reason}, or "never"`);
}

export function parseSnapshotShare(text: string): Parsed<number | 'never'> {
  if (text === 'never') return good('never');
  const percent = percentIn(text, /^(\d{1,4}(?:\.\d{1,4})?)%$/);
  if (percent !== undefined && percent <= LARGEST_INCREASE_PERCENT) return good(percent / 100);
  return bad('must be a share of the size, for example "20%", or "never"');
}

/** Reads one place. `textOf` gives the value under a key of `settingKeys`, without prefix. */
export function fieldsOf(textOf: (key: string) => string | undefined): Fields {
  const read = <T>(name: SettingName, parse: (text: string) => Parsed<T>): Field<T> | undefined => {
    const text = textOf(settingKeys[name]);
    return text === undefined ? undefined : { ...parse(text), text };
  };
  return {
    enabled: read('enabled', parseSwitch),
    policy: read('policy', parseName),
    group: read('group', parseName),
    threshold: read('threshold', parsePercentage),
    inodesThreshold: read('inodesThreshold', parsePercentage),
    increase: read('increase', parseIncrease),
    minScaleUp: read('minScaleUp', parseSize),
    maxStep: read('maxStep', parseSize),
    maxSize: read('maxSize', parseSize),
    cooldown: read('cooldown', parseDuration),
    fullWithin: read('fullWithin', parseDuration),
    initialSize: read('initialSize', parseSize),
    window: read('window', parseWindow),
    approvalAbove: read('approvalAbove', parseApproval),
    snapshotAbove: read('snapshotAbove', parseSnapshotShare),
    provider: read('provider', parseName),
    volumeType: read('volumeType', (text) => good(text)),
  };
}

/** What the annotations of a claim, a namespace or a class say; everything without our prefix is someone else's. */
export function fieldsOfAnnotations(annotations: Readonly<Record<string, string>> | undefined): Fields {
  if (!annotations) return {};
  return fieldsOf((key) => {
    const name = ANNOTATION_PREFIX + key;
    return Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  });
}

/** True when some place asks for a pause; an unreadable value counts, because stopping is the safe reading. */
export function isPaused(annotations: Readonly<Record<string, string>> | undefined): boolean {
  if (!annotations || !Object.hasOwn(annotations, PAUSED_ANNOTATION)) return false;
  return annotations[PAUSED_ANNOTATION]?.toLowerCase() !== 'false';
}

function percentIn(text: string, shape: RegExp): number | undefined {
  const digits = shape.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function bad(reason: string): Parsed<never> {
  return { ok: false, reason };
}
