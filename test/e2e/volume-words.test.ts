/** What the commands on volumes say to somebody who names the wrong thing, and what their tables show. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, type Run, runLarder, startLarder, temporaryFolder } from './larder.ts';

interface World {
  readonly client: Client;
  readonly export: string;
  readonly run: (...words: string[]) => Promise<Run>;
}

/** One claim in the trash, one in the archives, one alive. */
async function start(t: TestContext): Promise<World> {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(async () => {
    larder.kill('SIGTERM');
    await larder.exited;
  });
  const client = await clientOf(larder);
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'archiving' },
    provisioner: 'larder.dev/directory',
    parameters: { pathPattern: '${.PVC.name}', export: 'nfs' },
    reclaimPolicy: 'Delete',
  });
  for (const [name, storageClass] of [
    ['trashed', undefined],
    ['archived', 'archiving'],
    ['alive', 'archiving'],
  ] as const) {
    await applyClaim(client, { name, storageClass, size: '1Gi' });
    await bound(client, 'default', name);
  }
  for (const name of ['trashed', 'archived']) {
    await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  }
  const run = (...words: string[]) => runLarder(words, { KUBECONFIG: larder.kubeconfig });
  await eventually('both directories to be moved', async () => {
    const { entries } = JSON.parse((await run('volumes', 'undelete', '-o', 'json')).stdout);
    return entries.length === 2 && existsSync(join(larder.export, 'archived-archived')) ? true : undefined;
  });
  return { client, export: larder.export, run };
}

test('the commands on volumes say what is wrong with what was asked, and what there is', async (t) => {
  const { client, run } = await start(t);
  const { entries } = JSON.parse((await run('volumes', 'undelete', '-o', 'json')).stdout);
  const [entry] = entries.filter(({ kind }: { kind: string }) => kind === 'trash');
  const wrong: readonly (readonly [words: string, code: number, says: string | RegExp])[] = [
    ['volumes list -n nowhere', 0, 'No claims of Larder in namespace nowhere.\n'],
    ['volumes usage -n nowhere', 0, 'No claims of Larder in namespace nowhere.\n'],
    [
      'volumes undelete default/trashed --entry wrong --dry-run',
      1,
      `larder: default/trashed has no entry "wrong" in the trash or the archives: there is ${entry.entry} (LARDER_HTTP_REFUSED)\n`,
    ],
    [
      'volumes undelete default/nothing --export 127.0.0.1:/storage/v',
      1,
      /^larder: neither the trash nor the archives on 127\.0\.0\.1:\/storage\/v have a directory of default\/nothing: /,
    ],
    [
      'volumes restore archived-archived --size 10Gi --dry-run',
      2,
      'larder: --size and --class are those of the volume for a claim: name it with --claim, or leave them out\n',
    ],
    [
      'volumes restore archived-archived --claim back --size 10x --dry-run',
      1,
      /"10x" is not a size: write for example/,
    ],
    [
      'volumes restore archived-archived --claim back --size 10Gi --dry-run',
      1,
      /archived-archived comes back as it was, with 1Gi of class archiving: leave out --size and --class/,
    ],
    ['volumes restore archived-archived --claim back --class larder --dry-run', 1, /comes back as it was, with 1Gi of/],
    [
      'volumes sync-mount-options --class nope --dry-run',
      1,
      /no class "nope" of Larder's: name one of them \(there are archiving, glusterfs-nfs, larder\)/,
    ],
    [
      'volumes sync-mount-options --class archiving --dry-run',
      0,
      'All volumes of class archiving have the mount options of their class.\n',
    ],
    [
      'takeover',
      1,
      /no Deployment with PROVISIONER_NAME and NFS_SERVER in its environment was found in any namespace: /,
    ],
    ['takeover -n storage --deployment nfs', 1, /no Deployment nfs with .* was found in namespace storage: look at/],
  ];
  for (const [words, code, says] of wrong) {
    const answer = await run(...words.split(' '));
    assert.equal(answer.code, code, `${words}: ${answer.stderr}`);
    if (typeof says === 'string') assert.equal(answer.stderr, says, words);
    else assert.match(answer.stderr, says, words);
  }
  const same = await run(...'volumes restore archived-archived --claim back --size 1Gi --class archiving'.split(' '));
  assert.equal(same.code, 0, same.stderr);
  await applyClaim(client, { name: 'back', storageClass: 'archiving', size: '1Gi' });
  await bound(client, 'default', 'back');
});

test('the list of the trash says until when a directory is kept, and a volume is shown with what it holds', async (t) => {
  const { run } = await start(t);
  const { stdout } = await run('volumes', 'undelete');
  const [title = '', ...rows] = stdout.trimEnd().split('\n');
  assert.match(title, /^CLAIM +KIND +SINCE +UNTIL +PATH +ENTRY$/);
  const { entries } = JSON.parse((await run('volumes', 'undelete', '-o', 'json')).stdout);
  const [one] = entries.filter(({ kind }: { kind: string }) => kind === 'trash');
  assert.equal(one.expiresAt - one.trashedAt, 7 * 86_400_000);
  const days = [one.trashedAt, one.expiresAt].map((at) => new Date(at).toISOString().slice(0, 10));
  assert.ok(
    rows.some((row) => new RegExp(`^default/trashed +trash +${days.join(' +')} .*${one.entry}$`).test(row)),
    stdout,
  );
  assert.ok(
    rows.some((row) => /^default\/archived +archive +\S+ +for ever +archived +archived-archived$/.test(row)),
    stdout,
  );
  const shown = await eventually('the volume to be measured', async () => {
    const text = (await run('volumes', 'show', 'default/alive')).stdout;
    return text.includes('not measured') ? undefined : text;
  });
  assert.match(shown, /^Used: {6}(\d\S* \(< 1 %\)|0 \(0 %\)), 1 inode$/m);
});

test('adopt writes into a new file, and says what is there in place of one', async (t) => {
  const { export: root, run } = await start(t);
  mkdirSync(join(root, 'glusterfs_old_data'));
  const file = join(
    temporaryFolder((remove) => t.after(remove)),
    'adopted.yaml',
  );
  writeFileSync(file, 'mine');
  const refused = await run('volumes', 'adopt', '--file', file);
  assert.deepEqual([refused.code, refused.stdout], [2, '']);
  assert.match(refused.stderr, /adopted\.yaml is there already: name another with --file, or remove it\n$/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  const written = await run('volumes', 'adopt', '--file', `${file}.new`);
  assert.equal(written.code, 0, written.stderr);
  assert.match(readFileSync(`${file}.new`, 'utf8'), /path: \/storage\/v\/glusterfs_old_data$/m);
});
