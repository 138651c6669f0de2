import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { canonicalText } from '../../ledger/canonical.ts';
import type { Manifest } from './manifest.ts';
import { manifestHash } from './manifest-hash.ts';
import { inOrder } from './order.ts';
import { readManifests } from './read-manifests.ts';

function objectsOf(text: string, path = 'a.yaml'): readonly unknown[] {
  const read = readManifests([{ path, text }]);
  assert.equal(read.kind, 'manifests', JSON.stringify(read));
  return read.kind === 'manifests' ? read.manifests.map(({ object }) => object) : [];
}

function problemsOf(...texts: readonly string[]): readonly string[] {
  const read = readManifests(texts.map((text, index) => ({ path: `${index}.yaml`, text })));
  assert.equal(read.kind, 'malformed', JSON.stringify(read));
  return read.kind === 'malformed' ? read.problems : [];
}

const map = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${more}`;

test('YAML is read as kubectl reads it: octal numbers, yes, and times as texts', () => {
  const [object] = objectsOf(map('a', 'x: {mode: 0644, on: yes, port: 22:22, date: 2026-01-01}'));
  assert.deepEqual(Reflect.get(Object(object), 'x'), { mode: 420, true: true, port: '22:22', date: '2026-01-01' });
});

test('documents, JSON, lists and lists of a kind are taken apart; empty documents are nothing', () => {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMapList',
        items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }],
      },
    ],
  };
  assert.equal(objectsOf(`---\n# nothing\n---\n${map('a')}---\n${map('b')}---\n${JSON.stringify(list)}\n`).length, 3);
});

test('what is no manifest is refused with its place, all problems at once', () => {
  const found = problemsOf(
    `${map('a')}---\nvalues: true\n`,
    map('a'),
    'a: [',
    'apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n',
    map('d', 'x: 12345678901234567890'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e, resourceVersion: "7"}\n',
    map('f', 'sops: {mac: x}'),
    map('h', "data: {a: 'ENC[AES256_GCM,data:xy,iv:z,tag:t,type:str]'}"),
    'a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n',
  );
  const expected = [
    /^0\.yaml:5: is no Kubernetes object/,
    /^2\.yaml:\d: /,
    /^3\.yaml:1: Pod has no metadata\.name/,
    /^4\.yaml:1: ConfigMap\.x is a number that cannot be kept exactly/,
    /^5\.yaml:1: metadata\.resourceVersion belongs to the cluster/,
    /^6\.yaml:1: is encrypted with SOPS, and the cluster would get the encrypted text\. Decrypt it into a folder that git ignores/,
    /^7\.yaml:1: is encrypted with SOPS/,
    /^8\.yaml:1: .*alias/i,
    /^1\.yaml:1: ConfigMap a is also in 0\.yaml:1/,
  ];
  assert.equal(found.length, expected.length, found.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
});

test('the hash is about what was written, not about how', () => {
  const hash = (namespace: string, ...texts: readonly string[]): string => {
    const read = readManifests(texts.map((text, index) => ({ path: `${index}.yaml`, text })));
    return read.kind === 'manifests' ? manifestHash(read.manifests, namespace) : '';
  };
  const one = hash('default', map('a', 'data: {x: "1", y: "2"}'), map('b'));
  assert.equal(one, hash('default', `${map('b')}---\n# same\n${map('a', 'data:\n  y: "2"\n  x: "1"\n')}`));
  assert.notEqual(one, hash('default', map('a', 'data: {x: "1", y: "3"}'), map('b')));
  assert.notEqual(one, hash('other', map('a', 'data: {x: "1", y: "2"}'), map('b')));
});

test('a value of a Secret counts, and is not in the hash as it stands', () => {
  const secret = (name: string, value: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    name,
    from: 'a.yaml:1',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { pin: value },
      data: { other: 'MQ==' },
    },
  });
  const hash = manifestHash([secret('a', '1234')], 'default');
  assert.equal(hash, manifestHash([secret('a', '1234')], 'default'));
  assert.notEqual(hash, manifestHash([secret('a', '1235')], 'default'));
  const plain = canonicalText(
    JSON.parse(JSON.stringify({ namespace: 'default', objects: [secret('a', '1234').object] })),
  );
  assert.notEqual(hash, createHash('sha256').update(plain).digest('hex'));
});

test('what others need comes first, and webhooks come last', () => {
  const kinds = [
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ['example.com/v1', 'Service'],
    ['apps/v1', 'Deployment'],
    ['v1', 'Service'],
    ['v1', 'ConfigMap'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['v1', 'Namespace'],
  ] as const;
  const ordered = inOrder(kinds.map(([apiVersion, kind]) => ({ apiVersion, kind })));
  const names = ordered.map(({ apiVersion, kind }) => `${kind} of ${apiVersion}`);
  assert.deepEqual(names, [
    'Namespace of v1',
    'CustomResourceDefinition of apiextensions.k8s.io/v1',
    'ConfigMap of v1',
    'Service of v1',
    'Deployment of apps/v1',
    'Service of example.com/v1',
    'ValidatingWebhookConfiguration of admissionregistration.k8s.io/v1',
  ]);
});

test('of a Secret that is no YAML the place is told, and no value', () => {
  for (const value of [
    '*Heron33xyz',
    '|Heron33xyz',
    '"Heron33xyz',
    '@Heron33xyz',
    '[Heron33xyz',
    '"\\qHeron33xyz"',
    'a\n Heron33xyz: b',
  ]) {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: ${value}\n`;
    const read = readManifests([{ path: 'a.yaml', text }]);
    assert.equal(read.kind, 'malformed', value);
    assert.match(JSON.stringify(read), /a\.yaml:\d: \w/);
    assert.doesNotMatch(JSON.stringify(read), /Heron33xyz/);
  }
});
