import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plain } from '../../src/nomad/source/node.ts';
import { at, jobOf, list, looked } from './manifest.ts';

const constraint = (attribute: string, value: string, operator = '=') =>
  `constraint {\n attribute = "\${${attribute}}"\n operator = "${operator}"\n value = "${value}"\n}`;

const nodeAffinity = (pod: Plain) => at(pod, 'affinity', 'nodeAffinity');
const required = (pod: Plain) =>
  list(
    at(nodeAffinity(pod), 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms', 0, 'matchExpressions'),
  );

test('an image runs where the policy says, unless the job itself says more', () => {
  assert.deepEqual(required(looked(jobOf({})).pod()), [
    { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
  ]);
  const arm = looked(jobOf({ job: constraint('attr.cpu.arch', 'arm64') })).pod();
  assert.deepEqual(at(arm, 'nodeSelector'), { 'kubernetes.io/arch': 'arm64' });
  assert.deepEqual(required(arm), []);
  assert.equal(nodeAffinity(looked(jobOf({}), { policy: { architectures: [] } }).pod()), undefined);
});

test('constraints of job, group and task hold for the pod', () => {
  const pod = looked(
    jobOf({
      job: constraint('attr.kernel.name', 'linux'),
      group: constraint('meta.a', 'x'),
      task: constraint('meta.b', 'y'),
    }),
    { policy: { nodeLabels: { 'meta.a': 'a', 'meta.b': 'b' } } },
  ).pod();
  assert.deepEqual(at(pod, 'nodeSelector'), { 'kubernetes.io/os': 'linux', a: 'x', b: 'y' });
});

test('two values of one label cannot both stand in a selector: no node has both, as in Nomad', () => {
  const text = jobOf({ job: constraint('attr.cpu.arch', 'arm64'), group: constraint('attr.cpu.arch', 'amd64') });
  const pod = looked(text).pod();
  assert.deepEqual(at(pod, 'nodeSelector'), { 'kubernetes.io/arch': 'arm64' });
  assert.deepEqual(required(pod), [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }]);
});

test('names of nodes are lower case in Kubernetes', () => {
  for (const attribute of ['node.unique.name', 'attr.unique.hostname']) {
    const pod = looked(jobOf({ group: constraint(attribute, 'Hestia') })).pod();
    assert.deepEqual(at(pod, 'nodeSelector'), { 'kubernetes.io/hostname': 'hestia' });
  }
});

test('a label that only a person knows is asked for; without an answer one is written that no node has yet', () => {
  const text = jobOf({ group: constraint('meta.disk', 'ssd') });
  const asked = looked(text);
  assert.deepEqual(at(asked.pod(), 'nodeSelector'), { 'nomad.larder.dev/meta-disk': 'ssd' });
  assert.equal(asked.questions[0]?.id, 'node-label.meta.disk');
  assert.equal(asked.classOf('constraint.value'), 'approximate');
  const answered = looked(text, { answers: { 'node-label.meta.disk': 'disk' } });
  assert.deepEqual(at(answered.pod(), 'nodeSelector'), { disk: 'ssd' });
  assert.equal(answered.classOf('constraint.value'), 'direct');
});

test('what says nothing about a node of Kubernetes is dropped; what nobody can map is for a person', () => {
  const classOf = (attribute: string, value: string, operator?: string) =>
    looked(jobOf({ group: constraint(attribute, value, operator) })).classOf('constraint.value');
  for (const attribute of [
    'attr.driver.docker',
    'attr.vault.version',
    'attr.plugins.cni.version.bridge',
    'attr.nomad.version',
  ]) {
    assert.equal(classOf(attribute, '1'), 'dropped', attribute);
  }
  for (const [attribute, operator] of [
    ['attr.kernel.version', 'version'],
    ['attr.cpu.numcores', '>='],
    ['node.unique.id', '='],
    ['meta.rack', 'regexp'],
    ['meta.rack', 'semver'],
  ] as const) {
    assert.equal(classOf(attribute, 'a.*', operator), 'manual', `${attribute} ${operator}`);
  }
});

test('short forms of an operator', () => {
  const pod = (lines: string) => looked(jobOf({ group: `constraint {\n${lines}\n}` })).pod();
  assert.deepEqual(required(pod('attribute = "${node.unique.name}"\nregexp = "^(a|b)$"'))[0], {
    key: 'kubernetes.io/hostname',
    operator: 'In',
    values: ['a', 'b'],
  });
  const apart = at(pod('distinct_hosts = true'), 'affinity', 'podAntiAffinity');
  assert.equal(at(apart, 'requiredDuringSchedulingIgnoredDuringExecution', 0, 'topologyKey'), 'kubernetes.io/hostname');
  assert.equal(at(pod('distinct_hosts = false'), 'affinity', 'podAntiAffinity'), undefined);
});

test('distinct hosts of a job keep all its pods apart, of a group its own', () => {
  const distinct = 'constraint {\n operator = "distinct_hosts"\n value = "true"\n}';
  const group = (name: string, lines = '') => `group "${name}" {
    ${lines}
    task "t" {
      driver = "docker"
      config {
        image = "nginx"
      }
    }
  }`;
  const labels = (text: string, stem: string) =>
    list(
      at(looked(text).pod(stem), 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'),
    ).map((each) => at(each, 'labelSelector', 'matchLabels'));
  const wide = `job "web" {\n${distinct}\n${group('a')}\n${group('b')}\n}`;
  assert.deepEqual(labels(wide, 'deployment-a'), [{ app: 'web' }]);
  assert.deepEqual(labels(wide, 'deployment-b'), [{ app: 'web' }]);
  const narrow = `job "web" {\n${group('a', distinct)}\n${group('b')}\n}`;
  assert.deepEqual(labels(narrow, 'deployment-a'), [{ app: 'web', component: 'a' }]);
  assert.deepEqual(labels(narrow, 'deployment-b'), []);
});

test('one for each value of a property; with a limit above one the spread is even', () => {
  const property = (value: string) =>
    `constraint {\n operator = "distinct_property"\n attribute = "\${node.datacenter}"\n ${value}\n}`;
  const one = looked(jobOf({ group: property('') })).pod();
  const [term] = list(at(one, 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'));
  assert.equal(at(term, 'topologyKey'), 'topology.kubernetes.io/zone');
  const two = looked(jobOf({ group: property('value = "2"') }));
  assert.equal(at(two.pod(), 'topologySpreadConstraints', 0, 'whenUnsatisfiable'), 'DoNotSchedule');
  assert.equal(two.classOf('constraint.value'), 'approximate');
});

test('affinities: weights from 1 to 100, a negative one wants the opposite, none wants nothing', () => {
  const preferred = (weight: string) => {
    const lines = `affinity {\n attribute = "\${attr.cpu.arch}"\n value = "arm64"\n ${weight}\n}`;
    const [first] = list(
      at(nodeAffinity(looked(jobOf({ group: lines })).pod()), 'preferredDuringSchedulingIgnoredDuringExecution'),
    );
    return first && [at(first, 'weight'), at(first, 'preference', 'matchExpressions', 0, 'operator')];
  };
  assert.deepEqual(preferred(''), [50, 'In']);
  assert.deepEqual(preferred('weight = 100'), [100, 'In']);
  assert.deepEqual(preferred('weight = -30'), [30, 'NotIn']);
  assert.equal(preferred('weight = 0'), undefined);
});

test('a spread is even, and says which percentages are lost', () => {
  const spread = 'spread {\n attribute = "${node.datacenter}"\n target "a" {\n percent = 70\n }\n}';
  const result = looked(jobOf({ group: spread }));
  assert.deepEqual(at(result.pod(), 'topologySpreadConstraints', 0), {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { app: 'web' } },
  });
  const [account] = result.accounts.filter(({ row }) => row === 'placement.spread');
  assert.match(account?.text ?? '', /a 70 %/);
});
