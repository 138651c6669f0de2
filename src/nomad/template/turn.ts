import { scalar, type Value } from './value.ts';

/** Key and item of one turn of a `range`. */
export type Turn = readonly [Value, Value];

/** What a `range` walks; `each`: the keys of a secret, which nobody knows yet. Undefined: nothing that can be walked. */
export function turnsOf(value: Value, most: number): readonly Turn[] | 'each' | undefined {
  switch (value.kind) {
    case 'list':
      return value.items.map((item, at): Turn => [scalar(at), item]);
    case 'map':
      return [...value.entries].sort(byKey).map(([key, item]): Turn => [scalar(key), item]);
    case 'scalar':
      if (typeof value.value !== 'number' || value.value > most) return undefined;
      return Array.from({ length: Math.max(0, value.value) }, (_, at): Turn => [scalar(at), scalar(at)]);
    case 'data':
      return 'each';
    case 'secret':
      return value.of.source === 'nomad' ? 'each' : undefined;
    case 'unknown':
      return [];
    case 'later':
    case 'tuple':
      return undefined;
    default:
      return value satisfies never;
  }
}

/** Go walks maps by their keys in order. */
function byKey([left]: readonly [string, Value], [right]: readonly [string, Value]): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
