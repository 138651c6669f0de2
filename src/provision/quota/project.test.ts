import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { chooseProject, isProject, projectOf } from './project.ts';

const FIRST = 0x4000_0000;
const LAST = 0x7fff_ffff;

describe('project numbers', () => {
  it('are the same for the same directory, and in a range of their own', () => {
    assert.equal(projectOf('127.0.0.1:/storage/v', 'a'), projectOf('127.0.0.1:/storage/v', 'a'));
    assert.notEqual(projectOf('127.0.0.1:/storage/v', 'a'), projectOf('127.0.0.1:/storage/v', 'b'));
    fc.assert(fc.property(fc.string(), fc.string(), (address, directory) => isProject(projectOf(address, directory))));
    for (const id of [0, 1, 1_048_577, FIRST - 1, LAST + 1, 2 ** 32, Number.NaN, FIRST + 0.5]) {
      assert.equal(isProject(id), false, `${id}`);
    }
  });

  it('go to the next that nothing carries, round the end of the range', () => {
    const taken = new Set([LAST, FIRST, FIRST + 1]);
    const isTaken = (id: number): boolean => taken.has(id);
    assert.equal(chooseProject({ wanted: FIRST + 5, current: 0, isTaken }), FIRST + 5);
    assert.equal(chooseProject({ wanted: LAST, current: 0, isTaken }), FIRST + 2);
    assert.equal(chooseProject({ wanted: LAST, current: FIRST + 1, isTaken }), FIRST + 1, 'its own');
    assert.equal(chooseProject({ wanted: LAST, current: 77, isTaken }), FIRST + 2, 'one of somebody else');
    assert.equal(chooseProject({ wanted: FIRST, current: 0, isTaken: () => true }), undefined);
  });

  it('never meet: whatever is in use, two directories get two numbers', () => {
    const ids = fc.integer({ min: FIRST, max: FIRST + 40 });
    fc.assert(
      fc.property(fc.uniqueArray(ids, { maxLength: 40 }), ids, (used, wanted) => {
        const taken = new Set(used);
        const one = chooseProject({ wanted, current: 0, isTaken: (id) => taken.has(id) });
        assert.ok(one !== undefined && isProject(one) && !taken.has(one));
        taken.add(one);
        const two = chooseProject({ wanted, current: 0, isTaken: (id) => taken.has(id) });
        assert.notEqual(one, two);
      }),
    );
  });
});
