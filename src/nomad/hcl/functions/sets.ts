import { convert } from '../convert.ts';
import { identityText, isSequence, listValue, setValue, tupleValue, type Value } from '../value.ts';
import { typeOf, unify } from '../value-type.ts';
import { type HclFunction, many, type Outcome, oneThenMany, present, refuse, set } from './hcl-function.ts';

export const setFunctions: Readonly<Record<string, HclFunction>> = {
  setintersection: oneThenMany(set, set, (first, rest) =>
    alike([first, ...rest], ([head = [], ...others]) => {
      const texts = others.map((other) => new Set(other.map(identityText)));
      return head.filter((item) => texts.every((all) => all.has(identityText(item))));
    }),
  ),
  setproduct: many(present, product),
  setunion: oneThenMany(set, set, (first, rest) => alike([first, ...rest], (sets) => sets.flat())),
};

/** More combinations than any job needs; keeps the memory. */
const MOST_COMBINATIONS = 100_000;

/** Sets of different types are first brought to the one that all convert to. */
function alike(
  sets: readonly (readonly Value[])[],
  combine: (sets: readonly (readonly Value[])[]) => readonly Value[],
): Outcome {
  const element = unify(sets.flat().map(typeOf));
  if (!element) return refuse('the sets must have elements of one type');
  const fitting = sets.map((items) => convert(setValue(items), { kind: 'set', element }));
  return setValue(
    combine(fitting.map((result) => (result.kind === 'value' && isSequence(result.value) ? result.value.items : []))),
  );
}

/** The last argument changes fastest. Without a set among the arguments the order is kept. */
function product(all: readonly Value[]): Outcome {
  if (all.length < 2) return refuse('at least two lists or sets are needed');
  const lists: (readonly Value[])[] = [];
  for (const [index, value] of all.entries()) {
    if (!isSequence(value)) return refuse('a list or a set is required', index);
    const items = convert(value, { kind: 'list', element: { kind: 'any' } });
    if (items.kind === 'refused') return refuse(items.message, index);
    lists.push(isSequence(items.value) ? items.value.items : []);
  }
  const count = lists.reduce((product, items) => product * items.length, 1);
  if (count > MOST_COMBINATIONS) return refuse(`that makes ${count} combinations, more than ${MOST_COMBINATIONS}`);
  const rows = lists.reduce<readonly (readonly Value[])[]>(
    (done, items) => done.flatMap((row) => items.map((item) => [...row, item])),
    [[]],
  );
  const tuples = rows.map(tupleValue);
  return all.some(({ kind }) => kind === 'set') ? setValue(tuples) : listValue(tuples);
}
