/** One webhook of a configuration, read once: whom to ask, about what, and what it means when there is no answer. */
import type { LabelRequirement } from '../../kube/selector.ts';
import { type CelProgram, type CelType, compileCel } from '../cel.ts';
import { at, type Json, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import { labelRequirements } from '../label-selector.ts';
import type { Reading } from '../store.ts';
import { conditionVariables } from './condition.ts';

export type Phase = 'mutating' | 'validating';

export type HookClient =
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      readonly path: string;
      readonly port: number;
    };

/** What somebody wants to be asked about. */
export interface Scope {
  readonly rules: readonly HookRule[];
  readonly matchesExactly: boolean;
  readonly namespaceSelector: readonly LabelRequirement[];
  readonly objectSelector: readonly LabelRequirement[];
}

export interface Hook extends Scope {
  readonly phase: Phase;
  readonly configuration: string;
  readonly name: string;
  readonly client: HookClient;
  /** PEM; empty = the authorities that the system trusts. */
  readonly authority: string;
  /** No answer counts as a yes. */
  readonly ignoresFailures: boolean;
  readonly conditions: readonly Condition[];
  readonly timeoutSeconds: number;
  readonly supportsDryRun: boolean;
  readonly reviewVersions: readonly string[];
  /** Asked again when others changed the object after it. */
  readonly isReinvoked: boolean;
}

export interface HookRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  /** Empty: all. Webhooks do not choose by names, policies can. */
  readonly names: readonly string[];
  readonly scope: string;
}

export interface Condition {
  readonly expression: string;
  readonly program: CelProgram;
}

const GROUP = 'admissionregistration.k8s.io';
const SHELVES: Readonly<Record<Phase, string>> = {
  mutating: `mutatingwebhookconfigurations.${GROUP}`,
  validating: `validatingwebhookconfigurations.${GROUP}`,
};

/** In the order in which they are asked: configurations by name, webhooks as they are listed. */
export function hooksOf(reading: Reading, phase: Phase): readonly Hook[] {
  return reading.list(SHELVES[phase]).flatMap(({ name, object }) => {
    const known = parsed.get(object) ?? listAt(object, 'webhooks').map((webhook) => readHook(phase, name, webhook));
    parsed.set(object, known);
    return known;
  });
}

export function hasHooks(reading: Reading): boolean {
  return reading.list(SHELVES.mutating).length > 0 || reading.list(SHELVES.validating).length > 0;
}

/** Objects are never changed, so each is read once. */
const parsed = new WeakMap<JsonObject, readonly Hook[]>();

function readHook(phase: Phase, configuration: string, webhook: Json): Hook {
  return {
    phase,
    configuration,
    name: textAt(webhook, 'name') ?? '',
    client: readClient(at(webhook, 'clientConfig')),
    authority: Buffer.from(textAt(webhook, 'clientConfig', 'caBundle') ?? '', 'base64').toString('utf8'),
    ...readScope(webhook, 'rules'),
    ignoresFailures: textAt(webhook, 'failurePolicy') === 'Ignore',
    conditions: listAt(webhook, 'matchConditions').map((condition) => readCondition(condition, conditionVariables)),
    timeoutSeconds: numberAt(webhook, 'timeoutSeconds') ?? 10,
    supportsDryRun: ['None', 'NoneOnDryRun'].includes(textAt(webhook, 'sideEffects') ?? ''),
    reviewVersions: textsAt(webhook, 'admissionReviewVersions'),
    isReinvoked: textAt(webhook, 'reinvocationPolicy') === 'IfNeeded',
  };
}

/** `rules` is the member that has them. */
export function readScope(value: Json | undefined, rules: string): Scope {
  return {
    rules: listAt(value, rules).map(readHookRule),
    matchesExactly: textAt(value, 'matchPolicy') === 'Exact',
    namespaceSelector: labelRequirements(objectAt(value, 'namespaceSelector')),
    objectSelector: labelRequirements(objectAt(value, 'objectSelector')),
  };
}

export function readCondition(condition: Json, variables: Readonly<Record<string, CelType>>): Condition {
  const expression = (textAt(condition, 'expression') ?? '').trim();
  return { expression, program: compileCel(expression, { variables }) };
}

function readClient(config: Json | undefined): HookClient {
  const url = textAt(config, 'url');
  if (url !== undefined) return { kind: 'url', url };
  const service = objectAt(config, 'service');
  return {
    kind: 'service',
    namespace: textAt(service, 'namespace') ?? '',
    name: textAt(service, 'name') ?? '',
    path: textAt(service, 'path') ?? '',
    port: numberAt(service, 'port') ?? 443,
  };
}

export function readHookRule(rule: Json): HookRule {
  return {
    operations: textsAt(rule, 'operations'),
    groups: textsAt(rule, 'apiGroups'),
    versions: textsAt(rule, 'apiVersions'),
    resources: textsAt(rule, 'resources'),
    names: textsAt(rule, 'resourceNames'),
    scope: textAt(rule, 'scope') ?? '*',
  };
}
