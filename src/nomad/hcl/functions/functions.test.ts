import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';
import test from 'node:test';
import fc from 'fast-check';
import { convert } from '../convert.ts';
import { decimalText, parseDecimal } from '../decimal.ts';
import {
  boolValue,
  inKeyOrder,
  isMapping,
  isSequence,
  listValue,
  NULL,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from '../value.ts';
import { call, functions } from './call.ts';
import type { JobFiles } from './hcl-function.ts';

/** What Nomad's own functions gave; lists, sets, maps and long numbers are marked by a member with a dollar. */
const vectors = new URL('../../../../test/fixtures/nomad/functions.jsonl', import.meta.url);

interface Vector {
  readonly call: string;
  readonly args: readonly unknown[];
  readonly gives?: unknown;
  readonly refused?: true;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const contents: ReadonlyMap<string, Uint8Array> = new Map([
  ['a.txt', Buffer.from('hello é\n')],
  ['sub/b.txt', Buffer.from('b')],
  ['sub/deep/d.txt', Buffer.from('d')],
  ['latin.txt', Buffer.from('caf\xe9', 'latin1')],
]);

const files: JobFiles = {
  read: (path) => {
    const wanted = normalize(path);
    if (wanted.startsWith('..')) return { kind: 'refused', message: 'outside of the directory' };
    const bytes = contents.get(wanted);
    if (bytes) return { kind: 'file', bytes };
    return [...contents.keys()].some((each) => each.startsWith(`${wanted}/`))
      ? { kind: 'directory' }
      : { kind: 'missing' };
  },
  below: (path) => {
    const root = normalize(join(path, '/'));
    if (root.startsWith('..')) return { kind: 'refused', message: 'outside of the directory' };
    const inside = [...contents.keys()].filter((each) => root === './' || each.startsWith(root));
    return { kind: 'files', paths: inside.map((each) => (root === './' ? each : each.slice(root.length))) };
  },
};

function valueFrom(plain: unknown): Value {
  if (typeof plain === 'string') return stringValue(plain);
  if (typeof plain === 'boolean') return boolValue(plain);
  if (typeof plain === 'number') return numberFrom(String(plain));
  if (Array.isArray(plain)) return tupleValue(plain.map(valueFrom));
  if (!isRecord(plain)) return NULL;
  if (typeof plain['$number'] === 'string') return numberFrom(plain['$number']);
  for (const kind of ['list', 'set', 'map'] as const) {
    const inner = plain[`$${kind}`];
    if (inner === undefined) continue;
    const converted = convert(valueFrom(inner), { kind, element: { kind: 'any' } });
    assert.equal(converted.kind, 'value');
    return converted.kind === 'value' ? converted.value : NULL;
  }
  return objectValue(Object.entries(plain).map(([name, value]) => [name, valueFrom(value)]));
}

function numberFrom(text: string): Value {
  const parsed = parseDecimal(text);
  assert.ok(parsed, text);
  return numberValue(parsed);
}

function plainFrom(value: Value): unknown {
  if (isSequence(value)) {
    const items = value.items.map(plainFrom);
    return value.kind === 'tuple' ? items : { [`$${value.kind}`]: items };
  }
  if (isMapping(value)) {
    const entries = Object.fromEntries(inKeyOrder(value).map(([name, inner]) => [name, plainFrom(inner)]));
    return value.kind === 'map' ? { $map: entries } : entries;
  }
  if (value.kind === 'null') return null;
  if (value.kind !== 'number') return value.value;
  const text = decimalText(value.value);
  return /^-?\d{1,15}$/.test(text) ? Number(text) : { $number: text };
}

const rows = readFileSync(vectors, 'utf8')
  .trim()
  .split('\n')
  .map((line): Vector => JSON.parse(line));

test('every function of a jobspec has at least four vectors', () => {
  const counted = Map.groupBy(rows, (row) => row.call);
  assert.deepEqual([...counted.keys()].sort(), [...functions.keys()].sort());
  // With `can`, `convert` and `try`, which take expressions, these are the functions that Nomad has.
  assert.equal(functions.size + 3, 83);
  assert.deepEqual(
    [...counted].filter(([, all]) => all.length < 4).map(([name]) => name),
    [],
  );
});

for (const [name, vectorsOfName] of Map.groupBy(rows, (row) => row.call)) {
  test(`${name} gives what Nomad's gives`, () => {
    for (const row of vectorsOfName) {
      const result = call(row.call, row.args.map(valueFrom), { files });
      const shown = JSON.stringify(row.args);
      if (row.refused) {
        assert.equal(result.kind, 'refused', shown);
        assert.ok(result.kind === 'refused' && result.message.length > 10, shown);
      } else {
        assert.deepEqual(result.kind === 'value' ? plainFrom(result.value) : result, row.gives, shown);
      }
    }
  });
}

test('what cannot be had again, or is elsewhere, is refused for good and says what to do', () => {
  const refusals = [
    call('uuidv4', [], { files }),
    call('bcrypt', [stringValue('x')], { files }),
    call('rsadecrypt', [stringValue('x'), stringValue('y')], { files }),
    call('file', [stringValue('../x')], { files }),
    call('file', [stringValue('~/x')], { files }),
    call('fileset', [stringValue('../x'), stringValue('*')], { files }),
  ];
  for (const refusal of refusals) assert.equal(refusal.kind === 'refused' && refusal.final, true);
  const missing = call('file', [stringValue('none')], { files });
  assert.deepEqual(missing, { kind: 'refused', message: 'there is no file none', argument: 0, about: 'file' });
});

test('a pattern that would take for ever is refused', () => {
  const evil = call('regex_replace', [stringValue(`${'a'.repeat(40)}!`), stringValue('^(a+)+$'), stringValue('')], {
    files,
  });
  assert.ok(evil.kind === 'refused' && evil.message.includes('too long'), JSON.stringify(evil));
});

test('an unknown function and a wrong number of arguments are refused', () => {
  assert.deepEqual(call('nope', [], { files }), { kind: 'refused', message: 'there is no function "nope"' });
  assert.deepEqual(call('upper', [], { files }), { kind: 'refused', message: 'upper() takes 1 argument, not 0' });
  assert.deepEqual(call('join', [], { files }), {
    kind: 'refused',
    message: 'join() takes at least 1 argument, not 0',
  });
});

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }).map(stringValue),
  fc.boolean().map(boolValue),
  fc.constant(NULL),
  fc.tuple(fc.bigInt(), fc.nat(30)).map(([digits, scale]) => numberFrom(`${digits}e-${scale}`)),
);
const { tree } = fc.letrec<{ tree: Value; tuple: Value; object: Value }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, scalar, tie('tuple'), tie('object')),
  tuple: fc.array(tie('tree'), { maxLength: 4 }).map(tupleValue),
  object: fc
    .dictionary(
      fc.string().map((name) => name.normalize('NFC')),
      tie('tree'),
      { maxKeys: 4 },
    )
    .map((entries) => objectValue(Object.entries(entries))),
}));

const valueOfCall = (name: string, ...args: readonly Value[]): Value => {
  const result = call(name, args, { files });
  assert.equal(result.kind, 'value', result.kind === 'refused' ? result.message : '');
  return result.kind === 'value' ? result.value : NULL;
};

test('JSON and base64 give back what went in', () => {
  fc.assert(
    fc.property(tree, (value) => {
      assert.deepEqual(plainFrom(valueOfCall('jsondecode', valueOfCall('jsonencode', value))), plainFrom(value));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const value = stringValue(text);
      assert.deepEqual(valueOfCall('base64decode', valueOfCall('base64encode', value)), value);
    }),
  );
});

test('YAML gives back what went in', () => {
  fc.assert(
    fc.property(tree, (value) => {
      assert.deepEqual(plainFrom(valueOfCall('yamldecode', valueOfCall('yamlencode', value))), plainFrom(value));
    }),
  );
});

test('sorting twice sorts once, reversing twice changes nothing, splitting undoes joining', () => {
  const words = fc.array(
    fc.string().map((word) => word.normalize('NFC').replaceAll(',', '')),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(words, (all) => {
      const list = listValue(all.map(stringValue));
      const sorted = valueOfCall('sort', list);
      assert.deepEqual(valueOfCall('sort', sorted), sorted);
      assert.deepEqual(valueOfCall('split', stringValue(','), valueOfCall('join', stringValue(','), list)), list);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      assert.deepEqual(valueOfCall('reverse', valueOfCall('strrev', stringValue(text))), stringValue(text));
    }),
  );
});

test('no function throws, whatever it is given', () => {
  const anyCall = fc.tuple(fc.constantFrom(...functions.keys()), fc.array(tree, { maxLength: 4 }));
  fc.assert(
    fc.property(anyCall, ([name, args]) => {
      const result = call(name, args, { files });
      assert.ok(result.kind === 'value' || result.message.length > 0);
    }),
    { numRuns: 2000 },
  );
});
