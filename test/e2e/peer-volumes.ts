/**
 * Volumes of nfs-subdir-external-provisioner for tests: made by the program itself where it is, else in the shape that
 * its source gives them (cmd/nfs-subdir-external-provisioner/provisioner.go, read 2026-11): no finalizer, no annotation
 * but the name of the provisioner, a directory of mode 0777.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, kinds, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { findPeer, type Peer, startPeer } from '../tools/peer.ts';
import { bound } from './claims.ts';
import { eventually } from './larder.ts';

export const PEER = 'k8s-sigs.io/nfs-subdir-external-provisioner';

export interface PeerSite {
  readonly client: Client;
  readonly kubeconfig: string;
  readonly export: string;
}

/** Something that provisions as the peer does. */
export interface PeerWork {
  readonly name: string;
  /** Why it cannot be tried here; false when it can. */
  readonly skip: string | false;
  /** Makes volumes for these claims, named by their directories, until it is stopped. */
  start(
    t: TestContext,
    site: PeerSite,
    directories: Readonly<Record<string, string>>,
  ): Promise<{ stop(): Promise<void> }>;
}

const found = findPeer();

export const byTheProgram: PeerWork = {
  name: 'volumes that the peer itself made',
  skip: found.kind === 'ready' ? false : found.reason,
  async start(t, site, directories) {
    const peer: Peer = startPeer({ ...site, provisionerName: PEER });
    t.after(() => peer.stop('SIGKILL'));
    for (const name of Object.keys(directories)) await bound(site.client, 'default', name);
    return { stop: () => peer.stop() };
  },
};

export const byItsShape: PeerWork = {
  name: 'volumes as the source of the peer makes them',
  skip: false,
  async start(_t, { client, export: root }, directories) {
    for (const [name, directory] of Object.entries(directories)) {
      const claim = await eventually(`${name} to be asked for`, () => pendingOf(client, name));
      mkdirSync(join(root, directory), { recursive: true });
      chmodSync(join(root, directory), 0o777);
      await makeVolume(client, claim, directory);
      await bound(client, 'default', name);
    }
    return { stop: () => Promise.resolve() };
  },
};

/** When the controller manager has seen that somebody else is to provision it. */
async function pendingOf(client: Client, name: string): Promise<PersistentVolumeClaim | undefined> {
  const claim = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  return claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === PEER ? claim : undefined;
}

async function makeVolume(client: Client, claim: PersistentVolumeClaim, directory: string): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata;
  const { reclaimPolicy = 'Delete' } = await client.get(kinds.StorageClass, {
    name: claim.spec.storageClassName ?? '',
  });
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': PEER } },
    spec: {
      accessModes: claim.spec.accessModes ?? [],
      capacity: { storage: claim.spec.resources.requests['storage'] ?? '' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion },
      nfs: { server: '127.0.0.1', path: `/storage/v/${directory}` },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: claim.spec.storageClassName ?? '',
      volumeMode: 'Filesystem',
    },
  });
}
