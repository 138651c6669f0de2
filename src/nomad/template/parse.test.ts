import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from './evaluate.ts';
import { parse } from './parse.ts';
import { settingsOf } from './settings.ts';

const delimiters = { left: '{{', right: '}}' };

test('mistakes are told with where they begin', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['a {{ if x }}b', 2, /if has no end/],
    ['{{ "a }}', 3, /no end/],
    ['{{ (a }}', 3, /parenthesis/],
    ['{{ a', 0, /has no }}/],
    ['x{{/* a }}', 1, /no \*\//],
    ['{{ end }}', 0, /closes nothing/],
    ['{{ }}', 0, /empty/],
    ['{{ a | }}', 0, /a value is missing/],
    ['{{ a & b }}', 5, /may not stand/],
    ["{{ 'ab' }}", 3, /single quotes/],
    ['{{ "\\q" }}', 3, /escape/],
    ['{{ range x }}{{ else if y }}{{ end }}', 21, /behind else of range/],
  ];
  for (const [source, offset, message] of cases) {
    const parsed = parse(source, delimiters);
    if (parsed.kind === 'parsed') assert.fail(`${source} is read`);
    assert.match(parsed.message, message, source);
    assert.equal(parsed.offset, offset, source);
  }
});

test('other delimiters are taken as they are', () => {
  const parsed = parse('[[ "a" ]] {{ b }} [[- "c" -]] d', { left: '[[', right: ']]' });
  assert.deepEqual(parsed.kind === 'parsed' && parsed.pieces.map(({ kind }) => kind), [
    'action',
    'text',
    'action',
    'text',
  ]);
});

test('depth ends in a refusal, not in an overflow of the stack', () => {
  const deep = `{{ ${'('.repeat(20_000)}`;
  assert.equal(parse(deep, delimiters).kind, 'refused');
  assert.equal(parse('{{ if a }}'.repeat(20_000), delimiters).kind, 'refused');
});

/** Words and signs of the language in any order: mostly wrong, sometimes right. */
const words = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  ' ',
  '\n',
  '"',
  '`',
  "'",
  '(',
  ')',
  '|',
  ':=',
  '=',
  ',',
  '.',
  '.a',
  '$',
  '$x',
  '/*',
  '*/',
  'if',
  'else',
  'end',
  'range',
  'with',
  'define',
  'template',
  'block',
  'break',
  'continue',
  'secret',
  'nomadVar',
  'env',
  'service',
  'loop',
  'split',
  'printf',
  'index',
  'true',
  'nil',
  '1',
  '-2',
  '0x1f',
  '1.5',
  '"a"',
  '"secret/a"',
  'x=y',
  'é',
  '\\',
];

test('any text is read, evaluated or refused; nothing throws', () => {
  const world = {
    mounts: [],
    environment: () => ({ kind: 'absent' as const }),
    service: () => ({ address: 'a', port: 1 }),
  };
  let read = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 25 }), (parts) => {
      const parsed = parse(parts.join(''), delimiters);
      if (parsed.kind === 'refused') return assert.ok(parsed.offset >= 0 && parsed.message !== '');
      const evaluated = evaluate(parsed.pieces, world);
      if (evaluated.kind === 'evaluated') settingsOf(evaluated.outputs);
      read += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 100, `only ${read} were read`);
});

test('text without an action is itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (text.includes('{{')) return;
      const parsed = parse(text, delimiters);
      assert.deepEqual(parsed, { kind: 'parsed', pieces: text === '' ? [] : [{ kind: 'text', text }] });
    }),
  );
});
