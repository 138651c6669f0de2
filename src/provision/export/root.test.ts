import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { AT, isRoot, moveOf, problemOf, worldOf } from './operations.fixture.ts';
import { createOperations } from './operations.ts';
import type { Operation } from './protocol.ts';

describe('the root', () => {
  it('is refused when it is not a mount, and when it is not there', async (t) => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'larder-root-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const perform = createOperations(createManualClock());
    const open = (root: string, allowLocal: boolean): Operation => ({ kind: 'open', root, allowLocal, probe: 'p' });
    assert.equal(await problemOf(perform(open(folder, false))), 'not-mounted');
    assert.deepEqual(fs.readdirSync(folder), []);
    assert.equal(await problemOf(perform(open(join(folder, 'none'), true))), 'not-mounted');
    assert.equal(await problemOf(perform({ kind: 'discard', path: ['x'] })), 'not-mounted');
  });

  it('changes nothing in a directory that was moved away from the path of the export', async (t) => {
    const { root, ensure, perform } = await worldOf(t);
    assert.equal((await ensure(['before'])).kind, 'created');
    fs.renameSync(root, `${root}.away`);
    assert.equal(await problemOf(ensure(['lost'])), 'not-mounted');
    assert.equal(await problemOf(perform({ kind: 'trash', ...moveOf(['before']) })), 'not-mounted');
    assert.deepEqual(fs.readdirSync(`${root}.away`).sort(), ['.larder', 'before']);
    fs.mkdirSync(root);
    assert.equal((await ensure(['after'])).kind, 'created');
    assert.deepEqual(fs.readdirSync(root), ['after']);
    fs.rmSync(root, { recursive: true });
    fs.renameSync(`${root}.away`, root);
    assert.equal((await ensure(['before'])).kind, 'existed');
  });

  it('is looked at once for what is asked together, and again for what is asked later', async (t) => {
    const { root, ensure } = await worldOf(t);
    const together = await Promise.all(['a', 'b', 'c'].map((name) => ensure([name])));
    assert.deepEqual(
      together.map(({ kind }) => kind),
      ['created', 'created', 'created'],
    );
    const early = ensure(['d']);
    await new Promise((resolve) => void setImmediate(resolve));
    fs.renameSync(root, `${root}.away`);
    fs.mkdirSync(root);
    await Promise.all([early, ensure(['late'])]);
    assert.ok(fs.existsSync(join(root, 'late')), 'the answer to the turn before is not believed');
  });

  it('is found again when another directory has taken its path', async (t) => {
    const { ensure, perform, root, outside } = await worldOf(t);
    await ensure(['a']);
    fs.renameSync(root, join(outside, 'before'));
    fs.mkdirSync(root);
    assert.deepEqual(await perform({ kind: 'probe' }), { kind: 'alive' });
    assert.equal((await ensure(['a'])).kind, 'created');
    assert.ok(fs.existsSync(join(root, 'a')));
  });

  it('reports a read-only export by name', { skip: !isRoot && 'needs root' }, async (t) => {
    const { ensure, perform, root } = await worldOf(t);
    try {
      execFileSync('mount', ['--bind', root, root], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'remount,ro,bind', root], { stdio: 'ignore' });
    } catch {
      return t.skip('mount(8) is not permitted here');
    }
    try {
      const opened = await perform({ kind: 'open', root, allowLocal: true, probe: 'p' });
      assert.ok(opened.kind === 'problem');
      assert.deepEqual([opened.problem, opened.errno, opened.detail], ['read-only', 'EROFS', 'is read-only']);
      assert.equal(await problemOf(ensure(['a'])), 'read-only');
    } finally {
      execFileSync('umount', ['-l', root]);
    }
  });

  it('refuses what stands in the place of its own directory', async (t) => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'larder-root-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    fs.mkdirSync(join(folder, 'export'));
    fs.mkdirSync(join(folder, 'elsewhere'));
    fs.symlinkSync('../elsewhere', join(folder, 'export', '.larder'));
    const perform = createOperations(createManualClock());
    const opened = perform({ kind: 'open', root: join(folder, 'export'), allowLocal: true, probe: 'p' });
    assert.equal(await problemOf(opened), 'not-a-directory');
    assert.deepEqual(fs.readdirSync(join(folder, 'elsewhere')), []);
  });

  it('removes the probes that a crash left behind long ago, and no other', async (t) => {
    const { perform, root, at } = await worldOf(t);
    fs.mkdirSync(at('.larder', 'probe-old'));
    fs.utimesSync(at('.larder', 'probe-old'), new Date(AT - 7_200_000), new Date(AT - 7_200_000));
    fs.mkdirSync(at('.larder', 'probe-new'));
    fs.utimesSync(at('.larder', 'probe-new'), new Date(AT), new Date(AT));
    await perform({ kind: 'open', root, allowLocal: true, probe: 'p' });
    assert.deepEqual(fs.readdirSync(at('.larder')).sort(), ['archives', 'probe-new', 'trash']);
  });
});
