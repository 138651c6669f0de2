import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { codeLines } from './coverage/code-lines.ts';
import { type FileCoverage, measure, shortfalls, tableOf } from './coverage.ts';

const room = 'src/room';

function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'larder-coverage-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const half = [
  '/** Says of a number whether it is large. */',
  'export function size(of: number): string {',
  '  if (of > 10) {',
  "    return 'large';",
  '  }',
  "  return 'small';",
  '}',
].join('\n');
const smallIsTested = [
  "import assert from 'node:assert/strict';",
  "import { test } from 'node:test';",
  "import { size } from './size.ts';",
  "test('small', () => assert.equal(size(1), 'small'));",
].join('\n');

test('what the tests of a room run is counted by line, and what they never load counts as not run', async (t) => {
  const root = tree(t, {
    'package.json': '{"type": "module"}',
    'src/room/size.ts': half,
    'src/room/size.test.ts': smallIsTested,
    'src/room/deep/forgotten.ts': 'export const a = 1;\n\n// not code\nexport const b = 2;\n',
    'src/room/shape.ts': 'export interface Shape {\n  readonly sides: number;\n}\n',
    'src/room/world.fixture.ts': 'export const world = 1;\n',
    'src/other/aside.ts': 'export const c = 3;\n',
  });
  const { files, passed, problems } = await measure({ root, rooms: [room], limitMs: 60_000 });
  assert.deepEqual([passed, problems], [1, []]);
  assert.deepEqual(files, [
    { path: 'src/room/deep/forgotten.ts', lines: 2, covered: 0, imported: false },
    { path: 'src/room/shape.ts', lines: 0, covered: 0, imported: true },
    { path: 'src/room/size.ts', lines: 4, covered: 3, imported: true },
  ]);
  assert.match(
    shortfalls(files, [room]).join(),
    /^50\.0 % of the lines of src\/room are covered, at least 90 % must be$/,
  );
});

test('figures of tests that fail are not believed, nor are those of no tests', async (t) => {
  const failing = { 'package.json': '{"type": "module"}', 'src/room/size.ts': half };
  const wrong = smallIsTested.replace("'small'));", "'large'));");
  const failed = await measure({
    root: tree(t, { ...failing, 'src/room/size.test.ts': wrong }),
    rooms: [room],
    limitMs: 60_000,
  });
  assert.deepEqual(failed.problems, ['this test fails: small']);
  const none = await measure({ root: tree(t, failing), rooms: [room], limitMs: 60_000 });
  assert.deepEqual(none.problems, ['no test file in src/room']);
});

test('types, comments, blank lines and brackets alone are no lines of code', () => {
  const text = `import type { A } from './a.ts';\n/* ä 💾 */ const x = 1; // here\n\ninterface B {\n  y: number;\n}\nf({\n});\n`;
  assert.deepEqual(codeLines('a.ts', text), [2, 7]);
});

test('a room passes at nine tenths and not below, and one without lines does not pass', () => {
  const file = (covered: number): FileCoverage => ({ path: `${room}/a.ts`, lines: 1_000, covered, imported: true });
  assert.deepEqual(shortfalls([file(900)], [room]), []);
  assert.equal(shortfalls([file(899)], [room]).length, 1);
  assert.deepEqual(shortfalls([file(900)], [room, 'src/empty']), ['src/empty has no line to count']);
});

test('the table has a row for each folder and room, fits 80 columns, and names what nobody imports', () => {
  const files: readonly FileCoverage[] = [
    { path: `${room}/a.ts`, lines: 10, covered: 9, imported: true },
    { path: `${room}/deep/b.ts`, lines: 20_000, covered: 0, imported: false },
  ];
  const table = tableOf(files, [room]);
  assert.match(table, /^src\/room +1 +10 +9 +90\.0 %$/m);
  assert.match(table, /^src\/room\/deep +1 +20000 +0 +0\.0 %$/m);
  assert.match(table, /^all of src\/room +2 +20010 +9 +0\.0 %$/m);
  assert.match(table, /Imported by no test:\n {2}src\/room\/deep\/b\.ts$/);
  assert.ok(table.split('\n').every((line) => line.length <= 80));
});
