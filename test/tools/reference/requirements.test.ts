import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterDemands } from './cluster-demands.ts';
import { type Demand, demandRows, tells } from './demand.ts';
import { growthDemands } from './growth-demands.ts';
import { requirementsPage } from './requirements.ts';

const page = requirementsPage();
const ids = [...page.matchAll(/^\| ([A-Z0-9]+-\d+) \|/gm)].map(([, id = '']) => id);
const shown = (of: readonly string[]) => [{ ids: of, title: 'it is so', path: 'test/e2e/specification.ts' }];

test('every demand of the requirement has a row with its test', () => {
  assert.equal(ids.length, 26);
});

test('a demand without a test fails, and so does a test of a demand that does not exist', () => {
  assert.match(requirementsPage(shown(ids)), /\| FR-003 \| [^|]+ \| it is so \| `test\/e2e\/specification\.ts` \|/);
  for (const id of ids) {
    const without = shown(ids.filter((each) => each !== id));
    assert.throws(() => requirementsPage(without), new RegExp(`^Error: no test shows ${id}: `));
  }
  assert.throws(
    () => requirementsPage(shown([...ids, 'FR-008'])),
    /demands that the requirement does not have: FR-008$/,
  );
});

test('the demands of growth and of the cluster are all on the page, each with a test that is in its file', () => {
  const rows = [...growthDemands, ...clusterDemands];
  assert.deepEqual([growthDemands.length, clusterDemands.length], [63, 32]);
  for (const { id, shown: tests } of rows) {
    const line = page.split('\n').find((each) => each.startsWith(`| ${id} |`));
    for (const [path, title] of tests) assert.ok(line?.includes(title) && line.includes(path), `${id}: ${title}`);
  }
});

test('a demand whose test has another title, another file, or none at all fails', () => {
  const path = 'src/expand/decide.test.ts';
  const of = (...tests: Demand['shown']): readonly Demand[] => [{ id: 'CH-0.1', demand: 'it grows', shown: tests }];
  const title = 'a dry run takes the same path to its very end';
  assert.deepEqual(demandRows(of([path, title])), [['CH-0.1', 'it grows', title, `\`${path}\``]]);
  assert.throws(() => demandRows(of()), /^Error: no test shows CH-0\.1: it grows$/);
  assert.throws(
    () => demandRows(of([path, 'a dry run takes the same path'])),
    /is not in src\/expand\/decide\.test\.ts/,
  );
  assert.throws(() => demandRows(of(['src/expand/gone.test.ts', title])), /is not there$/);
  assert.throws(() => demandRows([...of([path, title]), ...of([path, title])]), /^Error: CH-0\.1 is there twice$/);
});

test('a title counts where a test has it, and not where it is only mentioned', () => {
  const place = ['$', '{place.name}'].join('');
  assert.ok(tells("test(\n  'it grows',\n", 'it grows') && tells("t.test('it grows'", 'it grows'));
  assert.ok(tells(`{ name: \`on ${place}, it grows\`, run`, 'it grows'));
  assert.ok(!tells('// it grows', 'it grows') && !tells("test('it grows well'", 'it grows'));
});
