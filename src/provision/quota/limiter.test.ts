/** The drivers with programs that answer as recorded; on real filesystems: test/e2e/quota.real.test.ts. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import type { OpenRoot } from '../export/root.ts';
import { createCommand } from './command.ts';
import { Limiter } from './limiter.ts';
import { projectOf } from './project.ts';
import type { LimitRequest } from './quota.ts';

interface Bench {
  readonly limiter: Limiter;
  readonly root: OpenRoot;
  readonly limit: (change?: Partial<LimitRequest>) => ReturnType<Limiter['limit']>;
  /** What the programs were asked, in order. */
  readonly asked: () => readonly string[];
}

const MOUNT = '42';
const ID = projectOf('127.0.0.1:/storage/v', 'a');
/** Recorded: GlusterFS 10.3. */
const LIST = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cliOutput>
  <opRet>0</opRet>
  <opErrno>0</opErrno>
  <opErrstr/>
  <volQuota>
    <limit>
      <path>/sub/a</path>
      <hard_limit>10485760</hard_limit>
      <soft_limit_percent>80%</soft_limit_percent>
      <soft_limit_value>8388608</soft_limit_value>
      <used_space>5242880</used_space>
      <avail_space>5242880</avail_space>
      <sl_exceeded>No</sl_exceeded>
      <hl_exceeded>No</hl_exceeded>
    </limit>
    <limit>
      <path>/other</path>
      <hard_limit>1</hard_limit>
      <used_space>2</used_space>
    </limit>
  </volQuota>
</cliOutput>`;
const BRICKS =
  '<bricks><brick uuid="1">one:/brick/store<name>one:/brick/store</name><hostUuid>1</hostUuid></brick></bricks>';
const gluster = (other: string, said: string): string =>
  `case "$*" in *info*) echo '${BRICKS}';; ${other} *) cat <<'END'\n${said}\nEND\n;; esac`;
const refused = (why: string): string =>
  `<cliOutput>\n  <opRet>-1</opRet>\n  <opErrno>30800</opErrno>\n  <opErrstr>${why}</opErrstr>\n</cliOutput>`;

/** `programs`: shell scripts by name; each writes its arguments down first. */
function benchOf(t: TestContext, mount: string, programs: Readonly<Record<string, string>>): Bench {
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-limiter-'));
  const log = join(folder, 'asked');
  fs.writeFileSync(log, '');
  for (const [name, body] of Object.entries(programs)) {
    fs.writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >>'${log}'\n${body}\n`, { mode: 0o755 });
  }
  const fd = fs.openSync(folder, 'r');
  t.after(() => {
    fs.closeSync(fd);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const limiter = new Limiter({
    clock: systemClock,
    run: createCommand(systemClock, `${folder}:/usr/bin:/bin`),
    mountTable: () => `${MOUNT} 1 0:1 / ${mount}\n`,
  });
  const root: OpenRoot = {
    fd,
    device: 0n,
    mount: MOUNT,
    inode: 0n,
    fresh: { uid: 0, mask: 0 },
    as: 0,
    space: () => assert.fail('nobody asks for space'),
  };
  const request = { path: ['a'], bytes: 10_485_761n, id: ID, mark: false, maxOperations: 10 };
  const budget = { operations: 10, expired: () => false };
  return {
    limiter,
    root,
    limit: (change = {}) => limiter.limit(root, fd, { ...request, ...change }, budget),
    asked: () =>
      fs
        .readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .filter((line) => line !== ''),
  };
}

const detailOf = async (result: Promise<object>): Promise<string> => {
  const found = await result;
  assert.ok('kind' in found && found.kind === 'problem' && 'detail' in found && 'problem' in found, 'it is a problem');
  assert.equal(found.problem, 'no-quota');
  return String(found.detail);
};

const XFS = '/mnt/x rw - xfs /dev/sdb rw,prjquota';
const EXT4 = '/mnt/e rw - ext4 /dev/sdc rw,prjquota';
const GLUSTER = '/mnt/g rw - fuse.glusterfs one:/vol/sub rw';
const XFS_IO = 'echo "projid = 0"';

describe('a limit', () => {
  it('on XFS is rounded up to KiB, and one question at the start shows that it can be set', async (t) => {
    const bench = benchOf(t, XFS, { xfs_quota: `echo "#0 0 0 0 00 [--------] 3 0 0 00 [--------]"`, xfs_io: XFS_IO });
    assert.deepEqual(await bench.limiter.support(bench.root), { kind: 'supported', backend: 'xfs' });
    assert.deepEqual(await bench.limit(), { kind: 'limited', id: ID, remaining: false });
    assert.deepEqual(await bench.limiter.lift(bench.root, { path: ['a'], id: ID }), { kind: 'lifted' });
    assert.deepEqual(bench.asked(), [
      'xfs_quota -x -c report -p -n -N -b -i /mnt/x',
      'xfs_io -r -c lsproj /proc/self/fd/3',
      `xfs_quota -x -c limit -p bhard=10241k ${ID} /mnt/x`,
      `xfs_quota -x -c limit -p bhard=0k ${ID} /mnt/x`,
    ]);
  });

  it('that XFS did not set is no success, although the program ends with 0', async (t) => {
    const refuse = 'case "$*" in *limit*) echo "xfs_quota: cannot set limits: Operation not permitted" >&2;; esac';
    const bench = benchOf(t, XFS, { xfs_quota: refuse, xfs_io: XFS_IO });
    assert.equal(await detailOf(bench.limit()), 'xfs_quota: cannot set limits: Operation not permitted');
  });

  it('on ext4 goes by the device; complaints about other mounts are not counted', async (t) => {
    const bench = benchOf(t, EXT4, {
      setquota: 'echo "setquota: Cannot stat() mounted device /dev/root: No such file" >&2',
      repquota:
        'echo "repquota: Cannot stat() mounted device /dev/root" >&2; echo Project,BlockUsed,BlockHardLimit,FileUsed',
      xfs_io: XFS_IO,
    });
    assert.deepEqual(await bench.limit(), { kind: 'limited', id: ID, remaining: false });
    assert.equal(bench.asked().at(-1), `setquota -P ${ID} 0 10241 0 0 /dev/sdc`);
  });

  it('on ext4 that is refused says why', async (t) => {
    const bench = benchOf(t, EXT4, {
      setquota: 'echo "setquota: Cannot set quota for project: Operation not permitted" >&2; exit 1',
      repquota: 'echo Project,BlockUsed,BlockHardLimit,FileUsed',
      xfs_io: XFS_IO,
    });
    assert.match(await detailOf(bench.limit()), /^setquota: Cannot set quota .* not permitted$/);
  });

  it('on GlusterFS goes to the servers, by the path in the volume', async (t) => {
    const bench = benchOf(t, GLUSTER, { gluster: gluster('', LIST) });
    assert.deepEqual(await bench.limit({ mark: true }), { kind: 'limited', id: 0, remaining: false });
    const report = await bench.limiter.report(bench.root);
    assert.deepEqual(report, {
      kind: 'quotas',
      backend: 'glusterfs',
      entries: [{ id: 0, path: 'a', usedBytes: 5_242_880n, limitBytes: 10_485_760n, inodes: undefined }],
    });
    await bench.limiter.lift(bench.root, { path: ['a'], id: 0 });
    const start = 'gluster --mode=script volume';
    assert.deepEqual(bench.asked(), [
      `${start} info vol --xml`,
      `${start} quota vol list --xml`,
      `${start} quota vol limit-usage /sub/a 10485761 --xml`,
      `${start} quota vol list --xml`,
      `${start} quota vol remove /sub/a --xml`,
    ]);
  });

  it('on GlusterFS may be the first of the volume, and a limit that went with its directory is lifted', async (t) => {
    const gone = refused('removexattr failed on /var/run/gluster/vol_quota_limit/sub/a. Reason : No data available');
    const other = `*remove*) echo '${gone}';; *limit-usage*) echo '<opRet>0</opRet>';;`;
    const bench = benchOf(t, GLUSTER, { gluster: gluster(other, refused('No quota configured on volume vol')) });
    assert.equal((await bench.limit()).kind, 'limited');
    assert.deepEqual(await bench.limiter.lift(bench.root, { path: ['a'], id: 0 }), { kind: 'lifted' });
  });

  it('on GlusterFS without quota is refused with what the server said', async (t) => {
    const bench = benchOf(t, GLUSTER, { gluster: gluster('', refused('Quota is disabled, please enable quota')) });
    assert.match(await detailOf(bench.limit()), /^gluster: Quota is disabled, please enable quota: Larder needs/);
  });

  it('on GlusterFS is not set on a volume of the same name of another cluster', async (t) => {
    const bench = benchOf(t, GLUSTER.replace('one:', 'two:'), { gluster: gluster('', LIST) });
    assert.match(
      await detailOf(bench.limit()),
      /volume vol is mounted from two, and this machine's glusterd knows one of one/,
    );
    assert.ok(bench.asked().every((line) => line.includes(' info ')));
  });

  it('where a program is missing names it and the package', async (t) => {
    assert.match(
      await detailOf(benchOf(t, XFS, {}).limit()),
      /^xfs_quota is not installed .*: Larder needs the package xfsprogs/,
    );
    const half = benchOf(t, EXT4, { repquota: 'echo Project,BlockUsed,BlockHardLimit,FileUsed' });
    assert.match(
      await detailOf(half.limit()),
      /^xfs_io is not installed .*: Larder needs the packages quota and xfsprogs/,
    );
  });

  it('of nothing, or under a number of somebody else, is not set', async (t) => {
    const bench = benchOf(t, XFS, { xfs_quota: '', xfs_io: XFS_IO });
    assert.match(await detailOf(bench.limit({ bytes: 0n })), /a limit of 0 bytes/);
    for (const mark of [true, false])
      assert.match(await detailOf(bench.limit({ id: 7, mark })), /project 7 is not one/);
    assert.match(await detailOf(bench.limiter.lift(bench.root, { path: ['a'], id: 0 })), /project 0 is not one/);
    assert.ok(bench.asked().every((line) => !line.includes('limit -p')));
  });

  it('of a directory whose number could not be given is not set', async (t) => {
    const bench = benchOf(t, XFS, { xfs_quota: '', xfs_io: `${XFS_IO}; echo "setprojid: Not permitted" >&2` });
    assert.equal(await detailOf(bench.limit({ mark: true })), 'xfs_io: setprojid: Not permitted');
    assert.ok(bench.asked().every((line) => !line.includes('limit -p')));
  });

  it('takes the next number when something carries the first', async (t) => {
    const taken = `case "$*" in *report*) echo "#${ID} 4 0 8 00 [--------] 1 0 0 00 [--------]";; esac`;
    const marks = `case "$*" in *chproj*) echo "projid = ${ID + 1}";; *) echo "projid = 0";; esac`;
    const bench = benchOf(t, XFS, { xfs_quota: taken, xfs_io: marks });
    const result = await bench.limit({ mark: true, maxOperations: 1_000 });
    // The folder of the test has files of its own, which would be marked too: only the choice is looked at here.
    assert.ok(
      bench.asked().some((line) => line.includes(`chproj ${ID + 1}`)),
      JSON.stringify(result),
    );
  });
});
