import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { humanBytes, humanDuration, inColumns, paint, type Terminal, toJson, visible, wrap } from './output.ts';
import { type Column, print } from './print.ts';

function recording(options: { interactive?: boolean; env?: Record<string, string> } = {}) {
  let text = '';
  const terminal: Terminal = {
    out: (more) => {
      text += more;
    },
    err: () => undefined,
    interactive: options.interactive ?? false,
    columns: 80,
    env: options.env ?? {},
  };
  return { terminal, text: () => text };
}

const rows = [{ name: 'a', bytes: 31457280n }];
const columns: readonly Column<(typeof rows)[number]>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'SIZE', value: (row) => humanBytes(row.bytes), align: 'right' },
];

test('a table has a title line, aligned columns and no trailing blanks', () => {
  const { terminal, text } = recording();
  print(terminal, 'table', rows, columns);
  assert.equal(text(), 'NAME   SIZE\na      30Mi\n');
});

test('a table that is too wide for a terminal loses what may be cut, the last column first, and nothing in a file', () => {
  const wide = [{ name: 'n'.repeat(60), path: `/storage/v/${'p'.repeat(40)}/end`, state: 'ok' }];
  const cuttable: readonly Column<(typeof wide)[number]>[] = [
    { title: 'NAME', value: (row) => row.name, cut: 'end' },
    { title: 'STATE', value: (row) => row.state },
    { title: 'PATH', value: (row) => row.path, cut: 'start' },
  ];
  const terminal = recording({ interactive: true });
  print(terminal.terminal, 'table', wide, cuttable);
  const [head = '', row = ''] = terminal.text().split('\n');
  assert.equal(row, `${'n'.repeat(56)}…   ok      …${'p'.repeat(7)}/end`);
  assert.ok(head.length <= 80 && row.length === 80, `${row.length} columns`);
  const file = recording();
  print(file.terminal, 'table', wide, cuttable);
  assert.match(file.text(), /n{60} {3}ok {6}\/storage\/v\/p{40}\/end\n$/);
  const narrow = recording({ interactive: true });
  print(narrow.terminal, 'table', [{ name: 'a', path: '/storage/v/a', state: 'ok' }], cuttable);
  assert.match(narrow.text(), /a {6}ok {6}\/storage\/v\/a\n$/, 'nothing is cut that fits');
});

test('JSON and YAML carry bytes as decimal strings', () => {
  const json = recording();
  print(json.terminal, 'json', rows, columns);
  assert.deepEqual(JSON.parse(json.text()), [{ name: 'a', bytes: '31457280' }]);
  const yaml = recording();
  print(yaml.terminal, 'yaml', rows, columns);
  assert.equal(yaml.text(), '- name: a\n  bytes: "31457280"\n');
  assert.equal(toJson({ n: 1n }), '{\n  "n": "1"\n}\n');
});

test('an empty table prints nothing, an empty JSON list prints []', () => {
  const table = recording();
  print(table.terminal, 'table', [], columns);
  assert.equal(table.text(), '');
  const json = recording();
  print(json.terminal, 'json', [], columns);
  assert.equal(json.text(), '[]\n');
});

test('colour appears on a terminal only, and never with NO_COLOR', () => {
  assert.notEqual(paint(recording({ interactive: true }).terminal, 'red', 'x'), 'x');
  assert.equal(paint(recording({ interactive: true, env: { NO_COLOR: '1' } }).terminal, 'red', 'x'), 'x');
  assert.equal(paint(recording().terminal, 'red', 'x'), 'x');
});

test('what steers a terminal is shown, in a form that JSON and YAML read back, and our own colours work', () => {
  const hostile = 'a\u001b]0;title\u0007\u009b2J\u202eb\r\u2028c\u001b[8m\u001b[32m\u001b[987654321;32m';
  const shown = 'a\\u001b]0;title\\u0007\\u009b2J\\u202eb\\u000d\\u2028c\\u001b[8m\\u001b[32m\\u001b[987654321;32m';
  const brush = '123456789';
  for (const each of [undefined, brush]) {
    assert.equal(visible(hostile, each), shown);
    assert.deepEqual(JSON.parse(visible(toJson({ hostile }), each)), { hostile });
  }
  const terminal = { ...recording({ interactive: true }).terminal, brush };
  for (const style of ['red', 'bold', 'dim'] as const) {
    const painted = visible(paint(terminal, style, `x${hostile}`), brush);
    assert.equal(painted, paint(recording({ interactive: true }).terminal, style, `x${shown}`));
  }
  const text = 'two\n\tlines: ä 漢 … →';
  assert.equal(visible(text), text);
});

test('bytes are shown with at most three digits and the largest fitting unit', () => {
  const vectors: readonly (readonly [bigint, string])[] = [
    [0n, '0'],
    [1023n, '1023'],
    [1024n, '1Ki'],
    [1536n, '1.5Ki'],
    [31457280n, '30Mi'],
    [1234567n, '1.17Mi'],
    [20n * 1024n ** 3n + 1n, '20Gi'],
    [1024n ** 6n * 5000n, '5000Ei'],
  ];
  for (const [bytes, text] of vectors) assert.equal(humanBytes(bytes), text);
});

test('shown bytes never exceed the real ones', () => {
  const scale: Record<string, bigint> = {
    '': 1n,
    Ki: 2n ** 10n,
    Mi: 2n ** 20n,
    Gi: 2n ** 30n,
    Ti: 2n ** 40n,
    Pi: 2n ** 50n,
  };
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n - 1n }), (bytes) => {
      const [, digits = '', unit = ''] = /^([\d.]+)(\w*)$/.exec(humanBytes(bytes)) ?? [];
      const hundredths = BigInt(Math.round(Number(digits) * 100));
      assert.ok((hundredths * (scale[unit] ?? 0n)) / 100n <= bytes);
    }),
  );
});

test('durations show their two largest units', () => {
  assert.equal(humanDuration(0), '0s');
  assert.equal(humanDuration(119_000), '119s');
  assert.equal(humanDuration(15 * 60_000), '15m');
  assert.equal(humanDuration(90_061_000), '25h1m');
  assert.equal(humanDuration(3 * 86_400_000), '3d');
});

test('text is broken at spaces, and words that are too long stay whole', () => {
  assert.equal(wrap('one two three', 7), 'one two\nthree');
  assert.equal(wrap('a /very/long/path b', 5), 'a\n/very/long/path\nb');
  assert.equal(wrap('', 5), '');
  const terminal = { ...recording({ interactive: true }).terminal, brush: '123456789' };
  assert.equal(wrap(`${paint(terminal, 'red', 'one')} two`, 7).split('\n').length, 1, 'colours take no room');
});

test('words stand in columns, down before across, within the width', () => {
  assert.equal(inColumns(['a', 'bb', 'c', 'd', 'e'], 12), '  a    d\n  bb   e\n  c');
  assert.equal(inColumns(['one', 'two'], 3), '  one\n  two');
  assert.equal(inColumns([], 80), '');
});
