/** Servers that do not answer, or answer with an errno. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, volumesIn } from '../row.ts';

const RETRIED = 'check the server and the mount, it is retried by itself';
/** From asm-generic/errno.h. */
const errnos = { EPERM: 1, EIO: 5, EACCES: 13, ETIMEDOUT: 110, ESTALE: 116, EREMOTEIO: 121, EDQUOT: 122 };

/** Every operation fails with this errno, then none. */
const outage = (name: 'EIO' | 'ETIMEDOUT' | 'EREMOTEIO' | 'ESTALE'): Row => ({
  name: `${name} of the server: told, waited for, healed`,
  needs: 'fuse',
  async run({ stage, fuse }) {
    const claim = `hit-by-${name.toLowerCase()}`;
    const mount = fuse('outage');
    mount.fault({ errno: errnos[name] });
    await stage.claim(claim, 'outage');
    await stage.refused(claim, `storage unavailable: export outage:/v failed (${name}): ${RETRIED}`);
    assert.ok(!existsSync(join(mount.source, `x-${claim}`)));
    mount.fault(undefined);
    await stage.bound(claim);
    assert.ok(existsSync(join(mount.source, `x-${claim}`)));
  },
});

/** One after the other, on one filesystem. */
export const outages: readonly Row[] = [outage('EIO'), outage('ETIMEDOUT'), outage('EREMOTEIO'), outage('ESTALE')];

export const servers: readonly Row[] = [
  {
    name: 'a mount that hangs: told, waited for, healed',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const { daemon, source } = fuse('hung');
      await stage.claim('before', 'hung');
      await stage.bound('before');
      daemon.kill('SIGSTOP');
      await stage.claim('during', 'hung');
      await stage.refused('during', `storage unavailable: export hung:/v did not answer within 5s: ${RETRIED}`);
      daemon.kill('SIGCONT');
      await stage.bound('during');
      assert.deepEqual(volumesIn(source), ['x-before', 'x-during']);
    },
  },
  {
    name: 'a root that was removed on the server: told as that, not as a missing right',
    needs: 'fuse',
    async run({ stage }) {
      await stage.claim('rootless', 'removed'); // its server answers ENOENT from the start
      const cause = 'failed (ENOENT): the exported directory was removed on the server';
      await stage.refused('rootless', `storage unavailable: export removed:/v ${cause}: ${RETRIED}`);
    },
  },
];

/** One after the other, on one filesystem: operations of one kind fail. */
export const faults: readonly Row[] = [
  {
    name: 'ESTALE once: opened anew, and nobody is told',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const mount = fuse('faulty');
      mount.fault({ errno: errnos.ESTALE, operations: ['mkdir'], prefix: '/x-stale', once: true });
      await stage.claim('stale', 'faulty');
      await stage.bound('stale');
      assert.ok(!existsSync(`${mount.source}.fault`), 'the fault was met');
      assert.deepEqual(await stage.warnings('stale'), []);
    },
  },
  {
    name: 'EDQUOT: the claim says what is free',
    needs: 'fuse',
    async run({ stage, fuse }) {
      fuse('faulty').fault({ errno: errnos.EDQUOT, operations: ['mkdir'], prefix: '/x-over' });
      await stage.claim('over-quota', 'faulty');
      await stage.refusedLike(
        'over-quota',
        /^no space left on export faulty:\/v: \d+ bytes \/ \d+ inodes free \(EDQUOT\): free some space, it is retried every 30s$/,
      );
    },
  },
  {
    name: 'EACCES: the export option is named, and the export stays open for others',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const mount = fuse('faulty');
      mount.fault({ errno: errnos.EACCES, operations: ['mkdir'], prefix: '/x-denied' });
      await stage.claim('denied', 'faulty');
      const uid = process.geteuid?.() ?? 0;
      const cure = 'the export needs no_root_squash (or set dirUid)';
      const other = `uid ${uid} needs write permission there (or run as root)`;
      await stage.refused('denied', `permission denied creating x-denied as uid ${uid}: ${uid === 0 ? cure : other}`);
      await stage.claim('beside', 'faulty');
      await stage.bound('beside');
      assert.ok(!existsSync(join(mount.source, 'x-denied')));
    },
  },
  {
    name: 'EPERM: told as EACCES is',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const mount = fuse('faulty');
      mount.fault({ errno: errnos.EPERM, operations: ['mkdir'], prefix: '/x-forbidden' });
      await stage.claim('forbidden', 'faulty');
      const uid = process.geteuid?.() ?? 0;
      const cure = 'the export needs no_root_squash (or set dirUid)';
      const other = `uid ${uid} needs write permission there (or run as root)`;
      const said = `permission denied creating x-forbidden as uid ${uid}: ${uid === 0 ? cure : other}`;
      await stage.refused('forbidden', said);
      assert.ok(!existsSync(join(mount.source, 'x-forbidden')));
    },
  },
  {
    name: 'a mode that cannot be set: told with the mode, and the directory is left as it was',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const mount = fuse('faulty');
      mkdirSync(join(mount.source, 'x-stiff'), { mode: 0o700 });
      mount.fault({ errno: errnos.EPERM, operations: ['chmod'], prefix: '/x-stiff' });
      await stage.addClass('faulty', { existingMode: 'correct' }, 'stiff');
      await stage.claim('stiff', 'stiff');
      await stage.refusedLike('stiff', /^cannot set mode 0777 on x-stiff: .*: correct the directory by hand/);
      assert.equal(statSync(join(mount.source, 'x-stiff')).mode & 0o7777, 0o700);
    },
  },
];
