/** The text above the list of records: `type:change-applied by:ana since:7d web`. All words must fit. Pure. */
import type { RecordRow } from './ledger-api.ts';
import { familyOfType } from './record-type.ts';

type Test = (row: RecordRow) => boolean;

const DAY_MS = 86_400_000;
const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

const fields: Readonly<Record<string, (row: RecordRow, value: string) => boolean>> = {
  type: ({ type }, value) => type === value || type.startsWith(`${value}-`) || type.endsWith(`-${value}`),
  kind: ({ type }, value) => familyOfType(type) === value,
  by: ({ operator }, value) => operator.toLowerCase().includes(value),
  object: ({ objects }, value) => objects.some((each) => each.toLowerCase().includes(value)),
  is: ({ standing, marks, evidence }, value) =>
    standing === value ||
    marks.some((mark) => mark.replaceAll(' ', '-') === value) ||
    (value === 'evidence' && evidence > 0),
};

/** `a,b` is one of them; `-word` is not that. A word that says nothing known is looked for as it stands. `now`: epoch ms. */
export function recordFilter(text: string, now: number): Test {
  const words = text.toLowerCase().split(/\s+/);
  const tests = words.filter((word) => word !== '' && word !== '-').map((word) => testOf(word, now));
  return (row) => tests.every((test) => test(row));
}

function testOf(word: string, now: number): Test {
  if (word.startsWith('-')) {
    const test = testOf(word.slice(1), now);
    return (row) => !test(row);
  }
  const colon = word.indexOf(':');
  const [name, value] = [word.slice(0, Math.max(0, colon)), word.slice(colon + 1)];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return (row) => value.split(',').some((each) => field(row, each));
  const time = name === 'since' || name === 'until' ? timeOf(value, now) : undefined;
  // What is not readable any more has no time: it is left in, because it is what somebody should see.
  if (time !== undefined && name === 'since') return ({ at }) => at === undefined || at >= time;
  if (time !== undefined) return ({ at }) => at === undefined || at <= endOf(value, time);
  return (row) => textOf(row).includes(word);
}

/** `7d` ago, `2026-03-01`, `2026-03-01T12:00:00Z`; undefined: none of them. */
function timeOf(value: string, now: number): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,5})([hdw])$/.exec(value) ?? [];
  if (amount !== undefined) return now - Number(amount) * (unitsMs[unit] ?? 0);
  const time = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value.toUpperCase()) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** A day is meant with all that is in it. */
function endOf(value: string, time: number): number {
  return value.length === 10 && value.includes('-') ? time + DAY_MS - 1 : time;
}

const texts = new WeakMap<RecordRow, string>();

function textOf(row: RecordRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const { seq, id, type, operator, words, objects } = row;
  const text = [`#${seq}`, id, type, operator, words, ...objects].join(' ').toLowerCase();
  texts.set(row, text);
  return text;
}
