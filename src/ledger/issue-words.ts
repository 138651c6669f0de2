/** What is wrong with a value that a schema does not take, for somebody who does not know the schema. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Goes on after the name of the place: `is missing`. */
export function issueWords(issue: Issue): string {
  // What a schema of ours says itself.
  if (!/^(?:Invalid|Too (?:small|big)|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return / received undefined$/.test(issue.message)
        ? `is missing: ${kindWords(issue.expected)}`
        : `must be ${kindWords(issue.expected)}`;
    case 'too_small':
      return tooSmall(issue.origin, issue.minimum);
    case 'too_big':
      return `is more than ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return `is no ${formats.get(issue.format) ?? issue.format}`;
    case 'unrecognized_keys':
      return `has what nobody reads: ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return 'has none of the forms that it may have';
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'is not as it may be';
    default:
      return issue satisfies never;
  }
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
  ['null', 'null'],
]);

function kindWords(expected: string): string {
  return kinds.get(expected) ?? `a value of type ${expected}`;
}

function tooSmall(origin: string, minimum: number | bigint): string {
  if (BigInt(minimum) === 1n && origin === 'string') return 'is empty';
  return origin === 'number' || origin === 'int'
    ? `is less than ${minimum}`
    : `needs at least ${minimum}${unit(origin)}`;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

const formats: ReadonlyMap<string, string> = new Map([
  ['datetime', 'time with a zone, as 2026-03-01T12:00:00Z'],
  ['uuid', 'UUID, as 6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001'],
  ['ipv4', 'IPv4 address'],
  ['ipv6', 'IPv6 address'],
  ['base64', 'text in base64'],
  ['regex', 'text of the form that is asked for'],
  ['starts_with', 'text that begins as it should'],
]);
