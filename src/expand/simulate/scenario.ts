/** A scenario as it is written: claims, how they fill, what governs them, and for how long. */
import { z } from 'zod';
import { parseTime } from '../history.ts';
import { type Parsed, parseDuration, parseSize } from '../settings/settings.ts';
import { parseRate } from './usage-shape.ts';

const MOST_CLAIMS = 1_000_000;
const MOST_BURSTS = 1_000;
const text = z.string().min(1).max(253);

function written<T>(parse: (text: string) => Parsed<T>) {
  return z.union([z.string(), z.number()]).transform((raw, context): T => {
    const parsed = parse(String(raw));
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.reason });
    return z.NEVER;
  });
}

const size = written(parseSize);
const duration = written(parseDuration);
const bytes = size.transform(Number);
const none = (raw: string): Parsed<number> => {
  if (raw === '0') return { ok: true, value: 0 };
  const parsed = parseSize(raw);
  return parsed.ok ? { ok: true, value: Number(parsed.value) } : parsed;
};

const shareSchema = written((raw): Parsed<number> => {
  const percent = /^(\d{1,2}(?:\.\d+)?|100)%$/.exec(raw)?.[1];
  return percent === undefined
    ? { ok: false, reason: 'must be a percentage from 0% to 100%, for example "20%"' }
    : { ok: true, value: Number(percent) / 100 };
});

/** No kubelet measures as often as that; between two measurements time must pass. */
const LEAST_EVERY_MS = 1_000;
const measured = (raw: string): Parsed<number> => {
  const parsed = parseDuration(raw);
  if (!parsed.ok || parsed.value >= LEAST_EVERY_MS) return parsed;
  return { ok: false, reason: 'must be a duration of at least 1s' };
};

const burstSchema = z.strictObject({
  at: duration.meta({ description: 'After the beginning.' }),
  add: bytes.optional().meta({ description: 'What is written.' }),
  remove: bytes.optional().meta({ description: 'What is deleted.' }),
  over: duration.prefault('1m').meta({ description: 'How long that takes.' }),
});

const usageSchema = z.strictObject({
  start: written(none).prefault('0').meta({ description: 'Stored at the beginning.' }),
  growth: written(parseRate).prefault('0/d').meta({ description: 'How much more, for example 5Gi/d.' }),
  daily: written(none).prefault('0').meta({ description: 'How much more at noon than at midnight.' }),
  jitter: shareSchema.prefault('0%').meta({ description: 'By how much the growth of a day differs from the mean.' }),
  bursts: z.array(burstSchema).max(MOST_BURSTS).default([]).meta({ description: 'What comes or goes at once.' }),
});

const labels = z.record(z.string(), z.string()).default({});

const claimSchema = z.strictObject({
  name: text.meta({ description: 'With a count: followed by a number.' }),
  namespace: text.default('default'),
  count: z.int().min(1).max(MOST_CLAIMS).default(1).meta({ description: 'How many of them.' }),
  size,
  storageClassName: text
    .optional()
    .meta({ description: 'One of the objects; absent: one whose limits are not known.' }),
  labels,
  annotations: labels.meta({ description: 'As on the claim, for example pvc-chonker.io/enabled.' }),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .meta({ description: 'The same annotations without their prefix: threshold, increase, max-size.' }),
  usage: usageSchema.prefault({}),
});

/** Also in a file of their own. */
export const priceFields = {
  prices: z.record(z.string(), z.number().min(0)).default({}).meta({
    description: 'Of a GiB for a month of 730 hours, by the type of the volume; "*" for all others.',
  }),
  currency: z.string().max(8).default(''),
};

export const scenarioSchema = z.strictObject({
  start: written((raw) => parseTime(raw))
    .prefault('2026-01-01T00:00:00Z')
    .meta({ description: 'RFC 3339.' }),
  duration: duration.prefault('90d').meta({ description: 'How long is played.' }),
  measuredEvery: written(measured).optional().meta({ description: 'Default: watchInterval of the configuration.' }),
  resizeTakes: duration.prefault('1m').meta({ description: 'How long the storage takes to grow a volume.' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1)
    .meta({ description: 'Of the jitter.' }),
  configuration: z.record(z.string(), z.unknown()).default({}).meta({ description: 'As in the configuration file.' }),
  objects: z.array(z.record(z.string(), z.unknown())).default([]).meta({
    description: 'StorageClass, Namespace and PVCPolicy objects, as for kubectl.',
  }),
  ...priceFields,
  claims: z
    .array(claimSchema)
    .min(1)
    .refine((claims) => claims.reduce((sum, { count }) => sum + count, 0) <= MOST_CLAIMS, {
      message: `are more than ${MOST_CLAIMS} in all`,
    }),
});
export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioClaim = Scenario['claims'][number];
