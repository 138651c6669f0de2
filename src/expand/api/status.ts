/** What both kinds have in their status. */
import { z } from 'zod';
import type { Condition } from '../../kube/kinds.ts';
import { integer, listOf, object, oneOf, repeated, required } from '../../kube/reader.ts';

const MOST_CONDITIONS = 16;

/** Checked by the API server, which knows the format. */
export const instant = z.string().meta({ format: 'date-time' });
export const statusTime = (description: string) => instant.optional().meta({ description, format: 'date-time' });
export const statusCount = (description: string) =>
  z.int().min(0).max(2_147_483_647).optional().meta({ description, format: 'int32' });

export const conditionsSchema = z
  .array(
    z.strictObject({
      type: z.string().max(316),
      status: z.enum(['True', 'False', 'Unknown']),
      observedGeneration: z.int().min(0).optional().meta({ format: 'int64' }),
      lastTransitionTime: instant,
      reason: z.string().min(1).max(1024),
      message: z.string().max(32_768),
    }),
  )
  .max(MOST_CONDITIONS)
  .optional()
  .meta({
    description: 'What is so at present.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });

export const readConditions = listOf(
  object<Condition>({
    type: required(repeated),
    status: required(oneOf('True', 'False', 'Unknown')),
    reason: repeated,
    message: repeated,
    lastTransitionTime: repeated,
    lastProbeTime: repeated,
    observedGeneration: integer,
  }),
);
