/** What an administrator made before a history begins: namespaces, a node and classes that differ in what they promise. */
import type { Client } from '../../src/kube/client.ts';
import { kinds, type PersistentVolume, type StorageClass } from '../../src/kube/kinds.ts';
import type { Draft } from '../../src/kube/object.ts';
import { pathOf } from '../../src/kube/resource.ts';
import { applyDefinitions } from '../../src/operator/definitions.ts';
import type { ExportDescription } from '../../src/provision/storage.ts';
import { CLOUD } from './growth-acts.ts';
import { NAMESPACES } from './history.ts';
import { ELSEWHERE } from './server.ts';
import { defineSnapshots } from './snapshots.ts';
import { post } from './users.ts';

export const PROVISIONER = 'larder.dev/directory';
/** Of volumes in a cloud. */
export const CLOUD_DRIVER = 'ebs.csi.aws.com';
/** The class whose directories hold no more than their volumes have. */
export const LIMITED = 'limited';
/** The same on the second server, which has that name too. */
export const SECOND = 'second';
export const NODE = 'node-0';

/** Two exports that show one folder, as `npm start` has them. */
export const EXPORTS = [
  { backend: 'nfs', server: '10.0.0.1', path: '/storage/v', root: '/persistentvolumes' },
  { backend: 'local', server: '', path: '/persistentvolumes', root: '/persistentvolumes' },
] as const satisfies readonly ExportDescription[];

/** In histories that have a second server. Its paths are those of the first one. */
export const SECOND_EXPORT = {
  backend: 'nfs',
  server: '10.0.0.2',
  path: '/storage/v',
  root: '/second',
} as const satisfies ExportDescription;

const folders = [...EXPORTS, SECOND_EXPORT];

/** The path of a volume on its server; undefined when it is elsewhere. */
export function pathOfVolume({ spec }: PersistentVolume): string | undefined {
  const full = spec.nfs?.path ?? spec.local?.path ?? '';
  const found = folders.find(({ path, server }) => full.startsWith(`${path}/`) && server === (spec.nfs?.server ?? ''));
  return found && pathOn(found, [full.slice(found.path.length + 1)]);
}

/** As the file system behind all exports has it. */
export const pathOn = ({ root }: Pick<ExportDescription, 'root'>, path: readonly string[]): string =>
  `${root === SECOND_EXPORT.root ? `${SECOND}${ELSEWHERE}` : ''}${path.join('/')}`;

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

const NFS = `${EXPORTS[0].server}:${EXPORTS[0].path}`;

/** What directories of a class look like when their volumes are saved. */
export interface Look {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const usual: Look = { mode: 0o777, uid: 0, gid: 0 };
const ofSecond: Look = { mode: 0o2770, uid: 1000, gid: 100 };

export const lookOf = (className: string): Look => (className === SECOND ? ofSecond : usual);

const limitedOn = (name: string, place: string): Draft<StorageClass> =>
  storageClass(name, {
    dirMode: lookOf(name).mode.toString(8).padStart(4, '0'),
    dirUid: `${lookOf(name).uid}`,
    dirGid: `${lookOf(name).gid}`,
    pathPattern: pattern('limited'),
    onDelete: 'delete',
    adopt: 'any',
    trashRetention: '2h',
    quota: 'enforce',
    export: place,
  });

const classes: readonly Draft<StorageClass>[] = [
  storageClass(
    'glusterfs-nfs',
    { pathPattern: pattern('glusterfs'), adopt: 'any', export: NFS },
    { reclaimPolicy: 'Retain' },
  ),
  storageClass('larder', { onDelete: 'delete', export: 'local' }),
  storageClass('scratch', {
    pathPattern: pattern('scratch'),
    onDelete: 'delete',
    adopt: 'any',
    trashRetention: '2h',
    export: NFS,
  }),
  storageClass('scratch-local', { pathPattern: pattern('scratch'), onDelete: 'delete', adopt: 'any', export: 'local' }),
  limitedOn(LIMITED, NFS),
  limitedOn(SECOND, `${SECOND_EXPORT.server}:${SECOND_EXPORT.path}`),
  storageClass('archived', { pathPattern: pattern('archive'), archiveOnDelete: 'true', adopt: 'any', export: NFS }),
  storageClass('tree', { pathPattern: pattern('tree'), onDelete: 'delete', allowSlashInValues: 'true', export: NFS }),
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

/** `growth`: the kinds of growth are known, as `npm start` makes them. `snapshots`: the cluster can make some. */
export async function prepare(
  client: Client,
  { growth, snapshots, second }: { readonly growth: boolean; readonly snapshots: boolean; readonly second: boolean },
): Promise<void> {
  if (growth) await applyDefinitions(client);
  if (snapshots) await defineSnapshots(client);
  for (const name of NAMESPACES) {
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const ready = { type: 'Ready', status: 'True' } as const;
  const labels = { 'kubernetes.io/hostname': NODE };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels }, status: { conditions: [ready] } };
  await post(client, pathOf(kinds.Node), node);
  for (const draft of classes) {
    if (draft.metadata.name === SECOND && !second) continue;
    if (growth || draft.provisioner === PROVISIONER) await client.create(kinds.StorageClass, draft);
  }
}
