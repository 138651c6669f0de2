import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import { FINALIZER } from '../provision/annotation.ts';
import { deployment, type Installation, installationOf } from './installation.ts';
import { silentVolumes } from './silent-volumes.ts';
import { stepsBack, stepsForward } from './steps.ts';
import { type Surroundings, takeover } from './takeover.ts';
import { heldVolumes, wayBack } from './way-back.ts';

const NAME = 'k8s-sigs.io/nfs-subdir-external-provisioner';

const raw = (image: string, env: Readonly<Record<string, string>>, more: object = {}) =>
  deployment.parse({
    metadata: { name: 'provisioner', namespace: 'storage' },
    spec: {
      template: {
        spec: {
          serviceAccountName: 'nfs',
          containers: [
            {
              name: 'main',
              image,
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              volumeMounts: [{ name: 'root', mountPath: '/persistentvolumes/' }],
            },
          ],
          volumes: [{ name: 'root', nfs: { server: 'nas', path: '/v/' } }],
        },
      },
    },
    status: { replicas: 1 },
    ...more,
  });
const ENV = { PROVISIONER_NAME: NAME, NFS_SERVER: 'nas', NFS_PATH: '/v/' };
const IMAGE = 'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.18';

function peerOf(image = IMAGE): Installation {
  const found = installationOf(raw(image, ENV));
  assert.ok(found);
  return found;
}

const volumeOf = (name: string, path: string, more: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    annotations: { 'pv.kubernetes.io/provisioned-by': NAME },
  },
  spec: {
    capacity: { storage: '1Gi' },
    claimRef: { namespace: 'shop', name, uid: name },
    nfs: { server: 'nas', path: `/v/${path}` },
    persistentVolumeReclaimPolicy: 'Delete',
    storageClassName: 'nfs-client',
    ...more,
  },
  status: { phase: 'Bound' },
});

const storageClass = (name: string, parameters: Record<string, string> = {}): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, uid: name, resourceVersion: '1' },
  provisioner: NAME,
  parameters,
});

const at = (more: Partial<Surroundings> = {}): Surroundings => ({
  peer: peerOf(),
  others: [],
  classes: [storageClass('nfs-client')],
  volumes: [],
  locks: [],
  leases: [],
  claimed: undefined,
  off: [],
  ...more,
});

/** Level and check of all that is not well. */
const troubles = (surroundings: Surroundings): readonly string[] =>
  takeover(surroundings).flatMap(({ level, check }) => (level === 'ok' ? [] : [`${level} ${check}`]));

test('a Deployment is what its environment and image make it', () => {
  const { namespace, account, server, path, product, mounted } = peerOf();
  assert.deepEqual(
    { namespace, account, server, path, product, mounted },
    {
      namespace: 'storage',
      account: 'nfs',
      server: 'nas',
      path: '/v',
      product: 'nfs-subdir',
      mounted: { kind: 'nfs', server: 'nas', path: '/v' },
    },
  );
  assert.equal(installationOf(raw('example.org/larder:1', ENV))?.product, 'larder');
  assert.equal(installationOf(raw('example.org/mirror/of-it:1', ENV))?.product, 'nfs-subdir');
  assert.equal(installationOf(raw('example.org/web:1', { PORT: '80' })), undefined);
});

test('an installation in order has no trouble, and every trouble says what to do', () => {
  assert.deepEqual(troubles(at({ volumes: [volumeOf('pv1', 'a'), volumeOf('pv2', 'team/b')] })), []);
  const bad = at({
    volumes: [volumeOf('pv1', 'a'), volumeOf('pv2', 'a'), volumeOf('pv3', '../etc')],
    classes: [storageClass('nfs-client', { archiveOnDelete: 'perhaps' })],
  });
  for (const { level, fix } of takeover(bad)) assert.equal(fix === '', level === 'ok');
});

const cases: readonly (readonly [string, Partial<Surroundings>, readonly string[]])[] = [
  [
    'no plain value',
    { peer: { ...peerOf(), server: '' } },
    ['error deployment storage/provisioner', 'error mounted export'],
  ],
  [
    'another export mounted',
    { peer: { ...peerOf(), mounted: { kind: 'claim', name: 'root' } }, claimed: { server: 'nas', path: '/other' } },
    ['error mounted export'],
  ],
  ['a mount that cannot be told', { peer: { ...peerOf(), mounted: { kind: 'other' } } }, ['warning mounted export']],
  ['two of the same name', { others: [{ ...peerOf(), name: 'second', product: 'larder' }] }, ['error one provisioner']],
  ['two, of which this one is stopped', { peer: { ...peerOf(), replicas: 0, running: 0 }, others: [peerOf()] }, []],
  ['two of different names', { others: [{ ...peerOf(), provisioner: 'other' }] }, []],
  [
    'its own lock',
    { locks: [{ kind: 'Endpoints', namespace: 'storage', name: 'x', holder: 'pod', ageMs: 1_000 }] },
    [],
  ],
  [
    'a lock that another place holds',
    { locks: [{ kind: 'Lease', namespace: 'elsewhere', name: 'x', holder: 'pod', ageMs: 1_000 }] },
    ['error lock'],
  ],
  [
    'a Larder without a Deployment',
    { leases: [{ kind: 'Lease', namespace: 'larder-system', name: 'larder-operator', holder: 'nas_1', ageMs: 2_000 }] },
    ['warning one provisioner'],
  ],
  [
    'a Larder that has stopped',
    { leases: [{ kind: 'Lease', namespace: 'larder-system', name: 'larder-operator', holder: '', ageMs: 2_000 }] },
    [],
  ],
  [
    'a lock that ran out',
    { locks: [{ kind: 'Lease', namespace: 'elsewhere', name: 'x', holder: 'pod', ageMs: 60_000 }] },
    [],
  ],
  [
    'a class that Larder refuses',
    { classes: [storageClass('nfs-client', { archiveOnDelete: 'perhaps' })] },
    ['error class nfs-client'],
  ],
  ['a class that is gone', { volumes: [volumeOf('pv1', 'a', { storageClassName: 'gone' })] }, ['warning class gone']],
  [
    'a volume on another server',
    { volumes: [volumeOf('pv1', 'a', { nfs: { server: 'old', path: '/v/a' } })] },
    ['warning pv pv1'],
  ],
  ['a volume that is the export itself', { volumes: [volumeOf('pv1', '')] }, ['warning pv pv1']],
  ['a shared directory', { volumes: [volumeOf('pv1', 'a'), volumeOf('pv2', 'a')] }, ['warning shared directory']],
  [
    'a removal that is due',
    { volumes: [{ ...volumeOf('pv1', 'a'), status: { phase: 'Released' } }] },
    ['warning pv pv1'],
  ],
  [
    'nested directories of an old version',
    { peer: peerOf(IMAGE.replace('v4.0.18', 'v4.0.2')), volumes: [volumeOf('pv1', 'team/a')] },
    ['warning nested directories'],
  ],
  [
    'roles that are missing',
    { off: [{ feature: 'finalizers', missing: ['patch persistentvolumes'], without: 'x' }] },
    ['warning roles'],
  ],
];

for (const [name, more, expected] of cases) {
  test(`takeover: ${name}`, () => assert.deepEqual(troubles(at(more)), expected));
}

test('what a class says is noted on volumes that are in use and do not say it', () => {
  const volumes = [
    volumeOf('pv1', 'a'),
    { ...volumeOf('pv2', 'b'), status: { phase: 'Released' as const } },
    volumeOf('pv3', 'c', { storageClassName: 'gone' }),
  ];
  const notes = silentVolumes(at({ volumes, classes: [storageClass('nfs-client', { archiveOnDelete: 'false' })] }));
  assert.deepEqual(
    notes.map(({ volume, annotations }) => [volume.metadata.name, annotations['larder.dev/on-delete']]),
    [['pv1', 'delete']],
  );
});

test('the way back names what the peer cannot do, and what it would do', () => {
  const volume = volumeOf('pv1', 'a');
  const annotations = { ...volume.metadata.annotations, 'larder.dev/adopted': 'true' };
  const ours = { ...volume, metadata: { ...volume.metadata, annotations, finalizers: [FINALIZER] } };
  assert.deepEqual(
    wayBack(NAME, [ours, volumeOf('pv2', 'b')]).map(({ check, message }) => [
      check,
      /finalizer|held data/.exec(message)?.[0],
    ]),
    [
      ['pv pv1', 'finalizer'],
      ['pv pv1', 'held data'],
    ],
  );
  assert.equal(heldVolumes(NAME, [ours]).length, 1);
  assert.equal(heldVolumes('other', [ours]).length, 0);
});

test('the steps stop the one before they start the other, in both directions', () => {
  const options = { peer: peerOf(), namespace: 'larder-system', silent: 2, held: 3 };
  const forward = stepsForward(options).map(({ command }) => command);
  const stop = forward.findIndex((command) => command.endsWith('--replicas=0'));
  const start = forward.findIndex((command) => command.startsWith('helm install'));
  assert.ok(stop >= 0 && start > stop, forward.join('\n'));
  assert.deepEqual(
    stepsBack(options).map(({ by }) => by),
    ['you', 'larder', 'you'],
  );
  assert.ok(!stepsForward({ ...options, silent: 0 }).some(({ by }) => by === 'larder'));
  const larders = (steps: ReturnType<typeof stepsBack>) => steps.find(({ by }) => by === 'larder')?.what ?? '';
  assert.match(larders(stepsForward({ ...options, silent: 1 })), /^Note on 1 volume what its class says of its end,/);
  assert.match(larders(stepsForward(options)), /^Note on 2 volumes what their class says of their end,/);
  assert.match(larders(stepsBack({ ...options, held: 1 })), /^Take the finalizer off 1 volume, which/);
});

test('what stands in a Deployment cannot reach a terminal or a shell as anything but text', () => {
  const hostile = installationOf(raw(IMAGE, { ...ENV, PROVISIONER_NAME: 'a\u001b[2Jb', NFS_PATH: '/v$(reboot)' }));
  assert.equal(hostile?.provisioner, '');
  assert.equal(hostile?.path, '/v$(reboot)');
  const options = { peer: { ...peerOf(), path: "/v'$(reboot)" }, namespace: 'x', silent: 0, held: 0 };
  const start = stepsForward(options).find(({ command }) => command.startsWith('helm'))?.command ?? '';
  assert.ok(start.includes(`--set nfs.path='/v'\\''$(reboot)' `), start);
});
