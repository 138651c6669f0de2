/** An export on a real hung mount. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createExport } from '../../src/provision/export/export.ts';
import { requestFor } from '../../src/provision/export/operations.fixture.ts';
import type { Storage } from '../../src/provision/storage.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { mountOf } from './fuse.ts';

function exportOn(root: string, t: TestContext): { readonly storage: Storage; readonly stop: () => Promise<void> } {
  const storage = createExport({
    description: { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root },
    allowLocal: false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  const end = new AbortController();
  const running = storage.run(end.signal);
  t.after(() => end.abort());
  return {
    storage,
    async stop() {
      end.abort();
      await running;
    },
  };
}

const elapsedSince = (startMs: number): number => performance.now() - startMs;

describe('an export whose server does not answer', () => {
  it('is reported within 10 s while this process stays responsive, and used again within 5 s of healing', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    assert.equal((await storage.ensure(requestFor('before'))).kind, 'created');
    assert.equal(fs.statSync(join(mount.source, 'before')).mode & 0o7777, 0o777);
    assert.equal((await storage.ensure(requestFor('moving'))).kind, 'created');

    mount.daemon.kill('SIGSTOP');
    const hungAt = performance.now();
    const move = { path: ['moving'], volumeUid: 'u', volumeName: 'v', claim: 'c/d', at: 1e12 };
    const pending = [storage.ensure(requestFor('during')), storage.trash(move)];
    let longestPauseMs = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      longestPauseMs = Math.max(longestPauseMs, elapsedSince(last));
      last = performance.now();
    }, 10);
    const results = await Promise.all(pending);
    clearInterval(ticking);
    for (const result of results) {
      assert.ok(result.kind === 'problem');
      assert.deepEqual(
        [result.problem, result.detail, result.landed],
        ['unavailable', 'did not answer within 5s', 'maybe'],
      );
    }
    assert.ok(elapsedSince(hungAt) < 10_000, 'told within 10 s');
    assert.ok(longestPauseMs < 1_000, `the event loop stood still for ${longestPauseMs} ms`);
    const askedAt = performance.now();
    for (let index = 0; index < 100; index += 1) await storage.ensure(requestFor(`x${index}`));
    assert.ok(elapsedSince(askedAt) < 1_000, 'the open breaker answers at once');
    assert.equal(storage.health().kind, 'down');

    const healed = new Promise<void>((done) => void storage.onHealthy(done));
    mount.daemon.kill('SIGCONT');
    const healedAt = performance.now();
    await healed;
    assert.ok(elapsedSince(healedAt) < 5_000, `found healthy after ${elapsedSince(healedAt)} ms`);
    const after = await storage.ensure(requestFor('during'));
    assert.ok(after.kind === 'created' || after.kind === 'existed', JSON.stringify(after));
    assert.equal(fs.statSync(join(mount.source, 'during')).mode & 0o7777, 0o777);
    await stop();
  });

  it('does not hold up the end of the process', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    await storage.ensure(requestFor('before'));
    mount.daemon.kill('SIGSTOP');
    const pending = storage.ensure(requestFor('during'));
    const stoppedAt = performance.now();
    await stop();
    assert.ok(elapsedSince(stoppedAt) < 1_000);
    assert.equal((await pending).kind, 'problem');
  });

  it('is unavailable, not missing, when its daemon is gone', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    await storage.ensure(requestFor('before'));
    mount.daemon.kill('SIGKILL');
    await new Promise((done) => mount.daemon.once('exit', done));
    const result = await storage.inspect(['before']);
    assert.ok(result.kind === 'problem');
    assert.deepEqual([result.problem, result.errno], ['unavailable', 'ENOTCONN']);
    await stop();
  });
});
