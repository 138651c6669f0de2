/** One ValidatingAdmissionPolicy or a binding of one, read and compiled once. */
import { type CelProgram, type CelType, compileCel } from '../cel.ts';
import { at, type Json, type JsonObject, listAt, objectAt, textAt, textsAt } from '../json.ts';
import type { Reading } from '../store.ts';
import { conditionVariables } from '../webhook/condition.ts';
import { type Condition, type HookRule, readCondition, readHookRule, readScope, type Scope } from '../webhook/hook.ts';

export interface MatchResources extends Scope {
  readonly excluded: readonly HookRule[];
}

export interface Policy {
  readonly name: string;
  readonly match: MatchResources;
  /** An expression that cannot be evaluated counts as fulfilled. */
  readonly ignoresFailures: boolean;
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly conditions: readonly Condition[];
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
}

export interface Variable {
  readonly name: string;
  readonly program: CelProgram;
}

export interface Validation {
  readonly expression: string;
  readonly program: CelProgram;
  /** Empty when there is none. */
  readonly message: string;
  readonly messageProgram: CelProgram | undefined;
  readonly reason: string;
}

export interface Binding {
  readonly name: string;
  readonly policyName: string;
  /** Undefined: wherever the policy is valid. */
  readonly match: MatchResources | undefined;
  readonly paramRef: JsonObject | undefined;
  readonly actions: readonly string[];
}

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;

export function hasPolicies(reading: Reading): boolean {
  return reading.list(BINDINGS).length > 0;
}

/** Each with those that put it into force; one without any is not. */
export function policiesOf(
  reading: Reading,
): readonly { readonly policy: Policy; readonly bindings: readonly Binding[] }[] {
  const bindings = reading
    .list(BINDINGS)
    .map(({ name, object }) => remembered(boundBefore, object, () => readBinding(name, object)));
  return reading.list(POLICIES).flatMap(({ name, object }) => {
    const own = bindings.filter(({ policyName }) => policyName === name);
    return own.length === 0
      ? []
      : [{ policy: remembered(readBefore, object, () => readPolicy(name, object)), bindings: own }];
  });
}

/** Objects are never changed, so each is read once. */
const readBefore = new WeakMap<JsonObject, Policy>();
const boundBefore = new WeakMap<JsonObject, Binding>();

function remembered<T>(known: WeakMap<JsonObject, T>, object: JsonObject, read: () => T): T {
  const before = known.get(object);
  if (before !== undefined) return before;
  const fresh = read();
  known.set(object, fresh);
  return fresh;
}

function readPolicy(name: string, object: JsonObject): Policy {
  const spec = objectAt(object, 'spec');
  const paramKind = at(spec, 'paramKind');
  const { types, variables } = compileVariables(spec);
  return {
    name,
    match: readMatch(at(spec, 'matchConstraints')),
    ignoresFailures: textAt(spec, 'failurePolicy') === 'Ignore',
    paramKind:
      paramKind === undefined
        ? undefined
        : { apiVersion: textAt(paramKind, 'apiVersion') ?? '', kind: textAt(paramKind, 'kind') ?? '' },
    conditions: listAt(spec, 'matchConditions').map((each) => readCondition(each, conditionTypes(spec))),
    variables,
    validations: listAt(spec, 'validations').map((each) => readValidation(each, types)),
  };
}

/** What the conditions of a policy can speak of: the variables are not made yet. */
export function conditionTypes(spec: JsonObject): Readonly<Record<string, CelType>> {
  const params: Readonly<Record<string, CelType>> =
    at(spec, 'paramKind') === undefined ? {} : { params: { kind: 'dyn' } };
  return { ...conditionVariables, ...params, namespaceObject: { kind: 'dyn' } };
}

/** Each may speak of those before it. `types` is what everything after them can. */
export function compileVariables(spec: JsonObject): {
  readonly types: Readonly<Record<string, CelType>>;
  readonly variables: readonly Variable[];
} {
  const base = conditionTypes(spec);
  const fields: Record<string, CelType> = {};
  const typesNow = (): Readonly<Record<string, CelType>> => ({
    ...base,
    variables: { kind: 'object', name: 'kubernetes.variables', verbatim: true, fields: { ...fields } },
  });
  const variables = listAt(spec, 'variables').map((each) => {
    const name = textAt(each, 'name') ?? '';
    const program = compileCel((textAt(each, 'expression') ?? '').trim(), { variables: typesNow() });
    fields[name] = { kind: 'dyn' };
    return { name, program };
  });
  return { types: variables.length === 0 ? base : typesNow(), variables };
}

function readValidation(value: Json, variables: Readonly<Record<string, CelType>>): Validation {
  const expression = (textAt(value, 'expression') ?? '').trim();
  const messageExpression = (textAt(value, 'messageExpression') ?? '').trim();
  return {
    expression,
    program: compileCel(expression, { variables }),
    message: (textAt(value, 'message') ?? '').trim(),
    messageProgram: messageExpression === '' ? undefined : compileCel(messageExpression, { variables }),
    reason: textAt(value, 'reason') || 'Invalid',
  };
}

function readBinding(name: string, object: JsonObject): Binding {
  const spec = objectAt(object, 'spec');
  const match = at(spec, 'matchResources');
  return {
    name,
    policyName: textAt(spec, 'policyName') ?? '',
    match: match === undefined ? undefined : readMatch(match),
    paramRef: at(spec, 'paramRef') === undefined ? undefined : objectAt(spec, 'paramRef'),
    actions: textsAt(spec, 'validationActions'),
  };
}

function readMatch(value: Json | undefined): MatchResources {
  return {
    ...readScope(value, 'resourceRules'),
    excluded: listAt(value, 'excludeResourceRules').map(readHookRule),
  };
}
