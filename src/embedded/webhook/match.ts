/** Whether a webhook wants to be asked (k8s.io/apiserver/pkg/admission/plugin/webhook, read in 0.36). */
import { type LabelRequirement, matchesRequirements } from '../../kube/selector.ts';
import { type Json, type JsonObject, objectAt, stringsAt, textAt } from '../json.ts';
import { NAMESPACES, shelfName } from '../kinds.ts';
import { forbidden, notFound } from '../refusal.ts';
import type { Reading } from '../store.ts';
import type { Condition, Hook, HookRule, Scope } from './hook.ts';
import type { Question } from './question.ts';

/** Under which version a webhook is asked: its own rules may name another than the request. */
export interface Match {
  readonly version: string;
}

export interface Matching {
  readonly reading: Reading;
  readonly question: Question;
  /** Other versions under which the resource is served. */
  readonly versions: readonly string[];
  /** What the conditions see as `request`. */
  readonly request: JsonObject;
}

/** Undefined when the webhook is not concerned. @throws Refusal when that cannot be said. */
export function matchHook(hook: Hook, matching: Matching): Match | undefined {
  const match = matchScope(hook, matching);
  return match && meetsConditions(hook, matching) ? match : undefined;
}

/** Undefined when it is about something else. @throws Refusal 404 when the namespace is not there. */
export function matchScope(scope: Scope, matching: Matching): Match | undefined {
  const match = matchRules(scope, scope.rules, matching);
  if (!match || !isSelected(scope.objectSelector, matching.question)) return undefined;
  return isInNamespace(scope.namespaceSelector, matching) ? match : undefined;
}

/** The first version under which one of the rules matches. */
export function matchRules(
  { matchesExactly }: Pick<Scope, 'matchesExactly'>,
  rules: readonly HookRule[],
  { question, versions }: Pick<Matching, 'question' | 'versions'>,
): Match | undefined {
  const own = question.target.kind.version;
  if (rules.some((rule) => matchesRule(rule, question, own))) return { version: own };
  if (matchesExactly) return undefined;
  for (const rule of rules) {
    const version = versions.find((each) => matchesRule(rule, question, each));
    if (version !== undefined) return { version };
  }
  return undefined;
}

function matchesRule(rule: HookRule, { target, name, operation }: Question, version: string): boolean {
  const { kind, subresource } = target;
  const inside = kind.namespaced;
  return (
    (rule.scope === '*' || (rule.scope === 'Namespaced') === inside) &&
    covers(rule.operations, operation) &&
    covers(rule.groups, kind.group) &&
    covers(rule.versions, version) &&
    (rule.names.length === 0 || rule.names.includes(name)) &&
    rule.resources.some((each) => {
      const [resource = '', below = ''] = each.split('/', 2);
      return (resource === '*' || resource === kind.plural) && (below === '*' || below === subresource);
    })
  );
}

const covers = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted);

function isSelected(selector: readonly LabelRequirement[], { object, current }: Question): boolean {
  if (selector.length === 0) return true;
  return [object, current].some(
    (each) => each !== undefined && matchesRequirements(selector, stringsAt(each, 'metadata', 'labels')),
  );
}

/** Objects without a namespace are never left out, but namespaces themselves are judged by their own labels. */
function isInNamespace(selector: readonly LabelRequirement[], { reading, question }: Matching): boolean {
  const { target, object, current, operation } = question;
  const itself = shelfName(target.kind) === NAMESPACES;
  if (selector.length === 0 || (!itself && target.namespace === '')) return true;
  const own = operation === 'DELETE' || target.subresource !== '' ? current : object;
  const found = itself ? own : reading.get(NAMESPACES, target.namespace)?.object;
  if (!found) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, target.namespace);
  return matchesRequirements(selector, stringsAt(found, 'metadata', 'labels'));
}

function meetsConditions(hook: Hook, { question, request }: Matching): boolean {
  const verdict = judgeConditions(hook.conditions, valuesOf(question, request));
  if (verdict.kind !== 'failed') return verdict.kind === 'met';
  if (hook.ignoresFailures) return false;
  throw forbidden(question.target.kind, question.name, verdict.reason);
}

export type Verdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'unmet' }
  /** None is false, and some could not be evaluated. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One that is false settles it. */
export function judgeConditions(
  conditions: readonly Condition[],
  values: Readonly<Record<string, Json | undefined>>,
): Verdict {
  const failures: string[] = [];
  for (const { expression, program } of conditions) {
    const outcome =
      program.kind === 'ok' ? program.evaluate(values) : ({ kind: 'error', message: program.message } as const);
    if (outcome.kind === 'error') failures.push(`expression '${expression}' resulted in error: ${outcome.message}`);
    else if (outcome.value === false) return { kind: 'unmet' };
  }
  if (failures.length === 0) return { kind: 'met' };
  return { kind: 'failed', reason: failures.length === 1 ? (failures[0] ?? '') : `[${failures.join(', ')}]` };
}

/** What the expressions of conditions can speak of. */
export function valuesOf({ object, current }: Question, request: JsonObject): Readonly<Record<string, Json>> {
  return { object: object ?? null, oldObject: current ?? null, request: filled(request) };
}

/** To an expression, what is empty is there. */
function filled(request: JsonObject): JsonObject {
  const user = objectAt(request, 'userInfo');
  const text = (name: string): Json => textAt(request, name) ?? '';
  return {
    ...request,
    subResource: text('subResource'),
    requestSubResource: text('requestSubResource'),
    name: text('name'),
    namespace: text('namespace'),
    userInfo: { uid: '', groups: [], extra: {}, ...user },
  };
}
