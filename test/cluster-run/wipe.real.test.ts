/** What a node keeps of k3s is taken away, on real mounts in a namespace of its own. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { type ChildResult, runChild } from '../tools/child.ts';

const SCRIPT = resolve(import.meta.dirname, '../../deploy/ansible/roles/node_removal/files/leftovers.py');
const FOLDERS = '$K/server $K/agent $K/data /var/lib/kubelet';

/** `script`: in namespaces of mounts, processes and networks of its own; /var/lib is empty there. */
function alone(folder: string, script: string): Promise<ChildResult> {
  const start = 'set -eu; mount -t tmpfs none /var/lib; K=/var/lib/rancher/k3s; mkdir -p $K /var/lib/kubelet';
  const tell = `tell() { python3 ${SCRIPT} "$@"; }`;
  return runChild({
    command: 'unshare',
    args: ['--mount', '--pid', '--fork', '--mount-proc', '--net', 'sh', '-c', `${start}; ${tell}\n${script}`],
    cwd: folder,
    env: process.env,
    limitMs: 60_000,
  });
}

const probe = await alone('/', 'true').catch((cause: unknown) => ({ code: 1, output: String(cause) }));
const skip = probe.code === 0 ? false : `no namespace of mounts can be had: ${probe.output.trim().slice(0, 200)}`;

test('a disk of its own below the folder of k3s is emptied and stays; what others mounted there is not touched', {
  skip,
}, async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-wipe-');
  for (const name of ['db', 'snapshots', 'volume', 'local', 'elsewhere']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), name);
  }
  const { code, output } = await alone(
    folder,
    `mkdir -p $K/server/db $K/server/tls $K/agent/images $K/storage/pvc-1 $K/data/current/bin
    mount --bind db $K/server/db
    mkdir $K/server/db/etcd $K/server/db/snapshots
    touch $K/server/db/etcd/member $K/server/tls/ca.crt $K/agent/images/a.tar
    mount --bind snapshots $K/server/db/snapshots
    mount --bind local $K/storage/pvc-1
    mkdir $K-backup; mount --bind elsewhere $K-backup
    mkdir -p '/var/lib/kubelet/pods/p 1/volumes/v'
    mount --bind volume '/var/lib/kubelet/pods/p 1/volumes/v'
    ln -s ${folder}/elsewhere $K/server/linked
    ! tell wipe ${FOLDERS} 2>refused
    test -e $K/server/tls/ca.crt
    tell look ${FOLDERS} >before; tell end >ended; tell wipe ${FOLDERS} >after; tell look ${FOLDERS} >again
    test ! -e /var/lib/kubelet; find /var/lib/rancher | sort; grep -c " $K/server/db " /proc/self/mounts`,
  );
  assert.equal(code, 0, output);
  const said = (name: string): Record<string, readonly string[]> =>
    JSON.parse(readFileSync(join(folder, name), 'utf8'));
  assert.match(readFileSync(join(folder, 'refused'), 'utf8'), /^mounted there: .*snapshots.*; nothing was deleted/);
  const data = '/var/lib/rancher/k3s';
  assert.deepEqual(said('before')['mounts'], [`${data}/server/db/snapshots`, '/var/lib/kubelet/pods/p 1/volumes/v']);
  assert.deepEqual(said('ended')['mounts'], []);
  assert.deepEqual(output.trim().split('\n'), [
    '/var/lib/rancher',
    data,
    `${data}-backup`,
    `${data}-backup/file`,
    `${data}/server`,
    `${data}/server/db`,
    `${data}/storage`,
    `${data}/storage/pvc-1`,
    `${data}/storage/pvc-1/file`,
    '1',
  ]);
  assert.deepEqual(said('again')['folders'], [], 'a second look would wipe again');
  assert.equal(existsSync(join(folder, 'db', 'file')), false, 'the disk was not emptied');
  for (const name of ['snapshots', 'volume', 'local', 'elsewhere'])
    assert.equal(readFileSync(join(folder, name, 'file'), 'utf8'), name);
});
