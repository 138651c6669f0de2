import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { convert } from '../convert.ts';
import { ofInteger, parseDecimal } from '../decimal.ts';
import {
  boolValue,
  isMapping,
  isSequence,
  NULL,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from '../value.ts';
import { type HclFunction, type Outcome, one, refuse, text } from './hcl-function.ts';

export const yamlFunctions: Readonly<Record<string, HclFunction>> = { yamldecode: one(text, decode) };

function decode(written: string): Outcome {
  const documents = parseAllDocuments(written, {
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  const [document, ...more] = Array.isArray(documents) ? documents : [];
  if (more.length > 0) return refuse('the text has more than one document', 0);
  if (!document) return refuse('the text has no YAML document', 0);
  const broken = document.errors[0];
  if (broken) return refuse(`the text is no YAML: ${broken.message.split('\n')[0] ?? ''}`, 0);
  return document.contents ? decoded(document.contents, document, 0) : NULL;
}

/** Aliases could make a small text a huge value. */
const DEEPEST = 100;
type Parsed = Document.Parsed<ParsedNode>;

function decoded(node: unknown, document: Parsed, depth: number): Outcome {
  if (depth > DEEPEST) return refuse(`the YAML is nested more than ${DEEPEST} deep`, 0);
  if (isAlias(node)) {
    const target = node.resolve(document);
    return target ? decoded(target, document, depth + 1) : refuse(`the YAML has no anchor ${node.source}`, 0);
  }
  if (isScalar(node)) return scalarOf(node);
  if (isSeq(node)) {
    const items: Value[] = [];
    for (const item of node.items) {
      const inner = decoded(item, document, depth + 1);
      if (inner.kind === 'refused') return inner;
      items.push(inner);
    }
    return tupleValue(items);
  }
  return isMap(node) ? mapOf(node, document, depth) : NULL;
}

function mapOf(node: YAMLMap, document: Parsed, depth: number): Outcome {
  const entries = new Map<string, Value>();
  for (const pair of node.items) {
    const value = decoded(pair.value, document, depth + 1);
    if (value.kind === 'refused') return value;
    const added = addTo(entries, pair, value);
    if (added) return added;
  }
  return objectValue(entries);
}

function addTo(entries: Map<string, Value>, { key }: Pair, value: Value): Outcome | undefined {
  if (!isScalar(key)) return refuse('the YAML has a key that is no string', 0);
  if (key.value === '<<' && key.type === 'PLAIN') {
    const sources = isSequence(value) ? value.items : [value];
    for (const source of sources) {
      if (!isMapping(source)) return refuse('the YAML merges what is no map', 0);
      for (const [name, inner] of source.entries) entries.set(name, inner);
    }
    return undefined;
  }
  const name = scalarOf(key);
  if (name.kind === 'refused') return name;
  const text = convert(name, { kind: 'string' });
  if (text.kind === 'refused' || text.value.kind !== 'string') return refuse('the YAML has a key that is no string', 0);
  entries.set(text.value.value, value);
  return undefined;
}

const YES = ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const NO = ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];
const NOTHING = ['', '~', 'null', 'Null', 'NULL'];
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...YES.map((word): [string, Value] => [word, boolValue(true)]),
  ...NO.map((word): [string, Value] => [word, boolValue(false)]),
  ...NOTHING.map((word): [string, Value] => [word, NULL]),
]);
const NO_NUMBER = /^(?:[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const NUMBER = /^[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?$/;
const OTHER_BASE = /^0(?:x[0-9a-fA-F]+|o[0-7]+)$/;
const TAG = 'tag:yaml.org,2002:';

/** A scalar without quotes is what it looks like, by the rules of YAML 1.1 where those of 1.2 differ. */
function scalarOf(node: Scalar): Outcome {
  const written = typeof node.value === 'string' ? node.value : '';
  const tag = node.tag ?? '';
  if (tag === `${TAG}str` || tag === `${TAG}binary`) return stringValue(written);
  if (tag !== '' && !['bool', 'int', 'float', 'null', 'timestamp'].some((known) => tag === TAG + known)) {
    return refuse(`the YAML has the tag ${tag}, which has no meaning here`, 0);
  }
  if (tag === '' && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')) return stringValue(written);
  if (NO_NUMBER.test(written)) return refuse(`the YAML has ${written}, which is no number that a job can hold`, 0);
  return WORDS.get(written) ?? timeOf(written) ?? numberOf(written) ?? stringValue(written);
}

function numberOf(written: string): Value | undefined {
  if (OTHER_BASE.test(written)) return numberValue(ofInteger(BigInt(written)));
  const parsed = NUMBER.test(written) ? parseDecimal(written) : undefined;
  return parsed && numberValue(parsed);
}

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(Z|[+-]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?))?$/;

/** Times become texts as `formatdate` and `timeadd` take them. */
function timeOf(written: string): Value | undefined {
  const parts = TIME.exec(written);
  if (!parts) return undefined;
  const [, year = '', month = '', day = '', hour, minute, second, zone, bareHour, bareMinute, bareSecond] = parts;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const clock = [hour ?? bareHour, minute ?? bareMinute, second ?? bareSecond].map((part) =>
    (part ?? '0').padStart(2, '0'),
  );
  const [hours = '', minutes = '', seconds = ''] = clock;
  if (date.getUTCDate() !== Number(day) || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    return undefined;
  const offset = zone === undefined || zone === '+00:00' ? 'Z' : zone;
  return stringValue(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${clock.join(':')}${offset}`);
}
