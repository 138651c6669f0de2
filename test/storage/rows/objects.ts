/** Names, owners and objects that stand in the way, on storage that is well. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../../src/kube/index.ts';
import { post } from '../../e2e/account.ts';
import { applyClaim, bound, eventsOf } from '../../e2e/claims.ts';
import { eventually } from '../../e2e/larder.ts';
import { namespace, volume } from '../../e2e/manifests.ts';
import type { Row } from '../row.ts';
import { PROVISIONER } from '../stage.ts';
import { refuseToSave } from './saving.ts';

export const objects: readonly Row[] = [
  {
    name: 'a file, or a symbolic link, of that name: refused, and left as it is',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const { source } = fuse('well');
      writeFileSync(join(source, 'x-file'), 'mine');
      symlinkSync('/etc', join(source, 'x-link'));
      for (const name of ['file', 'link']) await stage.claim(name, 'well');
      await stage.refused('file', 'x-file exists and is not a directory: move it away, or choose another name');
      await stage.refused('link', 'x-link is a symbolic link (refused): put a directory there, or choose another name');
    },
  },
  {
    name: 'a missing annotation and a bad name: refused until the claim changes',
    needs: 'fuse',
    async run({ stage, fuse }) {
      await stage.addClass('well', { pathPattern: 'n-${.PVC.annotations.volume-name}' }, 'named');
      await stage.claim('nameless', 'named');
      await stage.claim('escaping', 'named', { 'volume-name': 'x/../y' });
      await stage.refusedLike('nameless', /^pathPattern needs annotation "volume-name" on the claim/);
      await stage.refusedLike('escaping', /^"[^"]*x\/\.\.\/y": a path segment must match /);
      await stage.client.patch(
        kinds.PersistentVolumeClaim,
        { namespace: 'default', name: 'nameless' },
        {
          kind: 'merge',
          value: { metadata: { annotations: { 'volume-name': 'now' } } },
        },
      );
      await stage.bound('nameless');
      assert.ok(existsSync(join(fuse('well').source, 'n-now')));
    },
  },
  {
    name: 'a directory of another namespace: refused until that volume goes',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const { client } = stage;
      await stage.addClass(
        'well',
        { pathPattern: 'shared-${.PVC.annotations.volume-name}', onDelete: 'retain' },
        'shared',
      );
      const annotations = { 'volume-name': 'one' };
      await post(client, '/api/v1/namespaces', namespace('other'));
      await applyClaim(client, { name: 'first', namespace: 'other', storageClass: 'shared', size: '1Mi', annotations });
      const { volume } = await bound(client, 'other', 'first');
      await stage.claim('second', 'shared', annotations);
      const held = `directory shared-one already belongs to other/first (pv ${volume.metadata.name})`;
      await stage.refused('second', `${held}: choose another name, or delete that volume`);
      await client.delete(kinds.PersistentVolumeClaim, { namespace: 'other', name: 'first' });
      await stage.bound('second');
      assert.ok(existsSync(join(fuse('well').source, 'shared-one')));
    },
  },
  {
    name: 'a volume that cannot be saved: the directory stays, the delay is told after 60 s, and it is saved in the end',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const heal = await refuseToSave(stage.client, 'x-delayed');
      await stage.claim('delayed', 'well');
      const message = 'directory is ready, saving the PersistentVolume is delayed: the API server answers 500';
      await stage.refused('delayed', `${message}: it is retried by itself`);
      assert.ok(existsSync(join(fuse('well').source, 'x-delayed')));
      await heal();
      await stage.bound('delayed');
    },
  },
  {
    name: 'a claim deleted midway: its directory goes only if it is empty and was made for it',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const { source } = fuse('well');
      mkdirSync(join(source, 'x-older'));
      const heal = await refuseToSave(stage.client, 'x-empty', 'x-used', 'x-older');
      for (const name of ['empty', 'used', 'older']) await stage.claim(name, 'well');
      for (const name of ['empty', 'used']) {
        await eventually(`the directory of ${name}`, async () => existsSync(join(source, `x-${name}`)) || undefined);
      }
      writeFileSync(join(source, 'x-used', 'letter'), 'dear');
      for (const name of ['empty', 'used', 'older']) {
        await stage.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
      }
      await eventually('the empty directory to go', async () => !existsSync(join(source, 'x-empty')) || undefined);
      await heal();
      assert.deepEqual(readdirSync(join(source, 'x-used')), ['letter']);
      assert.ok(existsSync(join(source, 'x-older')));
    },
  },
  {
    name: 'a class deleted before its volumes: ours know what to do, and what does not is kept and told',
    needs: 'fuse',
    async run({ stage, fuse }) {
      const { client } = stage;
      const { source } = fuse('well');
      await stage.addClass('well', { pathPattern: 'g-${.PVC.name}', onDelete: 'delete' }, 'gone');
      await stage.claim('leaving', 'gone');
      await stage.bound('leaving');
      mkdirSync(join(source, 'g-theirs'));
      await client.delete(kinds.StorageClass, { name: 'gone' });
      await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'leaving' });
      await eventually('the directory to leave', async () => !existsSync(join(source, 'g-leaving')) || undefined);
      await post(client, '/api/v1/persistentvolumes', theirs('theirs', 'g-theirs'));
      const [event] = await eventually('an event of the volume', async () => {
        const found = await eventsOf(client, 'default', 'theirs');
        return found.length > 0 ? found : undefined;
      });
      const message = 'directory is kept: class missing: gone no longer says what to do with it';
      const next = 'create the class again, or set reclaim policy Retain and delete the volume';
      assert.equal(`${event?.reason}: ${event?.message}`, `VolumeFailedDelete: ${message}: ${next}`);
      assert.ok(existsSync(join(source, 'g-theirs')));
    },
  },
];

/** As another provisioner of the same name left it: nothing on it says what its end should be. */
function theirs(name: string, directory: string): object {
  const claimRef = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'long-gone', uid: 'long-gone' };
  const spec = { nfs: { server: 'well', path: `/v/${directory}` }, persistentVolumeReclaimPolicy: 'Delete', claimRef };
  const made = volume(name, { ...spec, storageClassName: 'gone' });
  return { ...made, metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } } };
}
