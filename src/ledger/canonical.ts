/** A JSON value. `undefined` is no value of JSON: leave the member out. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/**
 * The one text of a JSON value, RFC 8785: members sorted by UTF-16 code units, no spaces, numbers and strings as
 * ECMAScript writes them. Throws a RangeError for what RFC 8785 has no text for: a number that is not finite, a lone
 * surrogate, a value that is not JSON.
 */
export function canonicalText(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringText(value);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object') throw new RangeError(`${typeof value} is no JSON value`);
  const members = Object.keys(value).sort(byCodeUnits);
  return `{${members.map((name) => `${stringText(name)}:${canonicalText(member(value, name))}`).join(',')}}`;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function member(value: JsonObject, name: string): Json {
  const found = value[name];
  if (found === undefined) throw new RangeError(`member ${JSON.stringify(name)} is undefined, which JSON cannot say`);
  return found;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number of JSON`);
  return JSON.stringify(value);
}

function stringText(value: string): string {
  if (!value.isWellFormed()) throw new RangeError('a string with half a surrogate pair has no text in UTF-8');
  return JSON.stringify(value);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
