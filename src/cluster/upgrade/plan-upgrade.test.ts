import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planUpgrade, type RunningNode, type UpgradeRequest } from './plan-upgrade.ts';
import { compareReleases, parseRelease, releaseText } from './release.ts';

const three = (...releases: readonly (string | undefined)[]): readonly RunningNode[] =>
  releases.map((release, index) => ({
    name: `n${index + 1}`,
    role: index < Math.max(1, releases.length - 1) ? 'server-agent' : 'worker',
    release,
  }));

function plan(request: Partial<UpgradeRequest>): readonly string[] {
  const made = planUpgrade({
    nodes: three('v1.35.1+k3s1', 'v1.35.1+k3s1'),
    target: 'v1.35.6+k3s1',
    via: [],
    etcd: '3.6.7',
    ...request,
  });
  return made.kind === 'plan'
    ? made.steps.map(({ node, from, to }) => `${node} ${from} ${to}`)
    : made.reasons.map(({ reason }) => reason);
}

test('servers come first, one at a time, then the workers', () => {
  const nodes: readonly RunningNode[] = [
    { name: 'w', role: 'worker', release: 'v1.34.1+k3s1' },
    { name: 'a', role: 'server-agent', release: 'v1.34.1+k3s1' },
    { name: 'b', role: 'server-agent', release: 'v1.34.1+k3s1' },
  ];
  assert.deepEqual(
    plan({ nodes, target: 'v1.35.6+k3s1' }),
    ['a', 'b', 'w'].map((name) => `${name} v1.34.1+k3s1 v1.35.6+k3s1`),
  );
});

test('what was interrupted goes on with the nodes that are left', () => {
  assert.deepEqual(plan({ nodes: three('v1.35.6+k3s1', 'v1.35.1+k3s1') }), ['n2 v1.35.1+k3s1 v1.35.6+k3s1']);
  assert.deepEqual(plan({ nodes: three('v1.35.6+k3s1', 'v1.35.6+k3s1') }), []);
});

test('a minor between is a hop of its own, on all nodes before the next', () => {
  assert.deepEqual(plan({ target: 'v1.37.0+k3s1' }), ['MinorSkipped']);
  assert.deepEqual(plan({ target: 'v1.37.0+k3s1', via: ['v1.36.1+k3s1'] }), [
    'n1 v1.35.1+k3s1 v1.36.1+k3s1',
    'n2 v1.35.1+k3s1 v1.36.1+k3s1',
    'n1 v1.36.1+k3s1 v1.37.0+k3s1',
    'n2 v1.36.1+k3s1 v1.37.0+k3s1',
  ]);
});

test('back is no way, and a build of the same patch is an upgrade', () => {
  assert.deepEqual(plan({ target: 'v1.35.0+k3s1' }), ['Downgrade', 'Downgrade']);
  assert.deepEqual(plan({ nodes: three('v1.35.1+k3s1'), target: 'v1.35.1+k3s2' }), ['n1 v1.35.1+k3s1 v1.35.1+k3s2']);
});

test('etcd 3.6 is reached only from 3.5.26 on', () => {
  const nodes = three('v1.33.7+k3s1', 'v1.33.7+k3s1');
  const target = 'v1.34.9+k3s1';
  assert.deepEqual(plan({ nodes, target, etcd: '3.5.21' }), ['EtcdTooOld']);
  assert.deepEqual(plan({ nodes, target, etcd: '3.5.9' }), ['EtcdTooOld']);
  assert.deepEqual(plan({ nodes, target, etcd: undefined }), ['EtcdTooOld']);
  assert.deepEqual(plan({ nodes, target, etcd: 'nonsense' }), ['EtcdTooOld']);
  assert.equal(plan({ nodes, target, etcd: '3.5.26-k3s1' }).length, 2);
  assert.equal(plan({ nodes, target, etcd: 'v3.5.32' }).length, 2);
  // A hop within 1.33 does not help in the same run: the members have to run it before their version is believed.
  assert.deepEqual(plan({ nodes, target, via: ['v1.33.7+k3s3'], etcd: '3.5.21' }), ['EtcdTooOld']);
});

test('k3s 1.33 goes to etcd 3.6 within its patches, and that is asked for as well', () => {
  const nodes = three('v1.33.5+k3s1', 'v1.33.5+k3s1');
  assert.equal(plan({ nodes, target: 'v1.33.7+k3s3', etcd: undefined }).length, 2, 'that release has 3.5');
  assert.deepEqual(plan({ nodes, target: 'v1.33.13+k3s1', etcd: '3.5.21' }), ['EtcdTooOld']);
  assert.deepEqual(plan({ nodes, target: 'v1.33.13+k3s1', etcd: undefined }), ['EtcdTooOld']);
  assert.equal(plan({ nodes, target: 'v1.33.13+k3s1', etcd: '3.5.26' }).length, 2);
  assert.deepEqual(
    plan({ nodes, target: 'v1.33.9+k3s1', etcd: '3.5.21' }),
    ['EtcdTooOld'],
    'nobody wrote down which it has',
  );
  const unknown = three('v1.33.9+k3s1', 'v1.33.9+k3s1');
  assert.deepEqual(plan({ nodes: unknown, target: 'v1.34.9+k3s1', etcd: undefined }), ['EtcdTooOld']);
  const newer = three('v1.33.13+k3s1', 'v1.33.13+k3s1');
  assert.equal(plan({ nodes: newer, target: 'v1.34.9+k3s1', etcd: '3.6.12' }).length, 2);
  assert.equal(plan({ nodes: newer, target: 'v1.34.9+k3s1', etcd: undefined }).length, 2, 'it has 3.6 already');
  assert.deepEqual(plan({ nodes: newer, target: 'v1.34.9+k3s1', etcd: '3.5.21' }), ['EtcdTooOld'], 'what runs counts');
});

test("what is refused names the release to go to, and what etcd's own guide asks beyond that is told", () => {
  const nodes = three('v1.33.5+k3s1', 'v1.33.5+k3s1');
  const asked = { nodes, target: 'v1.34.9+k3s1', via: [] };
  const refused = planUpgrade({ ...asked, etcd: '3.5.21' });
  assert.match(refused.kind === 'refused' ? (refused.reasons[0]?.message ?? '') : '', /3\.5\.21 runs.*v1\.33\.7\+k3s3/);
  const warnings = (request: Partial<UpgradeRequest>): readonly string[] => {
    const made = planUpgrade({ ...asked, etcd: undefined, ...request });
    return made.kind === 'plan' ? made.warnings : assert.fail(JSON.stringify(made));
  };
  assert.match(warnings({ etcd: '3.5.26-k3s1' }).join(), /3\.5\.26-k3s1 to 3\.6.*asks for 3\.5\.32.*snapshot/);
  assert.equal(warnings({ etcd: '3.5.31' }).length, 1);
  assert.deepEqual(warnings({ etcd: '3.5.32' }), []);
  assert.deepEqual(warnings({ target: 'v1.33.7+k3s3', etcd: '3.5.21' }), []);
  assert.deepEqual(warnings({ nodes: three('v1.34.9+k3s1', 'v1.34.9+k3s1'), etcd: '3.5.26' }), [], 'nothing is done');
});

test('skew that is there already is told before anything is changed', () => {
  assert.deepEqual(
    plan({ nodes: three('v1.36.1+k3s1', 'v1.34.1+k3s1', 'v1.34.1+k3s1'), target: 'v1.36.1+k3s1' }).toSorted(),
    ['MinorSkipped', 'ServersApart'],
  );
  assert.deepEqual(plan({ nodes: three('v1.35.1+k3s1', 'v1.36.1+k3s1'), target: 'v1.36.1+k3s1' }), ['KubeletNewer']);
  assert.ok(plan({ nodes: three('v1.35.1+k3s1', 'v1.31.1+k3s1') }).includes('KubeletTooOld'));
});

test('a release that is no step on the way is refused', () => {
  assert.deepEqual(plan({ via: ['v1.36.1+k3s1'] }), ['BeyondTarget']);
  assert.deepEqual(plan({ via: ['v1.35.6+k3s1'] }), ['BeyondTarget']);
});

test('what is no release, and a node without k3s, are named', () => {
  assert.deepEqual(plan({ target: 'v1.35' }), ['NotARelease']);
  assert.deepEqual(plan({ via: ['stable'] }), ['NotARelease']);
  assert.deepEqual(plan({ nodes: three(undefined, 'v1.35.1+k3s1') }), ['NotInstalled']);
  assert.deepEqual(plan({ nodes: three('v1.35.1-rc1+k3s1', 'v1.35.1+k3s1') }), ['NotInstalled']);
});

const release = fc
  .record({ minor: fc.integer({ min: 33, max: 38 }), patch: fc.nat({ max: 3 }), build: fc.integer({ min: 1, max: 2 }) })
  .map((parts) => releaseText({ major: 1, ...parts }));
const runs = fc.array(fc.record({ role: fc.constantFrom('server-agent' as const, 'worker' as const), release }), {
  minLength: 1,
  maxLength: 5,
});

test('whatever is planned keeps the skew after every step and ends at the target', () => {
  let planned = 0;
  fc.assert(
    fc.property(
      runs,
      release,
      fc.array(release, { maxLength: 4 }),
      fc.constantFrom('3.5.21', '3.5.26', '3.6.7'),
      (list, target, via, etcd) => {
        const nodes = list.map((each, index) => ({ name: `n${index}`, ...each }));
        const made = planUpgrade({ nodes, target, via, etcd });
        if (made.kind === 'refused') return assert.ok(made.reasons.length > 0);
        planned += 1;
        const now = new Map(nodes.map(({ name, release: text }) => [name, text]));
        for (const { node, from, to } of made.steps) {
          assert.equal(now.get(node), from);
          now.set(node, to);
          const minors = (role: string): readonly number[] =>
            nodes.filter((each) => each.role === role).map(({ name }) => parseRelease(now.get(name) ?? '')?.minor ?? 0);
          const servers = minors('server-agent');
          assert.ok(servers.length === 0 || Math.max(...servers) - Math.min(...servers) <= 1, 'servers apart');
          for (const minor of servers.length === 0 ? [] : minors('worker')) {
            assert.ok(minor <= Math.min(...servers), 'a kubelet is newer');
          }
          assert.ok(compare(to, from) > 0, 'a step goes back');
        }
        assert.deepEqual([...new Set(now.values())], [target]);
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(planned > 500, `only ${planned} plans`);
});

function compare(a: string, b: string): number {
  const [left, right] = [parseRelease(a), parseRelease(b)];
  return left === undefined || right === undefined ? Number.NaN : compareReleases(left, right);
}
