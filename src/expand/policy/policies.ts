/** Which PVCPolicy objects are for a claim, and what they say, as places for settings (policy.ts). */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { matchesSelector } from '../../kube/selector.ts';
import type { PVCPolicy } from '../api/pvc-policy.ts';
import { readableList } from '../readable.ts';
import type { Broken, Layer } from './policy.ts';

/** Whether a kind of ours can be looked up: its definition may be missing, or our permission. */
export type Availability = 'served' | 'absent' | 'forbidden';

export interface PolicyShelf {
  /** Those of the namespace; none while the kind is not served. */
  readonly policies: readonly PVCPolicy[];
  readonly availability: Availability;
}

export type RankedLayer = Layer & { readonly priority: number; readonly name: string };

export interface Governance {
  readonly byName: Layer | undefined;
  /** Why the name that was given leads nowhere; empty when it leads somewhere, or none was given. */
  readonly nameProblem: string;
  readonly bySelector: readonly RankedLayer[];
  /** For `explain`. */
  readonly notes: readonly string[];
}

/** `name`: the policy that the claim, its namespace or its class names. */
export function policiesFor(claim: PersistentVolumeClaim, name: string | undefined, shelf: PolicyShelf): Governance {
  const { policies, availability } = shelf;
  const named = name === undefined ? undefined : policies.find(({ metadata }) => metadata.name === name);
  const selecting = ranked(policies.filter((policy) => policy !== named && selects(policy, claim)));
  return {
    byName: named && layerOf(named, 'policy-by-name'),
    nameProblem: name === undefined || named ? '' : missing(availability, claim.metadata.namespace ?? ''),
    bySelector: selecting.map((policy) => ({
      ...layerOf(policy, 'policy-by-selector'),
      priority: priorityOf(policy),
      name: policy.metadata.name,
    })),
    notes: notesOn(named, selecting),
  };
}

/** A selector that cannot be read may have been meant for any claim: it counts as one for all, and stops them. */
export function selects({ spec }: PVCPolicy, { metadata }: PersistentVolumeClaim): boolean {
  return !spec.selector.ok || matchesSelector(spec.selector.value, metadata.labels);
}

/** Strongest first: the higher priority, then the lesser name. */
function ranked(policies: readonly PVCPolicy[]): readonly PVCPolicy[] {
  return policies.toSorted(
    (one, other) => priorityOf(other) - priorityOf(one) || (one.metadata.name < other.metadata.name ? -1 : 1),
  );
}

export function priorityOf({ spec }: PVCPolicy): number {
  return spec.priority.ok ? spec.priority.value : 0;
}

/** Whatever makes a policy unreadable as a whole, and the settings of it that cannot be read. */
export function problemsOf({ spec }: PVCPolicy): readonly Broken[] {
  const fields = Object.values(spec.template.fields).flatMap((field): readonly Broken[] =>
    field && !field.ok ? [{ field: field.key ?? '', value: field.text, reason: field.reason }] : [],
  );
  return [...brokenIn(spec), ...fields];
}

function brokenIn({ selector, priority }: PVCPolicy['spec']): readonly Broken[] {
  return [
    ...(selector.ok ? [] : [{ field: 'spec.selector', value: '', reason: selector.reason }]),
    ...(priority.ok ? [] : [{ field: 'spec.priority', value: '', reason: priority.reason }]),
  ];
}

function layerOf(policy: PVCPolicy, level: 'policy-by-name' | 'policy-by-selector'): Layer {
  return {
    source: { level, label: `policy ${policy.metadata.name}` },
    fields: policy.spec.template.fields,
    broken: brokenIn(policy.spec),
  };
}

function missing(availability: Availability, namespace: string): string {
  switch (availability) {
    case 'served':
      return `must name a PVCPolicy of the namespace ${namespace}; there is none of that name`;
    case 'absent':
      return 'cannot be looked up: this cluster has no PVCPolicy objects; apply docs/reference/crds.yaml, or take the annotation away';
    case 'forbidden':
      return 'cannot be looked up: this account may not list pvcpolicies; apply docs/reference/rbac.yaml and restart the operator';
    default:
      return availability satisfies never;
  }
}

function notesOn(named: PVCPolicy | undefined, selecting: readonly PVCPolicy[]): readonly string[] {
  const all = named ? [named, ...selecting] : selecting;
  const order = all.map((policy) =>
    policy === named
      ? `${policy.metadata.name} (by name)`
      : `${policy.metadata.name} (by selector, priority ${priorityOf(policy)})`,
  );
  const advised = all.find(({ spec }) => spec.template.iops !== undefined);
  return [
    ...(order.length > 1
      ? [`${order.length} policies are for this claim, strongest first: ${readableList(order)}`]
      : []),
    ...(advised
      ? [
          `policy ${advised.metadata.name} advises ${advised.spec.template.iops} IOPS; Larder changes none, a VolumeAttributesClass does`,
        ]
      : []),
  ];
}
