import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseGluster, parseProjects, parseRepquota, parseXfsReport } from './report.ts';

/** Recorded: xfsprogs 6.1.0 on Linux 6.1. */
const XFS = `#0                   0          0          0     00 [--------]          3          0          0     00 [--------]
#1073741901       5120          0      20480     00 [--------]          2          0          0     00 [--------]
#1073741903      20480          0      20480     00 [7 days]          2          0          0     00 [-none-]

`;

/** Recorded: quota-tools 4.06 on Linux 6.1. */
const EXT4 = `Project,BlockStatus,FileStatus,BlockUsed,BlockSoftLimit,BlockHardLimit,BlockGrace,FileUsed,FileSoftLimit,FileHardLimit,FileGrace
#0,ok,ok,13,0,0,,2,0,0,
#1073741901,hard,ok,30721,0,20480,,3,0,0,
#1073741902,ok,ok,0,0,0,,1,0,0,
`;

const entry = (id: number, used: bigint, limit: bigint, inodes: bigint) => ({
  id,
  path: '',
  usedBytes: used * 1024n,
  limitBytes: limit * 1024n,
  inodes,
});

describe('reports of quota tools', () => {
  it('of xfs_quota', () => {
    assert.deepEqual(parseXfsReport(XFS), [
      entry(0, 0n, 0n, 3n),
      entry(1073741901, 5120n, 20480n, 2n),
      entry(1073741903, 20480n, 20480n, 2n),
    ]);
  });

  it('of repquota', () => {
    assert.deepEqual(parseRepquota(EXT4), [
      entry(0, 13n, 0n, 2n),
      entry(1073741901, 30721n, 20480n, 3n),
      entry(1073741902, 0n, 0n, 1n),
    ]);
  });

  it('of repquota with other columns, or without the ones that count', () => {
    const moved = 'BlockHardLimit,Project,FileUsed,BlockUsed\n4,#7,2,1\n';
    assert.deepEqual(parseRepquota(moved), [entry(7, 1n, 4n, 2n)]);
    assert.deepEqual(parseRepquota('Project,BlockUsed\n#7,1\n'), []);
    assert.deepEqual(parseRepquota('Project,BlockUsed,BlockHardLimit,FileUsed\n#7,1\nproj,1,2,3\n#8,x,2,3\n'), []);
  });

  it('of xfs_io', () => {
    assert.deepEqual(parseProjects('projid = 1073741902\nprojid = 0\n'), [1073741902, 0]);
    assert.deepEqual(parseProjects('setprojid: Operation not supported\n'), []);
  });

  it('are never believed where they make no sense, whatever they print', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const entries of [parseXfsReport(text), parseRepquota(text), parseGluster(text)?.entries ?? []]) {
          for (const { usedBytes, limitBytes } of entries) assert.ok(usedBytes >= 0n && limitBytes >= 0n);
        }
      }),
    );
    assert.equal(parseGluster('quota command failed : Volume v does not exist'), undefined);
  });
});
