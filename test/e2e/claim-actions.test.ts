/** `larder grow|pause|resume|approve`, typed by a person. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

test('a person grows, pauses, resumes and approves, and is told what stops it', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const run = (line: string) => runLarder(line.split(' '), { KUBECONFIG: larder.kubeconfig });
  const annotations = {
    'pvc-chonker.io/enabled': 'true',
    'pvc-chonker.io/cooldown': '1s',
    'pvc-chonker.io/max-size': '3Gi',
  };
  await applyClaim(client, { name: 'data', size: '1Gi', storageClass: 'larder', annotations });
  await bound(client, 'default', 'data');

  const paused = await run('pause pvc/data');
  assert.equal(paused.stdout, 'default/data: growth is paused (larder.dev/paused: "true")\n');
  assert.equal((await run('pause pvc/data')).stdout, 'default/data: nothing to do: growth is paused already\n');
  const stopped = await eventually('the pause to count', async () => {
    const answer = await run('grow pvc/data --yes');
    return answer.stdout.includes('gate pause') ? answer : undefined;
  });
  assert.equal(stopped.code, 1);
  assert.equal(
    stopped.stdout,
    'default/data: paused by annotation larder.dev/paused (gate pause; larder explain default/data shows all of them)\n',
  );
  assert.equal((await run('resume pvc/data')).code, 0);

  const planned = await eventually('the end of the pause to count', async () => {
    const answer = await run('grow pvc/data --to 2Gi --dry-run');
    return answer.code === 0 ? answer : undefined;
  });
  assert.equal(planned.stdout, 'default/data: grows from 1Gi to 2Gi (asked for by hand: 2Gi)\n');
  const unasked = await run('grow pvc/data --to 2Gi');
  assert.equal(unasked.code, 3);
  assert.match(unasked.stderr, /Look at it with --dry-run, then say --yes/);
  assert.equal((await run('grow pvc/data --to 2Gi --yes')).code, 0);
  await eventually('the claim to have 2Gi', async () => {
    const { claim } = await bound(client, 'default', 'data');
    return claim.status?.capacity?.['storage'] === '2Gi' ? claim : undefined;
  });

  const smaller = await eventually('the growth to be over', async () => {
    const answer = await run('grow pvc/data --to 1Gi --yes');
    return answer.stdout.includes('already') ? answer : undefined;
  });
  assert.equal(smaller.code, 1);
  assert.equal(smaller.stdout, 'default/data: has 2Gi already, and a size is never made smaller: name a larger one\n');
  const lots = await run('grow pvc/data --to lots --yes');
  assert.equal(lots.code, 2);
  assert.equal(
    lots.stderr,
    'larder: the size of grow is "lots": it must be a quantity above zero, for example "10Gi"\n',
  );
  assert.match((await run('grow pvc/nobody --yes')).stderr, /there is no claim default\/nobody/);
  assert.match((await run('approve pvc/data 5Gb')).stderr, /the size of approve is "5Gb": it must be a quantity/);
  const small = await run('approve pvc/data 1Gi');
  assert.equal(small.code, 1);
  assert.match(small.stderr, /the claim asks for 2Gi already, and approving 1Gi would allow it nothing: name a larger/);
  const approved = await run('approve pvc/data 5Gi -o json');
  assert.deepEqual(JSON.parse(approved.stdout), {
    claim: 'default/data',
    action: 'approve',
    changes: true,
    message: 'sizes up to 5Gi are approved (larder.dev/approved-up-to: "5Gi")',
  });
});
