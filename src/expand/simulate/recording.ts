/**
 * Usage of a cluster in a file, as `larder record` writes it and `larder simulate` replays it: one JSON object per line,
 * the first a head, then the objects that govern, then a claim with its points per line. Bounded by line, so that a file
 * of any length is read with little memory.
 */
import { z } from 'zod';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import { type Curve, curveOf } from './curve.ts';
import type { Cast } from './play.ts';

export const RECORDING_VERSION = 1;
const record = z.record(z.string(), z.string()).default({});

/** Until the year 9999, so that every time can be written. */
const LAST_MS = 253_402_300_799_000;
const time = z.number().min(0).max(LAST_MS);
/** More than any volume has, and all of them are added up without an overflow. */
const bytes = z
  .number()
  .min(0)
  .max(2 ** 80);

export const recordingHead = z
  .object({
    larderRecording: z.literal(RECORDING_VERSION),
    /** Epoch ms. */
    from: time,
    to: time,
    /** Milliseconds between two measurements, at the most dense: time must pass, or the play has no end. */
    everyMs: z.number().min(1_000),
    /** Settings of the installation that somebody changed, as in its file. */
    configuration: z.record(z.string(), z.string()).default({}),
    /** Names of Larder's own provisioner there; absent in a recording of an older Larder. */
    provisioners: z.array(z.string()).optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' });
export type RecordingHead = z.infer<typeof recordingHead>;

/** What was found of a VolumeAttributesClass. */
const recordedAttributes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('there'), driverName: z.string(), parameters: record }),
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('unread'), why: z.string() }),
]);
export type RecordedAttributes = z.infer<typeof recordedAttributes>;

export const recordedClaim = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  uid: z.string(),
  storageClassName: z.string().default(''),
  /** Its VolumeAttributesClass, which may give it another type than its class; empty: none. */
  attributesClassName: z.string().default(''),
  /** Absent: it names none, or the recording is of an older Larder. */
  attributesClass: recordedAttributes.optional(),
  /** Quantity; the claim as it was at the end. */
  request: z.string(),
  labels: record,
  /** Those that decide something; no others are recorded. */
  annotations: record,
});
export type RecordedClaim = z.infer<typeof recordedClaim>;

/** Epoch ms, bytes used, bytes there. */
export const recordedPoint = z.tuple([time, bytes, bytes]);
export type RecordedPoint = z.infer<typeof recordedPoint>;

function ascend(points: readonly RecordedPoint[]): boolean {
  return points.every(([at], index) => at >= (points[index - 1]?.[0] ?? 0));
}

export const recordingLine = z.union([
  z.object({ object: z.record(z.string(), z.unknown()) }),
  z.object({
    claim: recordedClaim,
    points: z.array(recordedPoint).refine(ascend, { message: 'must be in the order of their times' }),
  }),
]);
export type RecordingLine = z.infer<typeof recordingLine>;

/** As it was at its first measurement: what was done to it since is what is played again. */
export function recordedObject(claim: RecordedClaim, points: readonly RecordedPoint[]): PersistentVolumeClaim {
  const storage = points[0] ? formatQuantity(BigInt(Math.round(points[0][2]))) : claim.request;
  const { namespace, name, uid, labels, annotations } = claim;
  return kinds.PersistentVolumeClaim.project({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name, uid, resourceVersion: '1', labels, annotations: governing(annotations) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(claim.storageClassName === '' ? {} : { storageClassName: claim.storageClassName }),
      ...(claim.attributesClassName === '' ? {} : { volumeAttributesClassName: claim.attributesClassName }),
      volumeName: `pv-${uid}`,
      resources: { requests: { storage } },
    },
    status: { phase: 'Bound', capacity: { storage } },
  });
}

/** What Larder wrote on the claim belongs to the past that is played again. */
const WRITTEN = ['pvc-chonker.io/last-expansion', 'pvc-chonker.io/history'];

function governing(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !WRITTEN.includes(key)));
}

/** What was stored; more than that was asked for wherever the volume was full, and nobody knows how much. */
function recordedCurve(points: readonly RecordedPoint[]): Curve {
  return curveOf(points.map(([at, used]) => [at, used]));
}

/** How long a storage took is not recorded. */
const RESIZE_MS = 60_000;

export function recordedStage({ from, to, everyMs }: Pick<RecordingHead, 'from' | 'to' | 'everyMs'>) {
  return { from, to, everyMs, resizeMs: RESIZE_MS };
}

export function recordedCast(claim: RecordedClaim, points: readonly RecordedPoint[]): Cast {
  const { attributesClass } = claim;
  return {
    object: recordedObject(claim, points),
    takes: [{ name: claim.name, curve: recordedCurve(points) }],
    ...(attributesClass?.kind === 'there' ? { attributes: attributesClass.parameters } : {}),
  };
}
