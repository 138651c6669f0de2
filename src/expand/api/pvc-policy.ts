/** PVCPolicy: settings for the claims of its namespace that it selects, or that name it. */
import { z } from 'zod';
import { defineResource } from '../../kube/define-resource.ts';
import type { Condition, LabelSelector } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { integer, isObject, object, type Reader, repeated } from '../../kube/reader.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Parsed } from '../settings/settings.ts';
import { readSelector, selectorSchema } from './selector.ts';
import { conditionsSchema, readConditions, statusCount, statusTime } from './status.ts';
import { readTemplate, type Template, templateSchema } from './template.ts';

export const GROUP = 'pvc-chonker.io';
export const VERSION = 'v1alpha1';

export const pvcPolicySchema = z.strictObject({
  spec: z.strictObject({
    selector: selectorSchema.meta({
      description: 'Claims of the same namespace, by their labels; {} selects all of them.',
    }),
    priority: z.int().min(-2_147_483_648).max(2_147_483_647).default(0).meta({
      description: 'Of several policies that select a claim, the highest counts; then the first by name.',
      format: 'int32',
    }),
    template: templateSchema.prefault({}).meta({ description: 'Settings of the claims.' }),
  }),
  status: z
    .strictObject({
      matchedPVCs: statusCount('Claims that the policy selects, or that name it.'),
      lastUpdated: statusTime('When this status last changed.'),
      observedGeneration: z.int().min(0).optional().meta({
        description: 'The generation of the object that this status is about.',
        format: 'int64',
      }),
      conditions: conditionsSchema,
    })
    .optional()
    .meta({ description: 'Written by Larder.' }),
});

/** As it was read: values that cannot be are there with what was written, and stop the growth of the claims. */
export interface PVCPolicy extends KubeObject {
  readonly spec: {
    readonly selector: Parsed<LabelSelector>;
    readonly priority: Parsed<number>;
    readonly template: Template;
  };
  readonly status?: PVCPolicyStatus;
}

export interface PVCPolicyStatus {
  readonly matchedPVCs?: number;
  /** RFC 3339. */
  readonly lastUpdated?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

const readSpec: Reader<PVCPolicy['spec']> = (raw) => {
  const spec = isObject(raw) ? raw : {};
  const priority = spec['priority'] ?? 0;
  return {
    selector: readSelector(spec['selector']),
    priority: Number.isSafeInteger(priority)
      ? { ok: true, value: Number(priority) }
      : { ok: false, reason: 'must be a whole number' },
    template: readTemplate(spec['template']),
  };
};

const readStatus = object<PVCPolicyStatus>({
  matchedPVCs: integer,
  lastUpdated: repeated,
  observedGeneration: integer,
  conditions: readConditions,
});

/** No spec makes it throw: an object that was dropped on arrival would limit nothing any more. */
export const pvcPolicies: Resource<PVCPolicy> = defineResource<PVCPolicy>(
  { group: GROUP, version: VERSION, plural: 'pvcpolicies', kind: 'PVCPolicy', namespaced: true },
  (raw) => {
    const members = isObject(raw) ? raw : {};
    const status = readable(readStatus, members['status']);
    return { spec: readSpec(members['spec']), ...(status && { status }) };
  },
);

/** A status that cannot be read is written anew. */
export function readable<T>(read: Reader<T>, raw: unknown): T | undefined {
  if (raw === undefined || raw === null) return undefined;
  try {
    return read(raw);
  } catch {
    return undefined; // given up: what stood there was not ours
  }
}
