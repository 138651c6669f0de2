import { readFileSync } from 'node:fs';
import { parse } from '@cdktn/hcl2json';
import fc from 'fast-check';
import type { Body, Node } from '../source/node.ts';

/** What hashicorp/hcl itself, compiled to WebAssembly, says of a text: its JSON, or why it is refused. */
export type Verdict =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'refused'; readonly why: string }
  /** It parses, and an operation of literals in it has no value. */
  | { readonly kind: 'valueless' };

export async function verdictOn(text: string): Promise<Verdict> {
  try {
    return { kind: 'json', json: await parse('job.hcl', text) };
  } catch (failure) {
    const why = String(failure);
    return why.includes('parse config') ? { kind: 'refused', why } : { kind: 'valueless' };
  }
}

/** Fixed, so that a run can be had again; LARDER_HCL_SEED gives another. */
export const seed = Number(process.env['LARDER_HCL_SEED'] ?? 20261121);

const folder = new URL('../../../test/fixtures/nomad/hcl/', import.meta.url);
const texts = ['valid.json', 'invalid.json'].flatMap((file): readonly string[] => {
  const rows: readonly (readonly [string, unknown])[] = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  return rows.map(([text]) => text);
});
/** A mutation puts one of these somewhere, or takes something away. */
export const pieces = [
  ...[
    '"',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '=',
    ',',
    '.',
    ':',
    '?',
    '~',
    '$',
    '%',
    '\\',
    '-',
    '!',
  ],
  ...[
    '${',
    '%{',
    '$${',
    '%%{',
    '${a}',
    '${~ a ~}',
    '%{ if a }',
    '%{ else }',
    '%{ endif }',
    '%{ for x in y }',
    '%{ endfor }',
  ],
  ...[
    '<<EOT\n',
    '<<-EOT\n',
    'EOT\n',
    '#',
    '//',
    '/*',
    '*/',
    '[*]',
    '.*',
    '...',
    '=>',
    '::',
    '&&',
    '||',
    '==',
    '&',
    '|',
  ],
  ...[
    'for ',
    'in',
    'if',
    'null',
    'true',
    '0',
    '0x1',
    '1e5',
    '1.5',
    '"a"',
    'a',
    'é',
    '\\u00e9',
    '\\q',
    "'",
    ';',
    '`',
    '@',
    '\u00a0',
  ],
];

export const mutated: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), fc.constantFrom('', ...pieces)), { minLength: 1, maxLength: 3 }),
  )
  .map(([chosen, mutations]) => mutations.reduce(mutate, chosen.join('')).toWellFormed());

export function mutate(text: string, [place, taken, piece]: readonly [number, number, string]): string {
  const at = place % (text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + taken);
}

/** In the shape of hcl2json: blocks by type and labels, in lists. */
export function jsonOf({ attributes, blocks }: Body): unknown {
  const json: Record<string, unknown> = {};
  for (const { name, value } of attributes) json[name] = nodeJson(value);
  for (const block of blocks) {
    const path = [block.type, ...block.labels.map(({ text }) => text)];
    put(json, path, jsonOf(block));
  }
  return json;
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  const there = into[first];
  if (rest.length > 0) {
    const inner = isRecord(there) ? there : {};
    into[first] = inner;
    put(inner, rest, value);
  } else into[first] = Array.isArray(there) ? [...there, value] : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nodeJson(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(nodeJson);
  if (node.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, nodeJson(value)]));
  return node.value;
}

/** The first place where they differ. hcl2json leaves expressions as their text, which is no value to compare with. */
export function difference(mine: unknown, theirs: unknown, path = ''): string | undefined {
  if (typeof theirs === 'string' && /[$%]\{/.test(theirs)) return undefined;
  if (typeof theirs === 'number' && typeof mine !== 'object') {
    return Number(mine) === theirs ? undefined : `${path}: ${mine}, not ${theirs}`;
  }
  if (Array.isArray(mine) && Array.isArray(theirs) && mine.length === theirs.length) {
    return theirs.map((each, index) => difference(mine[index], each, `${path}[${index}]`)).find((each) => each);
  }
  if (isRecord(mine) && isRecord(theirs)) {
    if (Object.keys(theirs).some((name) => /[$%]\{/.test(name))) return undefined;
    const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    return [...names].map((name) => difference(mine[name], theirs[name], `${path}.${name}`)).find((each) => each);
  }
  return mine === theirs ? undefined : `${path}: ${JSON.stringify(mine)}, not ${JSON.stringify(theirs)}`;
}
