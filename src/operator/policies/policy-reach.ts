/** Which claims a policy is for, at present and as it is to be, and what becomes of their settings. Pure: all is in memory. */
import type { PVCPolicy } from '../../expand/api/pvc-policy.ts';
import { toJson } from '../../expand/decision.ts';
import type { Belonging } from '../../expand/group/belonging.ts';
import { layersFor } from '../../expand/policy/layers.ts';
import { type PolicyShelf, selects } from '../../expand/policy/policies.ts';
import { type Resolution, type ResolvedSettings, resolvePolicy } from '../../expand/policy/policy.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import { settingKeys } from '../../expand/settings/settings.ts';
import type { ClusterView } from '../../expand/situation.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { PolicyPreview, ReachedClaim, SettingChange } from './policy-api.ts';
import { nameFor } from './policy-list.ts';

export interface Reaching {
  /** The policy as it is stored; undefined: it is new. */
  readonly stored: PVCPolicy | undefined;
  /** As it is to be; undefined: deleted. */
  readonly draft: PVCPolicy | undefined;
  /** Of the namespace. */
  readonly claims: readonly PersistentVolumeClaim[];
  readonly view: Pick<ClusterView, 'namespace' | 'storageClass' | 'policies'>;
  readonly belonging: (claim: PersistentVolumeClaim) => Belonging | undefined;
  readonly configuration: ResolvedConfiguration;
}

type Way = ReachedClaim['by'] | undefined;

/** A claim, and how it comes by the policy. */
interface Reached {
  readonly claim: PersistentVolumeClaim;
  readonly present: Way;
  readonly proposed: Way;
}

/** So many are looked at in detail. */
const SHOWN = 200;

/** Those that it is for, at present or as proposed; the ones whose settings change first. */
export function reached({
  stored,
  draft,
  claims,
  view,
}: Omit<Reaching, 'belonging' | 'configuration'>): readonly Reached[] {
  return claims.flatMap((claim) => {
    const named = nameFor(claim, view);
    const [present, proposed] = [wayTo(stored, claim, named), wayTo(draft, claim, named)];
    return present === undefined && proposed === undefined ? [] : [{ claim, present, proposed }];
  });
}

function wayTo(policy: PVCPolicy | undefined, claim: PersistentVolumeClaim, named: string | undefined): Way {
  if (policy === undefined) return undefined;
  if (named === policy.metadata.name) return 'name';
  return selects(policy, claim) ? 'selector' : undefined;
}

export function previewOf(reaching: Reaching): PolicyPreview {
  const all = reached(reaching);
  const turning = all.toSorted((one, other) => Number(stays(one)) - Number(stays(other)));
  const rows = turning.slice(0, SHOWN).map((each) => rowOf(each, reaching));
  return {
    problems: [],
    matched: all.filter(({ proposed }) => proposed !== undefined).length,
    joining: all.filter(({ present, proposed }) => present === undefined && proposed !== undefined).length,
    leaving: all.filter(({ present, proposed }) => present !== undefined && proposed === undefined).length,
    claims: reaching.claims.length,
    reached: rows.toSorted((one, other) => weight(other) - weight(one) || (one.name < other.name ? -1 : 1)),
  };
}

function stays({ present, proposed }: Reached): boolean {
  return present !== undefined && proposed !== undefined;
}

/** What changes most is read first. */
function weight({ problem, change, settings, growsAtPresent, growsAsProposed }: ReachedClaim): number {
  const turned = growsAtPresent === growsAsProposed ? 0 : 4;
  return (problem === '' ? 0 : 8) + turned + (change === 'stays' ? 0 : 2) + (settings.length > 0 ? 1 : 0);
}

function rowOf({ claim, present, proposed }: Reached, reaching: Reaching): ReachedClaim {
  const { view, draft, stored } = reaching;
  const shelf = view.policies(claim.metadata.namespace ?? '');
  const name = (draft ?? stored)?.metadata.name;
  const others = shelf.policies.filter(({ metadata }) => metadata.name !== name);
  const after: PolicyShelf = { ...shelf, policies: draft ? [...others, draft] : others };
  const [before, ahead] = [resolved(claim, shelf, reaching), resolved(claim, after, reaching)];
  return {
    name: claim.metadata.name,
    request: claim.spec.resources.requests['storage'] ?? '',
    by: proposed ?? present ?? 'selector',
    change: present === undefined ? 'joins' : proposed === undefined ? 'leaves' : 'stays',
    growsAtPresent: growsText(before),
    growsAsProposed: growsText(ahead),
    problem: problemText(ahead),
    settings: changesBetween(before.settings, ahead.settings),
  };
}

function resolved(claim: PersistentVolumeClaim, policies: PolicyShelf, reaching: Reaching): Resolution {
  const { view, belonging, configuration } = reaching;
  const className = claim.spec.storageClassName ?? '';
  const { layers } = layersFor(claim, {
    belonging: belonging(claim),
    policies,
    namespace: view.namespace(claim.metadata.namespace ?? ''),
    storageClass: className === '' ? undefined : view.storageClass(className),
    configuration,
  });
  return resolvePolicy(layers);
}

export function growsText({ management }: Resolution): string {
  switch (management.kind) {
    case 'managed':
      return `grows: ${management.source.label}`;
    case 'unmanaged':
      return management.reason.startsWith('nothing enables')
        ? 'does not grow: nobody asks for it'
        : `does not grow: ${management.reason}`;
    case 'invalid':
      return `does not grow: ${management.problem.source.label}`;
    default:
      return management satisfies never;
  }
}

export function problemText({ problems }: Resolution): string {
  const [first] = problems;
  return first ? `${first.field} is "${first.value}" (${first.source.label}): it ${first.reason}` : '';
}

export function changesBetween(present: ResolvedSettings, proposed: ResolvedSettings): readonly SettingChange[] {
  return names.flatMap((name) => {
    const [one, other] = [present[name], proposed[name]];
    const [before, after] = [jsonOf(one), jsonOf(other)];
    if (JSON.stringify(before) === JSON.stringify(after) && one?.source.label === other?.source.label) return [];
    return [
      {
        key: settingKeys[name],
        ...(before === undefined ? {} : { present: before }),
        presentFrom: one?.source.label ?? '',
        ...(after === undefined ? {} : { proposed: after }),
        proposedFrom: other?.source.label ?? '',
      },
    ];
  });
}

function jsonOf(resolved: { readonly value: unknown } | undefined): unknown {
  return resolved === undefined ? undefined : toJson(resolved.value);
}

const names = Object.keys(settingKeys).filter(
  (name): name is Exclude<keyof typeof settingKeys, 'enabled'> =>
    name !== 'enabled' && Object.hasOwn(settingKeys, name),
);
