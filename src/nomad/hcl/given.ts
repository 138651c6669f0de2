import { parseJson } from '../json/parse.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { readBody } from './body.ts';
import { jsonValue } from './json-value.ts';
import { mistake } from './mistake.ts';
import { readingOf } from './reading.ts';
import { type Source, sourceOf } from './source.ts';
import type { AttributeSyntax, Expression } from './syntax.ts';
import type { Tree } from './tree.ts';
import type { Value } from './value.ts';

/** Values for variables, as a person passes them. Later ones win, and files win over the environment, arguments over files. */
export interface GivenVariables {
  /** Names with `NOMAD_VAR_` before them; the others are nobody's business. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly files?: readonly { readonly file: string; readonly text: string }[];
  readonly arguments?: readonly { readonly name: string; readonly value: string }[];
}

/** A value and the text it stands in. */
export type Assignment =
  /** From the environment or the command line: a string is taken as it is, everything else is an expression. */
  | { readonly kind: 'text'; readonly name: string; readonly from: string; readonly text: string }
  | { readonly kind: 'expression'; readonly name: string; readonly source: Source; readonly expression: Expression }
  | { readonly kind: 'value'; readonly name: string; readonly value: Value };

export type Parse = (text: string) => Tree;

const PREFIX = 'NOMAD_VAR_';

/** By name, the last one winning. */
export function assignmentsOf(
  given: GivenVariables,
  parse: Parse,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Assignment> {
  const environment = Object.entries(given.environment ?? {}).flatMap(([key, text]): readonly Assignment[] => {
    if (!key.startsWith(PREFIX) || text === undefined) return [];
    return [{ kind: 'text', name: key.slice(PREFIX.length), from: `the value of ${key}`, text }];
  });
  const files = (given.files ?? []).flatMap(({ file, text }) => readFile(sourceOf(file, text), parse, report));
  const passed = (given.arguments ?? []).map(({ name, value }): Assignment => {
    return { kind: 'text', name, from: `the value of --var ${name}`, text: value };
  });
  return new Map([...environment, ...files, ...passed].map((assignment) => [assignment.name, assignment]));
}

function readFile(source: Source, parse: Parse, report: (diagnostic: Diagnostic) => void): readonly Assignment[] {
  if (/^\s*\{/.test(source.text)) return readJson(source, report);
  return readAssignments(source, parse, report).map(({ name, value }) => {
    return { kind: 'expression', name, source, expression: value };
  });
}

function readJson(source: Source, report: (diagnostic: Diagnostic) => void): readonly Assignment[] {
  const parsed = parseJson(source.text);
  if (parsed.kind === 'json' && parsed.root.kind === 'object') {
    return parsed.root.members.map(({ key, value }) => ({ kind: 'value', name: key, value: jsonValue(value, source) }));
  }
  const offset = parsed.kind === 'broken' ? parsed.offset : 0;
  const message =
    parsed.kind === 'broken' ? 'the file is no JSON from here on' : 'a variable file is an object of names and values';
  const at = source.at({ start: offset, end: offset });
  report({ severity: 'error', code: 'LARDER_NOMAD_SYNTAX', message, at });
  return [];
}

function readAssignments(
  source: Source,
  parse: Parse,
  report: (diagnostic: Diagnostic) => void,
): readonly AttributeSyntax[] {
  const { root, failure } = parse(source.text);
  if (failure) {
    report(discreet(mistake(failure, source)));
    return [];
  }
  const diagnostics: Diagnostic[] = [];
  const { attributes, blocks } = readBody(root, readingOf(source, diagnostics));
  const [block] = blocks;
  if (block) {
    const message = 'a variable file holds name = value; a variable is declared in the file of the job';
    diagnostics.push(source.diagnostic('LARDER_NOMAD_VARIABLE', block.header, message));
  }
  for (const diagnostic of diagnostics) report(discreet(diagnostic));
  return diagnostics.length > 0 ? [] : attributes;
}

/** An expression from outside of a file; inside the parentheses its lines may end anywhere. */
export function readPassed(
  { from, text }: Extract<Assignment, { kind: 'text' }>,
  parse: Parse,
  report: (diagnostic: Diagnostic) => void,
): { readonly source: Source; readonly expression: Expression } | undefined {
  const source = sourceOf(from, `value=(${text}\n)\n`);
  const [only, surplus] = readAssignments(source, parse, report);
  if (!surplus) return only && { source, expression: only.value };
  report({ severity: 'error', code: 'LARDER_NOMAD_SYNTAX', message: NO_VALUE, at: source.at(surplus) });
  return undefined;
}

const NO_VALUE =
  'this is no value: strings stand in double quotes, lists in [ ], maps in { }; there are no references and no functions';

/** Values are often secrets: a message about them shows where they are and nothing of them. */
export function discreet({ severity, code, message, at }: Diagnostic): Diagnostic {
  const shown = code === 'LARDER_NOMAD_VARIABLE' || message.includes('is already set') ? message : NO_VALUE;
  return { severity, code, message: shown, ...(at && { at }) };
}
