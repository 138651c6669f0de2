import assert from 'node:assert/strict';
import { test } from 'node:test';
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
