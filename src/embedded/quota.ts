/** What ResourceQuotas say about claims: their number and what they request, in all and per class. */

import { sameJson } from '../kube/patch.ts';
import { formatQuantity } from '../kube/quantity.ts';
import type { Admitted } from './admission.ts';
import type { Chore } from './housekeeping.ts';
import { at, type JsonObject, objectAt } from './json.ts';
import { amount } from './kinds/amount.ts';
import { claimClass, requestOf } from './kinds/claim.ts';
import { CLAIMS, QUOTAS } from './kinds.ts';
import { forbidden } from './refusal.ts';
import type { Reading, Transaction } from './store.ts';
import type { Stored } from './stored.ts';

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';

/** What one claim counts for under the name of a limit; zero for limits that do not concern it. */
function chargeOf(limit: string, claim: JsonObject): bigint {
  const cut = limit.indexOf(CLASS_SUFFIX);
  const concerned = cut < 0 || limit.slice(0, cut) === claimClass(claim);
  if (!concerned) return 0n;
  const what = cut < 0 ? limit : limit.slice(cut + CLASS_SUFFIX.length);
  switch (what) {
    case 'persistentvolumeclaims':
    case 'count/persistentvolumeclaims':
      return 1n;
    case 'requests.storage':
      return amount(requestOf(claim));
    default:
      return 0n;
  }
}

function isSize(limit: string): boolean {
  return limit.endsWith('requests.storage');
}

function show(limit: string, value: bigint): string {
  return formatQuantity(value, isSize(limit) ? 'binary' : 'decimal');
}

interface Excess {
  readonly limit: string;
  readonly requested: bigint;
  readonly used: bigint;
  readonly hard: bigint;
}

/** @throws Refusal 403 naming the first quota that the write would exceed. */
export function checkQuotas(transaction: Transaction, write: Admitted): void {
  const { kind, namespace, name, object, current } = write;
  for (const quota of transaction.list(QUOTAS, namespace)) {
    const limits = Object.entries(objectAt(quota.object, 'spec', 'hard')).sort(([left], [right]) =>
      left < right ? -1 : 1,
    );
    const excesses = limits.flatMap(([limit, hard]): Excess[] => {
      const requested = chargeOf(limit, object) - (current ? chargeOf(limit, current) : 0n);
      if (requested <= 0n) return [];
      const used = usedOf(transaction, namespace, limit);
      return used + requested > amount(String(hard)) ? [{ limit, requested, used, hard: amount(String(hard)) }] : [];
    });
    if (excesses.length > 0) throw forbidden(kind, name, exceeded(quota.name, excesses));
  }
}

function exceeded(quota: string, excesses: readonly Excess[]): string {
  const list = (pick: (excess: Excess) => bigint): string =>
    excesses.map((excess) => `${excess.limit}=${show(excess.limit, pick(excess))}`).join(',');
  const [requested, used, limited] = [list((e) => e.requested), list((e) => e.used), list((e) => e.hard)];
  return `exceeded quota: ${quota}, requested: ${requested}, used: ${used}, limited: ${limited}`;
}

function usedOf(reading: Reading, namespace: string, limit: string): bigint {
  return reading.list(CLAIMS, namespace).reduce((sum, { object }) => sum + chargeOf(limit, object), 0n);
}

/** Brings the status of every quota up to date: its limits and what is used of them. */
export function refreshQuotas(reading: Reading): readonly Chore[] {
  return reading
    .list(QUOTAS)
    .filter((quota) => !sameJson(at(quota.object, 'status'), statusOf(reading, quota)))
    .map(({ key }) => (transaction) => {
      const quota = transaction.get(QUOTAS, key);
      if (!quota) return;
      const status = statusOf(transaction, quota);
      if (!sameJson(at(quota.object, 'status'), status)) transaction.put(QUOTAS, quota, { ...quota.object, status });
    });
}

function statusOf(reading: Reading, { namespace, object }: Stored): JsonObject {
  const hard = objectAt(object, 'spec', 'hard');
  const used = Object.keys(hard)
    .sort()
    .map((limit) => [limit, show(limit, usedOf(reading, namespace, limit))] as const);
  return { hard, used: Object.fromEntries(used) };
}
