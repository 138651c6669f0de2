/** Two definitions as a user writes them for sizes of claims, and the objects that belong to them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, define, newGroup, withSpec } from './definitions.ts';
import { APPLY, MERGE } from './objects.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const group = newGroup();
const apiVersion = `${group}/v1alpha1`;

const size = {
  type: 'string',
  maxLength: 32,
  'x-kubernetes-validations': [{ rule: 'isQuantity(self)', message: 'must be a size, such as 100Gi' }],
};
const share = { type: 'string', pattern: '^(100|[1-9]?[0-9])%$' };

const policySpec = {
  type: 'object',
  required: ['selector', 'template'],
  properties: {
    selector: {
      type: 'object',
      properties: {
        matchLabels: { type: 'object', maxProperties: 20, additionalProperties: { type: 'string', maxLength: 63 } },
      },
    },
    template: {
      type: 'object',
      required: ['threshold'],
      properties: {
        initialSize: size,
        threshold: share,
        inodesThreshold: { ...share, default: '80%' },
        increase: { type: 'string', maxLength: 32, default: '10%' },
        maxSize: size,
        minIncrease: size,
        provider: { type: 'string', enum: ['aws', 'gcp', 'nfs', 'local'] },
        providerConfig: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.initialSize) || !has(self.maxSize) || quantity(self.initialSize).compareTo(quantity(self.maxSize)) <= 0',
          messageExpression: '"the initial size " + self.initialSize + " is more than the largest, " + self.maxSize',
          fieldPath: '.initialSize',
        },
      ],
    },
  },
};

const member = {
  type: 'object',
  required: ['name', 'namespace'],
  properties: { name: { type: 'string', maxLength: 253 }, namespace: { type: 'string', maxLength: 63 } },
};

const groupSpec = {
  type: 'object',
  required: ['groupName', 'members'],
  properties: {
    groupName: {
      type: 'string',
      maxLength: 63,
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a group keeps its name' }],
    },
    coordinationPolicy: { type: 'string', enum: ['largest', 'average', 'none'], default: 'largest' },
    members: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: member,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['namespace', 'name'],
    },
  },
};

const groupStatus = {
  type: 'object',
  properties: {
    currentSize: size,
    lastExpansion: { type: 'string', format: 'date-time' },
    expansionHistory: {
      type: 'array',
      maxItems: 20,
      items: {
        type: 'object',
        properties: {
          timestamp: { type: 'string', format: 'date-time' },
          fromSize: size,
          toSize: size,
          reason: { type: 'string', maxLength: 64 },
        },
      },
    },
  },
};

await define(api, group, 'pvcpolicies', {
  kind: 'PVCPolicy',
  names: { singular: 'pvcpolicy', shortNames: ['pvcp'] },
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: withSpec(policySpec) },
      additionalPrinterColumns: [
        { name: 'Threshold', type: 'string', jsonPath: '.spec.template.threshold' },
        { name: 'Max', type: 'string', jsonPath: '.spec.template.maxSize' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ],
  served: 'v1alpha1',
});

await define(api, group, 'pvcgroups', {
  kind: 'PVCGroup',
  names: { singular: 'pvcgroup', shortNames: ['pvcg'] },
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: withSpec(groupSpec, { status: groupStatus }) },
      subresources: { status: {} },
      additionalPrinterColumns: [
        { name: 'Policy', type: 'string', jsonPath: '.spec.coordinationPolicy' },
        { name: 'Size', type: 'string', jsonPath: '.status.currentSize' },
      ],
    },
  ],
  served: 'v1alpha1',
});

const at = (plural: string, name = ''): string =>
  `/apis/${apiVersion}/namespaces/${namespace}/${plural}${name && `/${name}`}`;

const policy = {
  apiVersion,
  kind: 'PVCPolicy',
  metadata: { name: 'database-policy', namespace },
  spec: {
    selector: { matchLabels: { workload: 'database' } },
    template: {
      initialSize: '100Gi',
      threshold: '85%',
      increase: '25%',
      maxSize: '2000Gi',
      minIncrease: '50Gi',
      provider: 'aws',
      providerConfig: { volumeType: 'gp3', iops: 3000 },
    },
  },
};

const history = { timestamp: '2024-01-15T10:30:00Z', fromSize: '400Gi', toSize: '500Gi', reason: 'threshold_reached' };
const status = { currentSize: '500Gi', lastExpansion: '2024-01-15T10:30:00Z', expansionHistory: [history] };

const cluster = {
  apiVersion,
  kind: 'PVCGroup',
  metadata: { name: 'elasticsearch-cluster' },
  spec: {
    groupName: 'es-data',
    coordinationPolicy: 'largest',
    members: [
      { namespace: 'elastic', name: 'data-es-master-0' },
      { namespace: 'elastic', name: 'data-es-master-1' },
    ],
    status,
  },
};

test('a policy is kept as it was written, with what it left out', async () => {
  const answer = await api.call(at('pvcpolicies'), { method: 'POST', body: policy });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers['warning'], undefined);
  assert.deepEqual(answer.json.spec, {
    ...policy.spec,
    template: { ...policy.spec.template, inodesThreshold: '80%' },
  });
});

test('a group that has its status in its spec is accepted without it, and that is told', async () => {
  const answer = await api.call(at('pvcgroups'), { method: 'POST', body: cluster });
  assert.equal(answer.status, 201, answer.text);
  assert.match(String(answer.headers['warning']), /^299 - "unknown field \\"spec\.status\\""$/);
  const { status: _dropped, ...kept } = cluster.spec;
  assert.deepEqual(answer.json.spec, kept);
  const strict = { ...cluster, metadata: { name: 'strict' } };
  const refused = await api.call(`${at('pvcgroups')}?fieldValidation=Strict`, { method: 'POST', body: strict });
  assert.equal(
    refused.json.message,
    'PVCGroup in version "v1alpha1" cannot be handled as a PVCGroup: strict decoding error: unknown field "spec.status"',
  );
});

test('the status of a group is written beside it', async () => {
  const path = `${at('pvcgroups', 'elasticsearch-cluster')}/status`;
  const { json } = await api.call(path, { method: 'PATCH', headers: MERGE, body: { status } });
  assert.deepEqual(json.status, status);
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const { json: table } = await api.call(at('pvcgroups'), { headers: { accept } });
  assert.deepEqual(table.rows[0].cells, ['elasticsearch-cluster', 'largest', '500Gi']);
});

interface Case {
  readonly what: string;
  readonly template: object;
  readonly causes: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a share that is none',
    template: { threshold: '850' },
    causes: [
      'FieldValueInvalid spec.template.threshold: Invalid value: "850": spec.template.threshold in body should match \'^(100|[1-9]?[0-9])%$\'',
    ],
  },
  {
    what: 'a size that is none',
    template: { threshold: '85%', minIncrease: 'lots' },
    causes: ['FieldValueInvalid spec.template.minIncrease: Invalid value: "lots": must be a size, such as 100Gi'],
  },
  {
    what: 'more at first than at most',
    template: { threshold: '85%', initialSize: '2Ti', maxSize: '2000Gi' },
    causes: [
      'FieldValueInvalid spec.template.initialSize: Invalid value: the initial size 2Ti is more than the largest, 2000Gi',
    ],
  },
  {
    what: 'a provider that there is not',
    template: { threshold: '85%', provider: 'ibm' },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      'FieldValueNotSupported spec.template.provider: Unsupported value: "ibm": supported values: "aws", "gcp", "nfs", "local"',
    ],
  },
];

for (const { what, template, causes } of cases) {
  test(`a policy is refused for ${what}`, async () => {
    const body = { ...policy, metadata: { name: 'wrong' }, spec: { selector: {}, template } };
    const answer = await api.call(at('pvcpolicies'), { method: 'POST', body });
    assert.equal(answer.status, 422);
    assert.deepEqual(causesOf(answer), causes);
  });
}

const apply = (manager: string, name: string): Promise<Answer> =>
  api.call(`${at('pvcgroups', 'shared')}?fieldManager=${manager}`, {
    method: 'PATCH',
    headers: APPLY,
    body: {
      apiVersion,
      kind: 'PVCGroup',
      metadata: { name: 'shared' },
      spec: { groupName: 'shared', members: [{ namespace: 'elastic', name }] },
    },
  });

test('two who apply share the members of a group, and it keeps its name', async () => {
  await apply('one', 'data-0');
  const { json } = await apply('two', 'data-1');
  assert.deepEqual(
    json.spec.members.map((each: Answer['json']) => each.name),
    ['data-0', 'data-1'],
  );
  const body = { spec: { groupName: 'other' } };
  const renamed = await api.call(at('pvcgroups', 'shared'), { method: 'PATCH', headers: MERGE, body });
  assert.deepEqual(causesOf(renamed), [
    'FieldValueInvalid spec.groupName: Invalid value: "other": a group keeps its name',
  ]);
});
