/** The text above the table: `namespace:media state:filling plex`. All words must fit. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';

const fields: Readonly<Record<string, (row: VolumeRow) => string>> = {
  namespace: (row) => row.namespace,
  ns: (row) => row.namespace,
  name: (row) => row.claim,
  class: (row) => row.class,
  phase: (row) => row.phase,
  path: (row) => row.path,
  volume: (row) => row.volume,
};
/** Of these a whole word is meant: `ok` is no part of another state. */
const exact: Readonly<Record<string, (row: VolumeRow) => string>> = {
  state: ({ state }) => state.replaceAll(' ', '-'),
};

export const filterHint = 'namespace:media  state:filling  class:fast  or a part of a name';

type Test = (row: VolumeRow) => boolean;

/** A word with an unknown field is looked for as it stands. `a,b` is one of them; `-word` is not that. */
export function filterOf(text: string): Test {
  const tests = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .map(testOf);
  return (row) => tests.every((test) => test(row));
}

function testOf(word: string): Test {
  if (word.startsWith('-')) {
    const test = testOf(word.slice(1));
    return (row) => !test(row);
  }
  const colon = word.indexOf(':');
  const values = word.slice(colon + 1).split(',');
  const name = colon > 0 ? word.slice(0, colon) : '';
  const whole = Object.hasOwn(exact, name) ? exact[name] : undefined;
  if (whole) return (row) => values.includes(whole(row));
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return (row) => values.some((value) => field(row).toLowerCase().includes(value));
  return (row) => textOf(row).includes(word);
}

/** Made once for each state of a row: of ten thousand the most stay as they are while somebody types. */
const texts = new WeakMap<VolumeRow, string>();

function textOf(row: VolumeRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = `${row.namespace}/${row.claim} ${row.volume} ${row.path}`.toLowerCase();
  texts.set(row, text);
  return text;
}
