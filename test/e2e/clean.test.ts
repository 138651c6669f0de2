import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf, eventsOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

test('room is made from the command line, after a look at what would go; usage is shown as a kubelet shows it, and remembered', async (t) => {
  const data = join(
    temporaryFolder((remove) => t.after(remove)),
    'data',
  );
  const larder = await startLarder(data, ['--kubelet-volume-stats']);
  t.after(async () => {
    larder.kill('SIGTERM');
    await larder.exited;
  });
  const client = await clientOf(larder);
  const run = (...words: string[]) => runLarder(['volumes', 'clean', ...words], { KUBECONFIG: larder.kubeconfig });

  const empty = await run('--dry-run');
  assert.match(empty.stderr, /nothing may go, trash and archives are empty\n$/);
  assert.deepEqual([empty.code, empty.stdout], [0, '']);

  await applyClaim(client, { name: 'notes', size: '10Mi' });
  const { volume } = await bound(client, 'default', 'notes');
  const directory = volume.spec.local?.path ?? '';
  writeFileSync(join(directory, 'letter.txt'), 'x'.repeat(100_000));
  const sample = 'kubelet_volume_stats_used_bytes{namespace="default",persistentvolumeclaim="notes"}';
  await eventually('the usage in the words of a kubelet', async () => {
    const text = await (await fetch(new URL('/metrics', larder.console))).text();
    const bytes = Number(
      text
        .split('\n')
        .find((line) => line.startsWith(sample))
        ?.split(' ')[1],
    );
    return bytes >= 100_000 ? bytes : undefined;
  });
  assert.ok(
    existsSync(join(data, 'usage')) && readdirSync(join(data, 'usage')).every((name) => name.endsWith('.usage')),
  );

  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'notes' });
  await eventually('the directory to leave', async () => (existsSync(directory) ? undefined : true));

  const kept = await run('--dry-run', '-o', 'json');
  assert.deepEqual(
    JSON.parse(kept.stdout).plans[0].rows.map(({ claim, verdict, reason }: Record<string, string>) => [
      claim,
      verdict,
      reason,
    ]),
    [['default/notes', 'keep', 'not-ended']],
  );
  const looked = await run('--early', 'trash', '--dry-run');
  assert.match(
    looked.stdout,
    /^CLAIM +KIND +SINCE +SIZE +WHY\ndefault\/notes +trash +\S+ +1\S+Ki +remove +before its retention ends\n$/,
  );
  assert.ok(
    looked.stdout.split('\n').every((line) => line.length <= 80),
    looked.stdout,
  );
  assert.match(looked.stderr, /free; 1 of 1 may go, which frees about 1\S+Ki\n$/);
  const unasked = await run('--early', 'trash');
  assert.equal(unasked.code, 3, 'nobody to ask, and no --yes');
  assert.match(unasked.stderr, /1 directory is removed for ever. Look at it with --dry-run, then say --yes/);
  assert.equal((await run('--below-free', 'much')).code, 1);
  const trash = join(larder.export, '.larder', 'trash');
  assert.equal(readdirSync(trash).filter((name) => !name.endsWith('.json')).length, 1, 'up to here nothing has gone');

  const done = await run('--early', 'trash', '--yes');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /removed \S+ of default\/notes on \S+\n1 of 1 removed\.\n$/);
  assert.deepEqual(readdirSync(trash), []);
  await eventually('the event VolumeCleaned', async () => {
    const events = await eventsOf(client, 'default', 'notes');
    return events.find(({ reason }) => reason === 'VolumeCleaned');
  });
});
