/** The history of usage in the running product: written, there after a kill, and no obstacle when it is damaged. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

const env = { LARDER_WATCH_INTERVAL: '1s' };

function uidsIn(path: string): readonly unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare('SELECT DISTINCT uid FROM volume JOIN recent ON recent.volume = volume.id')
      .all()
      .map(({ uid }) => uid);
  } finally {
    database.close();
  }
}

test('what volumes hold is remembered through a kill, and a damaged history stops nothing', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const path = join(data, 'history.db');
  const larder = await startLarder(data, [], env);
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'kept', size: '1Mi' });
  const { uid } = (await bound(client, 'default', 'kept')).claim.metadata;
  await eventually('a measurement in the history', async () => uidsIn(path).includes(uid) || undefined);
  const shown = await eventually('an explanation with a measurement', async () => {
    const { stdout } = await runLarder(['explain', 'pvc/kept', '-n', 'default'], { KUBECONFIG: larder.kubeconfig });
    return stdout.includes('Rate:') ? stdout : undefined;
  });
  assert.match(shown, /Rate: +not known yet: 1 measurement over 0s, 12 over 1h are needed/);
  larder.kill('SIGKILL');
  await larder.exited;
  assert.deepEqual(uidsIn(path), [uid]);

  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  writeFileSync(path, 'no database');
  const again = await startLarder(data, [], env);
  t.after(() => again.kill('SIGKILL'));
  await eventually('a new history', async () => uidsIn(path).includes(uid) || undefined);
  assert.match(again.stderr(), /LARDER_EXPAND_HISTORY_DAMAGED/);
  assert.equal(readdirSync(data).filter((name) => /^history\.db\.damaged-\d+$/.test(name)).length, 1);
  again.kill('SIGTERM');
  assert.equal(await again.exited, 0, again.stderr());
  const third = await startLarder(data, [], env);
  t.after(() => third.kill('SIGKILL'));
  assert.deepEqual(uidsIn(path), [uid], 'its own files do not make the folder somebody else’s');
});
