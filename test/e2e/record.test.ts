/** `larder record` writes what `larder simulate` plays again. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

test('what was measured is recorded, and played again', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(join(folder, 'data'));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const run = (line: string) => runLarder(line.split(' '), { KUBECONFIG: larder.kubeconfig });
  const annotations = {
    'pvc-chonker.io/enabled': 'true',
    'pvc-chonker.io/min-scale-up': '1Mi',
    'pvc-chonker.io/increase': '50%',
    'example.com/secret': 'nobody',
  };
  await applyClaim(client, {
    name: 'data',
    size: '20Mi',
    storageClass: 'larder',
    annotations: { ...annotations, 'volume-name': 'data' },
  });
  const { volume } = await bound(client, 'default', 'data');
  const directory = join(
    larder.export,
    volume.spec.nfs?.path.split('/').at(-1) ?? volume.spec.local?.path.split('/').at(-1) ?? '',
  );
  writeFileSync(join(directory, 'filler'), randomBytes(17 * 1024 * 1024));
  const file = join(folder, 'usage.jsonl');
  const recorded = await eventually('measurements to be there', async () => {
    const answer = await run(`record -f ${file}`);
    return /^[1-9]\d* measurements/.test(answer.stderr) ? answer : undefined;
  });
  assert.equal(recorded.code, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, 'utf8');
  assert.ok(!text.includes('secret'), 'annotations of others are not recorded');
  const [head, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(head.larderRecording, 1);
  assert.deepEqual(head.provisioners, ['larder.dev/directory']);
  const claim = lines.find((line) => 'claim' in line);
  assert.equal(claim.claim.name, 'data');
  assert.ok(claim.points.length > 0);
  const played = await run(`simulate ${file} -o json`);
  assert.equal(played.code, 0, played.stderr);
  const { total, claims } = JSON.parse(played.stdout);
  assert.equal(total.claims, 1);
  assert.equal(claims[0].claim, 'default/data');
  assert.equal(claims[0].startBytes, String(20 * 1024 * 1024));

  for (const line of ['{"claim": {}}', '{"claim": {"name": "cut o']) {
    writeFileSync(file, `${text.split('\n')[0]}\n${line}\n`);
    const refused = await run(`simulate ${file}`);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /^larder: .*usage\.jsonl:2: is no line of a recording, .*: record it again with `larder record`\n$/,
    );
  }
  assert.match((await run('record --since never')).stderr, /--since "never" must be a duration/);
  const nowhere = await run(`record -f ${folder}/none/usage.jsonl`);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /none\/usage\.jsonl cannot be written: /);
  assert.match((await run(`simulate ${folder}/nothing`)).stderr, /nothing cannot be read/);
});
