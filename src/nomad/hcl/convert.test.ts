import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { convert } from './convert.ts';
import {
  add,
  ceiling,
  compareDecimals,
  type Decimal,
  decimalText,
  divide,
  floor,
  multiply,
  ofDouble,
  parseDecimal,
  remainder,
  subtract,
  wholeOf,
} from './decimal.ts';
import {
  boolValue,
  equal,
  listValue,
  mapValue,
  NULL,
  nodeOf,
  numberValue,
  objectValue,
  plainOf,
  setValue,
  stringValue,
  tupleValue,
  type Value,
  wholeValue,
} from './value.ts';
import { type Type, typeOf, typeText, unify } from './value-type.ts';

const decimal = (text: string): Decimal => {
  const parsed = parseDecimal(text);
  assert.ok(parsed, text);
  return parsed;
};
const number = (text: string): Value => numberValue(decimal(text));
const text = stringValue;

test('numbers are written as HCL writes them', () => {
  const cases = {
    '1.50': '1.5',
    '-0.10': '-0.1',
    '1e3': '1000',
    '12e-3': '0.012',
    '-0': '0',
    '.5': '0.5',
    '5.': '5',
    '007': '7',
    '+2': '2',
  };
  for (const [written, expected] of Object.entries(cases))
    assert.equal(decimalText(decimal(written)), expected, written);
  for (const written of ['', '.', '-', '1e', '0x1', '1_000', ' 1', 'NaN', '1e99999', '1'.repeat(6000)]) {
    assert.equal(parseDecimal(written), undefined, written.slice(0, 20));
  }
});

test('sums, products and remainders are exact, divisions go as far as HCL counts', () => {
  assert.equal(decimalText(add(decimal('0.1'), decimal('0.2'))), '0.3');
  assert.equal(decimalText(multiply(decimal('99999999999999999999'), decimal('1.5'))), '149999999999999999998.5');
  assert.equal(decimalText(subtract(decimal('1'), decimal('1e-30'))), `0.${'9'.repeat(30)}`);
  assert.equal(divide(decimal('1'), decimal('0')), undefined);
  assert.equal(remainder(decimal('1'), decimal('0')), undefined);
  assert.equal(decimalText(remainder(decimal('-7'), decimal('3')) ?? decimal('9')), '-1');
  const third = decimalText(divide(decimal('1'), decimal('3')) ?? decimal('9'));
  assert.match(third, /^0\.3{150,160}$/);
  assert.deepEqual(
    ['1.2', '-1.2', '3'].map((each) => decimalText(floor(decimal(each)))),
    ['1', '-2', '3'],
  );
  assert.deepEqual(
    ['1.2', '-1.2', '3'].map((each) => decimalText(ceiling(decimal(each)))),
    ['2', '-1', '3'],
  );
});

test('numbers keep the laws of arithmetic', () => {
  const any = fc.tuple(fc.bigInt(), fc.nat(20)).map(([digits, scale]) => decimal(`${digits}e-${scale}`));
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      const same = (one: Decimal, other: Decimal): void => assert.equal(compareDecimals(one, other), 0);
      same(add(a, b), add(b, a));
      same(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)));
      same(add(subtract(a, b), b), a);
      same(decimal(decimalText(a)), a);
      assert.equal(wholeOf(a) !== undefined, compareDecimals(floor(a), a) === 0);
      const ratio = divide(multiply(a, b), b);
      if (ratio) same(ratio, a);
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      assert.equal(Number(decimalText(ofDouble(double) ?? decimal('1'))), double + 0);
    }),
  );
});

test('a value becomes of a type as in HCL', () => {
  const list = (element: Type): Type => ({ kind: 'list', element });
  const string: Type = { kind: 'string' };
  const cases: readonly (readonly [Value, Type, unknown])[] = [
    [wholeValue(5), string, '5'],
    [boolValue(true), string, 'true'],
    [text('1.50'), { kind: 'number' }, 1.5],
    [text('1'), { kind: 'bool' }, true],
    [NULL, string, null],
    [tupleValue([wholeValue(1), text('a')]), list({ kind: 'any' }), ['1', 'a']],
    [tupleValue([text('b'), text('a'), text('b')]), { kind: 'set', element: string }, ['a', 'b']],
    [objectValue([['a', wholeValue(1)]]), { kind: 'map', element: string }, { a: '1' }],
    [
      mapValue([['a', text('1')]]),
      { kind: 'object', attributes: new Map([['a', { type: { kind: 'number' } }]]) },
      { a: 1 },
    ],
    [tupleValue([text('1'), text('2')]), { kind: 'tuple', items: [{ kind: 'number' }, string] }, [1, '2']],
  ];
  for (const [value, type, expected] of cases) {
    const converted = convert(value, type);
    assert.deepEqual(
      converted.kind === 'value' ? plainOf(converted.value) : converted.message,
      expected,
      typeText(type),
    );
  }
});

test('what is no value of a type says what is needed, and where', () => {
  const cases: readonly (readonly [Value, Type, string])[] = [
    [text('x'), { kind: 'number' }, 'a number is required'],
    [text('True'), { kind: 'bool' }, 'a bool is required; from a string it is written in small letters, "true"'],
    [wholeValue(1), { kind: 'bool' }, 'a bool is required'],
    [tupleValue([]), { kind: 'string' }, 'a string is required, not a tuple'],
    [text('a'), { kind: 'list', element: { kind: 'string' } }, 'a list is required, not a string'],
    [tupleValue([text('a')]), { kind: 'map', element: { kind: 'any' } }, 'a map is required, not a tuple'],
    [
      tupleValue([wholeValue(1), tupleValue([])]),
      { kind: 'list', element: { kind: 'any' } },
      'all elements must be of one type',
    ],
    [
      tupleValue([text('1'), text('x')]),
      { kind: 'list', element: { kind: 'number' } },
      'element 1: a number is required',
    ],
    [
      objectValue([]),
      { kind: 'object', attributes: new Map([['a', { type: { kind: 'string' } }]]) },
      'attribute "a" is required',
    ],
    [tupleValue([]), { kind: 'tuple', items: [{ kind: 'string' }] }, 'a tuple of 1 elements is required, not of 0'],
  ];
  for (const [value, type, expected] of cases) {
    const converted = convert(value, type);
    assert.equal(converted.kind === 'refused' ? converted.message.slice(0, expected.length) : 'a value', expected);
  }
});

test('what is optional becomes its default, or null', () => {
  const attributes = new Map([
    ['port', { type: { kind: 'number' } as const, optional: { otherwise: text('80') } }],
    ['host', { type: { kind: 'string' } as const, optional: { otherwise: NULL } }],
  ]);
  const converted = convert(objectValue([['surplus', text('x')]]), { kind: 'object', attributes });
  assert.deepEqual(converted.kind === 'value' && plainOf(converted.value), { port: 80, host: null });
});

test('types are named and brought together', () => {
  const value = objectValue([
    ['a', listValue([wholeValue(1)])],
    ['b', tupleValue([boolValue(true), NULL])],
  ]);
  assert.equal(typeText(typeOf(value)), 'object({a = list(number), b = tuple([bool, any])})');
  const together = (...values: readonly Value[]): string | undefined => {
    const type = unify(values.map(typeOf));
    return type && typeText(type);
  };
  assert.equal(together(wholeValue(1), text('a')), 'string');
  assert.equal(together(wholeValue(1), boolValue(true)), undefined);
  assert.equal(together(NULL, wholeValue(1)), 'number');
  assert.equal(together(objectValue([['a', text('')]]), objectValue([['b', wholeValue(1)]])), 'map(string)');
  assert.equal(together(tupleValue([text('')]), tupleValue([])), 'list(string)');
  assert.equal(together(tupleValue([]), objectValue([])), undefined);
});

test('a set has no order of its own, and values are equal whatever their order', () => {
  assert.deepEqual(plainOf(setValue([number('10'), number('9'), number('10')])), [9, 10]);
  assert.deepEqual(plainOf(setValue([text('\u{10000}'), text('\uffff'), text('b')])), ['b', '\uffff', '\u{10000}']);
  const one = mapValue([
    ['a', text('1')],
    ['b', text('2')],
  ]);
  const other = mapValue([
    ['b', text('2')],
    ['a', text('1')],
  ]);
  assert.ok(equal(one, other));
  assert.ok(!equal(one, mapValue([['a', text('1')]])));
  assert.ok(!equal(listValue([]), tupleValue([])));
  assert.equal(setValue([one, other]).items.length, 1);
});

test('a node has the position of the value, or of what it is in', () => {
  const end = { line: 1, column: 2, offset: 1 };
  const at = { file: 'a', line: 1, column: 1, offset: 0, end };
  const within = { ...at, line: 9 };
  const node = nodeOf(tupleValue([{ ...text('x'), at }, text('y'), number('123456789012345678901')]), within);
  assert.equal(node.kind, 'list');
  const items = node.kind === 'list' ? node.items : [];
  assert.deepEqual(
    items.map((item) => [item.at.line, item.kind === 'scalar' && item.value]),
    [
      [1, 'x'],
      [9, 'y'],
      [9, '123456789012345678901'],
    ],
  );
});
