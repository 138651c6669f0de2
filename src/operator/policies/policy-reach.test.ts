import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pvcPolicies } from '../../expand/api/pvc-policy.ts';
import { resolveConfiguration } from '../../expand/settings/configuration.ts';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { placeRows, policyRows } from './policy-list.ts';
import { previewOf, type Reaching } from './policy-reach.ts';

const claim = (
  name: string,
  labels: Record<string, string>,
  annotations: Record<string, string> = {},
): PersistentVolumeClaim =>
  kinds.PersistentVolumeClaim.project({
    metadata: { name, namespace: 'shop', labels, annotations },
    spec: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } },
  });
const policy = (name: string, spec: object) => pvcPolicies.project({ metadata: { name, namespace: 'shop' }, spec });
const configuration = (() => {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: { defaultThreshold: '85%' } });
  assert.ok(resolved.kind !== 'invalid');
  return resolved;
})();

interface Given {
  readonly stored?: object;
  readonly draft?: object;
  readonly claims: readonly PersistentVolumeClaim[];
  readonly others?: Readonly<Record<string, object>>;
}

function reaching({ stored, draft, claims, others = {} }: Given): Reaching {
  const known = stored && policy('mine', stored);
  const rest = Object.entries(others).map(([name, spec]) => policy(name, spec));
  return {
    stored: known,
    draft: draft && policy('mine', draft),
    claims,
    view: {
      namespace: () => undefined,
      storageClass: () => undefined,
      policies: () => ({ policies: known ? [known, ...rest] : rest, availability: 'served' }),
    },
    belonging: () => undefined,
    configuration,
  };
}

const databases = { matchLabels: { workload: 'database' } };
const db = claim('db', { workload: 'database' });
const web = claim('web', { workload: 'web' });

test('a new policy is joined by those that it selects, and each value says where it comes from', () => {
  const preview = previewOf(
    reaching({ draft: { selector: databases, template: { maxSize: '50Gi' } }, claims: [db, web] }),
  );
  assert.deepEqual([preview.matched, preview.joining, preview.leaving, preview.claims], [1, 1, 0, 2]);
  const [row] = preview.reached;
  assert.deepEqual(
    [row?.name, row?.by, row?.change, row?.growsAtPresent, row?.growsAsProposed],
    ['db', 'selector', 'joins', 'does not grow: nobody asks for it', 'grows: policy mine'],
  );
  assert.deepEqual(row?.settings, [
    {
      key: 'max-size',
      present: String(1000n * 1024n ** 3n),
      presentFrom: 'built-in',
      proposed: String(50n * 1024n ** 3n),
      proposedFrom: 'policy mine',
    },
  ]);
});

test('what the claim says itself is not changed by any policy', () => {
  const own = claim(
    'own',
    { workload: 'database' },
    { 'pvc-chonker.io/max-size': '9Gi', 'pvc-chonker.io/enabled': 'false' },
  );
  const [row] = previewOf(reaching({ draft: { selector: {}, template: { maxSize: '50Gi' } }, claims: [own] })).reached;
  assert.deepEqual(row?.settings, []);
  assert.match(row?.growsAsProposed ?? '', /^does not grow: enabled is "false" \(annotation\)/);
});

test('another selector lets some go and others in; a claim that names it stays', () => {
  const named = claim('named', {}, { 'pvc-chonker.io/policy': 'mine' });
  const { matched, joining, leaving, reached } = previewOf(
    reaching({
      stored: { selector: databases, template: {} },
      draft: { selector: { matchLabels: { workload: 'web' } }, template: {} },
      claims: [db, web, named],
    }),
  );
  assert.deepEqual([matched, joining, leaving], [2, 1, 1]);
  assert.deepEqual(reached.map(({ name, change, by }) => `${name} ${change} ${by}`).toSorted(), [
    'db leaves selector',
    'named stays name',
    'web joins selector',
  ]);
});

test('of a policy that goes its claims are told: another one counts, and who names it grows no more', () => {
  const named = claim('named', {}, { 'pvc-chonker.io/policy': 'mine' });
  const { matched, leaving, reached } = previewOf(
    reaching({
      stored: { selector: databases, template: { threshold: '70%' }, priority: 5 },
      others: { all: { selector: databases, template: { threshold: '90%' } } },
      claims: [db, named],
    }),
  );
  assert.deepEqual([matched, leaving], [0, 2]);
  const [first, second] = reached;
  assert.equal(first?.name, 'named', 'what stops comes first');
  assert.match(
    first?.problem ?? '',
    /^policy is "mine" \(annotation\): it must name a PVCPolicy of the namespace shop/,
  );
  assert.equal(second?.growsAsProposed, 'grows: policy all');
  assert.deepEqual(second?.settings, [
    { key: 'threshold', present: 0.7, presentFrom: 'policy mine', proposed: 0.9, proposedFrom: 'policy all' },
  ]);
});

test('of very many claims the counts are of all, and the rows are bounded', () => {
  const claims = Array.from({ length: 5_000 }, (_, index) => claim(`db-${index}`, { workload: 'database' }));
  const preview = previewOf(reaching({ draft: { selector: databases, template: {} }, claims }));
  assert.deepEqual([preview.matched, preview.reached.length], [5_000, 200]);
});

test('the list counts claims, and says what cannot be read and who contradicts whom', () => {
  const policies = [
    policy('b', { selector: databases, template: { threshold: '70%', enabled: false } }),
    policy('a', { selector: databases, template: { threshold: '80%' } }),
    policy('broken', { selector: 'all', template: { maxSize: 'much' } }),
  ];
  const view = { namespace: () => undefined, storageClass: () => undefined };
  const rows = policyRows(policies, [db, web], view, 0);
  assert.deepEqual(
    rows.map(({ name, matched, enabled, selector }) => [name, matched, enabled, selector]),
    [
      ['a', 1, true, 'workload=database'],
      ['b', 1, false, 'workload=database'],
      ['broken', 2, true, undefined],
    ],
  );
  assert.match(
    rows[0]?.conflict ?? '',
    /^b selects 1 claim of it too, with the same priority and another enabled, threshold/,
  );
  assert.deepEqual(
    rows[2]?.problems.map(({ field }) => field),
    ['spec.selector', 'spec.template.maxSize'],
  );
  assert.deepEqual(rows[1]?.settings, [{ key: 'threshold', text: '70%' }]);
});

test('a pause of the namespace is said of all its policies', () => {
  const shop = kinds.Namespace.project({ metadata: { name: 'shop', annotations: { 'larder.dev/paused': 'true' } } });
  const view = { namespace: () => shop, storageClass: () => undefined };
  const [row] = policyRows([policy('a', { selector: {} })], [], view, 0);
  assert.equal(row?.paused, true);
});

test('other places that say something are listed with what cannot be read of them', () => {
  const namespace = kinds.Namespace.project({
    metadata: { name: 'shop', annotations: { 'pvc-chonker.io/threshold': '300%', note: 'x' } },
  });
  const silent = kinds.Namespace.project({ metadata: { name: 'silent' } });
  const rows = placeRows({ namespaces: [namespace, silent], classes: [], configuration });
  assert.deepEqual(
    rows.map(({ kind, name }) => `${kind} ${name}`),
    ['Namespace shop', 'configuration Larder'],
  );
  assert.match(rows[0]?.settings[0]?.problem ?? '', /must be a percentage/);
  assert.deepEqual(
    rows[1]?.settings.map(({ key, text }) => [key, text]),
    [['defaultThreshold', '85%']],
  );
});
