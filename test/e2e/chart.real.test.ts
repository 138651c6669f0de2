/** The Helm chart: what it renders, what it refuses, and a release of it from install to uninstall on a real control plane. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bundle } from '../../deploy/docker/bundle.ts';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import { clusterAccess, leaseAccess, rulesOf } from '../../src/operator/rbac.ts';
import { configurations, SERVICE, webhookAccess, webhookSecretAccess } from '../../src/operator/webhook/manifests.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { createKubectl, findKubectl } from '../tools/kubectl.ts';
import { lacking } from '../tools/run-tool.ts';
import { post, tokenOf } from './account.ts';
import { auditOf } from './audit.ts';
import { CHART, type Helm, helmFor, only, type Rendered } from './chart/helm.ts';
import { noPods, type PodOptions, type PodPlan, planOf, secretOf, startPod } from './chart/pod.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, temporaryFolder } from './larder.ts';
import { namespace } from './manifests.ts';
import { planeFor } from './site.ts';

const RELEASE = 'larder';
const WHERE = 'storage';
const CONSOLE = { name: 'larder-console', key: 'token' };
const EXPORT = { server: '127.0.0.1', path: '/storage/v' };
/** Read by the operator; the last port and host that are given count, so several can run here at once. */
const HERE = ['--host', '127.0.0.1', '--port', '0', '--watch-interval', '3s'];

const full = {
  nfs: { ...EXPORT, profile: 'ganesha-gluster' },
  exports: [{ name: 'archive', server: 'nas2', path: '/w', mountOptions: ['hard'] }],
  replicaCount: 2,
  strategyType: 'RollingUpdate',
  storageClass: {
    name: 'glusterfs-nfs',
    defaultClass: true,
    pathPattern: 'glusterfs_${.PVC.annotations.volume-name}',
    annotations: { 'example.com/note': 'ours' },
    parameters: { adopt: 'any' },
  },
  storageClasses: [{ name: 'archive', export: 'nas2:/w', reclaimPolicy: 'Delete', onDelete: 'retain' }],
  extraProvisionerNames: ['cluster.local/nfs-subdir-external-provisioner'],
  configuration: { defaultThreshold: '70%', minScaleUp: '5Gi' },
  kubelet: { mode: 'direct' },
  labels: { team: 'storage' },
  podAnnotations: { 'example.com/note': 'ours' },
  imagePullSecrets: [{ name: 'registry' }],
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ operator: 'Exists' }],
  dashboard: { enabled: true },
  networkPolicy: { enabled: true, from: [{ namespaceSelector: {} }] },
};

/** As people have it for the chart nfs-subdir-external-provisioner 4.0.18: all of its values, with its own defaults. */
const peer = {
  replicaCount: 1,
  strategyType: 'Recreate',
  image: { repository: 'registry.example/larder', tag: 'v1', pullPolicy: 'IfNotPresent' },
  imagePullSecrets: [],
  nfs: { ...EXPORT, mountOptions: null, volumeName: 'nfs-subdir-external-provisioner-root', reclaimPolicy: 'Retain' },
  storageClass: {
    create: true,
    provisionerName: 'cluster.local/nfs-subdir-external-provisioner',
    defaultClass: false,
    name: 'nfs-client',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    archiveOnDelete: true,
    onDelete: null,
    pathPattern: null,
    accessModes: 'ReadWriteOnce',
    volumeBindingMode: 'Immediate',
    annotations: {},
  },
  leaderElection: { enabled: true },
  rbac: { create: true },
  podSecurityPolicy: { enabled: true },
  podAnnotations: {},
  podSecurityContext: {},
  securityContext: {},
  serviceAccount: { create: true, annotations: {}, name: null },
  resources: {},
  nodeSelector: {},
  tolerations: [],
  affinity: {},
  labels: {},
  podDisruptionBudget: { enabled: false, maxUnavailable: 1 },
};

const sets: Readonly<Record<string, object>> = {
  'one export': { nfs: EXPORT },
  'everything at once': full,
  'the values of nfs-subdir-external-provisioner': peer,
  'without root, its state kept': {
    nfs: { ...EXPORT, claim: true },
    nonRoot: true,
    persistence: { enabled: true, storageClass: 'disk' },
  },
  'a folder of a node, beside two exports': {
    nfs: EXPORT,
    exports: [{ name: 'archive', server: 'nas2', path: '/w' }],
    local: { path: '/srv/volumes', node: 'node-1' },
    storageClasses: [{ name: 'disk', export: 'local:/srv/volumes' }],
  },
  'no provisioner': { provisioner: { enabled: false }, kubelet: { mode: 'direct' } },
  'a folder of a node': { local: { path: '/srv/volumes', node: 'node-1' }, storageClass: { defaultClass: true } },
};

const helmHere = await lacking('helm');

test('helm lint finds nothing in the chart, strictly and with every set of values', { skip: helmHere }, async (t) => {
  const helm = helmFor(t);
  for (const values of [{}, ...Object.values(sets)]) {
    assert.match(
      await helm.run('lint', CHART, '--strict', '-f', helm.values(values)),
      /1 chart\(s\) linted, 0 chart\(s\) failed/,
    );
  }
});

const refusals: readonly (readonly [object, RegExp])[] = [
  [{ local: { path: '/srv/volumes' } }, /local\.node is empty: name the node that has \/srv\/volumes/],
  [{ local: { path: '/srv', node: 'a' }, replicaCount: 2 }, /nowhere for a second pod to take over/],
  [
    { nfs: EXPORT, strategyType: 'RollingUpdate', persistence: { enabled: true, storageClass: 'disk' } },
    /the new pod would wait for the claim of the old one/,
  ],
  [
    {},
    /no export is named: set nfs\.server and nfs\.path .*; to make no volumes at all .* set provisioner\.enabled to false/,
  ],
  [
    { provisioner: { enabled: false }, nfs: EXPORT },
    /provisioner\.enabled is false and nfs\.server is set: nobody would make or keep those volumes; leave one/,
  ],
  [
    { provisioner: { enabled: false }, local: { path: '/srv', node: 'a' } },
    /provisioner\.enabled is false and local\.path/,
  ],
  [
    { provisioner: { enabled: false }, storageClasses: [{ name: 'b' }] },
    /provisioner\.enabled is false and storageClasses/,
  ],
  [{ nfs: { server: 'nas' } }, /nfs\.path is empty: set the path that nas exports/],
  [{ nfs: { path: '/v' } }, /nfs\.server is empty|no export is named/],
  [
    { nfs: { server: 'nas', path: 'v' } },
    /nfs\.path is "v": give the whole path that the server exports, from its first slash on/,
  ],
  [
    { nfs: { server: 'nas:/v', path: '/v' } },
    /nfs\.server is "nas:\/v": give the name or the IPv4 address of the server/,
  ],
  [{ exports: [{ name: 'b', server: 'nas', path: '/a b' }] }, /exports\[0\]\.path is "\/a b": give the whole path/],
  [{ nfs: EXPORT, nsf: {} }, /additional properties 'nsf' not allowed/],
  [{ nfs: EXPORT, replicaCount: 3 }, /at '\/replicaCount': maximum: got 3, want 2/],
  [{ nfs: EXPORT, replicaCount: 2, leaderElection: { enabled: false } }, /both pods would work at once/],
  [
    { nfs: EXPORT, strategyType: 'RollingUpdate', leaderElection: { enabled: false } },
    /the old pod and the new one would work at once/,
  ],
  [{ nfs: { ...EXPORT, reclaimPolicy: 'Recycle' } }, /nothing but Retain leaves its data alone/],
  [
    { nfs: { ...EXPORT, profile: 'ganesha-gluster', mountOptions: ['hard'] } },
    /has a profile and mountOptions: keep one/,
  ],
  [
    { nfs: EXPORT, exports: [{ name: 'twin', server: '127.0.0.1', path: '/storage/v/' }] },
    /127\.0\.0\.1:\/storage\/v is named twice/,
  ],
  [
    {
      nfs: EXPORT,
      exports: [
        { name: 'a', server: 'b', path: '/c' },
        { name: 'a', server: 'b', path: '/d' },
      ],
    },
    /two exports make a volume export-a/,
  ],
  [
    { nfs: EXPORT, storageClasses: [{ name: 'two', export: 'nas2:/w' }] },
    /is on the export nas2:\/w, which is not one of nfs, local, 127\.0\.0\.1:\/storage\/v/,
  ],
  [{ nfs: EXPORT, storageClasses: [{ name: 'larder' }] }, /the class larder is there twice/],
  [
    { nfs: EXPORT, configuration: { enableWebhook: true } },
    /configuration\.enableWebhook is set: use webhook\.enabled/,
  ],
  [{ nfs: EXPORT, webhook: { certificateSecret: 'mine' } }, /webhook\.caBundle is empty: give the authority/],
  [
    { nfs: EXPORT, webhook: { caBundle: 'YQ==', certificateSecret: 'mine', certManager: { issuer: { name: 'a' } } } },
    /webhook\.certificateSecret and webhook\.certManager\.issuer are set: keep one/,
  ],
  [
    { nfs: EXPORT, storageClass: { parameters: { adpot: 'any' } } },
    /at '\/storageClass\/parameters': additional properties 'adpot' not allowed/,
  ],
  [
    { nfs: EXPORT, storageClass: { reclaimPolicy: 'Recycle' } },
    /at '\/storageClass\/reclaimPolicy': value must be one of 'Retain', 'Delete'/,
  ],
  [{ nfs: EXPORT, configuration: { minScaleup: '1Gi' } }, /additional properties 'minScaleup' not allowed/],
  [
    { nfs: EXPORT, replicaCount: 2, persistence: { enabled: true, storageClass: 'disk' } },
    /two pods cannot write one file/,
  ],
  [
    { nfs: EXPORT, persistence: { enabled: true, storageClass: 'larder' } },
    /a class of Larder's own: it would wait for itself/,
  ],
  [
    { nfs: EXPORT, storageClass: { defaultClass: true }, persistence: { enabled: true } },
    /the claim would go to Larder itself/,
  ],
];

test('values that make no sense are refused with a sentence that says why', { skip: helmHere }, async (t) => {
  const helm = helmFor(t);
  for (const [values, sentence] of refusals) {
    assert.match(await helm.refusal('template', 'mine', CHART, '-f', helm.values(values)), sentence);
  }
});

test('the values of nfs-subdir-external-provisioner mean what they mean there', { skip: helmHere }, async (t) => {
  const objects = await helmFor(t).render({ ...peer, nfs: { ...peer.nfs, mountOptions: ['hard', 'nfsvers=4.1'] } });
  const { spec, metadata, ...storageClass } = only(objects, 'StorageClass');
  assert.equal(metadata.name, 'nfs-client');
  assert.deepEqual(storageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    provisioner: 'cluster.local/nfs-subdir-external-provisioner',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    parameters: { archiveOnDelete: 'true' },
    mountOptions: ['hard', 'nfsvers=4.1'],
  });
  assert.equal(spec, undefined);
  const [container] = planOf(only(objects, 'Deployment')).spec.template.spec.containers;
  const env = new Map(container.env.map(({ name, value }) => [name, value]));
  assert.deepEqual(
    ['PROVISIONER_NAME', 'NFS_SERVER', 'NFS_PATH', 'ENABLE_LEADER_ELECTION'].map((name) => env.get(name)),
    ['cluster.local/nfs-subdir-external-provisioner', '127.0.0.1', '/storage/v', 'true'],
  );
  assert.deepEqual(container.volumeMounts[0], {
    name: 'nfs-subdir-external-provisioner-root',
    mountPath: '/persistentvolumes',
  });
  const volume = only(objects, 'PersistentVolume');
  assert.deepEqual(volume['spec'], {
    capacity: { storage: '10Mi' },
    volumeMode: 'Filesystem',
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    mountOptions: ['hard', 'nfsvers=4.1'],
    nfs: EXPORT,
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: WHERE, name: volume.metadata.name },
  });
});

test('the roles of a release are those that the code asks for, for every way to read kubelets', {
  skip: helmHere,
}, async (t) => {
  const helm = helmFor(t);
  for (const kubelet of ['off', 'direct', 'proxy'] as const) {
    const objects = await helm.render({ nfs: EXPORT, kubelet: { mode: kubelet }, webhook: { enabled: false } });
    assert.deepEqual(only(objects, 'ClusterRole')['rules'], rulesOf(clusterAccess(kubelet)), kubelet);
    assert.deepEqual(only(objects, 'Role')['rules'], rulesOf(leaseAccess));
    const [{ args }] = planOf(only(objects, 'Deployment')).spec.template.spec.containers;
    assert.equal(args[args.indexOf('--kubelet') + 1], kubelet);
    const authority = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
    assert.equal(
      args.includes('--kubelet-ca') ? args[args.indexOf('--kubelet-ca') + 1] : '',
      kubelet === 'direct' ? authority : '',
    );
    assert.ok(!args.includes('--kubelet-insecure-tls'));
  }
  const unverified = await helm.render({ nfs: EXPORT, kubelet: { mode: 'direct', insecureTLS: true } });
  const [{ args }] = planOf(only(unverified, 'Deployment')).spec.template.spec.containers;
  assert.ok(args.includes('--kubelet-insecure-tls') && !args.includes('--kubelet-ca'));
});

test('without a provisioner there is no class, no export and no root, and the role changes no volume', {
  skip: helmHere,
}, async (t) => {
  const values = { provisioner: { enabled: false }, kubelet: { mode: 'direct' }, persistence: { enabled: true } };
  const others = { storageClass: { defaultClass: true }, webhook: { enabled: false } };
  const objects = await helmFor(t).render({ ...values, ...others });
  const kindsOf = new Set(objects.map(({ kind }) => kind));
  assert.ok(!kindsOf.has('StorageClass') && !kindsOf.has('PersistentVolume'));
  assert.deepEqual(only(objects, 'ClusterRole')['rules'], rulesOf(clusterAccess('direct', false)));
  const { spec } = planOf(only(objects, 'Deployment')).spec.template;
  const [{ args, env, securityContext }] = spec.containers;
  assert.ok(args.includes('--no-provisioner') && !args.includes('--export') && !args.includes('--usage-folder'));
  assert.deepEqual(
    env.map(({ name }) => name).filter((name) => /^(NFS_|PROVISIONER)/.test(name)),
    [],
  );
  assert.deepEqual([securityContext.runAsUser, securityContext.capabilities.add], [65532, []]);
  assert.deepEqual(
    spec.volumes.map(({ name }) => name),
    ['state'],
  );
});

test('the webhook of a release has what it needs and nothing more, and with a certificate of others even less', {
  skip: helmHere,
}, async (t) => {
  const helm = helmFor(t);
  const objects = await helm.render({ nfs: EXPORT });
  const own = objects.filter(({ metadata }) => metadata.name === 'mine-larder-webhook');
  assert.deepEqual(only(own, 'ClusterRole')['rules'], rulesOf(webhookAccess));
  assert.deepEqual(only(own, 'Role')['rules'], rulesOf(webhookSecretAccess));
  assert.ok(objects.some(({ kind, metadata }) => kind === 'Secret' && metadata.name === SERVICE));
  for (const documented of configurations({ kind: 'service', namespace: WHERE, name: 'mine-larder-webhook' }, WHERE)) {
    const made = only(objects, documented.kind);
    assert.equal(made.metadata.name, documented.metadata.name);
    assert.deepEqual(made['webhooks'], documented['webhooks']);
  }
  const [{ args }] = planOf(only(objects, 'Deployment')).spec.template.spec.containers;
  assert.ok(args.includes('--enable-webhook') && !args.includes('--webhook-certificate'));

  const issuer = { kind: 'ClusterIssuer', name: 'internal' };
  const others = await helm.render({ nfs: EXPORT, webhook: { certManager: { issuer } } });
  const made = others.filter(({ metadata }) => metadata.name === 'mine-larder-webhook');
  assert.deepEqual(made.map(({ kind }) => kind).sort(), ['Certificate', 'Service']);
  const plan = planOf(only(others, 'Deployment')).spec.template.spec;
  assert.ok(plan.containers[0].args.includes('--webhook-certificate'));
  assert.ok(plan.containers[0].volumeMounts.some(({ mountPath }) => mountPath === '/etc/larder-webhook'));
  const annotations = JSON.stringify(only(others, 'MutatingWebhookConfiguration').metadata);
  assert.match(annotations, /"cert-manager.io\/inject-ca-from":"storage\/mine-larder-webhook"/);

  const off = await helm.render({ nfs: EXPORT, webhook: { enabled: false } });
  assert.doesNotMatch(JSON.stringify(off), /webhook/i);
});

const planeHere = (await lacking('helm', 'kubectl', ...programs)) || noPods();

test('a real API server accepts what the chart renders, for every set of values', { skip: planeHere }, async (t) => {
  const plane = await planeFor(t);
  const kubectl = await findKubectl();
  assert.equal(kubectl.kind, 'ready');
  const home = temporaryFolder((remove) => t.after(remove));
  const run = createKubectl({ path: kubectl.path, kubeconfig: plane.kubeconfig, home });
  assert.equal((await run(['create', 'namespace', WHERE])).code, 0);
  const helm = helmFor(t);
  let accepted = 0;
  for (const [name, values] of Object.entries(sets)) {
    const objects = await helm.render(values);
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const { code, stdout, stderr } = await run(['apply', '--dry-run=server', '-f', '-'], { input });
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.equal(stderr, '', name);
    accepted += stdout.trim().split('\n').length;
  }
  t.diagnostic(`${accepted} objects`);
  assert.ok(accepted >= 40, `${accepted}`);
});

test('a release provisions with the account, the arguments and the mounts that the chart gives it, and leaves all data when it goes', {
  skip: planeHere,
}, async (t) => {
  const release = await installed(t);
  const { helm, client, exported } = release;
  const first = await startPod(t, await release.plan(), release.pods);
  assert.deepEqual(capabilitiesOf(first.pid), ['CHOWN', 'DAC_OVERRIDE', 'FOWNER']);
  await applyClaim(client, { name: 'first', storageClass: 'larder', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'first');
  const name = volume.spec.nfs?.path.slice('/storage/v/'.length) ?? '';
  assert.deepEqual(volume.spec.nfs, { server: '127.0.0.1', path: `/storage/v/${name}` });
  assert.match(name, /^default-first-pvc-/);
  const { mode, uid, gid } = statSync(join(exported, name));
  assert.deepEqual([mode & 0o7777, uid, gid], [0o777, 0, 0]);
  // A second release here would wait for the same Lease for ever.
  const twin = [
    'install',
    'twin',
    CHART,
    '-n',
    WHERE,
    '--set',
    'nfs.server=nas,nfs.path=/v,storageClass.create=false,webhook.enabled=false',
  ];
  assert.match(
    await helm.refusal(...twin),
    /Role "larder-operator" in namespace "storage" exists and cannot be imported/,
  );
  const token = await secretOf(client, WHERE, CONSOLE);
  assert.equal(token.length, 48);
  assert.doesNotMatch(first.lines.join('\n') + first.stderr(), new RegExp(token));
  assert.equal((await fetch(new URL('/api/status', first.console), bearer(token))).status, 200);
  const settings: unknown = await (await fetch(new URL('/api/config', first.console), bearer(token))).json();
  assert.ok(Array.isArray(settings));
  assert.deepEqual(
    settings.find(({ key }) => key === 'defaultThreshold'),
    { key: 'defaultThreshold', value: '70%', source: 'file' },
  );
  // The roles of the chart are enough to ask who somebody is and what they may: this account may see nothing.
  const stranger = await tokenOf(client, { namespace: 'default', name: 'default' });
  const seen = await fetch(new URL('/api/status', first.console), bearer(stranger));
  assert.deepEqual(Reflect.get(Object(await seen.json()), 'volumes'), []);
  assert.equal((await fetch(new URL('/api/config', first.console), bearer(stranger))).status, 403);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await fetch(new URL(path, first.console))).status, 200, path);
  }
  first.kill('SIGTERM');
  assert.equal(await first.exited, 0, first.stderr());

  // With options the export comes by a volume of its own, which stands for the whole export and is in nobody's way.
  await helm.run(
    'upgrade',
    RELEASE,
    CHART,
    '-n',
    WHERE,
    '--reuse-values',
    '--set',
    'replicaCount=2,nfs.profile=ganesha-gluster',
  );
  assert.equal(await secretOf(client, WHERE, CONSOLE), token);
  const plan = await release.plan();
  const claimName = claimOf(plan);
  const { volume: whole } = await bound(client, WHERE, claimName);
  assert.deepEqual(whole.spec.mountOptions, ['vers=4.1', 'nosharecache', 'softerr', 'timeo=30', 'retrans=3']);
  const second = await startPod(t, plan, release.pods);
  await applyClaim(client, { name: 'second', storageClass: 'larder', size: '1Mi' });
  await bound(client, 'default', 'second');
  second.kill('SIGTERM');
  assert.equal(await second.exited, 0, second.stderr());

  // As the guide says: nobody can change a class.
  const change = ['upgrade', RELEASE, CHART, '-n', WHERE, '--reuse-values', '--set'] as const;
  assert.match(
    await helm.refusal(...change, 'storageClass.pathPattern=x'),
    /parameters: .*(field is immutable|are forbidden)/,
  );
  assert.match(
    await helm.refusal(...change, 'storageClass.reclaimPolicy=Delete'),
    /reclaimPolicy: .*(field is immutable|are forbidden)/,
  );
  await helm.run('rollback', RELEASE, '1', '-n', WHERE);
  assert.equal(await secretOf(client, WHERE, CONSOLE), token);
  assert.equal(claimOf(await release.plan()), '');
  await eventually('the volume of the whole export to go', () => gone(client, claimName));

  writeFileSync(join(exported, name, 'letter'), 'dear');
  await helm.run('uninstall', RELEASE, '-n', WHERE, '--wait');
  assert.equal(readFileSync(join(exported, name, 'letter'), 'utf8'), 'dear');
  for (const claim of ['first', 'second']) await bound(client, 'default', claim);
  const account = `system:serviceaccount:${WHERE}:larder`;
  const asked = (await auditOf(release.pods.plane, client)).filter(({ user }) => user === account);
  assert.ok(asked.length > 20, `${asked.length} requests`);
  assert.deepEqual(
    asked.filter(({ code }) => code === 401 || code === 403),
    [],
  );
});

test('without root it works in an export of its own user, and passes PodSecurity restricted', {
  skip: planeHere,
}, async (t) => {
  const release = await installed(t, '--set', 'nonRoot=true,nfs.claim=true');
  const { client, exported, pods } = release;
  chownSync(exported, 65_532, 65_532);
  const running = await startPod(t, await release.plan(), pods);
  assert.deepEqual(capabilitiesOf(running.pid), []);
  await applyClaim(client, { name: 'mine', storageClass: 'larder', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'mine');
  const { mode, uid } = statSync(join(exported, volume.spec.nfs?.path.slice('/storage/v/'.length) ?? ''));
  assert.deepEqual([mode & 0o7777, uid], [0o777, 65_532]);
  running.kill('SIGTERM');
  assert.equal(await running.exited, 0, running.stderr());

  const helm = helmFor(t);
  const nonRoot = await helm.render({ nfs: { ...EXPORT, claim: true }, nonRoot: true });
  const asRoot = await helm.render({ nfs: { ...EXPORT, claim: true } });
  const inline = await helm.render({ nfs: EXPORT });
  assert.equal(await admission(client, 'restricted', nonRoot), 'admitted');
  assert.equal(await admission(client, 'baseline', inline), 'admitted');
  assert.equal(
    await admission(client, 'restricted', await helm.render({ provisioner: { enabled: false } })),
    'admitted',
  );
  const user =
    'runAsNonRoot != true (pod or container "larder" must set securityContext.runAsNonRoot=true), ' +
    'runAsUser=0 (container "larder" must not set runAsUser=0)';
  const capabilities =
    'unrestricted capabilities (container "larder" must not include "CHOWN", "DAC_OVERRIDE", "FOWNER" in securityContext.capabilities.add)';
  assert.equal(await admission(client, 'restricted', asRoot), `${capabilities}, ${user}`);
  const volumes =
    'restricted volume types (volume "nfs-subdir-external-provisioner-root" uses restricted volume type "nfs")';
  assert.equal(await admission(client, 'restricted', inline), `${capabilities}, ${volumes}, ${user}`);
});

interface Release {
  readonly helm: Helm;
  readonly client: Client;
  /** The folder that is mounted as the export. */
  readonly exported: string;
  readonly pods: PodOptions;
  /** The Deployment as it is on the API server now. */
  plan(): Promise<PodPlan>;
}

async function installed(t: TestContext, ...more: readonly string[]): Promise<Release> {
  const plane = await planeFor(t, { audit: true });
  const client = await clientOf(plane);
  const helm = helmFor(t, plane.kubeconfig);
  const values = helm.values({ nfs: EXPORT, extraArgs: HERE, configuration: { defaultThreshold: '70%' } });
  const notes = await helm.run('install', RELEASE, CHART, '-n', WHERE, '--create-namespace', '-f', values, ...more);
  assert.match(notes, /kubectl rollout status deployment\/larder -n storage/);
  files ??= bundled();
  const exported = temporaryFolder((remove) => t.after(remove), 'larder-exported-');
  const path = `/apis/apps/v1/namespaces/${WHERE}/deployments/${RELEASE}`;
  return {
    helm,
    client,
    exported,
    pods: {
      plane,
      client,
      bundle: await files,
      node: 'node-1',
      volumes: { 'nfs-subdir-external-provisioner-root': exported },
    },
    plan: async () => planOf(JSON.parse(await (await client.request({ method: 'GET', path })).text())),
  };
}

/** By their numbers in linux/capability.h. */
const CAPABILITIES: readonly string[] = ['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL'];

function capabilitiesOf(pid: number): readonly string[] {
  const [, mask = ''] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const bits = [...BigInt(`0x${mask}`).toString(2)].reverse();
  return bits.flatMap((bit, number) => (bit === '1' ? [CAPABILITIES[number] ?? `number ${number}`] : []));
}

/** Made once for all tests of this file. */
let files: Promise<string> | undefined;

async function bundled(): Promise<string> {
  const folder = temporaryFolder((remove) => process.once('exit', remove), 'larder-bundle-');
  await bundle(folder);
  chmodSync(folder, 0o755); // also for an ordinary user
  return folder;
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

/** Of the first volume; empty when it is not mounted by a claim. */
function claimOf(plan: PodPlan): string {
  const [first] = plan.spec.template.spec.volumes;
  return String(Object(first?.['persistentVolumeClaim'])['claimName'] ?? '');
}

async function gone(client: Client, name: string): Promise<true | undefined> {
  return client.get(kinds.PersistentVolume, { name }).then(
    () => undefined,
    (failure: unknown) => {
      if (isKubeError(failure, 'KUBE_NOT_FOUND')) return true;
      throw failure;
    },
  );
}

/** `admitted`, or what PodSecurity objects to, in a new namespace that enforces this level. */
async function admission(client: Client, level: string, objects: readonly Rendered[]): Promise<string> {
  const { metadata, ...rest } = only(objects, 'Deployment');
  const { template } = Object(rest['spec']);
  const place = `${level}-${crypto.randomUUID().slice(0, 8)}`;
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  await post(client, '/api/v1/namespaces', { ...namespace(place), metadata: { name: place, labels } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: template.spec.serviceAccountName } };
  await post(client, `/api/v1/namespaces/${place}/serviceaccounts`, account);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name }, spec: template.spec };
  return post(client, `/api/v1/namespaces/${place}/pods`, pod).then(
    () => 'admitted',
    (failure: unknown) => {
      const text = String(failure).replaceAll('\\"', '"');
      return /violates PodSecurity "[^"]+": (.*?)"?,"reason":/.exec(text)?.[1] ?? text;
    },
  );
}
