import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeProtobuf } from './protobuf.ts';

/** What kubectl 1.36 sends, and what it means. */
const CAPTURED: readonly { readonly command: string; readonly hex: string; readonly object: object }[] = [
  {
    command: 'kubectl create namespace shop',
    hex: '6b3873000a0f0a02763112094e616d657370616365121c0a140a0473686f7012001a0022002a0032003800420012001a020a001a002200',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {}, status: {} },
  },
  {
    command: 'kubectl create secret generic s --from-literal=a=b',
    hex: '6b3873000a0c0a0276311206536563726574121d0a110a017312001a0022002a0032003800420012060a01611201621a001a002200',
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'Yg==' } },
  },
  {
    command: 'kubectl create sa x',
    hex: '6b3873000a140a027631120e536572766963654163636f756e7412130a110a017812001a0022002a003200380042001a002200',
    object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x' } },
  },
  {
    command: 'kubectl create configmap c --from-literal=a=b',
    hex: '6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a016312001a0022002a0032003800420012060a01611201621a002200',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } },
  },
  {
    command: 'kubectl create quota q --hard=pods=1',
    hex: '6b3873000a130a027631120d5265736f7572636551756f746112240a110a017112001a0022002a00320038004200120d0a0b0a04706f647312030a01311a001a002200',
    object: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec: { hard: { pods: '1' } },
      status: {},
    },
  },
  {
    command: 'kubectl auth can-i create pods',
    hex: '6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c665375626a656374416363657373526576696577123f0a100a0012001a0022002a0032003800420012210a1f0a0764656661756c7412066372656174651a0022002a04706f647332003a001a08080012001a0020001a002200',
    object: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { namespace: 'default', verb: 'create', resource: 'pods' } },
      status: {},
    },
  },
];

for (const { command, hex, object } of CAPTURED) {
  test(`what ${command} sends is read`, () => {
    assert.deepEqual(decodeProtobuf(Buffer.from(hex, 'hex')), object);
  });
}

test('a kind that is not understood is refused with what to do', () => {
  const typeMeta = Buffer.concat([
    Buffer.from([0x0a, 2]),
    Buffer.from('v1'),
    Buffer.from([0x12, 3]),
    Buffer.from('Foo'),
  ]);
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    Buffer.from([0x0a, typeMeta.length]),
    typeMeta,
    Buffer.from([0x12, 0]),
  ]);
  assert.throws(() => decodeProtobuf(body), {
    code: 415,
    message: /v1\/Foo is not understood as protobuf.*kubectl apply/,
  });
});

test('whatever the bytes, the answer is an object or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      try {
        decodeProtobuf(Buffer.concat([Buffer.from(CAPTURED[0]?.hex ?? '', 'hex').subarray(0, 21), Buffer.from(tail)]));
      } catch (cause) {
        assert.ok(cause instanceof Error && cause.name === 'Refusal', String(cause));
      }
    }),
    { numRuns: 500 },
  );
});
