/** What a policy and a binding may say (kubernetes/pkg/apis/admissionregistration, read in 1.36). */
import { type CelType, compileCel } from '../cel.ts';
import { duplicate, type FieldProblem, invalidValue, notSupported, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt, textsAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { conditionProblems, ruleProblems } from '../webhook/registration.ts';
import { compileVariables, conditionTypes } from './policy.ts';

export const policyRegistration: Rules = {
  defaults: (policy) => {
    const filled = withAt(policy, ['spec', 'failurePolicy'], at(policy, 'spec', 'failurePolicy') ?? 'Fail');
    return { ...withMatch(filled, 'matchConstraints'), status: objectAt(policy, 'status') };
  },
  create: (policy) => ({ ...policy, status: {} }),
  problems: (policy) => policyProblems(objectAt(policy, 'spec')),
};

export const bindingRegistration: Rules = {
  defaults: (binding) => withMatch(binding, 'matchResources'),
  problems: (binding) => bindingProblems(objectAt(binding, 'spec')),
};

function withMatch(object: JsonObject, member: string): JsonObject {
  const match = at(object, 'spec', member);
  if (!isObject(match)) return object;
  const scoped = (name: string): JsonObject => {
    const rules = at(match, name);
    if (!Array.isArray(rules)) return {};
    return { [name]: rules.map((rule: Json) => (isObject(rule) ? { ...rule, scope: rule['scope'] ?? '*' } : rule)) };
  };
  const filled = {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    ...match,
    ...scoped('resourceRules'),
    ...scoped('excludeResourceRules'),
  };
  return withAt(object, ['spec', member], filled);
}

function policyProblems(spec: JsonObject): readonly FieldProblem[] {
  const policy = textAt(spec, 'failurePolicy') ?? 'Fail';
  const match = at(spec, 'matchConstraints');
  const rules = listAt(match, 'resourceRules');
  return [
    ...(POLICIES.includes(policy) ? [] : [notSupported('spec.failurePolicy', policy, POLICIES)]),
    ...(match === undefined ? [required('spec.matchConstraints')] : matchProblems(match, 'spec.matchConstraints')),
    ...(match !== undefined && rules.length === 0 ? [required('spec.matchConstraints.resourceRules')] : []),
    ...listAt(spec, 'matchConditions').flatMap((condition, index) =>
      conditionProblems(condition, `spec.matchConditions[${index}]`, conditionTypes(spec)),
    ),
    ...variableProblems(spec),
    ...validationProblems(spec),
  ];
}

const POLICIES = ['Fail', 'Ignore'];

function matchProblems(match: Json, field: string): readonly FieldProblem[] {
  return ['resourceRules', 'excludeResourceRules'].flatMap((name) =>
    listAt(match, name).flatMap((rule, index) => ruleProblems(rule, `${field}.${name}[${index}]`)),
  );
}

function variableProblems(spec: JsonObject): readonly FieldProblem[] {
  const { variables } = compileVariables(spec);
  return listAt(spec, 'variables').flatMap((variable, index) => {
    const field = `spec.variables[${index}]`;
    const name = (textAt(variable, 'name') ?? '').trim();
    const expression = (textAt(variable, 'expression') ?? '').trim();
    const program = variables[index]?.program;
    const problems: FieldProblem[] = [];
    if (name === '') problems.push(required(`${field}.name`, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)) {
      problems.push(invalidValue(`${field}.name`, name, 'must be a valid CEL identifier'));
    }
    if (expression === '') problems.push(required(`${field}.expression`, 'expression is not specified'));
    else if (program?.kind === 'invalid') {
      problems.push(invalidValue(`${field}.expression`, expression, program.message));
    }
    return problems;
  });
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

function validationProblems(spec: JsonObject): readonly FieldProblem[] {
  const validations = listAt(spec, 'validations');
  if (validations.length === 0 && listAt(spec, 'auditAnnotations').length === 0) {
    const text = 'validations or auditAnnotations must contain at least one item';
    return [required('spec.validations', text), required('spec.auditAnnotations', text)];
  }
  const { types } = compileVariables(spec);
  return validations.flatMap((validation, index) => {
    const field = `spec.validations[${index}]`;
    const reason = textAt(validation, 'reason');
    const message = textAt(validation, 'message') ?? '';
    return [
      ...expressionProblems(textAt(validation, 'expression'), 'bool', { field: `${field}.expression`, types }),
      ...(at(validation, 'messageExpression') === undefined
        ? []
        : expressionProblems(textAt(validation, 'messageExpression'), 'string', {
            field: `${field}.messageExpression`,
            types,
          })),
      ...(message.trim().includes('\n')
        ? [invalidValue(`${field}.message`, message, 'must not contain line breaks')]
        : []),
      ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${field}.reason`, reason, REASONS)]),
    ];
  });
}

function expressionProblems(
  text: string | undefined,
  wanted: 'bool' | 'string',
  { field, types }: { readonly field: string; readonly types: Readonly<Record<string, CelType>> },
): readonly FieldProblem[] {
  const expression = (text ?? '').trim();
  if (expression === '') return [required(field, 'expression is not specified')];
  const program = compileCel(expression, { variables: types });
  if (program.kind === 'invalid') return [invalidValue(field, expression, program.message)];
  const good = program.type === wanted;
  return good ? [] : [invalidValue(field, expression, `must evaluate to ${wanted} but got ${program.type}`)];
}

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function bindingProblems(spec: JsonObject): readonly FieldProblem[] {
  const match = at(spec, 'matchResources');
  return [
    ...(textAt(spec, 'policyName') ? [] : [required('spec.policyName')]),
    ...parameterProblems(at(spec, 'paramRef')),
    ...(match === undefined ? [] : matchProblems(match, 'spec.matchResources')),
    ...actionProblems(textsAt(spec, 'validationActions')),
  ];
}

function parameterProblems(reference: Json | undefined): readonly FieldProblem[] {
  if (reference === undefined) return [];
  const [name, selector] = [textAt(reference, 'name') ?? '', at(reference, 'selector')];
  const action = textAt(reference, 'parameterNotFoundAction');
  const field = 'spec.paramRef.parameterNotFoundAction';
  const both = name !== '' && selector !== undefined;
  return [
    ...(both ? ['name', 'selector'].map((each) => forbiddenBoth(`spec.paramRef.${each}`)) : []),
    ...(name === '' && selector === undefined
      ? [required('spec.paramRef', 'one of name or selector must be specified')]
      : []),
    ...(action === undefined ? [required(field)] : []),
    ...(action !== undefined && !['Allow', 'Deny'].includes(action)
      ? [notSupported(field, action, ['Allow', 'Deny'])]
      : []),
  ];
}

function forbiddenBoth(field: string): FieldProblem {
  return {
    reason: 'FieldValueForbidden',
    field,
    body: 'Forbidden: name and selector are mutually exclusive',
  };
}

function actionProblems(actions: readonly string[]): readonly FieldProblem[] {
  const field = 'spec.validationActions';
  if (actions.length === 0) return [required(field, 'at least one validation action is required')];
  const problems = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(`${field}[${index}]`, action, ACTIONS)]),
    ...(actions.indexOf(action) < index ? [duplicate(`${field}[${index}]`, action)] : []),
  ]);
  if (!actions.includes('Deny') || !actions.includes('Warn')) return problems;
  const text =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [...problems, invalidValue(field, actions, text)];
}
