/** What Kubernetes adds to lists (k8s.io/apiserver/pkg/cel/library/lists.go, read in 0.36). */
import type { Environment } from '@marcbachmann/cel-js';
import { equal } from './equal.ts';

const NUMBERS = ['int', 'double'] as const;
/** Types whose values have an order. */
const ORDERED = [...NUMBERS, 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration'] as const;

type Ordered = bigint | number | string | boolean | Date;

export function lists(environment: Environment): Environment {
  for (const type of ORDERED) {
    environment
      .registerFunction(`list<${type}>.isSorted(): bool`, (items: readonly Ordered[]) =>
        items.every((item, index) => index === 0 || !(item < (items[index - 1] ?? item))),
      )
      .registerFunction(`list<${type}>.min(): ${type}`, (items: readonly Ordered[]) =>
        extreme('min', items, (item, best) => item < best),
      )
      .registerFunction(`list<${type}>.max(): ${type}`, (items: readonly Ordered[]) =>
        extreme('max', items, (item, best) => item > best),
      );
  }
  return environment
    .registerFunction('list<int>.sum(): int', (items: readonly bigint[]) => items.reduce((sum, item) => sum + item, 0n))
    .registerFunction('list<double>.sum(): double', (items: readonly number[]) =>
      items.reduce((sum, item) => sum + item, 0),
    )
    .registerFunction('list.indexOf(dyn): int', (items: readonly unknown[], wanted: unknown) =>
      BigInt(items.findIndex((item) => equal(item, wanted))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (items: readonly unknown[], wanted: unknown) =>
      BigInt(items.findLastIndex((item) => equal(item, wanted))),
    )
    .registerFunction('list.distinct(): list<dyn>', (items: readonly unknown[]) =>
      items.filter((item, index) => items.findIndex((other) => equal(item, other)) === index),
    )
    .registerFunction('list.reverse(): list<dyn>', (items: readonly unknown[]) => items.toReversed())
    .registerFunction('list.slice(int, int): list<dyn>', (items: readonly unknown[], from: bigint, to: bigint) => {
      if (from < 0n || to < 0n) throw new Error(`cannot slice(${from}, ${to}), negative indexes not supported`);
      if (from > to)
        throw new Error(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
      if (to > items.length) throw new Error(`cannot slice(${from}, ${to}), list is length ${items.length}`);
      return items.slice(Number(from), Number(to));
    });
}

function extreme(name: string, items: readonly Ordered[], better: (item: Ordered, best: Ordered) => boolean): Ordered {
  const [first] = items;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return items.reduce((best, item) => (better(item, best) ? item : best), first);
}
