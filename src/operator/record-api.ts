/** What `larder record` asks of the operator. */
import { z } from 'zod';
import { recordedClaim, recordedPoint, recordingHead } from '../expand/simulate/recording.ts';

export const recordingAnswer = z.object({
  head: recordingHead,
  objects: z.array(z.record(z.string(), z.unknown())),
  claims: z.array(recordedClaim),
});
export type RecordingAnswer = z.infer<typeof recordingAnswer>;

export const seriesAnswer = z.object({
  points: z.array(recordedPoint),
  /** Why less is known than could be. */
  notes: z.array(z.string()),
});
export type SeriesAnswer = z.infer<typeof seriesAnswer>;

export const spanQuery = z.object({
  from: z.coerce.number().int().min(0),
  to: z.coerce.number().int().min(0),
});
export type SpanQuery = z.infer<typeof spanQuery>;
