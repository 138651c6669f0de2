import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counted, type Statfs } from './statfs.ts';

const MIB = 1_048_576n;
const said = (blocks: bigint, bfree: bigint, bsize = 4_096n): Statfs => ({ bsize, blocks, bfree });
/** 40 GiB, of which 30 are free. */
const root = said(10_485_760n, 7_864_320n);

describe('what statfs says of a directory alone', () => {
  it('is what its limit does not leave', () => {
    assert.deepEqual(counted(said(2_621_440n, 2_000_000n), root), {
      usedBytes: 621_440n * 4_096n,
      limitBytes: 2_621_440n * 4_096n,
      blockBytes: 4_096n,
    });
    // An NFS client counts in larger blocks than the server, and in those it likes best for each mount.
    assert.deepEqual(counted(said(10_240n, 10_000n, MIB), root), {
      usedBytes: 240n * MIB,
      limitBytes: 10_240n * MIB,
      blockBytes: MIB,
    });
  });

  it('is nothing where the answer is that of the export, and where use cannot be told from it', () => {
    const cases: readonly (readonly [string, Statfs])[] = [
      ['no limit', root],
      ['no limit, in other blocks', said(40_960n, 30_720n, MIB)],
      ['a limit above what the export has', said(20_971_520n, 15_000_000n)],
      ['full: beyond a soft limit the answer is the limit', said(2_621_440n, 0n)],
      ['more is left of the limit than the export has free', said(9_000_000n, 7_900_000n)],
      ['the answer is what the export has free', said(9_000_000n, 7_864_320n)],
      ['the same, and somebody wrote meanwhile', said(9_000_000n, 7_800_000n)],
      ['more free than there is', said(1_000n, 2_000n)],
      ['nothing at all, as a filesystem without an answer says', said(0n, 0n)],
    ];
    for (const [what, answer] of cases) assert.equal(counted(answer, root), undefined, what);
  });
});
