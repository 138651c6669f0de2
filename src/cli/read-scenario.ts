import { type Document, isMap, isNode, isScalar, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Scenario, scenarioSchema } from '../expand/simulate/scenario.ts';
import { issueWords } from '../ledger/issue-words.ts';
import { Exit, exitCodes } from './exit.ts';
import { contentOf } from './input.ts';

type Keys = readonly PropertyKey[];

/** Throws Exit 2 with file, line, field and the accepted form of each value that is wrong. */
export function readScenario(path: string, text: string): Scenario {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new Exit(exitCodes.usage, `${path}: ${broken.message.trimEnd()}`);
  const content = contentOf(document, path);
  const other = otherThanMapping(content);
  if (other !== undefined) {
    const wanted = 'a scenario is a mapping, for example `duration: 90d` and `claims:` with a list below it';
    throw new Exit(exitCodes.usage, `${path}:1: the file ${other}: ${wanted}`);
  }
  const read = scenarioSchema.safeParse(content);
  if (read.success) return read.data;
  const problems = read.error.issues
    .flatMap((issue) => problemsOf(issue, document))
    .map(({ keys, what }) => {
      const line = lineOf(text, placeOf(document, keys));
      return `${path}:${line}: ${keys.join('.') || 'the file'}: ${what}`;
    });
  throw new Exit(exitCodes.usage, problems.join('\n'));
}

function otherThanMapping(content: unknown): string | undefined {
  if (content === null || content === undefined) return 'is empty';
  if (Array.isArray(content)) return 'is a list';
  return typeof content === 'object' ? undefined : 'is a single value';
}

interface Problem {
  readonly keys: Keys;
  readonly what: string;
}

/** A key that nobody knows is a problem of its own, at its own line. */
function problemsOf(issue: z.core.$ZodIssue, document: Document): readonly Problem[] {
  if (issue.code === 'invalid_union') {
    // What a person writes as one word is a text or a number to YAML.
    const what = document.hasIn(issue.path) ? 'must be a text or a number' : 'is missing: a text or a number';
    return [{ keys: issue.path, what }];
  }
  if (issue.code !== 'unrecognized_keys') return [{ keys: issue.path, what: issueWords(issue) }];
  const what = `is not known; known here: ${keysAt(issue.path).join(', ')}`;
  return issue.keys.map((key) => ({ keys: [...issue.path, key], what }));
}

/** Those of the schema at a place. */
function keysAt(path: Keys): readonly string[] {
  const at = path.reduce<unknown>((schema, step) => {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodArray) return inner.element;
    return inner instanceof z.ZodObject ? inner.shape[String(step)] : undefined;
  }, scenarioSchema);
  const inner = unwrapped(at);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrapped(schema.def.innerType) : schema;
}

/** Where a key or an entry stands; of what is missing, where it should. */
function placeOf(document: Document, keys: Keys): number {
  for (let length = keys.length; length > 0; length -= 1) {
    const above: unknown = document.getIn(keys.slice(0, length - 1), true);
    const last = keys[length - 1];
    const key = isMap(above) ? above.items.find(({ key }) => isScalar(key) && key.value === last)?.key : undefined;
    const node: unknown = key ?? document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
