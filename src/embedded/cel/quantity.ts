/** Sizes in expressions (k8s.io/apiserver/pkg/cel/library/quantity.go, read in 0.36). */
import type { Environment } from '@marcbachmann/cel-js';
import { nanosOf } from '../../kube/quantity.ts';

const NANOS = 1_000_000_000n;
const LARGEST = 2n ** 63n - 1n;

class Quantity {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

const TYPE = 'kubernetes.Quantity';

export function quantities(environment: Environment): Environment {
  return environment
    .registerType(TYPE, { ctor: Quantity, fields: {} })
    .registerFunction(`quantity(string): ${TYPE}`, readQuantity)
    .registerFunction('isQuantity(string): bool', (text: string) => nanosOf(text) !== undefined)
    .registerFunction(`${TYPE}.isInteger(): bool`, isInteger)
    .registerFunction(`${TYPE}.asInteger(): int`, (quantity: Quantity) => {
      if (!isInteger(quantity)) throw new Error('cannot convert value to integer');
      return quantity.nanos / NANOS;
    })
    .registerFunction(`${TYPE}.asApproximateFloat(): double`, ({ nanos }: Quantity) => Number(nanos) / 1e9)
    .registerFunction(`sign(${TYPE}): int`, ({ nanos }: Quantity) => compare(nanos, 0n))
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Quantity, b: Quantity) => compare(a.nanos, b.nanos))
    .registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Quantity, b: Quantity) => a.nanos > b.nanos)
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Quantity, b: Quantity) => a.nanos < b.nanos)
    .registerFunction(`${TYPE}.add(${TYPE}): ${TYPE}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos))
    .registerFunction(`${TYPE}.sub(${TYPE}): ${TYPE}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos))
    .registerFunction(`${TYPE}.add(int): ${TYPE}`, (a: Quantity, b: bigint) => new Quantity(a.nanos + b * NANOS))
    .registerFunction(`${TYPE}.sub(int): ${TYPE}`, (a: Quantity, b: bigint) => new Quantity(a.nanos - b * NANOS))
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Quantity, b: Quantity) => a.nanos === b.nanos);
}

function readQuantity(text: string): Quantity {
  const nanos = nanosOf(text);
  if (nanos === undefined) {
    throw new Error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  return new Quantity(nanos);
}

function isInteger({ nanos }: Quantity): boolean {
  return nanos % NANOS === 0n && nanos / NANOS <= LARGEST && nanos / NANOS >= -LARGEST - 1n;
}

function compare(left: bigint, right: bigint): bigint {
  return left === right ? 0n : left > right ? 1n : -1n;
}
