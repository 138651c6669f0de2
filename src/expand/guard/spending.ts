import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { baseBytesOf, claimOf } from '../claim.ts';
import { type Growth, HISTORY_LIMIT, parseHistory, wholeSeconds } from '../history.ts';
import { BUDGET_MS, type Budget, budgetOf, leftOf, type Spend } from './budget.ts';

export interface SpendingOptions {
  readonly clock: Clock;
  readonly namespace: { readonly bytes: bigint | 'unlimited'; readonly source: string };
  readonly cluster: { readonly bytes: bigint | 'unlimited'; readonly source: string };
}

interface Spent {
  readonly stamp: number;
  readonly bytes: bigint;
  /** On a clock that does not step: whoever sets the wall clock forward does not set the budget free. */
  readonly bornMono: number;
}

interface Account {
  readonly namespace: string;
  readonly spent: readonly Spent[];
  /** Asked for, and not seen on the claim yet. */
  readonly pending: Spent | undefined;
}

/** As of a moment; budgets of namespaces are added up when somebody asks. */
interface Sums {
  readonly atMono: number;
  readonly cluster: Budget;
  readonly spends: ReadonlyMap<string, readonly Spend[]>;
  readonly namespaces: Map<string, Budget>;
}

const SUM_AGE_MS = 1_000;

/**
 * What the claims spent within a day, from their own histories: a restart or another replica counts the same. Invariants:
 * one account per claim that spent something or is about to; `#sums` is of the present accounts, or undefined.
 */
export class Spending {
  readonly #options: SpendingOptions;
  readonly #accounts = new Map<string, Account>();
  #sums: Sums | undefined;

  constructor(options: SpendingOptions) {
    this.#options = options;
  }

  /** The claim as it was read: its history says what it spent, and its size how much of that can be true. */
  follow(object: PersistentVolumeClaim): void {
    const claim = claimOf(object);
    const { key, namespace } = claim;
    const before = this.#accounts.get(key);
    const history = parseHistory(object.metadata.annotations);
    // What cannot be read keeps what was known; the claim itself does not grow until it is mended.
    if (!history.ok) return;
    const spent = this.#spentOf(history.value.growths, { sizeBytes: baseBytesOf(claim), before: before?.spent ?? [] });
    const seen = before?.pending && spent.some(({ stamp }) => stamp === before.pending?.stamp);
    this.#set(key, { namespace, spent, pending: seen ? undefined : before?.pending });
  }

  forget(key: string): void {
    this.#accounts.delete(key);
    this.#sums = undefined;
  }

  of(namespace: string): { readonly namespaceBudget: Budget; readonly clusterBudget: Budget } {
    const { cluster, namespaces, spends } = this.#sum();
    const { bytes, source } = this.#options.namespace;
    const known = namespaces.get(namespace);
    const namespaceBudget = known ?? budgetOf(bytes, spends.get(namespace) ?? [], source);
    if (!known) namespaces.set(namespace, namespaceBudget);
    return { namespaceBudget, clusterBudget: cluster };
  }

  /** Sets the growth aside before it is asked for; false: another claim was faster, and too little is left. */
  reserve(key: string, namespace: string, growth: Growth): boolean {
    const bytes = growth.toBytes - growth.fromBytes;
    const { namespaceBudget, clusterBudget } = this.of(namespace);
    for (const budget of [namespaceBudget, clusterBudget]) {
      const left = leftOf(budget);
      if (left !== undefined && bytes > left) return false;
    }
    const before = this.#accounts.get(key);
    const pending = { stamp: wholeSeconds(growth.at), bytes, bornMono: this.#options.clock.monotonic() };
    this.#set(key, { namespace, spent: before?.spent ?? [], pending });
    return true;
  }

  /** It was refused, so it was not spent. */
  release(key: string): void {
    const account = this.#accounts.get(key);
    if (account) this.#set(key, { ...account, pending: undefined });
  }

  /**
   * Whoever owns a claim can write its annotations: it cannot have spent more than it has, nor have given back more than it
   * spent, whatever they say. What was seen once counts for its day, also when somebody takes it out of the history.
   */
  #spentOf(
    growths: readonly Growth[],
    { sizeBytes, before }: { readonly sizeBytes: bigint; readonly before: readonly Spent[] },
  ): readonly Spent[] {
    const { clock } = this.#options;
    const nowMono = clock.monotonic();
    const listed = new Set(growths.map(({ at }) => wholeSeconds(at)));
    const spent = before.filter(({ stamp, bornMono }) => !listed.has(stamp) && nowMono - bornMono < BUDGET_MS);
    let net = spent.reduce((sum, { bytes }) => sum + bytes, 0n);
    for (const growth of growths) {
      const stamp = wholeSeconds(growth.at);
      const ageMs = Math.max(0, clock.now() - growth.at);
      const bornMono = before.find((each) => each.stamp === stamp)?.bornMono ?? nowMono - ageMs;
      if (nowMono - bornMono >= BUDGET_MS) continue;
      const bytes = believable(growth, { net, sizeBytes });
      net += bytes;
      spent.push({ stamp, bytes, bornMono });
    }
    return shortened(spent);
  }

  #set(key: string, account: Account): void {
    if (account.spent.length === 0 && !account.pending) {
      if (!this.#accounts.delete(key)) return;
    } else this.#accounts.set(key, account);
    this.#sums = undefined;
  }

  #sum(): Sums {
    const nowMono = this.#options.clock.monotonic();
    if (this.#sums && nowMono - this.#sums.atMono < SUM_AGE_MS) return this.#sums;
    const spends = new Map<string, Spend[]>();
    for (const { namespace, spent, pending } of this.#accounts.values()) {
      const own = spends.get(namespace) ?? [];
      for (const { bytes, bornMono } of pending ? [...spent, pending] : spent) {
        own.push({ bytes, ageMs: nowMono - bornMono });
      }
      spends.set(namespace, own);
    }
    const all = [...spends.values()].flatMap((own) => within(own, this.#options.namespace.bytes));
    const { bytes, source } = this.#options.cluster;
    this.#sums = { atMono: nowMono, cluster: budgetOf(bytes, all, source), spends, namespaces: new Map() };
    return this.#sums;
  }
}

/** What a growth can have added to a claim of that size, which spent `net` already. */
function believable(
  { fromBytes, toBytes, trigger }: Growth,
  { net, sizeBytes }: { readonly net: bigint; readonly sizeBytes: bigint },
): bigint {
  const bytes = toBytes - fromBytes;
  if (bytes < 0n) return trigger !== 'recovery' ? 0n : -bytes > net ? -net : bytes;
  const left = sizeBytes > net ? sizeBytes - net : 0n;
  return bytes < left ? bytes : left;
}

/** More than a history lists, so that only somebody who makes up histories gets there. */
const MOST_SPENT = 2 * HISTORY_LIMIT;

/** The oldest are put together, as if they were as young as the youngest of them. */
function shortened(spent: readonly Spent[]): readonly Spent[] {
  if (spent.length <= MOST_SPENT) return spent;
  const old = spent.slice(0, spent.length - MOST_SPENT + 1);
  const { stamp, bornMono } = old.reduce((one, other) => (one.bornMono >= other.bornMono ? one : other));
  const bytes = old.reduce((sum, each) => sum + each.bytes, 0n);
  return [{ stamp, bytes, bornMono }, ...spent.slice(old.length)];
}

/** Claims of one namespace cannot use up the budget of all, whatever their histories say: it has a budget itself. */
function within(spends: readonly Spend[], limitBytes: bigint | 'unlimited'): readonly Spend[] {
  if (limitBytes === 'unlimited') return spends;
  let left = limitBytes;
  return spends.map(({ bytes, ageMs }) => {
    const before = left;
    left = before > bytes ? before - bytes : 0n;
    return { bytes: before - left, ageMs };
  });
}
