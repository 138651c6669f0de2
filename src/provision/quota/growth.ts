/** Whether a volume may grow, and its limit with it: asked, and done, before its capacity says so. */
import type { PersistentVolume, StorageClass } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { Catalog } from '../catalog.ts';
import { parseClass } from '../class.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { addressOf, locate } from '../volume.ts';
import { type Budget, budgetOf, overBudget } from './budget.ts';
import { limitOf, setLimit } from './enforce.ts';

export interface Growing {
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
}

/** The message of a refusal; undefined: the limit, where there is one, is as large as the new capacity now. */
export async function growLimit(
  { catalog, storageOf }: Growing,
  volume: PersistentVolume,
  capacity: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const askedBytes = bytesOf(capacity) ?? 0n;
  const left = budgetFor(catalog, volume);
  const refused = left && overBudget({ ...left, askedBytes });
  if (refused !== undefined) return refused;
  catalog.rising.note(volume, askedBytes);
  const limit = limitOf(catalog, volume);
  const problem = limit && (await setLimit(catalog, limit, storageOf(limit.description), signal));
  if (!limit || problem) catalog.rising.forget(volume);
  if (!limit || !problem) return undefined;
  const where = `${limit.path.join('/')} of export ${addressOf(limit.description)}`;
  return `the quota of directory ${where} cannot be raised: ${problem.detail}: it is retried by itself`;
}

export interface Remaining {
  readonly budget: Exclude<Budget, { kind: 'unlimited' }>;
  readonly namespace: string;
  readonly export: ExportDescription;
  /** By other volumes. */
  readonly usedBytes: bigint;
}

/** Undefined: on no export of ours, or without a budget; then nothing is parsed or added up, as each look at a claim asks. */
function budgetFor(catalog: Catalog, volume: PersistentVolume): Remaining | undefined {
  const namespace = volume.spec.claimRef?.namespace ?? '';
  const ofClass = classBudgetOf(catalog.classOf(volume));
  const budget = budgetOf(ofClass, namespace, catalog.caches.namespaces?.get(namespace));
  if (budget.kind === 'unlimited') return undefined;
  const location = locate(volume, catalog.settings.exports);
  if (location.kind !== 'at') return undefined;
  return {
    budget,
    namespace,
    export: location.export,
    usedBytes: catalog.requestedBy(namespace, location.export, volume.metadata.name),
  };
}

function classBudgetOf(storageClass: StorageClass | undefined): bigint | undefined {
  if (storageClass?.parameters?.['namespaceBudget'] === undefined) return undefined;
  const parsed = parseClass(storageClass);
  return parsed.kind === 'options' ? parsed.options.namespaceBudget : undefined;
}

/** How much the volume may still grow within the budget of its namespace; undefined: it has none. */
export function budgetRoom(
  catalog: Catalog,
  volume: PersistentVolume,
): { readonly bytes: bigint; readonly source: string } | undefined {
  const left = budgetFor(catalog, volume);
  if (!left) return undefined;
  const source = `budget of namespace ${left.namespace} on export ${addressOf(left.export)}`;
  if (left.budget.kind === 'unreadable') return { bytes: 0n, source };
  const bytes = left.budget.bytes - left.usedBytes - (bytesOf(volume.spec.capacity['storage']) ?? 0n);
  return { bytes: bytes > 0n ? bytes : 0n, source };
}
