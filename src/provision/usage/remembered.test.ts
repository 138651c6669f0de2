import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatMemory, parseMemory, type Remembered } from './remembered.ts';

const name = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
  .filter((text) => !/[\0/]/.test(text));
const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const time = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const linked = fc.record({ inode: number, blocks: number }, { noNullPrototype: true });
const hot = fc.record({ name, inode: number, blocks: number }, { noNullPrototype: true });
const fields = {
  inode: number,
  mtimeNs: time,
  ctimeNs: time,
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
      fc.property(records, (all) => {
        assert.deepEqual([...(parseMemory(formatMemory(all))?.values() ?? [])], all);
      }),
    );
  });

  it('is the same at every length that a number has', () => {
    const edges = Array.from({ length: 64 }, (_, bit) => [2n ** BigInt(bit) - 1n, 2n ** BigInt(bit)]).flat();
    for (const inode of [...edges, 2n ** 64n - 1n]) {
      for (const mtimeNs of [0n, BigInt.asIntN(64, inode), -BigInt.asIntN(63, inode)]) {
        const readAt = Number(inode % 2n ** 53n);
        const ctimeNs = BigInt.asIntN(64, mtimeNs + inode);
        const files = [{ inode, blocks: inode }];
        const hot = [{ name: '\xff'.repeat(255), inode, blocks: inode }];
        const subdirectories = ['a'.repeat(127), 'b'.repeat(128)];
        const each = {
          inode,
          mtimeNs,
          ctimeNs,
          readAt,
          blocks: inode,
          files: inode,
          linked: files,
          subdirectories,
          hot,
        };
        assert.deepEqual([...(parseMemory(formatMemory([each]))?.values() ?? [])], [each]);
      }
    }
  });

  it('takes few bytes for a directory, and one for each character', () => {
    const all = Array.from({ length: 1_000 }, (_, index) => ({
      inode: 4_000_000n + BigInt(index),
      mtimeNs: 1_790_000_000_123_456_789n,
      ctimeNs: 1_790_000_000_123_456_789n,
      readAt: 1_790_000_000_000,
      blocks: 800n,
      files: 100n,
      subdirectories: [],
      linked: [],
      hot: [],
    }));
    const text = formatMemory(all);
    assert.ok(text.length < 30_000, `${text.length} bytes`);
    assert.equal(Buffer.from(text, 'latin1').toString('latin1'), text);
  });

  it('is nothing when a part of it is missing or another, or when there is more', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, place, change) => {
        const text = formatMemory(all);
        const at = place % text.length;
        const other = String.fromCharCode(text.charCodeAt(at) ^ change);
        assert.equal(parseMemory(text.slice(0, at)), undefined);
        assert.equal(parseMemory(text.slice(0, at) + other + text.slice(at + 1)), undefined);
        assert.equal(parseMemory(`${text}\0`), undefined);
      }),
    );
  });
});
