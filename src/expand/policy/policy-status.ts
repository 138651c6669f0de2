/** What the status of a PVCPolicy says: how many claims it is for, whether it can be read, whom it contradicts. Pure. */
import { type ConditionState, timeOf, withCondition } from '../../kube/condition.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { sameJson } from '../../kube/patch.ts';
import type { PVCPolicy, PVCPolicyStatus } from '../api/pvc-policy.ts';
import type { Field } from '../settings/settings.ts';
import { priorityOf, problemsOf, selects } from './policies.ts';

/** One namespace, counted once for all its policies. */
export interface Census {
  readonly policies: readonly PVCPolicy[];
  /** Those whose labels match. */
  readonly selected: ReadonlyMap<PVCPolicy, ReadonlySet<PersistentVolumeClaim>>;
  /** Claims by the policy that they name, or that is named for them. */
  readonly named: ReadonlyMap<string, readonly PersistentVolumeClaim[]>;
}

export function censusOf(
  policies: readonly PVCPolicy[],
  claims: readonly PersistentVolumeClaim[],
  nameFor: (claim: PersistentVolumeClaim) => string | undefined,
): Census {
  const named = new Map<string, PersistentVolumeClaim[]>();
  for (const claim of claims) {
    const name = nameFor(claim);
    if (name === undefined) continue;
    const known = named.get(name);
    if (known) known.push(claim);
    else named.set(name, [claim]);
  }
  const selected = policies.map(
    (policy) => [policy, new Set(claims.filter((claim) => selects(policy, claim)))] as const,
  );
  return { policies, selected: new Map(selected), named };
}

const LONGEST_MESSAGE = 1_000;
const SHOWN = 3;

/** The status to write; undefined when the one that is there says the same. */
export function policyStatus(policy: PVCPolicy, census: Census, now: number): PVCPolicyStatus | undefined {
  const { metadata, status = {} } = policy;
  const observedGeneration = metadata.generation ?? 0;
  const selected = census.selected.get(policy);
  const named = (census.named.get(metadata.name) ?? []).filter((claim) => selected?.has(claim) !== true);
  const states = [readyState(policy), conflictState(policy, census)];
  const conditions = states.reduce(
    (list, state) => withCondition(list, { ...state, observedGeneration }, now),
    status.conditions ?? [],
  );
  const wanted = { matchedPVCs: (selected?.size ?? 0) + named.length, observedGeneration, conditions };
  const { lastUpdated: _, ...known } = status;
  return sameJson(wanted, known) ? undefined : { ...wanted, lastUpdated: timeOf(now) };
}

function readyState(policy: PVCPolicy): ConditionState {
  const problems = problemsOf(policy).map(({ field, value, reason }) =>
    value === '' ? `${field} ${reason}` : `${field} is ${quoted(value)}: it ${reason}`,
  );
  if (problems.length === 0) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'Valid',
      message: 'Its settings count for the claims that it matches.',
    };
  }
  const message = `${problems.join('; ')}. Its claims do not grow until that is corrected.`;
  return { type: 'Ready', status: 'False', reason: 'InvalidConfiguration', message: message.slice(0, LONGEST_MESSAGE) };
}

const quoted = (value: string): string => (value.startsWith('"') ? value : `"${value}"`);

/** Policies of different priority are an order that somebody wrote; of the same one only the name decides, by chance. */
function conflictState(policy: PVCPolicy, { policies, selected }: Census): ConditionState {
  const mine = selected.get(policy) ?? new Set();
  const rivals = policies.flatMap((other) => {
    if (other === policy || priorityOf(other) !== priorityOf(policy)) return [];
    const fields = contradictions(policy, other);
    const theirs = selected.get(other);
    const shared = fields.length === 0 || !theirs ? 0 : mine.intersection(theirs).size;
    return shared === 0 ? [] : [{ name: other.metadata.name, fields, shared }];
  });
  if (rivals.length === 0) {
    return {
      type: 'Conflicting',
      status: 'False',
      reason: 'NoConflict',
      message: 'No other policy of its priority contradicts it.',
    };
  }
  const said = rivals.slice(0, SHOWN).map(({ name, fields, shared }) => {
    const [winner = name] = [name, policy.metadata.name].sort();
    const count = shared === 1 ? '1 claim' : `${shared} claims`;
    return `${name} selects ${count} of it too, with the same priority and another ${fields.join(', ')}: ${winner} counts there, by its name`;
  });
  const more = rivals.length > SHOWN ? `; and ${rivals.length - SHOWN} more` : '';
  const message = `${said.join('; ')}${more}. Give one of them a higher spec.priority.`;
  return { type: 'Conflicting', status: 'True', reason: 'SamePriority', message: message.slice(0, LONGEST_MESSAGE) };
}

/** Keys that both set, each to something else. */
function contradictions(one: PVCPolicy, other: PVCPolicy): readonly string[] {
  const theirs = new Map(Object.entries(other.spec.template.fields));
  return Object.entries(one.spec.template.fields).flatMap(([name, mine]) => {
    const their = theirs.get(name);
    if (!mine || !their || meaning(mine) === meaning(their)) return [];
    return [(mine.key ?? name).replace('spec.template.', '')];
  });
}

/** Equal for two spellings of one value. */
function meaning(field: Field<unknown>): string {
  const value = field.ok ? field.value : field.text;
  return JSON.stringify([field.ok, value], (_, part) => (typeof part === 'bigint' ? String(part) : part));
}
