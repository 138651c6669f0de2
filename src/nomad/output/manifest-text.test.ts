import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMap, isScalar, isSeq, LineCounter, parse, parseDocument } from 'yaml';
import type { Plain } from '../source/node.ts';
import { manifestText } from './manifest-text.ts';

test('text that a reader could take for something else is quoted', () => {
  const { text } = manifestText({
    a: 'yes',
    b: '1.10',
    c: 'nginx:1.25',
    d: '100m',
    e: '08:30',
    f: '',
    g: '- x',
    h: '~',
  });
  assert.equal(text, 'a: "yes"\nb: "1.10"\nc: nginx:1.25\nd: 100m\ne: "08:30"\nf: ""\ng: "- x"\nh: "~"\n');
});

test('several lines stand as a block, byte for byte', () => {
  const texts = ['a\nb\n', 'a\nb', 'a\n\n\n', '  a\nb\n', '\ta\n', 'a\r\nb\n', '\n', '\n\na\n', 'a\n  \nb\n', ' \na'];
  for (const each of texts) {
    assert.deepEqual(parse(manifestText({ data: { 'app.conf': each }, list: [each] }).text), {
      data: { 'app.conf': each },
      list: [each],
    });
  }
  assert.equal(manifestText({ data: 'a: ${b}\n# c\n' }).text, 'data: |\n  a: ${b}\n  # c\n');
});

test('lists of maps, empty collections, comments, lines', () => {
  const value = { list: [{ name: 'a', deep: { 'x/y~z': 1 } }, 'b', []], none: {}, empty: [{}] };
  const { text, lines } = manifestText(value, ['first']);
  assert.equal(
    text,
    '# first\nlist:\n  - name: a\n    deep:\n      x/y~z: 1\n  - b\n  - []\nnone: {}\nempty:\n  - {}\n'.replace(
      'x/y~z',
      '"x/y~z"',
    ),
  );
  assert.equal(lines.get('/list/0'), 3);
  assert.equal(lines.get('/list/0/name'), 3);
  assert.equal(lines.get('/list/0/deep/x~1y~0z'), 5);
  assert.equal(lines.get('/none'), 8);
});

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\ud800-\udfff]/g, '')),
  fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', ':', '-', '#', '"', '\\', '$', '{', '1') }),
  fc.constantFrom(
    'true',
    'No',
    '0x1f',
    '1e3',
    '012',
    '.inf',
    '2026-01-01',
    '=',
    '<<',
    '!x',
    '&a',
    '*a',
    '|',
    '>',
    '%',
    '@',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec<{ tree: Plain }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('what is written reads back as it was, and each line is where its part is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), tree, { minKeys: 1, noNullPrototype: true }), (value) => {
      const { text, lines } = manifestText(value);
      const counter = new LineCounter();
      const document = parseDocument(text, { lineCounter: counter, version: '1.2' });
      assert.deepEqual(document.errors, []);
      assert.deepEqual(document.toJS(), value);
      assert.deepEqual(parse(text, { version: '1.1', uniqueKeys: false }), value);
      for (const [pointer, line] of lines) {
        const found = lineOf(document.contents, pointer.split('/').slice(1).map(keyOf), counter);
        if (found !== undefined) assert.equal(line, found, pointer);
      }
    }),
    { numRuns: 300 },
  );
});

const keyOf = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

/** The line of the key that a path ends in. */
function lineOf(node: unknown, [key, ...rest]: readonly string[], counter: LineCounter): number | undefined {
  if (key === undefined) return undefined;
  if (isSeq(node)) {
    return rest.length === 0 ? undefined : lineOf(node.items[Number(key)], rest, counter);
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === key);
  if (!pair || !isScalar(pair.key)) return undefined;
  if (rest.length > 0) return lineOf(pair.value, rest, counter);
  return counter.linePos(pair.key.range?.[0] ?? 0).line;
}
