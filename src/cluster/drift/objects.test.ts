import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Comparison } from '../change/comparison.ts';
import type { JsonObject, Manifest } from '../change/manifest.ts';
import { shieldOf } from '../change/secret-shield.ts';
import { type LiveObject, liveObject } from './live-object.ts';
import type { Logged } from './logged.ts';
import { type Existing, manifestFindings } from './manifest-findings.ts';
import { orphans } from './orphans.ts';
import { unlogged } from './unlogged.ts';

const AT = '2026-03-01T12:00:00Z';

interface Written {
  readonly manager: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: JsonObject;
}

function live(writes: readonly Written[], metadata: JsonObject = {}, kind = 'ConfigMap'): LiveObject {
  const managedFields = writes.map((write) => ({ operation: 'Update', time: AT, ...write }));
  const found = liveObject(
    { metadata: { name: 'web', namespace: 'shop', managedFields, ...metadata } },
    { apiVersion: 'v1', kind },
  );
  return found ?? assert.fail();
}

const KEY = '/ConfigMap/shop/web';
const applied: Written = { manager: 'larder-change', operation: 'Apply' };

test('an orphan was applied by a change, is in no manifest, and nobody else keeps or removes it', () => {
  const found = (object: LiveObject, wanted: readonly string[] = []): number =>
    orphans([object], new Set(wanted)).length;
  assert.equal(found(live([applied])), 1);
  assert.equal(found(live([applied]), [KEY]), 0);
  assert.equal(found(live([{ manager: 'kubectl' }])), 0);
  assert.equal(found(live([{ ...applied, operation: 'Update' }])), 0);
  assert.equal(found(live([{ ...applied, subresource: 'status' }])), 0);
  assert.equal(found(live([applied], { deletionTimestamp: AT })), 0);
  assert.equal(found(live([applied], { ownerReferences: [{ kind: 'Deployment' }] })), 0);
});

const never: Logged = { since: 0, covers: () => false };

function writersTold(writes: readonly Written[], wanted: boolean, logged = never): readonly string[] {
  return unlogged([live(writes)], { logged, wanted: new Set(wanted ? [KEY] : []) }).map(
    ({ message }) => message.split(' ', 1)[0] ?? '',
  );
}

test('who wrote: people count everywhere, unheard-of programs where a manifest is, controllers never', () => {
  const people = [
    'kubectl',
    'kubectl-edit',
    'kubectl-client-side-apply',
    'helm',
    'larder-cli',
    'larder-change',
    'Terraform',
  ];
  const controllers = [
    'kube-controller-manager',
    'k3s',
    'deploy@pi-1',
    'kubelet',
    'larder',
    'larder-registration',
    'helm-controller@pi-1',
  ];
  for (const manager of people) assert.deepEqual(writersTold([{ manager }], false), [manager]);
  for (const manager of controllers) assert.deepEqual(writersTold([{ manager }], true), []);
  assert.deepEqual(writersTold([{ manager: 'some-operator' }], false), []);
  assert.deepEqual(writersTold([{ manager: 'some-operator' }], true), ['some-operator']);
  assert.deepEqual(writersTold([{ manager: 'kubectl', subresource: 'status' }], true), []);
  assert.deepEqual(writersTold([{ manager: 'kubectl', subresource: 'scale' }], true), ['kubectl']);
});

test('what is recorded, or older than the ledger, or without a time is not told', () => {
  const write = { manager: 'kubectl' };
  assert.deepEqual(writersTold([write], true, { since: 0, covers: () => true }), []);
  assert.deepEqual(writersTold([write], true, { ...never, since: Date.parse(AT) + 1_000 }), []);
  assert.deepEqual(writersTold([write], true, { ...never, since: Date.parse(AT) + 999 }), ['kubectl']);
  assert.deepEqual(writersTold([{ ...write, time: 'soon' }], true), []);
});

test('what helm wrote for a HelmChart of k3s is the work of k3s', () => {
  const annotations = { 'meta.helm.sh/release-name': 'traefik' };
  const chart = {
    ...live([], { name: 'traefik', namespace: 'kube-system' }, 'HelmChart'),
    apiVersion: 'helm.cattle.io/v1',
  };
  const service = live([{ manager: 'helm' }], { annotations });
  assert.equal(unlogged([service], { logged: never, wanted: new Set() }).length, 1);
  assert.equal(unlogged([service, chart], { logged: never, wanted: new Set() }).length, 0);
});

test('fields are told as paths', () => {
  const fieldsV1 = {
    'f:data': { 'f:sky': {} },
    'f:spec': { 'f:ports': { 'k:{"port":80}': { '.': {}, 'f:port': {} } } },
  };
  const [write] = live([{ manager: 'kubectl', fieldsV1 }]).writes;
  assert.deepEqual(write?.fields, ['data.sky', 'spec.ports[{"port":80}].port']);
});

test('whatever an API server says is read, or is no object', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (object, fields) => {
      liveObject(JSON.parse(object), { apiVersion: 'v1', kind: 'ConfigMap' });
      const found = live([{ manager: 'x', fieldsV1: { x: JSON.parse(fields) } }]);
      assert.ok(found.writes.every((write) => write.fields.every((field) => typeof field === 'string')));
    }),
  );
});

const everything: Existing = { namespaces: new Set(['shop']), serves: () => true };

function manifest(data: JsonObject, kind = 'ConfigMap'): Manifest {
  const object = { apiVersion: 'v1', kind, metadata: { name: 'web', namespace: 'shop' }, data };
  return { apiVersion: 'v1', kind, name: 'web', namespace: 'shop', object, from: 'web.yaml:1' };
}

function said(comparison: Comparison, existing = everything): readonly string[] {
  const shield = shieldOf([comparison.manifest.object, ...(comparison.live ? [comparison.live.object] : [])]);
  const { findings, unknown } = manifestFindings([comparison], { existing, shield });
  return [...findings.map(({ message }) => message), ...unknown.map(({ why }) => `? ${why}`)];
}

const liveOf = (object: JsonObject) => ({ uid: 'u', resourceVersion: '1', object });

test('a manifest is as the cluster has it, differs, is missing, or cannot be told', () => {
  const own = manifest({ sky: 'blue' });
  const there = liveOf(own.object);
  assert.deepEqual(said({ manifest: own, live: there, outcome: { kind: 'merged', after: own.object } }), []);
  const grey = liveOf(manifest({ sky: 'grey', more: 'x' }).object);
  assert.deepEqual(said({ manifest: own, live: grey, outcome: { kind: 'merged', after: own.object } }), [
    'web.yaml:1: data.sky is "grey" and should be "blue"; data.more is "x" and should be not there',
  ]);
  assert.deepEqual(said({ manifest: own, outcome: { kind: 'merged', after: own.object } }), [
    'web.yaml:1: is not in the cluster',
  ]);
  const conflicts = [{ field: '.data.sky', owner: 'conflict with "kubectl-edit" using v1' }];
  const taken = { kind: 'unknown', why: 'conflict', conflicts, after: own.object } as const;
  assert.match(said({ manifest: own, live: grey, outcome: taken }).join(), /; set by kubectl-edit$/);
  const refused = { kind: 'unknown', why: 'forbidden', conflicts: [] } as const;
  assert.deepEqual(said({ manifest: own, outcome: refused }), ['? web.yaml:1: forbidden']);
});

test('without its namespace or its kind an object is missing, which is certain; unless nobody could tell', () => {
  const outcome = { kind: 'unknown', why: 'the namespace shop does not exist', conflicts: [] } as const;
  const own = manifest({});
  assert.match(
    said({ manifest: own, outcome }, { ...everything, namespaces: new Set() }).join(),
    /not in the cluster: its namespace shop/,
  );
  assert.match(
    said({ manifest: own, outcome }, { ...everything, serves: () => false }).join(),
    /does not know ConfigMap of v1/,
  );
  assert.match(said({ manifest: own, outcome }, { namespaces: undefined, serves: () => undefined }).join(), /^\? /);
});

test('no value of a Secret is told, and it is told that one differs', () => {
  const of = (password: string): Manifest => manifest({ password: Buffer.from(password).toString('base64') }, 'Secret');
  const own = of('correct-horse-battery');
  const comparison: Comparison = {
    manifest: own,
    live: liveOf(of('something-else-entirely').object),
    outcome: { kind: 'merged', after: own.object },
  };
  const [message = ''] = said(comparison);
  assert.match(message, /data\.password is /);
  for (const word of ['correct', 'something', 'Y29ycmVjd', 'c29tZXRoaW5n']) assert.ok(!message.includes(word), message);
});
