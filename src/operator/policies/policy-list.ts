/** The policies, the groups, and the other places that give claims settings, as the console lists them. Pure. */
import type { PVCGroup } from '../../expand/api/pvc-group.ts';
import type { PVCPolicy } from '../../expand/api/pvc-policy.ts';
import { policyNameOf } from '../../expand/policy/layers.ts';
import { priorityOf, problemsOf } from '../../expand/policy/policies.ts';
import { type Census, censusOf, policyStatus } from '../../expand/policy/policy-status.ts';
import { selectorText } from '../../expand/policy/selector-text.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import {
  type Fields,
  fieldsOfAnnotations,
  isPaused,
  type SettingName,
  settingKeys,
} from '../../expand/settings/settings.ts';
import type { ClusterView } from '../../expand/situation.ts';
import type { Condition, Namespace, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import type { GroupRow, PlaceRow, PolicyRow } from './policy-api.ts';

/** Claims of a namespace, counted once for all its policies. */
export function policyRows(
  policies: readonly PVCPolicy[],
  claims: Iterable<PersistentVolumeClaim>,
  view: Pick<ClusterView, 'namespace' | 'storageClass'>,
  now: number,
): readonly PolicyRow[] {
  const byNamespace = Map.groupBy(policies, ({ metadata }) => metadata.namespace ?? '');
  const claimsBy = Map.groupBy(claims, ({ metadata }) => metadata.namespace ?? '');
  return [...byNamespace].flatMap(([namespace, here]) => {
    // What their status says is a few seconds old at most, and costs nothing.
    const own = here.every(isCurrent) ? undefined : (claimsBy.get(namespace) ?? []);
    const census = own && censusOf(here, own, (claim) => nameFor(claim, view));
    const paused = isPaused(view.namespace(namespace)?.metadata.annotations);
    return here
      .map((policy) => ({ ...policyRow(policy, census, now), paused }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  });
}

/** The policy that a claim names, or that is named for it. */
export function nameFor(
  claim: PersistentVolumeClaim,
  view: Pick<ClusterView, 'namespace' | 'storageClass'>,
): string | undefined {
  const className = claim.spec.storageClassName ?? '';
  const storageClass = className === '' ? undefined : view.storageClass(className);
  return policyNameOf(claim, view.namespace(claim.metadata.namespace ?? ''), storageClass);
}

function isCurrent({ metadata, status }: PVCPolicy): boolean {
  return status?.matchedPVCs !== undefined && status.observedGeneration === metadata.generation;
}

/** Without a census its status counts. */
function policyRow(policy: PVCPolicy, census: Census | undefined, now: number): Omit<PolicyRow, 'paused'> {
  const { metadata, spec } = policy;
  const status = (census && policyStatus(policy, census, now)) ?? policy.status;
  const { enabled } = spec.template.fields;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(spec.selector.ok ? { selector: selectorText(spec.selector.value) } : {}),
    priority: priorityOf(policy),
    enabled: enabled?.ok !== true || enabled.value,
    matched: status?.matchedPVCs ?? 0,
    settings: spokenOf(spec.template.fields),
    problems: problemsOf(policy).map(({ field, value, reason }) => ({ field, value, reason })),
    conflict: said(status?.conditions, 'Conflicting', 'True').join(),
  };
}

export function groupRows(groups: Iterable<PVCGroup>): readonly GroupRow[] {
  const rows = [...groups].map(({ metadata, spec, status = {} }): GroupRow => {
    const { coordinationPolicy } = spec;
    return {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      coordination: coordinationPolicy.ok ? coordinationPolicy.value : 'not readable',
      members: status.memberCount ?? 0,
      size: status.currentSize ?? '',
      settings: spokenOf(spec.template.fields),
      problems: [...said(status.conditions, 'Ready', 'False'), ...said(status.conditions, 'MembersRefused', 'True')],
    };
  });
  return rows.toSorted((one, other) => (`${one.namespace}/${one.name}` < `${other.namespace}/${other.name}` ? -1 : 1));
}

function said(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: Condition['status'],
): readonly string[] {
  return (conditions ?? [])
    .filter((each) => each.type === type && each.status === status)
    .map(({ message = '' }) => message);
}

const names = Object.keys(settingKeys).filter((name): name is SettingName => Object.hasOwn(settingKeys, name));

/** What somebody wrote; that a policy is switched on goes without saying. */
function spokenOf(fields: Fields): readonly { readonly key: string; readonly text: string }[] {
  return names.flatMap((name) => {
    const field = fields[name];
    if (!field || name === 'enabled') return [];
    return [{ key: settingKeys[name], text: field.text }];
  });
}

interface Places {
  readonly namespaces: Iterable<Namespace>;
  readonly classes: Iterable<StorageClass>;
  /** Absent: not to be shown. */
  readonly configuration?: ResolvedConfiguration;
}

/** Those that say something. */
export function placeRows({ namespaces, classes, configuration }: Places): readonly PlaceRow[] {
  const annotated = (kind: PlaceRow['kind'], { metadata }: Namespace | StorageClass): PlaceRow => {
    const fields = fieldsOfAnnotations(metadata.annotations);
    const settings = names.flatMap((name) => {
      const field = fields[name];
      return field ? [{ key: settingKeys[name], text: field.text, problem: field.ok ? '' : field.reason }] : [];
    });
    return { kind, name: metadata.name, settings };
  };
  const configured = (configuration?.origins ?? [])
    .filter(({ key, source }) => source !== 'built-in' && growing.has(key))
    .map(({ key, text }) => ({ key, text, problem: '' }));
  const rows: readonly PlaceRow[] = [
    ...[...namespaces].map((each) => annotated('Namespace', each)),
    ...[...classes].map((each) => annotated('StorageClass', each)),
    { kind: 'configuration', name: 'Larder', settings: configured },
  ];
  return rows.filter(({ settings }) => settings.length > 0);
}

/** Keys of the configuration that give claims settings. */
const growing: ReadonlySet<string> = new Set([
  ...[
    'defaultThreshold',
    'defaultInodesThreshold',
    'defaultIncrease',
    'minScaleUp',
    'defaultMaxSize',
    'defaultCooldown',
  ],
  ...['defaultWindow', 'approvalAbove', 'snapshotAbove', 'provider'],
]);
