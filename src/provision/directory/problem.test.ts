import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errnoOf, problem, problemOfErrno } from './problem.ts';

/** As Node raises it: libuv names most errors, the others are "Unknown system error". */
const failed = (errno: number, code: string): Error => Object.assign(new Error(`${code}: open`), { errno, code });

const attempt = { doing: 'creating', path: 'shop/data', as: 0 };

describe('problems', () => {
  it('have the kind, the errno and the words of their row', () => {
    const cases: readonly (readonly [number, string, string, string, string])[] = [
      [-110, 'ETIMEDOUT', 'unavailable', 'ETIMEDOUT', 'failed (ETIMEDOUT)'],
      [-5, 'EIO', 'unavailable', 'EIO', 'failed (EIO)'],
      [-121, 'EREMOTEIO', 'unavailable', 'EREMOTEIO', 'failed (EREMOTEIO)'],
      [-116, 'Unknown system error -116', 'unavailable', 'ESTALE', 'failed (ESTALE)'],
      [-122, 'Unknown system error -122', 'no-space', 'EDQUOT', 'free space is unknown (EDQUOT)'],
      [-30, 'EROFS', 'read-only', 'EROFS', 'is read-only'],
      [-20, 'ENOTDIR', 'not-a-directory', 'ENOTDIR', 'exists and is not a directory'],
      [-40, 'ELOOP', 'symbolic-link', 'ELOOP', 'is a symbolic link (refused)'],
      [-2, 'ENOENT', 'missing', 'ENOENT', 'does not exist'],
      [-39, 'ENOTEMPTY', 'not-empty', 'ENOTEMPTY', 'is not empty'],
      [-31, 'EMLINK', 'unexpected', 'EMLINK', 'failed creating shop/data (EMLINK)'],
      [-131, 'Unknown system error -131', 'unexpected', 'errno 131', 'failed creating shop/data (errno 131)'],
    ];
    for (const [errno, code, kind, name, detail] of cases) {
      const found = problemOfErrno(failed(errno, code), attempt);
      assert.deepEqual(found, { kind: 'problem', problem: kind, detail, errno: name, landed: 'no' });
    }
  });

  it('tell what is free when there is no space', () => {
    const space = { kind: 'space', totalBytes: 9n, freeBytes: 7n, totalInodes: 5n, freeInodes: 3n } as const;
    const found = problemOfErrno(failed(-28, 'ENOSPC'), { ...attempt, space });
    assert.equal(found?.detail, '7 bytes / 3 inodes free');
  });

  it('tell who was denied, and what would cure it', () => {
    const asRoot = problemOfErrno(failed(-13, 'EACCES'), attempt);
    assert.equal(
      asRoot?.detail,
      'permission denied creating shop/data as uid 0: the export needs no_root_squash (or set dirUid)',
    );
    const asUser = problemOfErrno(failed(-1, 'EPERM'), { ...attempt, as: 1000 });
    assert.equal(
      asUser?.detail,
      'permission denied creating shop/data as uid 1000: uid 1000 needs write permission there (or run as root)',
    );
  });

  it('are made of failed system calls only: anything else is a defect', () => {
    assert.equal(problemOfErrno(new TypeError('x'), attempt), undefined);
    assert.equal(problemOfErrno('EIO', attempt), undefined);
    assert.equal(errnoOf(new TypeError('x')), '');
    assert.deepEqual(problem('missing', 'x'), {
      kind: 'problem',
      problem: 'missing',
      detail: 'x',
      errno: '',
      landed: 'no',
    });
  });
});
