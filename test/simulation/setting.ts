/** What an administrator made before a history begins: namespaces, a node and classes that differ in what they promise. */
import type { Client } from '../../src/kube/client.ts';
import { kinds, type PersistentVolume, type StorageClass } from '../../src/kube/kinds.ts';
import type { Draft } from '../../src/kube/object.ts';
import { pathOf } from '../../src/kube/resource.ts';
import { applyDefinitions } from '../../src/operator/definitions.ts';
import type { ExportDescription } from '../../src/provision/storage.ts';
import { CLOUD } from './growth-acts.ts';
import { NAMESPACES } from './history.ts';
import { post } from './users.ts';

export const PROVISIONER = 'larder.dev/directory';
/** Of volumes in a cloud. */
export const CLOUD_DRIVER = 'ebs.csi.aws.com';
/** The class whose directories hold no more than their volumes have. */
export const LIMITED = 'limited';
export const NODE = 'node-0';

/** Two exports that show one folder, as `npm start` has them. */
export const EXPORTS = [
  { backend: 'nfs', server: '10.0.0.1', path: '/storage/v', root: '/persistentvolumes' },
  { backend: 'local', server: '', path: '/persistentvolumes', root: '/persistentvolumes' },
] as const satisfies readonly ExportDescription[];

/** The path of a volume below the folder; undefined when it is elsewhere. */
export function pathOfVolume({ spec }: PersistentVolume): string | undefined {
  const full = spec.nfs?.path ?? spec.local?.path ?? '';
  const base = spec.nfs ? EXPORTS[0].path : EXPORTS[1].path;
  return full.startsWith(`${base}/`) ? full.slice(base.length + 1) : undefined;
}

function storageClass(
  name: string,
  parameters: Readonly<Record<string, string>>,
  more: Partial<StorageClass> = {},
): Draft<StorageClass> {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: PROVISIONER,
    parameters,
    reclaimPolicy: more.reclaimPolicy ?? 'Delete',
    volumeBindingMode: more.volumeBindingMode ?? 'Immediate',
    allowVolumeExpansion: true,
  };
}

const pattern = (prefix: string): string => `${prefix}_\${.PVC.annotations.volume-name}`;

const classes: readonly Draft<StorageClass>[] = [
  storageClass(
    'glusterfs-nfs',
    { pathPattern: pattern('glusterfs'), adopt: 'any', export: 'nfs' },
    { reclaimPolicy: 'Retain' },
  ),
  storageClass('larder', { onDelete: 'delete', export: 'local' }),
  storageClass('scratch', {
    pathPattern: pattern('scratch'),
    onDelete: 'delete',
    adopt: 'any',
    trashRetention: '2h',
    export: 'nfs',
  }),
  storageClass('scratch-local', { pathPattern: pattern('scratch'), onDelete: 'delete', adopt: 'any', export: 'local' }),
  storageClass(LIMITED, {
    pathPattern: pattern('limited'),
    onDelete: 'delete',
    adopt: 'any',
    trashRetention: '2h',
    quota: 'enforce',
    export: 'nfs',
  }),
  storageClass('archived', { pathPattern: pattern('archive'), archiveOnDelete: 'true', adopt: 'any', export: 'nfs' }),
  storageClass('tree', { pathPattern: pattern('tree'), onDelete: 'delete', allowSlashInValues: 'true', export: 'nfs' }),
  storageClass('late', { onDelete: 'delete', export: 'local' }, { volumeBindingMode: 'WaitForFirstConsumer' }),
  storageClass('broken', { oops: 'yes' }),
  { ...storageClass(CLOUD, { type: 'gp3' }), provisioner: CLOUD_DRIVER },
];

/** Classes that may give out a directory with data that nobody in the cluster had. */
export const adopting: ReadonlySet<string> = new Set(
  classes.flatMap(({ parameters, metadata }) => (parameters?.['adopt'] === 'any' ? [metadata.name ?? ''] : [])),
);

/** As the administrator first made it. */
export function classNamed(name: string): Draft<StorageClass> {
  const found = classes.find(({ metadata }) => metadata.name === name);
  if (!found) throw new RangeError(`no class ${name}`);
  return found;
}

/** `growth`: the kinds of growth are known, as `npm start` makes them. */
export async function prepare(client: Client, growth: boolean): Promise<void> {
  if (growth) await applyDefinitions(client);
  for (const name of NAMESPACES) {
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const ready = { type: 'Ready', status: 'True' } as const;
  const labels = { 'kubernetes.io/hostname': NODE };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels }, status: { conditions: [ready] } };
  await post(client, pathOf(kinds.Node), node);
  for (const draft of classes) {
    if (growth || draft.provisioner === PROVISIONER) await client.create(kinds.StorageClass, draft);
  }
}
