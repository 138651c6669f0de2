import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Holder } from './conflict.ts';
import { draftOf } from './draft.ts';
import { globMatches } from './glob.ts';
import { type Plan, type PlanInput, plan, type VolumeLookup } from './plan.ts';
import type { ExportDescription } from './storage.ts';

const NFS: ExportDescription = { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/mnt/v' };
const LOCAL: ExportDescription = { backend: 'local', server: '', path: '/srv/larder', root: '/srv/larder' };

type Partly<T> = { readonly [Key in keyof T]?: T[Key] };

function claimOf(
  spec: Partly<PersistentVolumeClaim['spec']> = {},
  annotations: Record<string, string> = { 'volume-name': 'myapp_data' },
  metadata: Partly<PersistentVolumeClaim['metadata']> = {},
): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7', annotations, ...metadata },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'glusterfs-nfs',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
  };
}

function classOf(parameters: Record<string, string> = {}, more: Partly<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'glusterfs-nfs', uid: 'c1', resourceVersion: '1' },
    provisioner: 'larder.dev/directory',
    reclaimPolicy: 'Retain',
    mountOptions: ['vers=4.1'],
    parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', ...parameters },
    ...more,
  };
}

interface VolumeFacts {
  readonly name?: string;
  readonly namespace?: string;
  readonly claim?: string;
  readonly uid?: string;
  readonly phase?: 'Bound' | 'Released' | 'Available';
  readonly modes?: PersistentVolume['spec']['accessModes'];
  readonly annotations?: Record<string, string>;
}

function volumeOf(facts: VolumeFacts = {}): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: facts.name ?? 'pvc-other',
      uid: `uid-of-${facts.name ?? 'pvc-other'}`,
      resourceVersion: '3',
      annotations: facts.annotations ?? {},
    },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: facts.modes ?? ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: facts.namespace ?? 'shop', name: facts.claim ?? 'other', uid: facts.uid ?? 'u2' },
      nfs: { server: '127.0.0.1', path: '/storage/v/glusterfs_myapp_data' },
    },
    status: { phase: facts.phase ?? 'Bound' },
  };
}

const holderOf = (facts: VolumeFacts, more: Partly<Holder> = {}): Holder => ({
  volume: volumeOf(facts),
  leaving: false,
  relation: 'same',
  directory: 'glusterfs_myapp_data',
  ...more,
});

const nothing: VolumeLookup = {
  named: () => undefined,
  meantFor: () => [],
  hasAvailable: () => false,
  holders: () => [],
  requestedBy: () => 0n,
};

function planFor(input: Partly<PlanInput> & { readonly holders?: readonly Holder[] }): Plan {
  const { holders = [], ...rest } = input;
  return plan({
    claim: claimOf(),
    storageClass: classOf(),
    namespace: undefined,
    binderPassed: false,
    volumes: { ...nothing, holders: () => holders },
    settings: {
      provisionerNames: ['larder.dev/directory', 'example.com/nfs'],
      exports: [NFS, LOCAL],
      defaultOwner: { uid: 0, gid: 0 },
      nodeName: 'node-1',
      allowLocal: false,
    },
    ...rest,
  });
}

function provisioned(input: Parameters<typeof planFor>[0]): Plan & { kind: 'provision' } {
  const decision = planFor(input);
  if (decision.kind !== 'provision') assert.fail(JSON.stringify(decision));
  return decision;
}

function messageOf(input: Parameters<typeof planFor>[0]): string {
  const decision = planFor(input);
  return decision.kind === 'refuse' || decision.kind === 'wait' ? decision.message : JSON.stringify(decision.kind);
}

test('a claim of our class gets the directory of its pattern and a complete volume', () => {
  const decision = provisioned({});
  assert.deepEqual(decision.ensure, {
    path: ['glusterfs_myapp_data'],
    mode: 0o777,
    uid: 0,
    gid: 0,
    adoption: 'empty-only',
    existing: 'correct-if-root-owned',
    minFreeBytes: 67_108_864n,
    minFreeInodes: 1_024n,
  });
  assert.deepEqual(draftOf({ ...decision.design, identity: 'i1' }), {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: 'pvc-u1',
      annotations: {
        'pv.kubernetes.io/provisioned-by': 'larder.dev/directory',
        'larder.dev/on-delete': 'archive',
        'larder.dev/trash-retention': '7d',
        'larder.dev/archive-retention': 'never',
        'larder.dev/identity': 'i1',
      },
      finalizers: ['external-provisioner.volume.kubernetes.io/finalizer'],
    },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'glusterfs-nfs',
      mountOptions: ['vers=4.1'],
      volumeMode: 'Filesystem',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: 'shop',
        name: 'data',
        uid: 'u1',
        resourceVersion: '7',
      },
      nfs: { server: '127.0.0.1', path: '/storage/v/glusterfs_myapp_data' },
    },
  });
});

test('a local export makes a local volume that only its node may use', () => {
  const decision = provisioned({ storageClass: classOf({ export: 'local' }) });
  const { spec } = draftOf(decision.design);
  assert.deepEqual(spec.local, { path: '/srv/larder/glusterfs_myapp_data' });
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] }];
  assert.deepEqual(spec.nodeAffinity, { required: { nodeSelectorTerms: terms } });
  assert.equal(spec.nfs, undefined);
});

test('each reason to leave a claim alone has its name', () => {
  const wait = classOf({}, { volumeBindingMode: 'WaitForFirstConsumer' });
  const rows: readonly [Parameters<typeof planFor>[0], string][] = [
    [{ claim: claimOf({}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }) }, 'deleting'],
    [{ claim: claimOf({ volumeName: 'pv1' }) }, 'bound'],
    [{ claim: claimOf({ storageClassName: '' }) }, 'no-class'],
    [{ storageClass: undefined }, 'class-unknown'],
    [{ storageClass: classOf({}, { provisioner: 'ebs.csi.aws.com' }) }, 'other-provisioner'],
    [{ storageClass: wait }, 'waits-for-consumer'],
    [{ volumes: { ...nothing, meantFor: () => [volumeOf()] } }, 'prebound'],
    [{ volumes: { ...nothing, hasAvailable: () => true } }, 'binder-first'],
  ];
  for (const [input, reason] of rows) assert.deepEqual(planFor(input), { kind: 'ignore', reason });
});

test('the trigger annotation is asked for only while the binder has a ready volume to choose', () => {
  const volumes = { ...nothing, hasAvailable: () => true };
  const trigger = { 'volume-name': 'x', 'volume.kubernetes.io/storage-provisioner': 'larder.dev/directory' };
  assert.equal(planFor({ volumes, claim: claimOf({}, trigger) }).kind, 'provision');
  assert.equal(planFor({ volumes, binderPassed: true }).kind, 'provision');
  assert.equal(planFor({}).kind, 'provision');
});

test('a claim that waits for its consumer is provisioned once a node is selected', () => {
  const storageClass = classOf({}, { volumeBindingMode: 'WaitForFirstConsumer' });
  const annotations = { 'volume-name': 'x', 'volume.kubernetes.io/selected-node': 'node-2' };
  assert.equal(planFor({ storageClass, claim: claimOf({}, annotations) }).kind, 'provision');
  const local = classOf({ export: 'local' }, { volumeBindingMode: 'WaitForFirstConsumer' });
  assert.equal(
    messageOf({ storageClass: local, claim: claimOf({}, annotations) }),
    'the pod was placed on node node-2, export /srv/larder is on node node-1: let the pod run there',
  );
});

test('the class of the beta annotation wins over the spec', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old', 'volume-name': 'x' };
  const storageClass = classOf({}, { metadata: { name: 'old', uid: 'c2', resourceVersion: '1' } });
  const decision = provisioned({ claim: claimOf({ storageClassName: 'new' }, annotations), storageClass });
  assert.equal(draftOf(decision.design).spec.storageClassName, 'old');
});

test('a volume of the deterministic name is the end of it, unless it is somebody else’s', () => {
  const named = (uid: string) => ({ ...nothing, named: () => volumeOf({ name: 'pvc-u1', uid }) });
  assert.equal(planFor({ volumes: named('u1') }).kind, 'done');
  assert.equal(
    messageOf({ volumes: named('u9') }),
    "PersistentVolume pvc-u1 exists and is not this claim's: delete that volume, or delete the claim and make it again",
  );
});

test('what a directory cannot be is refused, and the message says what to do', () => {
  const rows: readonly [Partly<PersistentVolumeClaim['spec']>, RegExp][] = [
    [{ selector: { matchLabels: { a: 'b' } } }, /^spec\.selector cannot be used with a provisioner: remove it/],
    [{ volumeMode: 'Block' }, /^volumeMode Block is not possible on a directory: use Filesystem$/],
    [
      { accessModes: ['ReadWriteOncePod'] },
      /^access mode ReadWriteOncePod exists for CSI volumes only: use ReadWriteOnce$/,
    ],
    [{ accessModes: [] }, /^the claim has no access mode: add/],
    [
      { dataSource: { kind: 'VolumeSnapshot', name: 's1' } },
      /^data source VolumeSnapshot "s1" is not supported: remove it/,
    ],
    [{ dataSourceRef: { kind: 'Populator', name: 'p' } }, /^data source Populator "p" is not supported/],
    [{ resources: { requests: { storage: 'lots' } } }, /^request "lots" is not a size: set spec\.resources/],
    [{ resources: { requests: {} } }, /^request "" is not a size/],
  ];
  for (const [spec, expected] of rows) assert.match(messageOf({ claim: claimOf(spec) }), expected);
  assert.match(messageOf({ storageClass: classOf({ allowLocal: 'true' }) }), /allowLocal is not permitted/);
});

test('a class with a bad parameter is refused until the claim or class changes', () => {
  const decision = planFor({ storageClass: classOf({ dirMode: 'rwx' }) });
  assert.ok(decision.kind === 'refuse' && decision.reason === 'class-invalid');
  assert.equal(decision.until, 'claim-or-class-changes');
});

test('the export is the default one, the named one, or that of server and share', () => {
  const pathOf = (parameters: Record<string, string>): string =>
    provisioned({ storageClass: classOf(parameters) }).design.export.path;
  assert.equal(pathOf({}), '/storage/v');
  assert.equal(pathOf({ export: 'local' }), '/srv/larder');
  assert.equal(pathOf({ export: 'local:/srv/larder' }), '/srv/larder');
  assert.equal(pathOf({ export: '127.0.0.1:/storage/v' }), '/storage/v');
  assert.equal(pathOf({ server: '127.0.0.1', share: '/storage/v/' }), '/storage/v');
  assert.equal(
    messageOf({ storageClass: classOf({ server: '10.0.0.9', share: '/storage/v' }) }),
    'the class asks for an export that Larder does not serve: accepted are 127.0.0.1:/storage/v, local:/srv/larder; delete the class and create it again',
  );
});

test('a claim may override mode and owner only as far as the class lists it', () => {
  const asking = (annotations: Record<string, string>) => claimOf({}, { 'volume-name': 'x', ...annotations });
  const storageClass = classOf({ allowOverrides: 'mode,uid' });
  const { ensure } = provisioned({
    storageClass,
    claim: asking({ 'larder.dev/mode': '0700', 'larder.dev/uid': '999' }),
  });
  assert.deepEqual([ensure.mode, ensure.uid, ensure.gid], [0o700, 999, 0]);
  assert.match(
    messageOf({ storageClass, claim: asking({ 'larder.dev/gid': '5' }) }),
    /larder\.dev\/gid is not allowed/,
  );
  assert.match(
    messageOf({ storageClass, claim: asking({ 'larder.dev/mode': '4777' }) }),
    /larder\.dev\/mode is "4777"/,
  );
});

test('a directory of another claim is refused by name, until its volume goes', () => {
  const decision = planFor({ holders: [holderOf({ namespace: 'other', claim: 'claim' })] });
  assert.deepEqual(decision, {
    kind: 'refuse',
    reason: 'held',
    message:
      'directory glusterfs_myapp_data already belongs to other/claim (pv pvc-other): choose another name, or delete that volume',
    until: { volumeGoes: 'pvc-other' },
  });
});

test('of many volumes in the way a refusal keeps naming the same one, until that one goes', () => {
  const crowd = ['a', 'b', 'c'].map((name) => holderOf({ name, namespace: 'other', claim: name, uid: name }));
  const [, second = holderOf({}), third = holderOf({})] = crowd;
  assert.match(messageOf({ holders: crowd }), /\(pv a\)/);
  assert.match(messageOf({ holders: crowd, blamed: 'b' }), /\(pv b\)/);
  assert.match(messageOf({ holders: [third, second], blamed: 'b' }), /\(pv b\)/);
  assert.match(messageOf({ holders: [third], blamed: 'b' }), /\(pv c\)/);
});

test('claims of one namespace share a ReadWriteMany directory, and only that', () => {
  assert.equal(planFor({ holders: [holderOf({})] }).kind, 'provision');
  assert.match(
    messageOf({ holders: [holderOf({ modes: ['ReadWriteOnce'] })] }),
    /let both claims ask for ReadWriteMany/,
  );
  const once = claimOf({ accessModes: ['ReadWriteOnce'] });
  assert.match(messageOf({ claim: once, holders: [holderOf({})] }), /let both claims ask for ReadWriteMany/);
});

test('onConflict fail refuses sharing, share allows it to everybody', () => {
  const elsewhere = holderOf({ namespace: 'other' });
  assert.match(
    messageOf({ storageClass: classOf({ onConflict: 'fail' }), holders: [holderOf({})] }),
    /already belongs/,
  );
  assert.equal(planFor({ storageClass: classOf({ onConflict: 'share' }), holders: [elsewhere] }).kind, 'provision');
});

test('a directory inside another, or around it, is refused whatever the policy', () => {
  const overlap = holderOf({ namespace: 'shop' }, { relation: 'overlap', directory: 'glusterfs_myapp_data/sub' });
  assert.equal(
    messageOf({ storageClass: classOf({ onConflict: 'share' }), holders: [overlap] }),
    'directory glusterfs_myapp_data overlaps glusterfs_myapp_data/sub, which belongs to shop/other (pv pvc-other): choose a name outside it',
  );
});

test('a released volume of the namespace is no obstacle: its directory is taken again, not adopted', () => {
  const decision = provisioned({ holders: [holderOf({ claim: 'data', phase: 'Released' })] });
  assert.deepEqual([decision.known, decision.ensure.adoption, decision.ensure.existing], [true, 'allowed', 'keep']);
  assert.equal(decision.design.adopted, false);
  assert.match(
    messageOf({ holders: [holderOf({ namespace: 'other', phase: 'Released' })] }),
    /already belongs to other\/other/,
  );
});

test('the mark of an adopted directory is handed on to every later volume', () => {
  const annotations = { 'larder.dev/adopted': 'true' };
  const { design } = provisioned({ holders: [holderOf({ phase: 'Released', annotations })] });
  assert.equal(draftOf(design).metadata.annotations?.['larder.dev/adopted'], 'true');
});

test('a claim made again waits for the volume of its predecessor, and for a removal under way', () => {
  const predecessor = planFor({ holders: [holderOf({ claim: 'data', uid: 'u0' })] });
  assert.ok(predecessor.kind === 'wait');
  assert.deepEqual(predecessor.until, { volumeGoes: 'pvc-other' });
  const leaving = planFor({ holders: [holderOf({ phase: 'Released' }, { leaving: true })] });
  assert.equal(leaving.kind, 'wait');
});

test('what the claim itself holds is no objection', () => {
  assert.equal(planFor({ holders: [holderOf({ claim: 'data', uid: 'u1' })] }).kind, 'provision');
});

test('an existing directory with data may be adopted only where it is listed, allowed by the namespace, or anything goes', () => {
  const adoptionOf = (parameters: Record<string, string>, annotations: Record<string, string> = {}) =>
    provisioned({
      storageClass: classOf(parameters),
      namespace: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', uid: 'n', resourceVersion: '1', annotations },
      },
    }).ensure.adoption;
  assert.equal(adoptionOf({}), 'empty-only');
  assert.equal(adoptionOf({}, { 'larder.dev/adopt': 'true' }), 'allowed');
  assert.equal(adoptionOf({}, { 'larder.dev/adopt': 'yes' }), 'empty-only');
  assert.equal(adoptionOf({ adoptable: 'x, glusterfs_my*' }), 'allowed');
  assert.equal(adoptionOf({ adoptable: 'glusterfs_<namespace>_*' }), 'empty-only');
  assert.equal(adoptionOf({ adopt: 'any' }), 'allowed');
  assert.equal(adoptionOf({ adopt: 'none', adoptable: '*' }, { 'larder.dev/adopt': 'true' }), 'empty-only');
});

test('globs match whole names, and a star stays within a segment', () => {
  const rows: readonly [string, string, boolean][] = [
    ['glusterfs_*', 'glusterfs_a', true],
    ['glusterfs_*', 'xglusterfs_a', false],
    ['*', 'a/b', false],
    ['*/*', 'a/b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['', '', true],
    ['a*b*c', 'aXbXbc', true],
    ['a*b*c', 'aXbXb', false],
    ['[ab]', 'a', false],
  ];
  for (const [glob, text, expected] of rows) assert.equal(globMatches(glob, text), expected, `${glob} ${text}`);
});

test('globs agree with the regular expression they stand for', () => {
  const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 10 });
  fc.assert(
    fc.property(alphabet, alphabet, (glob, text) => {
      const source = glob.replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
      assert.equal(globMatches(glob, text), new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2_000 },
  );
});

test('a plan never leaves the export and never shares across namespaces by default', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('..', 'a', 'x/y', '/', 'archived-a'),
  );
  const owner = fc.constantFrom('shop', 'other');
  const phase = fc.constantFrom('Bound' as const, 'Released' as const, 'Available' as const);
  fc.assert(
    fc.property(word, word, fc.array(fc.tuple(owner, phase), { maxLength: 4 }), (label, note, others) => {
      const parameters = { pathPattern: '${.PVC.annotations.a}/${.PVC.labels.b:-x}', allowSlashInValues: 'true' };
      const holders = others.map(([namespace, at], index) => holderOf({ name: `pv-${index}`, namespace, phase: at }));
      const decision = planFor({
        claim: claimOf({}, { a: note }, { labels: { b: label } }),
        storageClass: classOf(parameters),
        holders,
      });
      if (decision.kind !== 'provision') return;
      assert.ok(others.every(([namespace]) => namespace === 'shop'));
      const path = draftOf(decision.design).spec.nfs?.path ?? '';
      assert.ok(path.startsWith('/storage/v/') && path.length > '/storage/v/'.length);
      assert.ok(!path.split('/').includes('..') && !path.includes('\0'));
    }),
    { numRuns: 1_000 },
  );
});
