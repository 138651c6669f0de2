import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatMemory, parseMemory, type Remembered } from './remembered.ts';

const name = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
  .filter((text) => !/[\0/]/.test(text));
const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const linked = fc.record({ inode: number, blocks: number }, { noNullPrototype: true });
const hot = fc.record({ name, inode: number, blocks: number }, { noNullPrototype: true });
const fields = {
  inode: number,
  mtimeNs: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 62n }),
  ctimeNs: number,
  readAt: fc.integer({ min: 0, max: 2 ** 50 }),
  blocks: number,
  files: number,
  subdirectories: fc.array(name),
  linked: fc.array(linked),
  hot: fc.array(hot),
};
const record: fc.Arbitrary<Remembered> = fc.record(fields, { noNullPrototype: true });
const records = fc.uniqueArray(record, { selector: ({ inode }) => inode, maxLength: 5 });

describe('what is remembered of a tree', () => {
  it('is the same after it was written and read, whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string(), records, (subject, all) => {
        assert.deepEqual([...(parseMemory(subject, formatMemory(subject, all))?.values() ?? [])], all);
      }),
    );
  });

  it('is nothing when its end is missing, or when it is of another tree', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, cut) => {
        const text = formatMemory('a', all);
        assert.equal(parseMemory('a', text.slice(0, cut % text.length)), undefined);
        assert.equal(parseMemory('b', text), undefined);
      }),
    );
  });
});
