import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { configMap, configMaps, MERGE } from './objects.ts';
import { post, until } from './persona.ts';
import { type Answer, connect } from './target.ts';
import { REGISTRATION, warningsOf } from './webhook-registration.ts';

const api = await connect();
const POLICIES = `${REGISTRATION}/validatingadmissionpolicies`;
const BINDINGS = `${REGISTRATION}/validatingadmissionpolicybindings`;
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };

interface Enforced {
  readonly namespace: string;
  readonly spec: object;
  readonly binding?: object;
}

/** Resolves when the policy is in force: it refuses what is marked for it. Gives its name, which is its binding's, too. */
async function enforce({ namespace, spec, binding = {} }: Enforced): Promise<string> {
  const name = `policy-${randomBytes(4).toString('hex')}`;
  const { validations = [], ...rest }: { validations?: readonly object[] } = spec;
  const signal = { expression: `!("probe" in object.data)`, message: name };
  const matchConstraints = {
    resourceRules: [rule],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  };
  const policy = { matchConstraints, ...rest, validations: [signal, ...validations] };
  const made = await api.call(POLICIES, post({ metadata: { name }, spec: policy }));
  assert.equal(made.status, 201, made.text);
  const bound = { policyName: name, validationActions: ['Deny'], ...binding };
  const tied = await api.call(BINDINGS, post({ metadata: { name }, spec: bound }));
  assert.equal(tied.status, 201, tied.text);
  after(async () => {
    await api.call(`${BINDINGS}/${name}`, { method: 'DELETE' });
    await api.call(`${POLICIES}/${name}`, { method: 'DELETE' });
  });
  const heard = (answer: Answer): boolean => `${answer.text} ${warningsOf(answer)}`.includes(name);
  await until(() => api.call(`${configMaps(namespace)}?dryRun=All`, post(configMap('probe', { probe: 'x' }))), heard);
  return name;
}

const create = (namespace: string, data: Record<string, string>, labels = {}) =>
  api.call(`${configMaps(namespace)}?dryRun=All`, post(configMap('judged', data, { labels })));

const denied = (name: string, why: string): string =>
  `configmaps "judged" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${why}`;

test('what a policy and a binding leave out is filled in', async () => {
  const name = `policy-${randomBytes(4).toString('hex')}`;
  after(() => Promise.all([POLICIES, BINDINGS].map((path) => api.call(`${path}/${name}`, { method: 'DELETE' }))));
  const nobody = { ...rule, apiGroups: ['nobody.example.com'] };
  const spec = { matchConstraints: { resourceRules: [nobody] }, validations: [{ expression: 'true' }] };
  const { json: policy } = await api.call(POLICIES, post({ metadata: { name }, spec }));
  const match = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} };
  assert.deepEqual(policy.spec, {
    failurePolicy: 'Fail',
    matchConstraints: { ...match, resourceRules: [{ ...nobody, scope: '*' }] },
    validations: [{ expression: 'true' }],
  });
  const bound = { policyName: name, validationActions: ['Audit'], matchResources: {} };
  const { json: binding } = await api.call(BINDINGS, post({ metadata: { name }, spec: bound }));
  assert.deepEqual(binding.spec, { ...bound, matchResources: match });
});

test('a policy denies what one of its validations is false for, and says which', async () => {
  const namespace = await api.namespace();
  const name = await enforce({
    namespace,
    spec: {
      validations: [
        { expression: 'object.data.size() < 3' },
        { expression: '!("a" in object.data)', message: 'no a please', reason: 'Forbidden' },
        { expression: '!("b" in object.data)', messageExpression: '"b is " + object.data.b', message: 'unused' },
        { expression: '!("c" in object.data)', messageExpression: 'string(object.data.nothing)', message: 'no c' },
        { expression: '!("d" in object.data) || object.data.nothing == "x"' },
      ],
    },
  });
  assert.equal((await create(namespace, { x: '1' })).status, 201);
  const many = await create(namespace, { x: '1', y: '2', z: '3' });
  assert.equal(many.status, 422);
  const message = denied(name, 'failed expression: object.data.size() < 3');
  assert.deepEqual(many.json, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Invalid',
    details: {
      name: 'judged',
      kind: 'configmaps',
      causes: [{ message: message.slice('configmaps "judged" is forbidden: '.length) }],
    },
    code: 422,
  });
  const forbidden = await create(namespace, { a: '1' });
  assert.deepEqual(
    [forbidden.status, forbidden.json.reason, forbidden.json.message],
    [403, 'Forbidden', denied(name, 'no a please')],
  );
  assert.equal((await create(namespace, { b: '2' })).json.message, denied(name, 'b is 2'));
  assert.equal((await create(namespace, { c: '2' })).json.message, denied(name, 'no c'));
  assert.equal(
    (await create(namespace, { d: '2' })).json.message,
    denied(
      name,
      'expression \'!("d" in object.data) || object.data.nothing == "x"\' resulted in error: no such key: nothing',
    ),
  );
  assert.equal((await create(namespace, { a: '1', b: '2' })).json.message, denied(name, 'no a please'));
});

test('an expression that cannot be evaluated is ignored when the failure policy says so', async () => {
  const namespace = await api.namespace();
  await enforce({
    namespace,
    spec: { failurePolicy: 'Ignore', validations: [{ expression: 'object.data.nothing == "x"' }] },
  });
  assert.equal((await create(namespace, { a: '1' })).status, 201);
});

test('variables are made when they are needed', async () => {
  const namespace = await api.namespace();
  const name = await enforce({
    namespace,
    spec: {
      variables: [
        { name: 'size', expression: 'object.data.size()' },
        { name: 'double', expression: 'variables.size * 2' },
        { name: 'broken', expression: 'object.data.nothing' },
      ],
      validations: [
        { expression: 'variables.double < 6', messageExpression: '"twice " + string(variables.size)' },
        { expression: '!("c" in object.data) || variables.broken == ""' },
      ],
    },
  });
  assert.equal((await create(namespace, { a: '1' })).status, 201);
  assert.equal((await create(namespace, { x: '1', y: '2', z: '3' })).json.message, denied(name, 'twice 3'));
  assert.equal(
    (await create(namespace, { c: '1' })).json.message,
    denied(
      name,
      'expression \'!("c" in object.data) || variables.broken == ""\' resulted in error: composited variable "broken" fails to evaluate: no such key: nothing',
    ),
  );
});

test('a policy sees the old object, the request and the namespace', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('judged', { a: '1' })));
  const name = await enforce({
    namespace,
    spec: {
      validations: [
        { expression: 'oldObject == null || oldObject.data.a == object.data.a', message: 'a is fixed' },
        { expression: `request.namespace == "${namespace}" && request.operation in ["CREATE", "UPDATE"]` },
        { expression: `namespaceObject.metadata.name == "${namespace}"` },
      ],
    },
  });
  const path = configMaps(namespace, 'judged');
  const good = await api.call(path, { method: 'PATCH', body: { data: { b: '2' } }, headers: MERGE });
  assert.equal(good.status, 200, good.text);
  const bad = await api.call(path, { method: 'PATCH', body: { data: { a: '2' } }, headers: MERGE });
  assert.equal(bad.json.message, denied(name, 'a is fixed'));
});

test('a binding that warns lets it pass and says why', async () => {
  const namespace = await api.namespace();
  const name = await enforce({
    namespace,
    spec: { validations: [{ expression: '!("a" in object.data)', message: 'no a please' }] },
    binding: { validationActions: ['Warn', 'Audit'] },
  });
  const answer = await create(namespace, { a: '1' });
  assert.equal(answer.status, 201);
  assert.equal(
    warningsOf(answer),
    `299 - "Validation failed for ValidatingAdmissionPolicy '${name}' with binding '${name}': no a please"`,
  );
});

test('conditions, bindings, exclusions and names narrow what a policy is for', async () => {
  const namespace = await api.namespace();
  const never = [{ expression: 'false', message: 'never' }];
  const name = await enforce({
    namespace,
    spec: {
      matchConstraints: {
        resourceRules: [rule],
        excludeResourceRules: [{ ...rule, resourceNames: ['spared'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
      matchConditions: [{ name: 'meant', expression: 'object.data.?meant.orValue("yes") == "yes"' }],
      validations: never,
    },
    binding: { matchResources: { objectSelector: { matchExpressions: [{ key: 'free', operator: 'DoesNotExist' }] } } },
  });
  assert.equal((await create(namespace, { meant: 'yes' })).json.message, denied(name, 'never'));
  assert.equal((await create(namespace, { meant: 'no' })).status, 201);
  assert.equal((await create(namespace, { meant: 'yes' }, { free: 'yes' })).status, 201);
  const spared = await api.call(`${configMaps(namespace)}?dryRun=All`, post(configMap('spared', { meant: 'yes' })));
  assert.equal(spared.status, 201);
});

/** A kind of its own for parameters: a server follows each kind that policies name. */
async function defineLimits(): Promise<string> {
  const group = `p${randomBytes(4).toString('hex')}.example.com`;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `limits.${group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const names = { plural: 'limits', singular: 'limit', kind: 'Limit' };
  await api.call(definitions, post({ metadata: { name }, spec: { group, scope: 'Namespaced', names, versions } }));
  after(() => api.call(`${definitions}/${name}`, { method: 'DELETE' }));
  return group;
}

test('a policy is made more exact by the object that its binding names', async () => {
  const namespace = await api.namespace();
  const group = await defineLimits();
  const limits = `/apis/${group}/v1/namespaces/${namespace}/limits`;
  const limit = { apiVersion: `${group}/v1`, kind: 'Limit', metadata: { name: 'limit' }, most: 2 };
  await until(
    () => api.call(limits, post(limit)),
    ({ status }) => status === 201,
  );
  const name = await enforce({
    namespace,
    spec: {
      paramKind: { apiVersion: `${group}/v1`, kind: 'Limit' },
      validations: [
        { expression: 'object.data.size() <= params.most', messageExpression: '"at most " + string(params.most)' },
      ],
    },
    binding: { paramRef: { name: 'limit', namespace, parameterNotFoundAction: 'Deny' } },
  });
  const known = await until(
    () => create(namespace, { a: '1', b: '2' }),
    ({ status }) => status === 201,
  );
  assert.equal(known.status, 201, known.text);
  assert.equal((await create(namespace, { a: '1', b: '2', c: '3' })).json.message, denied(name, 'at most 2'));
  await api.call(`${limits}/limit`, { method: 'DELETE' });
  const missing = await until(
    () => create(namespace, { a: '1' }),
    ({ status }) => status !== 201,
  );
  assert.equal(
    missing.json.message,
    denied(name, 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
  );
});

const constraints = { resourceRules: [{ ...rule, apiGroups: ['nobody.example.com'] }] };

for (const { what, spec, problem } of [
  {
    what: 'nothing in it',
    spec: {},
    problem:
      '[spec.matchConstraints: Required value, spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]',
  },
  {
    what: 'an expression that is no yes or no',
    spec: { matchConstraints: constraints, validations: [{ expression: '1' }] },
    problem: 'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
  },
  {
    what: 'a message that is no text',
    spec: { matchConstraints: constraints, validations: [{ expression: 'true', messageExpression: '1' }] },
    problem: 'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
  },
  {
    what: 'a message of two lines',
    spec: { matchConstraints: constraints, validations: [{ expression: 'true', message: 'a\nb' }] },
    problem: 'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
  },
  {
    what: 'an unknown reason',
    spec: { matchConstraints: constraints, validations: [{ expression: 'true', reason: 'Foo' }] },
    problem:
      'spec.validations[0].reason: Unsupported value: "Foo": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  },
  {
    what: 'an expression about parameters that it does not have',
    spec: { matchConstraints: constraints, validations: [{ expression: 'params == 1' }] },
    problem:
      "spec.validations[0].expression: Invalid value: \"params == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params == 1\n | ^",
  },
  {
    what: 'a variable that is not there',
    spec: {
      matchConstraints: constraints,
      variables: [{ name: 'a b', expression: 'true' }],
      validations: [{ expression: 'variables.q == 1' }],
    },
    problem:
      '[spec.variables[0].name: Invalid value: "a b": must be a valid CEL identifier, spec.validations[0].expression: Invalid value: "variables.q == 1": compilation failed: ERROR: <input>:1:10: undefined field \'q\'\n | variables.q == 1\n | .........^]',
  },
]) {
  test(`a policy with ${what} is refused as invalid`, async () => {
    const { status, json } = await api.call(POLICIES, post({ metadata: { name: 'bad' }, spec }));
    assert.equal(status, 422);
    assert.equal(json.message, `ValidatingAdmissionPolicy.admissionregistration.k8s.io "bad" is invalid: ${problem}`);
  });
}

for (const { what, spec, problem } of [
  {
    what: 'nothing in it',
    spec: {},
    problem:
      '[spec.policyName: Required value, spec.validationActions: Required value: at least one validation action is required]',
  },
  {
    what: 'an empty reference and an unknown action',
    spec: { policyName: 'x', validationActions: ['Foo'], paramRef: {} },
    problem:
      '[spec.paramRef: Required value: one of name or selector must be specified, spec.paramRef.parameterNotFoundAction: Required value, spec.validationActions[0]: Unsupported value: "Foo": supported values: "Audit", "Deny", "Warn"]',
  },
  {
    what: 'an action twice',
    spec: { policyName: 'x', validationActions: ['Deny', 'Deny'] },
    problem: 'spec.validationActions[1]: Duplicate value: "Deny"',
  },
  {
    what: 'both a no and a warning',
    spec: { policyName: 'x', validationActions: ['Deny', 'Warn'] },
    problem:
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  },
]) {
  test(`a binding with ${what} is refused as invalid`, async () => {
    const { status, json } = await api.call(BINDINGS, post({ metadata: { name: 'bad' }, spec }));
    assert.equal(status, 422);
    assert.equal(
      json.message,
      `ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "bad" is invalid: ${problem}`,
    );
  });
}
