/** Copies of claims on a real control plane, and on a filesystem whose files share blocks. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { cloneAll, fill, MIB, pictureOf, sweep } from '../../src/provision/clone/clone.fixture.ts';
import { createOperations } from '../../src/provision/export/operations.ts';
import { createManualClock } from '../../src/telemetry/manual-clock.ts';
import { copies } from './copies.ts';
import { mountNew } from './quota-kernel.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(copies)) {
  test(name, { skip }, run);
}

test('on XFS a copy shares its blocks: it needs no room, and what is written later is its own', async (t) => {
  const mounted = mountNew(t, 'xfs', 'rw');
  if (mounted.kind === 'skip') return t.skip(mounted.reason);
  const { root } = mounted;
  const at = (...path: readonly string[]): string => [root, ...path].join('/');
  fill(at);
  // More than half of the filesystem: a copy of its bytes would not fit.
  for (let index = 0; index < 3; index += 1)
    fs.writeFileSync(at('original', `big-${index}`), Buffer.alloc(50 * MIB, index + 1));
  const perform = createOperations(createManualClock());
  assert.equal((await perform({ kind: 'open', root, allowLocal: false, probe: 'p' })).kind, 'opened');
  const before = pictureOf(at('original'));
  const { result } = await cloneAll(perform, { neededBytes: BigInt(160 * MIB) });
  assert.ok(result.kind === 'cloned', result.kind === 'problem' ? result.detail : result.kind);
  assert.ok(result.figures.sharedBytes > BigInt(150 * MIB), `${result.figures.sharedBytes} bytes shared`);
  assert.equal(result.figures.copiedBytes, 0n);
  await sweep(perform);
  assert.deepEqual(pictureOf(at('copy')), before);
  fs.writeFileSync(at('copy', 'big-0'), 'changed');
  assert.equal(fs.statSync(at('original', 'big-0')).size, 50 * MIB);
});
