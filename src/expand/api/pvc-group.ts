/** PVCGroup: claims that are sized together, and settings for them. */
import { z } from 'zod';
import { defineResource } from '../../kube/define-resource.ts';
import type { Condition, LabelSelector } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { integer, isObject, listOf, object, repeated, required, text } from '../../kube/reader.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Parsed } from '../settings/settings.ts';
import { GROUP, readable, VERSION } from './pvc-policy.ts';
import { readSelector, selectorSchema } from './selector.ts';
import { conditionsSchema, instant, readConditions, statusCount, statusTime } from './status.ts';
import { readTemplate, type Template, templateSchema } from './template.ts';

export const coordinationPolicies = ['largest', 'average', 'sum', 'independent'] as const;
export type CoordinationPolicy = (typeof coordinationPolicies)[number];

const MOST_MEMBERS = 1_000;
/** Growths that a status remembers, newest last. */
export const EXPANSION_HISTORY_LIMIT = 20;
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const memberSchema = z.strictObject({
  namespace: z.string().max(63).regex(NAMESPACE).optional().meta({
    description: 'Its namespace; absent: that of the group. Another one must grant it (larder.dev/allow-group-from).',
  }),
  name: z.string().max(253).regex(NAME).meta({ description: 'Name of the claim.' }),
});

const sizeText = z.string().max(32).optional();

export const pvcGroupSchema = z.strictObject({
  spec: z.strictObject({
    groupName: z.string().max(253).regex(NAME).optional().meta({
      description: 'What claims name in the annotation pvc-chonker.io/group; absent: the name of the object.',
    }),
    coordinationPolicy: z.enum(coordinationPolicies).default('largest').meta({
      description:
        'largest: all follow the largest; average: all reach the average; sum: the total is shared out; independent: each by itself. Nothing ever shrinks.',
    }),
    members: z.array(memberSchema).max(MOST_MEMBERS).optional().meta({
      description: 'Claims by name.',
      'x-kubernetes-list-type': 'atomic',
    }),
    selector: selectorSchema.optional().meta({ description: 'Claims of the same namespace, by their labels.' }),
    template: templateSchema.prefault({}).meta({ description: 'Settings of the members.' }),
    status: z.unknown().optional().meta({
      description: 'Without effect: the status of a group stands beside its spec, and Larder writes it.',
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  }),
  status: z
    .strictObject({
      memberCount: statusCount('Claims that belong to the group.'),
      currentSize: sizeText.meta({ description: 'The size that the members have, or are on their way to.' }),
      lastExpansion: statusTime('When a member last grew.'),
      expansionHistory: z
        .array(
          z.strictObject({
            timestamp: instant,
            fromSize: sizeText,
            toSize: sizeText,
            reason: z.string().max(256).optional(),
          }),
        )
        .max(EXPANSION_HISTORY_LIMIT)
        .optional()
        .meta({ description: 'The latest growths, newest last.', 'x-kubernetes-list-type': 'atomic' }),
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

export interface GroupMember {
  readonly namespace: string;
  readonly name: string;
}

/** As it was read: values that cannot be are there with what was written, and stop the growth of the claims. */
export interface PVCGroup extends KubeObject {
  readonly spec: {
    /** Undefined: the name of the object. */
    readonly groupName: string | undefined;
    readonly coordinationPolicy: Parsed<CoordinationPolicy>;
    /** Without a namespace they are in that of the group, which is filled in here. */
    readonly members: Parsed<readonly GroupMember[]>;
    /** Undefined: none. */
    readonly selector: Parsed<LabelSelector> | undefined;
    readonly template: Template;
    /** A status was written into the spec: without effect, and told. */
    readonly misplacedStatus: boolean;
  };
  readonly status?: PVCGroupStatus;
}

export interface PVCGroupStatus {
  readonly memberCount?: number;
  /** A quantity. */
  readonly currentSize?: string;
  /** RFC 3339. */
  readonly lastExpansion?: string;
  readonly expansionHistory?: readonly GroupExpansion[];
  /** RFC 3339. */
  readonly lastUpdated?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

export interface GroupExpansion {
  /** RFC 3339. */
  readonly timestamp: string;
  readonly fromSize?: string;
  readonly toSize?: string;
  readonly reason?: string;
}

function readSpec(raw: unknown, namespace: string): PVCGroup['spec'] {
  const spec = isObject(raw) ? raw : {};
  const name = spec['groupName'];
  const selector = spec['selector'] ?? undefined;
  return {
    groupName: typeof name === 'string' && name !== '' ? name : undefined,
    coordinationPolicy: readCoordination(spec['coordinationPolicy'] ?? 'largest'),
    members: readMembers(spec['members'] ?? [], namespace),
    selector: selector === undefined ? undefined : readSelector(selector),
    template: readTemplate(spec['template']),
    misplacedStatus: spec['status'] !== undefined && spec['status'] !== null,
  };
}

function readCoordination(raw: unknown): Parsed<CoordinationPolicy> {
  const known = coordinationPolicies.find((each) => each === raw);
  if (known) return { ok: true, value: known };
  return { ok: false, reason: `must be one of ${coordinationPolicies.join(', ')}` };
}

const members = listOf(object<{ namespace?: string; name: string }>({ namespace: repeated, name: required(text) }));

function readMembers(raw: unknown, own: string): Parsed<readonly GroupMember[]> {
  const read = readable(members, raw);
  if (!read) return { ok: false, reason: 'must be a list of claims, each with a name and perhaps a namespace' };
  return { ok: true, value: read.map(({ namespace = own, name }) => ({ namespace, name })) };
}

const readStatus = object<PVCGroupStatus>({
  memberCount: integer,
  currentSize: text,
  lastExpansion: text,
  expansionHistory: listOf(
    object<GroupExpansion>({ timestamp: required(text), fromSize: text, toSize: text, reason: text }),
  ),
  lastUpdated: text,
  observedGeneration: integer,
  conditions: readConditions,
});

/** No spec makes it throw: an object that was dropped on arrival would limit nothing any more. */
export const pvcGroups: Resource<PVCGroup> = defineResource<PVCGroup>(
  { group: GROUP, version: VERSION, plural: 'pvcgroups', kind: 'PVCGroup', namespaced: true },
  (raw) => {
    const given = isObject(raw) ? raw : {};
    const metadata = isObject(given['metadata']) ? given['metadata'] : {};
    const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
    const status = readable(readStatus, given['status']);
    return { spec: readSpec(given['spec'], namespace), ...(status && { status }) };
  },
);
