import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { pvcPolicies } from '../api/pvc-policy.ts';
import { configured } from '../decide.fixture.ts';
import { type Above, layersFor } from './layers.ts';
import { overruled, resolvePolicy } from './policy.ts';

const POLICY = 'pvc-chonker.io/policy';

const annotated = (policy: string | undefined) => (policy === undefined ? {} : { annotations: { [POLICY]: policy } });
const claim = (policy?: string) =>
  kinds.PersistentVolumeClaim.project({
    metadata: { name: 'data', namespace: 'shop', labels: { workload: 'database' }, ...annotated(policy) },
    spec: { resources: { requests: { storage: '1Gi' } } },
  });
const policy = (name: string, spec: object) => pvcPolicies.project({ metadata: { name, namespace: 'shop' }, spec });

function above(policies: Above['policies']['policies'], named: { namespace?: string; class?: string } = {}): Above {
  return {
    policies: { policies, availability: 'served' },
    namespace: kinds.Namespace.project({ metadata: { name: 'shop', ...annotated(named.namespace) } }),
    storageClass: kinds.StorageClass.project({
      metadata: { name: 'fast', ...annotated(named.class) },
      provisioner: 'p',
    }),
    configuration: configured(),
  };
}

const databases = policy('databases', {
  selector: { matchLabels: { workload: 'database' } },
  template: { threshold: 70 },
});
const web = policy('web', { selector: { matchLabels: { workload: 'web' } }, template: { threshold: 60 } });

test('a policy that is named and selects too counts once, as the named one', () => {
  const { layers, notes } = layersFor(claim('databases'), above([databases, web]));
  const levels = layers.filter(({ source }) => source.label === 'policy databases').map(({ source }) => source.level);
  assert.deepEqual(levels, ['policy-by-name']);
  assert.deepEqual(overruled(layers, 'threshold'), [{ level: 'built-in', label: 'built-in' }]);
  assert.deepEqual(notes, []);
});

test('the nearest of claim, namespace and class names the policy', () => {
  const all = [policy('a', { selector: { matchLabels: { no: 'one' } }, template: { threshold: 51 } }), databases, web];
  const thresholdOf = (own: string | undefined, named: { namespace?: string; class?: string }): number =>
    resolvePolicy(layersFor(claim(own), above(all, named)).layers).settings.threshold.value;
  assert.equal(thresholdOf(undefined, { class: 'a' }), 0.51);
  assert.equal(thresholdOf(undefined, { namespace: 'web', class: 'a' }), 0.6);
  assert.equal(thresholdOf('a', { namespace: 'web' }), 0.51);
  assert.equal(thresholdOf(undefined, {}), 0.7);
});

test('a name that leads nowhere is a problem of the place that gives it', () => {
  const { problems } = resolvePolicy(layersFor(claim(), above([databases], { namespace: 'gone' })).layers);
  assert.deepEqual(problems, [
    {
      field: 'policy',
      value: 'gone',
      reason: 'must name a PVCPolicy of the namespace shop; there is none of that name',
      source: { level: 'namespace', label: 'namespace shop' },
    },
  ]);
  const own = resolvePolicy(layersFor(claim('databases'), above([databases], { namespace: 'gone' })).layers);
  assert.deepEqual(own.problems, [], 'a nearer name that is there is the one that counts');
});

test('a name that cannot be read is no name, and is told as what it is', () => {
  const { problems } = resolvePolicy(layersFor(claim('Not A Name'), above([databases])).layers);
  assert.deepEqual(
    problems.map(({ field, value }) => [field, value]),
    [['policy', 'Not A Name']],
  );
  assert.match(problems[0]?.reason ?? '', /must be the name of an object/);
});

test('a selector that cannot be read concerns every claim of the namespace', () => {
  const broken = policy('broken', { selector: { matchLabels: 'all' }, template: { maxSize: '5Gi' } });
  const { problems } = resolvePolicy(layersFor(claim(), above([broken])).layers);
  assert.deepEqual(
    problems.map(({ field, source }) => [field, source.label]),
    [['spec.selector', 'policy broken']],
  );
});

test('one wrong field stops the claim only where it would count', () => {
  const wrong = policy('wrong', { selector: {}, priority: -1, template: { threshold: 'high', cooldown: '1h' } });
  const under = resolvePolicy(layersFor(claim(), above([databases, wrong])).layers);
  assert.deepEqual(under.problems, []);
  assert.equal(under.settings.cooldown.source.label, 'policy wrong');
  const alone = resolvePolicy(layersFor(claim(), above([wrong])).layers);
  assert.deepEqual(
    alone.problems.map(({ field, value }) => [field, value]),
    [['spec.template.threshold', 'high']],
  );
});

test('advice on IOPS is passed on as advice', () => {
  const advised = policy('fast', { selector: {}, template: { providerConfig: { iops: 3000 } } });
  const { notes } = layersFor(claim(), above([advised]));
  assert.deepEqual(notes, ['policy fast advises 3000 IOPS; Larder changes none, a VolumeAttributesClass does']);
});
