/** An export on a real folder, and the operations that its process performs, in this process. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import type { EnsureRequest, MoveRequest } from '../storage.ts';
import { createOperations, type Perform } from './operations.ts';

export const AT = Date.UTC(2025, 0, 2, 3, 4, 5, 6);
export const isRoot = process.geteuid?.() === 0;
export const asked = {
  mode: 0o777,
  uid: process.geteuid?.() ?? 0,
  gid: process.getegid?.() ?? 0,
  adoption: 'allowed',
  existing: 'correct-if-root-owned',
  minFreeBytes: 0n,
  minFreeInodes: 0n,
} as const satisfies Omit<EnsureRequest, 'path'>;

/** For a directory that may hold something, with the owner of this process, while there is a byte left. */
export const requestFor = (...path: readonly string[]): EnsureRequest => ({
  path,
  ...asked,
  existing: 'correct',
  minFreeBytes: 1n,
});

export interface OperationsWorld {
  readonly root: string;
  readonly outside: string;
  readonly perform: Perform;
  readonly ensure: (path: readonly string[], change?: Partial<EnsureRequest>) => ReturnType<Perform>;
  readonly at: (...path: readonly string[]) => string;
}

/** What waits for a disk at every file, or is thrown away by the thousand, is quicker here. */
export const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export async function worldOf(t: TestContext, umask?: number, base = tmpdir()): Promise<OperationsWorld> {
  const folder = fs.mkdtempSync(join(base, 'larder-operations-'));
  const before = umask === undefined ? undefined : process.umask(umask);
  t.after(() => {
    if (before !== undefined) process.umask(before);
    execFileSync('rm', ['-rf', folder]); // node's own rm gives up on trees this deep
  });
  const root = join(folder, 'export');
  const outside = join(folder, 'outside');
  for (const made of [root, outside]) fs.mkdirSync(made);
  const perform = createOperations(createManualClock(AT));
  assert.deepEqual(await perform({ kind: 'open', root, allowLocal: true, probe: 'test' }), {
    kind: 'opened',
    warning: '',
  });
  return {
    root,
    outside,
    perform,
    ensure: (path, change) => perform({ kind: 'ensure', path, ...asked, ...change }),
    at: (...path) => join(root, ...path),
  };
}

export const modeOf = (path: string): number => fs.lstatSync(path).mode & 0o7777;

export const moveOf = (path: readonly string[], change: Partial<MoveRequest> = {}): MoveRequest => ({
  path,
  volumeUid: 'uid-1',
  volumeName: 'pvc-1',
  claim: 'shop/data',
  at: AT,
  ...change,
});

export async function entriesOf(perform: Perform): ReturnType<Perform> {
  return perform({ kind: 'entries', after: '' });
}

export async function problemOf(result: ReturnType<Perform>): Promise<string> {
  const found = await result;
  return found.kind === 'problem' ? found.problem : found.kind;
}
