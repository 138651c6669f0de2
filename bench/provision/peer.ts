/** The same claims for a provisioner on the library of nfs-subdir-external-provisioner, on the same server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, kinds } from '../../src/kube/index.ts';
import { install } from '../../test/tools/install.ts';
import { claimOf, each } from '../server/load.ts';
import type { Server } from '../server/server.ts';

/** It makes two a second, whatever the server allows. */
const CLAIMS = 100;
const CLASS = 'peer';
const PROVISIONER = 'example.com/library';

/** Volumes per second in a burst; a text is the reason why it cannot be had here. Leaves nothing behind. */
export async function peerRate(server: Server): Promise<number | string> {
  const program = await install('library-provisioner', { env: process.env, say: () => undefined });
  if (program.kind === 'unavailable') return program.reason;
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-peer-'));
  const args = ['--kubeconfig', server.kubeconfig, '--provisioner', PROVISIONER, '--export', folder];
  const peer = spawn(program.path, args, { stdio: 'ignore' });
  try {
    return await measure(server.client);
  } finally {
    await stop(peer);
    await clear(server.client);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As for Larder the claims are there before their class. */
async function measure(client: Client): Promise<number> {
  await each(CLAIMS, (index) => client.create(kinds.PersistentVolumeClaim, claimOf(`peer-${index}`, CLASS)));
  const startMs = performance.now();
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
  });
  while ((await volumesOf(client)).length < CLAIMS) await new Promise((resolve) => setTimeout(resolve, 100));
  return CLAIMS / ((performance.now() - startMs) / 1000);
}

async function volumesOf(client: Client): Promise<readonly string[]> {
  const { items } = await client.list(kinds.PersistentVolume);
  return items.filter(({ spec }) => spec.storageClassName === CLASS).map(({ metadata }) => metadata.name);
}

async function clear(client: Client): Promise<void> {
  await client.delete(kinds.StorageClass, { name: CLASS });
  const names = await volumesOf(client);
  await each(CLAIMS, (index) => {
    return client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: `peer-${index}` });
  });
  await each(names.length, (index) => client.delete(kinds.PersistentVolume, { name: names[index] ?? '' }));
}

async function stop(peer: ChildProcess): Promise<void> {
  if (peer.exitCode !== null) return;
  const ended = once(peer, 'close');
  peer.kill('SIGKILL');
  await ended;
}
