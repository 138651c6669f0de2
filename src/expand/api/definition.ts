/** The CustomResourceDefinitions of our kinds, made from their schemas, and what an API server is to say of them. */
import { z } from 'zod';
import type { KubeObject } from '../../kube/object.ts';
import { isObject } from '../../kube/reader.ts';
import type { Resource } from '../../kube/resource.ts';
import { pvcGroupSchema, pvcGroups } from './pvc-group.ts';
import { GROUP, pvcPolicies, pvcPolicySchema, VERSION } from './pvc-policy.ts';
import { type Schema, toStructural } from './structural.ts';

/** An object as it is applied. */
export interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Schema;
}

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

const ready: Column = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: 'Whether it can be read and acts.',
};
const age: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long it has been there.',
};
const template = (name: string, member: string, description: string): Column => ({
  name,
  type: 'string',
  jsonPath: `.spec.template.${member}`,
  description,
});

const policyDefinition = define(pvcPolicies, pvcPolicySchema, {
  shortName: 'pvcp',
  columns: [
    { name: 'Priority', type: 'integer', jsonPath: '.spec.priority', description: 'The highest counts.' },
    template('Threshold', 'threshold', 'Used share at which claims grow.'),
    template('Increase', 'increase', 'By how much.'),
    template('Max', 'maxSize', 'Largest size.'),
    { name: 'Matched', type: 'integer', jsonPath: '.status.matchedPVCs', description: 'Claims that it is for.' },
    ready,
    age,
  ],
});

const groupDefinition = define(pvcGroups, pvcGroupSchema, {
  shortName: 'pvcg',
  columns: [
    {
      name: 'Coordination',
      type: 'string',
      jsonPath: '.spec.coordinationPolicy',
      description: 'How the members are sized.',
    },
    { name: 'Members', type: 'integer', jsonPath: '.status.memberCount', description: 'Claims of the group.' },
    { name: 'Size', type: 'string', jsonPath: '.status.currentSize', description: 'Size of the members.' },
    {
      name: 'Last expansion',
      type: 'date',
      jsonPath: '.status.lastExpansion',
      description: 'When a member last grew.',
      priority: 1,
    },
    {
      name: 'Refused',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="MembersRefused")].status',
      description: 'Whether a namespace does not let it have a claim.',
      priority: 1,
    },
    ready,
    age,
  ],
});

export const definitions: readonly Definition[] = [policyDefinition, groupDefinition];

interface Presentation {
  readonly shortName: string;
  readonly columns: readonly Column[];
}

function define(
  { kind, plural }: Pick<Resource<KubeObject>, 'kind' | 'plural'>,
  schema: z.ZodType,
  { shortName, columns }: Presentation,
): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    // Uninstalling the chart must not take every policy of the cluster with it.
    metadata: { name: `${plural}.${GROUP}`, annotations: { 'helm.sh/resource-policy': 'keep' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: wholeOf(schema) },
        },
      ],
    },
  };
}

/** With the three members that every object has. */
function wholeOf(schema: z.ZodType): Schema {
  const json: unknown = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  const { properties, ...rest } = toStructural(isObject(json) ? json : {});
  const own = isObject(properties) ? properties : {};
  const head = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  return { ...rest, properties: { ...head, ...own } };
}
