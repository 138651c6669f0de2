import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AdmissionAnswer, AdmissionQuestion } from '../kube/admission-review.ts';
import { kinds } from '../kube/kinds.ts';
import { silentLog } from '../telemetry/log.ts';
import { type Admission, createAdmission } from './admission.ts';
import { defineKinds, putPolicy } from './policy/policies.fixture.ts';
import { makeClaim, startWorld, type World, type WorldOptions } from './world.fixture.ts';

const signal = new AbortController().signal;
const NAMES = ['nfs', 'generic'];

interface Gate {
  readonly world: World;
  readonly admission: Admission;
}

async function start(t: TestContext, options: WorldOptions = {}): Promise<Gate> {
  const world = await startWorld(t, options);
  await defineKinds(world.client);
  await putPolicy(world.client, 'databases', {
    selector: { matchLabels: { workload: 'database' } },
    template: { initialSize: '40Gi', maxSize: '100Gi' },
  });
  await world.pass();
  const admission = createAdmission({
    surroundings: world.expander.surroundings,
    ready: async () => undefined,
    reserved: (key) => key === 'default/reserved',
    providerNames: NAMES,
    log: silentLog,
  });
  return { world, admission };
}

const question = (object: object, over: Partial<AdmissionQuestion> = {}): AdmissionQuestion => ({
  uid: 'u',
  operation: 'CREATE',
  group: '',
  resource: 'persistentvolumeclaims',
  subresource: '',
  namespace: 'default',
  name: '',
  object,
  oldObject: undefined,
  ...over,
});

interface ClaimCase {
  readonly metadata?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

const claim = ({ metadata = { name: 'data' }, annotations = {}, spec = {} }: ClaimCase = {}): object => ({
  metadata: { ...metadata, labels: { workload: 'database' }, annotations },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '10Gi' } },
    ...spec,
  },
});

/** The new size, or `as it is`, and what is said. */
function told(answer: AdmissionAnswer): string {
  if (answer.kind === 'denied') return `denied: ${answer.message}`;
  const [operation] = answer.patch ?? [];
  const size = operation && 'value' in operation ? String(operation.value) : 'as it is';
  return [size, ...(answer.warnings ?? [])].join('; ');
}

test('a new claim gets its first size, also while it has no name yet, and nothing else of it changes', async (t) => {
  const { admission } = await start(t);
  for (const metadata of [{ name: 'data' }, { generateName: 'data-' }, {}]) {
    const answer = await admission.claim(question(claim({ metadata })), signal);
    assert.equal(told(answer), '40Gi; Larder: raised from 10Gi to 40Gi: initialSize of policy databases');
    assert.ok(answer.kind === 'allowed');
    assert.deepEqual(answer.patch, [{ op: 'replace', path: '/spec/resources/requests/storage', value: '40Gi' }]);
  }
});

test('what is left as it is, and what is said about it', async (t) => {
  const { admission, world } = await start(t);
  await world.client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'static' },
    provisioner: 'kubernetes.io/no-provisioner',
  });
  await world.pass();
  const cases: readonly (readonly [string, object, string])[] = [
    ['selected by nobody', { metadata: { name: 'a', labels: {} }, spec: {} }, 'as it is'],
    ['opted out', claim({ annotations: { 'pvc-chonker.io/enabled': 'FALSE' } }), 'as it is'],
    ['for a volume by name', claim({ spec: { volumeName: 'pv-1' } }), 'as it is'],
    ['for a volume by labels', claim({ spec: { selector: {} } }), 'as it is'],
    ['a volume is kept for it', claim({ metadata: { name: 'reserved' } }), 'as it is'],
    ['nobody makes its volume', claim({ spec: { storageClassName: 'static' } }), 'as it is'],
    ['its class is not there', claim({ spec: { storageClassName: 'gone' } }), 'as it is'],
    ['no class', claim({ spec: { storageClassName: '' } }), 'as it is'],
    ['asks for nothing', claim({ spec: { resources: {} } }), 'as it is'],
    ['large enough', claim({ spec: { resources: { requests: { storage: '50Gi' } } } }), 'as it is'],
    [
      'cannot be read',
      claim({ annotations: { 'pvc-chonker.io/cooldown': 'soon' } }),
      'as it is; Larder: pvc-chonker.io/cooldown "soon" (annotation) must be a duration, for example "15m", "1h30m" or "2d"; until then Larder does not grow this claim',
    ],
    [
      'paused',
      claim({ annotations: { 'larder.dev/paused': 'true' } }),
      'as it is; Larder: not raised to 40Gi (initialSize of policy databases): paused by annotation larder.dev/paused',
    ],
    [
      'capped by its own limit',
      claim({ annotations: { 'pvc-chonker.io/max-size': '20Gi' } }),
      '20Gi; Larder: raised from 10Gi to 20Gi: 40Gi (initialSize of policy databases); maxSize (annotation) allows no more than 20Gi',
    ],
  ];
  for (const [what, object, expected] of cases) {
    assert.equal(told(await admission.claim(question(object), signal)), expected, what);
  }
  const other = await admission.claim(question(claim(), { operation: 'UPDATE' }), signal);
  assert.equal(told(other), 'as it is');
});

test('a quota is not used up, and a dry run changes nothing', async (t) => {
  const { admission, world } = await start(t);
  await world.client.create(kinds.ResourceQuota, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'storage', namespace: 'default' },
    spec: { hard: { 'requests.storage': '30Gi' } },
  });
  await world.pass();
  assert.match(
    told(await admission.claim(question(claim()), signal)),
    /^as it is; Larder: not raised to 40Gi .*: ResourceQuota storage, requests.storage has 30Gi left$/,
  );
  const dry = await start(t, { configuration: { flags: { dryRun: 'true' } } });
  assert.match(told(await dry.admission.claim(question(claim()), signal)), /^as it is; .*: Larder runs dry$/);
});

test('a new member of a group gets the size that the others have', async (t) => {
  const { admission, world } = await start(t);
  const path = '/apis/pvc-chonker.io/v1alpha1/namespaces/default/pvcgroups';
  const body = JSON.stringify({
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCGroup',
    metadata: { name: 'es', namespace: 'default' },
    spec: { selector: { matchLabels: { workload: 'search' } }, template: {} },
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await world.client.request({ method: 'POST', path, headers, body });
  assert.equal(answer.status, 201, await answer.text());
  await makeClaim(world, { name: 'es-0', size: '70Gi' });
  const value = { metadata: { labels: { workload: 'search' } } };
  const where = { namespace: 'default', name: 'es-0' };
  await world.client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value });
  await world.pass();
  const object = { ...claim(), metadata: { name: 'es-1', labels: { workload: 'search' } } };
  assert.match(
    told(await admission.claim(question(object), signal)),
    /^70Gi; Larder: raised from 10Gi to 70Gi: group es/,
  );
});

const policy = (template: object, spec: object = {}): object => ({
  metadata: { name: 'p' },
  spec: { selector: {}, template, ...spec },
});
const group = (spec: object): object => ({ metadata: { name: 'g' }, spec });

test('policies and groups that nobody could follow are refused with field, value and the accepted form', async (t) => {
  const { admission } = await start(t);
  const of = (resource: string, object: object, more: Partial<AdmissionQuestion> = {}): Promise<AdmissionAnswer> =>
    Promise.resolve(admission.settings(question(object, { group: 'pvc-chonker.io', resource, ...more }), signal));
  const policies: readonly (readonly [object, string])[] = [
    [policy({ threshold: '85%', cooldown: '1h', provider: 'nfs' }), 'as it is'],
    [
      policy({ cooldown: 'soon' }),
      'denied: spec.template.cooldown: "soon" must be a duration, for example "15m", "1h30m" or "2d"',
    ],
    [
      policy({ minScaleUp: '1Gi', minIncrease: '2Gi' }),
      'denied: spec.template.minIncrease: "2Gi" is another name of minScaleUp, which is "1Gi": write one of them, or the same in both',
    ],
    [policy({ provider: 'amazon' }), 'denied: spec.template.provider: "amazon" must be one of nfs, generic'],
    [
      policy({}, { selector: 'all' }),
      'denied: spec.selector: must be a label selector; an empty one ({}) selects every claim',
    ],
    [
      policy({ initialSize: '2Ti', maxSize: '1Ti' }),
      'as it is; spec.template.initialSize 2Ti is more than maxSize 1Ti: new claims get 1Ti',
    ],
    [
      policy({ providerConfig: { iops: 3000 } }),
      'as it is; spec.template.providerConfig.iops is advice: Larder changes no IOPS, a VolumeAttributesClass does that',
    ],
  ];
  for (const [object, expected] of policies) assert.equal(told(await of('pvcpolicies', object)), expected);
  const both = await of('pvcgroups', group({ coordinationPolicy: 'tallest', template: { threshold: '120%' } }));
  assert.ok(both.kind === 'denied');
  assert.deepEqual(
    both.causes.map(({ field }) => field),
    ['spec.coordinationPolicy', 'spec.template.threshold'],
  );
  assert.equal(told(await of('pvcgroups', group({ coordinationPolicy: 'sum' }))), 'as it is');
});

test('what was wrong before does not keep an object from being changed otherwise, or from going', async (t) => {
  const { admission } = await start(t);
  const wrong = policy({ cooldown: 'soon' });
  const update = { group: 'pvc-chonker.io', resource: 'pvcpolicies', operation: 'UPDATE', oldObject: wrong } as const;
  assert.equal(told(await admission.settings(question(wrong, update), signal)), 'as it is');
  const worse = policy({ cooldown: 'soon', threshold: '0%' });
  assert.match(told(await admission.settings(question(worse, update), signal)), /^denied: spec\.template\.threshold: /);
  const going = { ...worse, metadata: { name: 'p', deletionTimestamp: '2026-01-31T12:00:00Z' } };
  assert.equal(told(await admission.settings(question(going, update), signal)), 'as it is');
  const status = { ...update, subresource: 'status' };
  assert.equal(told(await admission.settings(question(worse, status), signal)), 'as it is');
});
