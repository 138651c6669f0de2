/** What a configuration of webhooks may say (kubernetes/pkg/apis/admissionregistration, read in 1.36). */
import { type CelType, compileCel } from '../cel.ts';
import { duplicate, type FieldProblem, invalidValue, notSupported, required } from '../field.ts';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  withAt,
} from '../json.ts';
import type { Rules } from '../kind.ts';
import { isQualifiedName, isSubdomain } from '../names.ts';
import { conditionVariables } from './condition.ts';

export const mutatingRegistration: Rules = registration({ reinvocationPolicy: 'Never' });
export const validatingRegistration: Rules = registration({});

function registration(more: JsonObject): Rules {
  return {
    defaults: (object) => withHooks(object, (hook) => withDefaults(hook, more)),
    problems: (object) => problemsOf(listAt(object, 'webhooks')),
  };
}

function withHooks(object: JsonObject, change: (hook: JsonObject) => JsonObject): JsonObject {
  if (listAt(object, 'webhooks').length === 0) return object;
  return { ...object, webhooks: listAt(object, 'webhooks').map((hook) => (isObject(hook) ? change(hook) : hook)) };
}

function withDefaults(hook: JsonObject, more: JsonObject): JsonObject {
  const filled = {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...more,
    ...hook,
  };
  const rules = listAt(hook, 'rules').map((rule) => (isObject(rule) ? { ...rule, scope: rule['scope'] ?? '*' } : rule));
  const scoped: JsonObject = rules.length === 0 ? filled : { ...filled, rules };
  const service = at(hook, 'clientConfig', 'service');
  return isObject(service) && service['port'] === undefined
    ? withAt(scoped, ['clientConfig', 'service', 'port'], 443)
    : scoped;
}

function problemsOf(hooks: readonly Json[]): readonly FieldProblem[] {
  return hooks.flatMap((hook, index) => {
    const field = `webhooks[${index}]`;
    const name = textAt(hook, 'name') ?? '';
    const twice = name !== '' && hooks.slice(0, index).some((other) => textAt(other, 'name') === name);
    return [
      ...nameProblems(`${field}.name`, name),
      ...listAt(hook, 'rules').flatMap((rule, at) => ruleProblems(rule, `${field}.rules[${at}]`)),
      ...choiceProblems(hook, field),
      ...clientProblems(objectAt(hook, 'clientConfig'), `${field}.clientConfig`),
      ...listAt(hook, 'matchConditions').flatMap((condition, at) =>
        conditionProblems(condition, `${field}.matchConditions[${at}]`),
      ),
      ...versionProblems(textsAt(hook, 'admissionReviewVersions'), `${field}.admissionReviewVersions`),
      ...(twice ? [duplicate(`${field}.name`, name)] : []),
    ];
  });
}

function nameProblems(field: string, name: string): readonly FieldProblem[] {
  if (name === '') return [required(field)];
  const texts = isSubdomain(name);
  if (texts.length > 0) return [invalidValue(field, name, texts.join(','))];
  return name.split('.').length < 3
    ? [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

export function ruleProblems(rule: Json, field: string): readonly FieldProblem[] {
  const scope = textAt(rule, 'scope') ?? '*';
  return [
    ...listProblems(rule, `${field}.operations`, 'operations'),
    ...textsAt(rule, 'operations').flatMap((operation, index) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(`${field}.operations[${index}]`, operation, OPERATIONS)],
    ),
    ...listProblems(rule, `${field}.apiGroups`, 'API groups'),
    ...listProblems(rule, `${field}.apiVersions`, 'API versions'),
    ...resourceProblems(textsAt(rule, 'resources'), `${field}.resources`),
    ...(SCOPES.includes(scope) ? [] : [notSupported(`${field}.scope`, scope, SCOPES)]),
  ];
}

function listProblems(rule: Json, field: string, what: string): readonly FieldProblem[] {
  const list = textsAt(rule, field.split('.').at(-1) ?? '');
  if (list.length === 0) return [required(field)];
  if (list.length === 1 || !list.includes('*')) return [];
  return [invalidValue(field, list, `if '*' is present, must not specify other ${what}`)];
}

function resourceProblems(resources: readonly string[], field: string): readonly FieldProblem[] {
  if (resources.length === 0) return [required(field)];
  const problems: FieldProblem[] = [];
  for (const [index, resource] of resources.entries()) {
    const before = resources.slice(0, index);
    const [name = '', below] = resource.split('/', 2);
    const place = `${field}[${index}]`;
    const wide = below === undefined ? [] : [`${name}/*`, `*/${below}`].filter((each) => before.includes(each));
    if (resource === '') problems.push(required(place));
    for (const each of wide) {
      problems.push(invalidValue(place, resource, `if '${each}' is present, must not specify ${resource}`));
    }
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    problems.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && resources.some((each) => each !== '*' && !each.includes('/'))) {
    const text = "if '*' is present, must not specify other resources without subresources";
    problems.push(invalidValue(field, resources, text));
  }
  return problems;
}

const CHOICES = [
  { name: 'failurePolicy', allowed: ['Fail', 'Ignore'] },
  { name: 'matchPolicy', allowed: ['Equivalent', 'Exact'] },
  { name: 'sideEffects', allowed: ['None', 'NoneOnDryRun'] },
  { name: 'reinvocationPolicy', allowed: ['IfNeeded', 'Never'] },
] as const;

function choiceProblems(hook: Json, field: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const { name, allowed } of CHOICES) {
    const value = textAt(hook, name);
    if (value === undefined && name === 'sideEffects') {
      problems.push(required(`${field}.${name}`, `must specify one of ${allowed.join(', ')}`));
    }
    if (value !== undefined && !allowed.some((each) => each === value)) {
      problems.push(notSupported(`${field}.${name}`, value, allowed));
    }
  }
  const seconds = numberAt(hook, 'timeoutSeconds') ?? 10;
  if (seconds < 1 || seconds > 30) {
    problems.push(
      invalidValue(`${field}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  }
  return problems;
}

function clientProblems(client: JsonObject, field: string): readonly FieldProblem[] {
  const url = textAt(client, 'url');
  const service = at(client, 'service');
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlProblems(url, `${field}.url`);
  return ['name', 'namespace']
    .filter((name) => !textAt(service, name))
    .map((name) => required(`${field}.service.${name}`));
}

const FORM = '; desired format: https://host[/path]';

function urlProblems(text: string, field: string): readonly FieldProblem[] {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(\?[^#]*)?(#.*)?$/i.exec(text);
  const [, scheme = '', authority = '', query = '', fragment = ''] = match ?? [];
  const [host = '', user] = authority.split('@').reverse();
  const problems: FieldProblem[] = [];
  if (scheme.toLowerCase() !== 'https') {
    problems.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${FORM}`));
  }
  if (host === '') problems.push(invalidValue(field, host, `host must be specified${FORM}`));
  if (user !== undefined) problems.push(invalidValue(field, user, 'user information is not permitted in the URL'));
  if (fragment.length > 1) {
    problems.push(invalidValue(field, fragment.slice(1), 'fragments are not permitted in the URL'));
  }
  if (query.length > 1) {
    problems.push(invalidValue(field, query.slice(1), 'query parameters are not permitted in the URL'));
  }
  return problems;
}

export function conditionProblems(
  condition: Json,
  field: string,
  variables: Readonly<Record<string, CelType>> = conditionVariables,
): readonly FieldProblem[] {
  const expression = (textAt(condition, 'expression') ?? '').trim();
  const name = textAt(condition, 'name') ?? '';
  const named =
    name === ''
      ? [required(`${field}.name`)]
      : isQualifiedName(name).map((text) => invalidValue(`${field}.name`, name, text));
  if (expression === '') return [required(`${field}.expression`), ...named];
  const program = compileCel(expression, { variables });
  const place = `${field}.expression`;
  if (program.kind === 'invalid') {
    return [invalidValue(place, expression, program.message), ...named];
  }
  if (program.type !== 'bool') {
    return [invalidValue(place, expression, `must evaluate to bool but got ${program.type}`), ...named];
  }
  return named;
}

const VERSIONS = ['v1', 'v1beta1'];

function versionProblems(versions: readonly string[], field: string): readonly FieldProblem[] {
  if (versions.length === 0) return [required(field, `must specify one of ${VERSIONS.join(', ')}`)];
  const twice = versions.flatMap((version, index) =>
    versions.indexOf(version) < index ? [invalidValue(`${field}[${index}]`, version, 'duplicate version')] : [],
  );
  if (versions.some((version) => VERSIONS.includes(version))) return twice;
  return [...twice, invalidValue(field, versions, `must include at least one of ${VERSIONS.join(', ')}`)];
}
