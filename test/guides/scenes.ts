/** What is there before a reader begins with a guide, as the guide presupposes it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import { bound } from '../e2e/claims.ts';
import { eventually } from '../e2e/larder.ts';
import { byItsShape, PEER } from '../e2e/peer-volumes.ts';
import type { Desk, Place } from './desk.ts';
import { claim, deployment, namespace, peer, statefulSet, storageClass } from './object.ts';

const jobs = resolve(import.meta.dirname, '../fixtures/nomad/jobs');
/** Those of the guide, two of which the console has as its example. */
const guideJobs = resolve(import.meta.dirname, '../../console/nomad/example/modules');
const examples = resolve(import.meta.dirname, '../../examples');

/** Jobs of Nomad that a reader has. */
const hasJobs =
  (from: string, to: string) =>
  async (desk: Desk): Promise<void> =>
    cpSync(from, join(desk.home, to), { recursive: true });

export interface Scene {
  /** Followed one after the other by the same reader. */
  readonly guides: readonly string[];
  readonly place: Place;
  /** For kubectl. */
  readonly objects?: readonly object[];
  /** Below the export. */
  readonly directories?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** What this reader types for a word of the guide. */
  readonly own?: (desk: Desk) => Readonly<Record<string, string>>;
  readonly prepare?: (desk: Desk, t: TestContext) => Promise<void> | void;
}

export const scenes: readonly Scene[] = [
  { guides: ['try-it'], place: { kind: 'embedded' } },
  {
    guides: [
      'usage',
      'quotas',
      'forecast',
      'safety',
      'simulate',
      'clone',
      'groups',
      'aws',
      'azure',
      'gcp',
      'gitops',
      'recommend',
    ],
    place: { kind: 'embedded' },
    objects: [
      ...['shop', 'elastic'].map(namespace),
      storageClass('nas', { pathPattern: '${.PVC.namespace}_${.PVC.name}', export: 'nfs' }),
      claim({ name: 'myapp-data', storageClassName: 'larder' }),
      claim({ name: 'orders', namespace: 'shop', storageClassName: 'larder' }),
      claim({ name: 'data', namespace: 'shop', storageClassName: 'larder' }),
      claim({ name: 'uploads', namespace: 'shop', storageClassName: 'larder' }),
      claim({ name: 'mydata', storageClassName: 'larder', size: '2Gi' }),
      claim({ name: 'shop-db', storageClassName: 'nas' }),
      claim({ name: 'data-es-master-0', namespace: 'elastic', storageClassName: 'larder' }),
      deployment('shop-db', 'default', []),
    ],
    prepare: async ({ client, storage }) => {
      await bound(client, 'default', 'shop-db');
      writeFileSync(join(storage, 'default_shop-db', 'orders'), 'one');
    },
  },
  { guides: ['policies'], place: { kind: 'embedded' } },
  { guides: ['console'], place: { kind: 'embedded' } },
  {
    guides: ['command-line'],
    place: { kind: 'embedded' },
    objects: [claim({ name: 'myapp-data', storageClassName: 'larder' })],
  },
  {
    guides: ['ledger', 'governance', 'report'],
    place: { kind: 'embedded' },
    objects: [claim({ name: 'myapp-data', storageClassName: 'larder' })],
    files: { '.gitconfig': '[user]\n\tname = ana\n\temail = ana@example.org\n[init]\n\tdefaultBranch = main\n' },
    prepare: async ({ home }) => {
      await createKeyFile(join(home, '.ssh/id_ed25519'), 'ana');
      await createKeyFile(join(home, 'ben'), 'ben');
    },
  },
  {
    guides: ['change'],
    place: { kind: 'embedded' },
    files: { '.gitconfig': '[user]\n\tname = ana\n\temail = ana@example.org\n[init]\n\tdefaultBranch = main\n' },
    prepare: async ({ home }) => {
      await createKeyFile(join(home, '.ssh/id_ed25519'), 'ana');
      await createKeyFile(join(home, 'ben'), 'ben');
    },
  },
  {
    guides: ['webhook'],
    place: { kind: 'embedded', args: ['--enable-webhook'] },
    objects: [
      {
        apiVersion: 'pvc-chonker.io/v1alpha1',
        kind: 'PVCPolicy',
        metadata: { name: 'databases', namespace: 'default' },
        spec: {
          selector: { matchLabels: { workload: 'database' } },
          template: { initialSize: '100Gi', maxSize: '1Ti' },
        },
      },
    ],
    files: {
      'claim.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'db', labels: { workload: 'database' } },
        spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '10Gi' } } },
      }),
    },
  },
  {
    guides: ['backups', 'k3s'],
    place: { kind: 'embedded' },
    objects: [
      deployment('myapp', 'default', []),
      storageClass('local-path', {}, { provisioner: 'rancher.io/local-path' }),
      claim({ name: 'myapp-data', storageClassName: 'glusterfs-nfs', annotations: { 'volume-name': 'myapp_data' } }),
    ],
    directories: ['glusterfs_photos_data'],
    files: {
      'claims.yaml': JSON.stringify(
        claim({ name: 'photos', storageClassName: 'glusterfs-nfs', annotations: { 'volume-name': 'photos_data' } }),
      ),
    },
    own: ({ home, storage }) => ({
      '/storage/v': storage,
      '/backup/': `${home}/`,
      'local.node=NODE': 'local.node=node-1',
    }),
    prepare: async ({ client, storage }) => {
      await bound(client, 'default', 'myapp-data');
      for (const name of ['myapp', 'photos']) writeFileSync(join(storage, `glusterfs_${name}_data`, 'file'), name);
    },
  },
  {
    guides: ['several-exports'],
    place: { kind: 'control plane', operator: false },
    own: ({ home, storage }) => {
      mkdirSync(join(home, 'archive'));
      return { '=/mnt/storage': `=${storage} --allow-local --port 0`, '/mnt/archive': join(home, 'archive') };
    },
  },
  {
    guides: ['nomad'],
    place: { kind: 'embedded' },
    directories: ['glusterfs_postgres_data'],
    prepare: hasJobs(guideJobs, 'modules'),
  },
  {
    guides: ['undelete'],
    place: { kind: 'embedded' },
    objects: [claim({ name: 'myapp-data', storageClassName: 'larder' })],
    directories: ['archived-glusterfs_myapp_data'],
    prepare: async ({ client }) => {
      await bound(client, 'default', 'myapp-data');
      await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'myapp-data' });
      await eventually('the volume to be gone', async () =>
        (await client.list(kinds.PersistentVolume)).items.length === 0 ? true : undefined,
      );
    },
  },
  {
    guides: ['adopting-directories', 'statefulsets'],
    place: { kind: 'control plane', operator: true },
    directories: ['glusterfs_a_b', 'glusterfs_wiki_data', 'pages'],
    objects: [
      namespace('shop'),
      deployment('wiki', 'shop', [{ name: 'data', hostPath: { path: '/storage/v/pages' } }]),
      statefulSet,
    ],
    prepare: async ({ client }) => {
      const grown = { namespace: 'shop', name: 'data-db-0' };
      for (const name of ['data-db-0', 'data-db-1', 'data-db-2']) await bound(client, 'shop', name);
      const value = { spec: { resources: { requests: { storage: '20Gi' } } } };
      await client.patch(kinds.PersistentVolumeClaim, grown, { kind: 'merge', value });
      await eventually('the claim to have grown', async () => {
        const { status } = await client.get(kinds.PersistentVolumeClaim, grown);
        return status?.capacity?.['storage'] === '20Gi' ? true : undefined;
      });
    },
  },
  {
    guides: ['cluster'],
    place: { kind: 'control plane', operator: false },
    own: ({ storage }) => ({ '=/mnt/storage': `=${storage} --allow-local --port 0` }),
  },
  {
    guides: ['coming-from-nfs-subdir'],
    place: { kind: 'control plane', operator: false },
    objects: [
      storageClass('nfs-client', { pathPattern: '${.PVC.name}' }, { provisioner: PEER, mountOptions: ['hard'] }),
      claim({ name: 'mail', storageClassName: 'nfs-client' }),
      peer,
    ],
    directories: ['archived-default-photos'],
    own: ({ storage }) => ({
      'larder operator': `PROVISIONER_NAME=${PEER} larder operator`,
      'nas:/storage/v=/persistentvolumes': `127.0.0.1:/storage/v=${storage} --allow-local --port 0`,
    }),
    prepare: async ({ client, home, storage }, t) => {
      const site = { client, kubeconfig: join(home, '.kube/config'), export: storage };
      await byItsShape.start(t, site, { mail: 'mail' });
    },
  },
  {
    guides: ['cluster-file', 'cluster-quickstart', 'coming-from-k3s-ansible'],
    place: { kind: 'embedded' },
    files: { '.gitconfig': '[user]\n\tname = ana\n\temail = ana@example.org\n[init]\n\tdefaultBranch = main\n' },
    prepare: async ({ home }) => {
      cpSync(join(examples, 'cluster', 'cluster.example.yaml'), join(home, 'cluster.yaml'));
      await createKeyFile(join(home, '.ssh/id_ed25519'), 'ana');
    },
  },
  {
    guides: ['cluster-secrets', 'cluster-access', 'cluster-image'],
    place: { kind: 'embedded' },
    prepare: async ({ home }) => {
      const { publicKey } = await createKeyFile(join(home, '.ssh/id_ed25519'), 'ana');
      const example = readFileSync(join(examples, 'cluster', 'cluster.example.yaml'), 'utf8');
      const operators = `operators:\n  - {id: ana, sshKey: ${publicKey}, role: admin}`;
      writeFileSync(join(home, 'cluster.yaml'), example.replace('operators: []', operators));
    },
  },
  {
    guides: ['cluster-drift', 'cluster-alerts', 'cluster-drills'],
    place: { kind: 'embedded' },
    prepare: ({ home }) => {
      mkdirSync(join(home, 'home-cluster'), { recursive: true });
      cpSync(join(examples, 'cluster', 'cluster.example.yaml'), join(home, 'home-cluster', 'cluster.yaml'));
    },
  },
  {
    guides: ['nomad-core', 'nomad-check'],
    place: { kind: 'embedded' },
    prepare: hasJobs(join(jobs, 'volume-csi'), 'modules/web'),
  },
];

/** Guides whose commands a test of their own runs. */
export const elsewhere: Readonly<Record<string, string>> = {
  'coming-from-autoresizer': 'test/e2e/import.test.ts',
  'coming-from-gardener': 'test/e2e/import.test.ts',
  'coming-from-pvc-chonker': 'test/e2e/import.test.ts',
  'coming-from-volume-autoscaler': 'test/e2e/import.test.ts',
  'install-helm': 'test/e2e/chart-guide.real.test.ts',
  'moving-hostpath': 'test/e2e/moving-hostpath.real.test.ts',
};

/** Sets the scene, but for the objects. */
export function furnish({ storage, home }: Desk, { directories = [], files = {} }: Scene): void {
  for (const directory of directories) mkdirSync(join(storage, directory), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
}
