/**
 * The first size of a claim that was made while no webhook could give it one: it is raised afterwards, but only soon after
 * it was made and only if it never grew, so that changing a policy does not raise what has been there for long. Pure.
 */
import type { PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { PVCGroup } from './api/pvc-group.ts';
import type { Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import type { Floor } from './floor.ts';
import { HISTORY, LAST_EXPANSION } from './history.ts';
import { planInitialSize } from './initial-size.ts';
import type { PolicyShelf } from './policy/policies.ts';
import type { Resolution, Source } from './policy/policy.ts';
import { readableBytes } from './readable.ts';

export interface Infancy {
  readonly object: PersistentVolumeClaim;
  readonly claim: Claim;
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  readonly policies: PolicyShelf;
  readonly group: PVCGroup | undefined;
}

/** How long a claim is new, milliseconds. */
export const NEW_FOR_MS = 24 * 3_600_000;

export interface InitialFloor {
  readonly floor: Floor | undefined;
  /** For `explain`: why a first size that somebody set does not raise the claim; empty when none is set, or it does. */
  readonly note: string;
}

export function initialFloor(infancy: Infancy): InitialFloor {
  const { object, claim, resolution, constraints } = infancy;
  const { settings, management, problems } = resolution;
  const { initialSize } = settings;
  if (!initialSize || management.kind !== 'managed' || problems.length > 0) return none('');
  const { annotations = {}, creationTimestamp } = object.metadata;
  const is = `initialSize ${readableBytes(initialSize.value)} (${initialSize.source.label}) is for new claims`;
  if (annotations[LAST_EXPANSION] !== undefined || annotations[HISTORY] !== undefined) {
    return none(`${is}, and this one has grown already`);
  }
  const madeAt = Date.parse(creationTimestamp ?? '');
  // A claim that was there before does not become a new one because somebody writes a policy.
  if (!(since(initialSize.source, infancy) <= madeAt)) return none(`${is}, and this one may have been there before it`);
  const limitBytes = bytesOf(object.spec.resources.limits?.['storage']);
  const plan = planInitialSize({ claim, settings, constraints, floors: [], limitBytes, counted: true });
  if (plan.kind === 'held') return none(`not raised to ${plan.floor.source}: ${plan.reason}`);
  if (plan.kind === 'enough') return none('');
  const floor = {
    bytes: plan.bytes,
    trigger: 'initial',
    source: plan.floor.source,
    until: madeAt + NEW_FOR_MS,
  } as const;
  return { floor, note: '' };
}

function none(note: string): InitialFloor {
  return { floor: undefined, note };
}

/** Since when it is said, epoch ms; infinity where nobody can know: the setting then counts for new claims alone. */
function since({ level, label }: Source, { policies, group }: Infancy): number {
  switch (level) {
    case 'claim':
      return Number.NEGATIVE_INFINITY;
    case 'group':
      return Date.parse(group?.metadata.creationTimestamp ?? '');
    case 'policy-by-name':
    case 'policy-by-selector': {
      const policy = policies.policies.find(({ metadata }) => label === `policy ${metadata.name}`);
      return Date.parse(policy?.metadata.creationTimestamp ?? '');
    }
    case 'namespace':
    case 'class':
    case 'configuration':
    case 'built-in':
      return Number.POSITIVE_INFINITY;
    default:
      return level satisfies never;
  }
}
