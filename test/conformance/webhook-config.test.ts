import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { post } from './persona.ts';
import { connect } from './target.ts';
import { REGISTRATION } from './webhook-registration.ts';

const api = await connect();
const MUTATING = `${REGISTRATION}/mutatingwebhookconfigurations`;
const VALIDATING = `${REGISTRATION}/validatingwebhookconfigurations`;
const rule = { operations: ['CREATE'], apiGroups: ['nobody.example.com'], apiVersions: ['v1'], resources: ['things'] };
const usual = {
  name: 'usual.conformance.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/hook' },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

test('what a webhook leaves out is filled in', async () => {
  const name = `filled-${randomBytes(4).toString('hex')}`;
  after(() => Promise.all([MUTATING, VALIDATING].map((path) => api.call(`${path}/${name}`, { method: 'DELETE' }))));
  const shared = {
    ...usual,
    rules: [{ ...rule, scope: '*' }],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  };
  const mutating = await api.call(MUTATING, post({ metadata: { name }, webhooks: [usual] }));
  assert.equal(mutating.status, 201);
  assert.deepEqual(mutating.json.webhooks, [{ ...shared, reinvocationPolicy: 'Never' }]);
  assert.equal(mutating.json.metadata.generation, 1);
  const service = { namespace: 'default', name: 'hook' };
  const validating = await api.call(
    VALIDATING,
    post({ metadata: { name }, webhooks: [{ ...usual, clientConfig: { service } }] }),
  );
  assert.deepEqual(validating.json.webhooks, [{ ...shared, clientConfig: { service: { ...service, port: 443 } } }]);
});

for (const { what, webhook, problem } of [
  {
    what: 'a name of less than three parts',
    webhook: { name: 'too.short' },
    problem:
      'webhooks[0].name: Invalid value: "too.short": should be a domain with at least three segments separated by dots',
  },
  {
    what: 'side effects',
    webhook: { sideEffects: 'Some' },
    problem: 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
  },
  {
    what: 'no word about side effects',
    webhook: { sideEffects: undefined },
    problem: 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
  },
  {
    what: 'too much time',
    webhook: { timeoutSeconds: 31 },
    problem: 'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
  },
  {
    what: 'an unknown failure policy',
    webhook: { failurePolicy: 'Maybe' },
    problem: 'webhooks[0].failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
  },
  {
    what: 'neither a URL nor a service',
    webhook: { clientConfig: {} },
    problem: 'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
  },
  {
    what: 'a URL without TLS',
    webhook: { clientConfig: { url: 'http://example.com/hook' } },
    problem:
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
  },
  {
    what: 'a URL with a query',
    webhook: { clientConfig: { url: 'https://example.com/hook?a=b' } },
    problem: 'webhooks[0].clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
  },
  {
    what: 'no version that is known',
    webhook: { admissionReviewVersions: ['v9'] },
    problem: 'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
  },
  {
    what: 'a rule about no operation',
    webhook: { rules: [{ ...rule, operations: [] }] },
    problem: 'webhooks[0].rules[0].operations: Required value',
  },
  {
    what: 'a star beside others',
    webhook: { rules: [{ ...rule, apiGroups: ['*', 'apps'] }] },
    problem:
      'webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if \'*\' is present, must not specify other API groups',
  },
  {
    what: 'every resource and another',
    webhook: { rules: [{ ...rule, resources: ['*/*', 'pods'] }] },
    problem:
      'webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
  },
  {
    what: 'an unknown scope',
    webhook: { rules: [{ ...rule, scope: 'Galaxy' }] },
    problem: 'webhooks[0].rules[0].scope: Unsupported value: "Galaxy": supported values: "*", "Cluster", "Namespaced"',
  },
  {
    what: 'a condition that does not compile',
    webhook: { matchConditions: [{ name: 'c', expression: 'request.foo == 1' }] },
    problem:
      'webhooks[0].matchConditions[0].expression: Invalid value: "request.foo == 1": compilation failed: ERROR: <input>:1:8: undefined field \'foo\'\n | request.foo == 1\n | .......^',
  },
  {
    what: 'a condition that is no yes or no',
    webhook: { matchConditions: [{ name: 'c', expression: '1' }] },
    problem: 'webhooks[0].matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int',
  },
  {
    what: 'a condition without a name',
    webhook: { matchConditions: [{ expression: 'true' }] },
    problem: 'webhooks[0].matchConditions[0].name: Required value',
  },
]) {
  test(`a webhook with ${what} is refused as invalid`, async () => {
    const { status, json } = await api.call(
      VALIDATING,
      post({ metadata: { name: 'bad' }, webhooks: [{ ...usual, ...webhook }] }),
    );
    assert.equal(status, 422);
    assert.equal(
      json.message,
      `ValidatingWebhookConfiguration.admissionregistration.k8s.io "bad" is invalid: ${problem}`,
    );
  });
}

test('two webhooks of one name are refused', async () => {
  const { status, json } = await api.call(VALIDATING, post({ metadata: { name: 'bad' }, webhooks: [usual, usual] }));
  assert.equal(status, 422);
  assert.match(json.message, /webhooks\[1\]\.name: Duplicate value: "usual\.conformance\.example\.com"$/);
});
