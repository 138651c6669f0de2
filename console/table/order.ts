/** Which volume comes first. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';
import { stateLook } from '../words/state.ts';

export const columns = ['name', 'namespace', 'state', 'used', 'size', 'full'] as const;
export type Column = (typeof columns)[number];

export interface Order {
  readonly by: Column;
  readonly descending: boolean;
}

/** What calls for a person comes first. */
export const usualOrder: Order = { by: 'state', descending: false };

type Compare = (one: VolumeRow, other: VolumeRow) => number;

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const byUse: Compare = (one, other) => (one.usedRatio ?? -1) - (other.usedRatio ?? -1);
const size = ({ capacity, request }: VolumeRow): number => Number(capacity === '' ? request : capacity);

const compares: Readonly<Record<Column, Compare>> = {
  name: (one, other) => byText(one.claim, other.claim),
  namespace: (one, other) => byText(one.namespace, other.namespace),
  state: (one, other) => stateLook(one).rank - stateLook(other).rank || byUse(other, one),
  used: byUse,
  size: (one, other) => size(one) - size(other),
  full: (one, other) => (one.fullInMs ?? Number.MAX_VALUE) - (other.fullInMs ?? Number.MAX_VALUE),
};

/** Equal ones stand by name, so that a live table does not flicker. */
export function orderRows(rows: readonly VolumeRow[], { by, descending }: Order): readonly VolumeRow[] {
  const sign = descending ? -1 : 1;
  const compare = compares[by];
  return rows.toSorted(
    (one, other) =>
      sign * compare(one, other) ||
      byText(one.namespace, other.namespace) ||
      byText(one.claim, other.claim) ||
      byText(one.volume, other.volume),
  );
}

export function parseOrder(text: string | null): Order {
  const descending = text?.startsWith('-') ?? false;
  const by = columns.find((column) => column === (descending ? text?.slice(1) : text));
  return by ? { by, descending } : usualOrder;
}

export function orderText({ by, descending }: Order): string {
  return `${descending ? '-' : ''}${by}`;
}

/** The first click on a column shows what one looks for in it. */
export function nextOrder(order: Order, by: Column): Order {
  if (order.by === by) return { by, descending: !order.descending };
  return { by, descending: by === 'used' || by === 'size' };
}

/** The rows in the order of `kept`, new ones at the end: while somebody reads a table nothing jumps in it. */
export function keepOrder(
  rows: readonly VolumeRow[],
  kept: readonly string[],
  keyOf: (row: VolumeRow) => string,
): readonly VolumeRow[] {
  const left = new Map(rows.map((row) => [keyOf(row), row]));
  const known: VolumeRow[] = [];
  for (const key of kept) {
    const row = left.get(key);
    if (row) known.push(row);
    left.delete(key);
  }
  return [...known, ...left.values()];
}
