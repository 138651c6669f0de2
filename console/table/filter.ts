/** The text above the table: `namespace:media state:filling plex`. All words must fit. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';
import { stateLooks } from '../words/state.ts';

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

const states = Object.keys(stateLooks).map((state) => state.replaceAll(' ', '-'));

export const filterHint = 'a name, or state:filling';

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

/** What in it fits nothing, whatever there is; undefined: nothing of the kind. Said when a filter finds nothing. */
export function troubleIn(text: string): string | undefined {
  for (const word of text.toLowerCase().split(/\s+/)) {
    const [name = '', values] = word.replace(/^-/, '').split(':');
    if (values === undefined) continue;
    if (!Object.hasOwn(exact, name) && !Object.hasOwn(fields, name)) {
      return `"${name}:" is no field. There are ${[...Object.keys(fields), ...Object.keys(exact)].map((each) => `${each}:`).join(' ')}`;
    }
    const unknown = name === 'state' ? values.split(',').find((value) => !states.includes(value)) : undefined;
    if (unknown !== undefined) return `"${unknown}" is no state. There are ${states.join(', ')}.`;
  }
  return undefined;
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
