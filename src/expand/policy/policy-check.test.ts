import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy } from './policy-check.ts';

const policy = (spec: unknown, more: object = {}): object => ({
  apiVersion: 'pvc-chonker.io/v1alpha1',
  kind: 'PVCPolicy',
  metadata: { name: 'databases', namespace: 'shop' },
  spec,
  ...more,
});
const said = (written: unknown): readonly string[] =>
  checkPolicy(written).map(({ field, value, reason }) => `${field} "${value}" ${reason}`);

test('what can be read has no problem, also where a number stands for a text', () => {
  assert.deepEqual(said(policy({ selector: {} })), []);
  const template = { threshold: 85, increase: '25%', maxSize: '500Gi', cooldown: '6h', enabled: false };
  const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] };
  assert.deepEqual(said(policy({ selector, priority: -5, template })), []);
});

test('each value that cannot be read is named with its field and what is accepted', () => {
  const template = { threshold: '200%', cooldown: 'soon', increase: 10, enabled: 'yes' };
  assert.deepEqual(said(policy({ selector: {}, priority: 1.5, template })), [
    'spec.priority "1.5" must be a whole number',
    'spec.template.enabled ""yes"" must be true or false',
    'spec.template.threshold "200%" must be a percentage from 1 to 99, for example "80%" or "80"',
    'spec.template.increase "10" must be a percentage or a quantity above zero, for example "10%" or "5Gi"',
    'spec.template.cooldown "soon" must be a duration, for example "15m", "1h30m" or "2d"',
  ]);
});

test('a field that is not there is told with the one that was meant', () => {
  assert.deepEqual(said(policy({ selector: {}, template: { treshold: '80%' }, prioriy: 1 })), [
    'spec.template.treshold "80%" is no field that can be written here; did you mean threshold?',
    'spec.prioriy "1" is no field that can be written here; did you mean priority?',
  ]);
  assert.match(said(policy({ selector: {} }, { sepc: {} })).join(), /^sepc "\{\}" is no field .* did you mean spec\?$/);
});

test('a selector says which part of it is wrong', () => {
  assert.match(said(policy({})).join(), /^spec\.selector "" is missing; an empty one/);
  assert.match(
    said(policy({ selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } })).join(),
    /^spec\.selector\.matchExpressions\.0 ".*" must have values for In and NotIn/,
  );
  assert.match(
    said(policy({ selector: { matchExpressions: [{ key: 'a', operator: 'Is', values: ['b'] }] } })).join(),
    /operator "Is" must be In, NotIn, Exists or DoesNotExist$/,
  );
  assert.match(
    said(policy({ selector: { matchLabels: { a: 'no spaces' } } })).join(),
    /matchLabels\.a "no spaces" cannot be/,
  );
  assert.match(said(policy({ selector: { matchLabels: { 'a b': 'c' } } })).join(), /matchLabels ".*" must be labels/);
});

test('whose object it is must be said, and nothing else is taken for a policy', () => {
  assert.deepEqual(
    checkPolicy({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'Big', uid: 'x' }, spec: { selector: {} } }).map(
      ({ field }) => field,
    ),
    ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace', 'metadata.uid'],
  );
  for (const written of [undefined, null, 3, 'text', []]) assert.equal(checkPolicy(written).length, 1, String(written));
  assert.ok(checkPolicy({ metadata: { name: 'a', namespace: 'b', labels: [1] } }).length > 0);
});

test('of very much that is wrong the beginning is told, at once', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`threshol${index}`, index]));
  const long = { ['x'.repeat(1_000_000)]: 1 };
  for (const template of [many, long]) {
    const problems = checkPolicy(policy({ selector: {}, template }));
    assert.ok(problems.length > 0 && problems.length <= 20);
    assert.ok(problems.every(({ field, reason }) => field.length < 200 && reason.length < 200));
  }
});
