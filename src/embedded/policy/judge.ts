/** What the admission policies in force say to a write (…/plugin/policy/validating, read in 0.36). */
import type { CelOutcome, CelProgram } from '../cel.ts';
import type { Json, JsonObject } from '../json.ts';
import { NAMESPACES, shelfName } from '../kinds.ts';
import { forbidden, Refusal } from '../refusal.ts';
import { judgeConditions, type Matching, matchRules, matchScope, valuesOf } from '../webhook/match.ts';
import { type Place, parametersOf } from './parameter.ts';
import { type Binding, type MatchResources, type Policy, policiesOf, type Validation } from './policy.ts';

export interface Judging extends Matching, Pick<Place, 'catalog'> {
  readonly warn: (text: string) => void;
}

interface Denial {
  readonly policy: Policy;
  /** Undefined when the policy itself cannot be applied. */
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: string;
}

/** @throws Refusal of the first policy that denies it; all are asked, for their warnings. */
export function judgePolicies(judging: Judging): void {
  const denials = policiesOf(judging.reading).flatMap(({ policy, bindings }) =>
    isConcerned(policy.match, judging)
      ? bindings
          .filter(({ match }) => !match || isConcerned(match, judging))
          .flatMap((each) => apply(policy, each, judging))
      : [],
  );
  const [first] = denials;
  if (first) throw refusalFor(first, judging);
}

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

function refusalFor({ policy, binding, message, reason }: Denial, { question }: Judging): Refusal {
  const bound = binding ? ` with binding '${binding.name}'` : '';
  const why = `ValidatingAdmissionPolicy '${policy.name}'${bound} denied request: ${message}`;
  const plain = forbidden(question.target.kind, question.name, why, { causes: [{ message: why }] });
  return new Refusal(CODES[reason] ?? 422, reason, plain.message, plain.details);
}

function isConcerned(match: MatchResources, judging: Judging): boolean {
  if (match.excluded.length > 0 && matchRules(match, match.excluded, judging)) return false;
  // a binding without rules is for all that the policy is for
  const scope = match.rules.length === 0 ? { ...match, rules: [ANY] } : match;
  return matchScope(scope, judging) !== undefined;
}

const ANY = {
  operations: ['*'],
  groups: ['*'],
  versions: ['*'],
  resources: ['*', '*/*'],
  names: [],
  scope: '*',
};

function apply(policy: Policy, binding: Binding, judging: Judging): readonly Denial[] {
  const { namespace } = judging.question.target;
  const found = parametersOf(policy, binding, { ...judging, namespace });
  if (found.kind === 'failed') {
    const message = `failed to configure binding: ${found.reason}`;
    return policy.ignoresFailures ? [] : [{ policy, binding, message, reason: 'Invalid' }];
  }
  const failures = found.params.flatMap((params) => failuresOf(policy, judging, params));
  if (binding.actions.includes('Warn')) {
    for (const { message } of failures) {
      judging.warn(
        `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${message}`,
      );
    }
  }
  return binding.actions.includes('Deny') ? failures.map((failure) => ({ policy, binding, ...failure })) : [];
}

type Failure = Pick<Denial, 'message' | 'reason'>;
type Values = Readonly<Record<string, Json | undefined>>;

function failuresOf(policy: Policy, judging: Judging, params: JsonObject | undefined): readonly Failure[] {
  const values = {
    ...valuesOf(judging.question, judging.request),
    namespaceObject: namespaceOf(judging),
    params: params ?? null,
  };
  const error = (message: string): readonly Failure[] =>
    policy.ignoresFailures ? [] : [{ message, reason: 'Invalid' }];
  const verdict = judgeConditions(policy.conditions, values);
  if (verdict.kind === 'failed') return error(verdict.reason);
  if (verdict.kind === 'unmet') return [];
  const made = makeVariables(policy, values);
  return policy.validations.flatMap((validation) => {
    const outcome = evaluate(validation.program, made);
    if (outcome.kind === 'error') {
      return error(`expression '${validation.expression}' resulted in error: ${outcome.message}`);
    }
    return outcome.value === true ? [] : [{ message: messageOf(validation, made), reason: validation.reason }];
  });
}

function namespaceOf({ reading, question }: Judging): Json {
  if (shelfName(question.target.kind) === NAMESPACES) return null;
  return reading.get(NAMESPACES, question.target.namespace)?.object ?? null;
}

interface Made {
  readonly values: Values;
  /** By the name of the variable. */
  readonly problems: ReadonlyMap<string, string>;
}

/** One that fails is no harm until somebody speaks of it. */
function makeVariables({ variables }: Policy, base: Values): Made {
  const values: Record<string, Json> = {};
  const problems = new Map<string, string>();
  for (const { name, program } of variables) {
    const outcome = evaluate(program, { values: { ...base, variables: { ...values } }, problems });
    if (outcome.kind === 'value') values[name] = outcome.value;
    else problems.set(name, outcome.message);
  }
  return { values: { ...base, variables: values }, problems };
}

function evaluate(program: CelProgram, { values, problems }: Made): CelOutcome {
  if (program.kind === 'invalid') return { kind: 'error', message: program.message };
  const outcome = program.evaluate(values);
  if (outcome.kind === 'value') return outcome;
  const [name, message] = [...problems].find(([each]) => program.names.has(each)) ?? [];
  return name === undefined
    ? outcome
    : { kind: 'error', message: `composited variable "${name}" fails to evaluate: ${message}` };
}

const LONGEST_MESSAGE = 5 * 1024;

function messageOf({ expression, message, messageProgram }: Validation, made: Made): string {
  const outcome = messageProgram && evaluate(messageProgram, made);
  const own = outcome?.kind === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  const usable = own.length <= LONGEST_MESSAGE && !own.includes('\n');
  return (usable && own) || message || `failed expression: ${expression}`;
}
