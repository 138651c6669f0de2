import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { policySchema } from '../policy.ts';
import { core } from './core.ts';
import { type CorePlan, problemsOf } from './plan.ts';

const plan: CorePlan = {
  name: 'home',
  policy: policySchema.parse({}),
  nodes: ['one', 'two', 'three', 'four'].map((name, index) => ({ name, address: `10.0.0.${index + 1}` })),
  nfs: { server: 'nas', path: '/storage/v' },
  vault: 'https://vault.example.com:8200',
  kv1: [],
  coexist: true,
};

test('a good plan has no problem', () => {
  assert.deepEqual(problemsOf(plan), []);
});

const wrong: readonly (readonly [what: string, change: Partial<CorePlan>, says: RegExp])[] = [
  ['a name of the cluster', { name: 'Home' }, /--name Home/],
  ['a name of a node', { nodes: [{ name: 'Hestia', address: '10.0.0.1' }] }, /lower case/],
  ['two nodes of one name', { nodes: [...plan.nodes, { name: 'one', address: '10.0.0.9' }] }, /one is named twice/],
  [
    'two nodes of one address',
    { nodes: [...plan.nodes, { name: 'five', address: '10.0.0.1' }] },
    /the address 10\.0\.0\.1/,
  ],
  ['an export without a path', { nfs: { server: 'nas', path: '' } }, /SERVER:\/PATH/],
  ['a path behind the URL of Vault', { vault: 'https://vault.example.com/v1' }, /without a path/],
  ['a mount that is none', { kv1: ['kv"/*'] }, /--kv1 kv/],
  ['Linkerd without a version', { policy: policySchema.parse({ mesh: 'linkerd' }) }, /--linkerd-version/],
];

for (const [what, change, says] of wrong) {
  test(`it is said of ${what}`, () => {
    assert.match(problemsOf({ ...plan, ...change }).join('\n'), says);
  });
}

test('every YAML file is one', () => {
  for (const mesh of ['cilium', 'linkerd', 'none'] as const) {
    const files = core({ ...plan, policy: policySchema.parse({ mesh }), linkerd: '2026.1.1' });
    const broken = [...files]
      .filter(([path]) => path.endsWith('.yaml'))
      .flatMap(([path, { text }]) =>
        parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${path}: ${message}`)),
      );
    assert.deepEqual(broken, []);
    assert.equal(files.has('k8s/core/service-mesh/values.yaml'), mesh !== 'none');
  }
});

test('the first three nodes are servers, and with fewer than three one is', () => {
  const roles = (count: number): readonly string[] => {
    const text = core({ ...plan, nodes: plan.nodes.slice(0, count) }).get('k8s/cluster/cluster.yaml')?.text ?? '';
    return [...text.matchAll(/role: (\S+)/g)].map(([, role = '']) => role);
  };
  assert.deepEqual(roles(4), ['server-agent', 'server-agent', 'server-agent', 'worker']);
  assert.deepEqual(roles(2), ['server-agent', 'worker']);
  assert.deepEqual(roles(0), []);
});

test('the class gives the prefix, so that claims never carry it', () => {
  const storage = { class: 'named', prefix: 'vol_', annotation: 'dir' };
  const text =
    core({ ...plan, policy: policySchema.parse({ storage }) }).get('k8s/storage/storage-class.yaml')?.text ?? '';
  assert.match(text, /name: named/);
  assert.match(text, /pathPattern: "vol_\$\{\.PVC\.annotations\.dir\}"/);
  assert.match(text, /adopt: listed/, 'directories with data are not there for everybody');
  assert.match(text, /existingMode: keep/, 'and are not opened to everybody');
});

test('the store has no path: keys begin with their mount, and External Secrets would put the path before it', () => {
  const text = core(plan).get('k8s/core/vault-integration/cluster-secret-store.yaml')?.text ?? '';
  const store: unknown = parseAllDocuments(text).at(-1)?.toJS();
  assert.partialDeepStrictEqual(store, {
    kind: 'ClusterSecretStore',
    spec: { provider: { vault: { version: 'v2' } } },
  });
  assert.doesNotMatch(text, /^ +path:/m);
});

test('mounts of KV version 1 get the store that converted modules name, and may be read', () => {
  const files = core({ ...plan, kv1: ['old', 'team/kv'] });
  const text = files.get('k8s/core/vault-integration/cluster-secret-store.yaml')?.text ?? '';
  const store: unknown = parseAllDocuments(text).at(-1)?.toJS();
  assert.partialDeepStrictEqual(store, {
    metadata: { name: 'vault-backend-v1' },
    spec: { provider: { vault: { version: 'v1' } } },
  });
  const setup = files.get('k8s/core/vault-integration/vault-setup.sh')?.text ?? '';
  assert.match(setup, /^path "old\/\*".*\npath "team\/kv\/\*"/m);
  assert.match(files.get('k8s/core/vault-integration/smoke.sh')?.text ?? '', /clustersecretstore\/vault-backend-v1/);
  assert.doesNotMatch(core(plan).get('k8s/core/vault-integration/cluster-secret-store.yaml')?.text ?? '', /-v1/);
});

test('scripts may be run and the rest may not', () => {
  const files = core(plan);
  assert.equal(files.get('k8s/install.sh')?.executable, true);
  assert.equal(files.get('k8s/README.md')?.executable, false);
});
