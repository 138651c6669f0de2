import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProvidedVolume } from '../expand/provider.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import { createProviders } from './index.ts';
import { provided as volumeFor, volumeOf } from './providers.fixture.ts';

const MIB = 1024n ** 2n;
const GIB = 1024n ** 3n;
const provided = (provisioner: string | undefined, volume?: PersistentVolume) => volumeFor({ provisioner, volume });
const nfs = { nfs: { server: '127.0.0.1', path: '/storage/v/x' } };
const larder = 'larder.dev/directory';

test('the setting wins, then the CSI driver, then who provisioned it, then the class; the unknown is generic', () => {
  const providers = createProviders({ provisioners: [larder, 'old/name'] });
  const detected = (volume: ProvidedVolume, named?: string) => providers.detect(volume, named).provider.name;
  assert.equal(detected(provided('x', volumeOf(nfs)), 'local'), 'local');
  assert.equal(detected(provided(larder, volumeOf({ csi: { driver: 'topolvm.io', volumeHandle: 'v' } }))), 'generic');
  assert.equal(detected(provided('gone', volumeOf(nfs, larder))), 'nfs');
  assert.equal(detected(provided(larder, volumeOf({ local: { path: '/x' } }))), 'local');
  assert.equal(detected(provided(larder, volumeOf({ hostPath: { path: '/x' } }))), 'local');
  assert.equal(detected(provided('old/name')), 'nfs');
  assert.equal(detected(provided('somebody/else', volumeOf(nfs))), 'generic');
  assert.equal(detected(provided(undefined)), 'generic');
  assert.equal(detected(provided(larder, volumeOf(nfs)), 'unheard-of'), 'nfs');
});

test('directories grow by MiB, everything else by GiB', async () => {
  const providers = createProviders();
  for (const [volume, step] of [
    [provided(larder, volumeOf(nfs)), MIB],
    [provided(larder, volumeOf({ local: { path: '/x' } })), MIB],
    [provided('ebs.csi.aws.com'), GIB],
  ] as const) {
    const { provider } = providers.detect(volume, undefined);
    assert.equal((await provider.getVolumeConstraints(volume)).stepSize, step);
    assert.deepEqual(await provider.validateExpansion(volume, 3n * step), { kind: 'yes' });
    assert.equal((await provider.validateExpansion(volume, 3n * step + 1n)).kind, 'no');
  }
});

test('drivers that do nothing are named, and Larder expands what it has taken over', async () => {
  const peer = 'k8s-sigs.io/nfs-subdir-external-provisioner';
  const asPeer = provided(peer, volumeOf(nfs, peer));
  const { provider } = createProviders().detect(asPeer, undefined);
  assert.deepEqual(await provider.canExpand(asPeer), {
    kind: 'no',
    reason: `${peer} cannot expand: the provisioner has no resizer: let Larder take it over`,
  });
  const takenOver = createProviders({ provisioners: [larder, peer] }).detect(asPeer, undefined);
  assert.equal(takenOver.provider.name, 'nfs');
  assert.deepEqual(await takenOver.provider.canExpand(asPeer), { kind: 'yes' });
  const noop = provided('nfs.csi.k8s.io', volumeOf({ csi: { driver: 'nfs.csi.k8s.io', volumeHandle: 'v' } }));
  assert.equal((await createProviders().detect(noop, undefined).provider.canExpand(noop)).kind, 'no');
});

test('each provider says which classes it serves and what suits them, and none serves what does not grow', () => {
  const providers = createProviders();
  const at = (name: string) => providers.detect(provided(undefined), name).provider;
  assert.deepEqual(at('aws').supportedStorageClasses(), [
    'ebs.csi.aws.com',
    'kubernetes.io/aws-ebs',
    'ebs.csi.eks.amazonaws.com',
  ]);
  assert.deepEqual(at('gcp').supportedStorageClasses(), [
    'pd.csi.storage.gke.io',
    'kubernetes.io/gce-pd',
    'filestore.csi.storage.gke.io',
  ]);
  assert.deepEqual(at('azure').supportedStorageClasses(), [
    'disk.csi.azure.com',
    'kubernetes.io/azure-disk',
    'file.csi.azure.com',
    'kubernetes.io/azure-file',
  ]);
  assert.deepEqual(at('nfs').supportedStorageClasses(), [larder]);
  assert.deepEqual(at('local').supportedStorageClasses(), [larder]);
  const others = at('generic').supportedStorageClasses();
  assert.ok(others.includes('topolvm.io') && !others.includes('nfs.csi.k8s.io'));
  const defaults = ['nfs', 'local', 'gcp', 'azure', 'generic'].map((name) => at(name).defaultConfiguration());
  assert.deepEqual(defaults, [{}, {}, {}, {}, {}]);
  assert.deepEqual(at('aws').defaultConfiguration(), { cooldown: 21_600_000 });
});

test('a provider that nobody knows is passed over, and that is said', () => {
  const found = createProviders().detect(provided('ebs.csi.aws.com'), 'amazon');
  assert.deepEqual(
    [found.provider.name, found.how],
    ['aws', 'class provisioner ebs.csi.aws.com, because no provider is called amazon'],
  );
});
