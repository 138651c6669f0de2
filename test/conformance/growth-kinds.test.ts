/** The kinds of growth as their definitions stand: every API server accepts of a policy what Larder can read, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { definitions } from '../../src/expand/api/definition.ts';
import { near, spelledAlike } from '../../src/expand/api/spelling.fixture.ts';
import { readTemplate } from '../../src/expand/api/template.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import { causesOf, create, newGroup, served } from './definitions.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const group = newGroup();

for (const { apiVersion, kind, spec } of definitions) {
  const plural = kindOf(spec) === 'PVCPolicy' ? 'pvcpolicies' : 'pvcgroups';
  const definition = { apiVersion, kind, metadata: { name: `${plural}.${group}` }, spec: { ...spec, group } };
  const { status, text } = await create(api, definition);
  assert.equal(status, 201, text);
  await served(api, `/apis/${group}/v1alpha1/${plural}`);
}

function kindOf(spec: object): unknown {
  const names: unknown = Reflect.get(spec, 'names');
  return typeof names === 'object' && names !== null ? Reflect.get(names, 'kind') : undefined;
}

const tried = (kind: 'PVCPolicy' | 'PVCGroup', spec: object): Promise<Answer> => {
  const plural = kind === 'PVCPolicy' ? 'pvcpolicies' : 'pvcgroups';
  const path = `/apis/${group}/v1alpha1/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`;
  const body = { apiVersion: `${group}/v1alpha1`, kind, metadata: { name: 'tried' }, spec };
  return api.call(path, { method: 'POST', body });
};
const policy = (template: object): Promise<Answer> => tried('PVCPolicy', { selector: {}, template });

for (const [members, good, bad] of spelledAlike) {
  for (const member of members) {
    test(`${member} of a policy: ${good.length} spellings are accepted, ${bad.length} are not`, async () => {
      for (const value of good) {
        const answer = await policy({ [member]: value });
        assert.equal(answer.status, 201, `${JSON.stringify(value)}: ${answer.text}`);
        assert.deepEqual(answer.json.spec.template, { enabled: true, [member]: value });
      }
      for (const value of bad) {
        const answer = await policy({ [member]: value });
        assert.equal(answer.status, 422, JSON.stringify(value));
        const blamed = causesOf(answer).filter((cause) => cause.includes(` spec.template.${member}: `));
        assert.ok(blamed.length > 0, answer.text);
      }
    });
  }
}

test('on texts near the accepted ones it decides as Larder does', async () => {
  const members = ['threshold', 'increase', 'maxSize', 'cooldown', 'provider'] as const;
  const texts = fc.sample(fc.tuple(fc.constantFrom(...members), near), { numRuns: 120, seed: 2026 });
  let accepted = 0;
  for (const [member, text] of texts) {
    if ((bytesOf(text) ?? 0n) >= 2n ** 63n) continue; // more than the API can store: only Larder refuses it
    const { status } = await policy({ [member]: text });
    const fields = Object.values(readTemplate({ [member]: text }).fields);
    accepted += status === 201 ? 1 : 0;
    assert.equal(
      status === 201,
      fields.every((field) => field === undefined || field.ok),
      `${member}: ${text}`,
    );
  }
  assert.ok(accepted >= 5, `only ${accepted} were accepted`);
});

interface Case {
  readonly kind: 'PVCPolicy' | 'PVCGroup';
  readonly spec: object;
  readonly causes: readonly string[];
}

const refused: readonly Case[] = [
  {
    kind: 'PVCPolicy',
    spec: { selector: {}, template: { minScaleUp: '1Gi', minIncrease: '2Gi' } },
    causes: [
      'FieldValueInvalid spec.template: Invalid value: minIncrease is another name of minScaleUp: write one of them, or the same in both',
    ],
  },
  {
    kind: 'PVCPolicy',
    spec: { selector: { matchLabels: { 'a b': 'c' } } },
    causes: [
      'FieldValueInvalid spec.selector.matchLabels: Invalid value: every key must be the name of a label, for example app.kubernetes.io/name',
    ],
  },
  {
    kind: 'PVCPolicy',
    spec: { selector: { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['a'] }] } },
    causes: [
      'FieldValueInvalid spec.selector.matchExpressions[0]: Invalid value: In and NotIn need values; Exists and DoesNotExist must have none',
    ],
  },
  {
    kind: 'PVCGroup',
    spec: { template: { threshold: '0%' } },
    causes: [
      'FieldValueInvalid spec.template.threshold: Invalid value: "0%": must be a percentage from 1 to 99, for example "80%" or "80"',
    ],
  },
];

for (const { kind, spec, causes } of refused) {
  test(`a ${kind} is refused: ${causes[0]?.split('Invalid value: ')[1]}`, async () => {
    const answer = await tried(kind, spec);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(causesOf(answer), causes);
  });
}

test('what is not said has its default, and a group may do without anything', async () => {
  const answer = await tried('PVCPolicy', { selector: {} });
  assert.deepEqual(answer.json.spec, { selector: {}, priority: 0, template: { enabled: true } });
  const empty = await tried('PVCGroup', {});
  assert.deepEqual(empty.json.spec, { coordinationPolicy: 'largest', template: { enabled: true } });
});

test('the status of a group in its spec is accepted also where unknown fields are not', async () => {
  const status = { currentSize: '500Gi', expansionHistory: [{ reason: 'threshold_reached' }] };
  const answer = await tried('PVCGroup', { status });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(answer.json.spec.status, status);
  const unknown = await tried('PVCGroup', { statuses: status });
  assert.match(unknown.json.message, /strict decoding error: unknown field "spec\.statuses"/);
});
