/** How much a namespace may request on one export: what its annotation and the class say, the smaller of the two. */
import type { Namespace, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { bytesOf, formatQuantity } from '../../kube/quantity.ts';
import { annotation } from '../annotation.ts';
import { volumeNameOf } from '../draft.ts';
import { parseBudget } from '../parameter.ts';
import { quote } from '../pattern.ts';
import type { VolumeLookup } from '../plan.ts';
import type { ExportDescription } from '../storage.ts';
import { addressOf } from '../volume.ts';

export type Budget =
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'limited'; readonly bytes: bigint /** Who says so, for a message. */; readonly by: string }
  /** What is written cannot be read: never taken for "no limit". */
  | { readonly kind: 'unreadable'; readonly message: string };

/** `ofClass`: the parameter namespaceBudget; undefined: the class says nothing. */
export function budgetOf(ofClass: bigint | undefined, name: string, namespace: Namespace | undefined): Budget {
  const text = namespace?.metadata.annotations?.[annotation.budget];
  const said = text === undefined ? undefined : parseBudget(text);
  if (text !== undefined && said === undefined) {
    return {
      kind: 'unreadable',
      message: `namespace ${name} has annotation ${annotation.budget} ${quote(text)}, which is no quantity such as "100Gi": correct it, then it is retried by itself`,
    };
  }
  if (said !== undefined && (ofClass === undefined || said <= ofClass)) {
    return { kind: 'limited', bytes: said, by: `annotation ${annotation.budget} of namespace ${name}` };
  }
  if (ofClass === undefined) return { kind: 'unlimited' };
  return { kind: 'limited', bytes: ofClass, by: 'parameter namespaceBudget of the class' };
}

export interface Spending {
  readonly budget: Budget;
  readonly namespace: string;
  readonly export: ExportDescription;
  /** By the other volumes of the namespace on this export. */
  readonly usedBytes: bigint;
  readonly askedBytes: bigint;
}

/** The message of a refusal; undefined: it fits. */
export function overBudget(spending: Spending): string | undefined {
  const { budget, namespace, usedBytes, askedBytes } = spending;
  switch (budget.kind) {
    case 'unlimited':
      return undefined;
    case 'unreadable':
      return budget.message;
    case 'limited': {
      if (usedBytes + askedBytes <= budget.bytes) return undefined;
      const figures = `${formatQuantity(budget.bytes)}, of which ${formatQuantity(usedBytes)} is requested already, and ${formatQuantity(askedBytes)} is asked for`;
      return `namespace ${namespace} has a budget of ${figures} on export ${addressOf(spending.export)} (${budget.by}): delete claims that are not needed, ask for less, or have the budget raised; it is retried by itself`;
    }
    default:
      return budget satisfies never;
  }
}

/** The same for a claim that has no volume yet. */
export function beyondBudget(of: {
  readonly claim: PersistentVolumeClaim;
  readonly options: { readonly namespaceBudget: bigint | undefined };
  readonly export: ExportDescription;
  readonly namespace: Namespace | undefined;
  readonly volumes: Pick<VolumeLookup, 'requestedBy'>;
}): string | undefined {
  const { claim, options, volumes } = of;
  const name = claim.metadata.namespace ?? '';
  const budget = budgetOf(options.namespaceBudget, name, of.namespace);
  if (budget.kind === 'unlimited') return undefined; // and nothing is added up
  return overBudget({
    budget,
    namespace: name,
    export: of.export,
    usedBytes: volumes.requestedBy(name, of.export, volumeNameOf(claim)),
    askedBytes: bytesOf(claim.spec.resources.requests['storage']) ?? 0n,
  });
}
