import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PVCGroup, pvcGroups } from '../../expand/api/pvc-group.ts';
import { resolveConfiguration } from '../../expand/settings/configuration.ts';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { type Clock, systemClock } from '../../telemetry/clock.ts';
import { type GroupReaching, groupPreview, memberships } from './group-reach.ts';
import { type GroupSupposition, whatIfOfGroup } from './group-what-if.ts';
import { claim, DAY_MS, FROM, filling, GI, partsOf, TO, type World } from './what-if.fixture.ts';

const labels = { app: 'data' };
const never = new AbortController().signal;

function groupOf(spec: object, name = 'data', namespace = 'shop'): PVCGroup {
  return pvcGroups.project({
    ...{ apiVersion: 'pvc-chonker.io/v1alpha1', kind: 'PVCGroup' },
    ...{ metadata: { name, namespace, uid: name, resourceVersion: '1' }, spec },
  });
}

const selecting = (template: object = {}, more: object = {}): PVCGroup =>
  groupOf({ selector: { matchLabels: labels }, template, ...more });

function claimObject(name: string, own: Record<string, string> = labels, namespace = 'shop'): PersistentVolumeClaim {
  return kinds.PersistentVolumeClaim.project({
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    metadata: { name, namespace, uid: name, resourceVersion: '1', labels: own },
    spec: { accessModes: ['ReadWriteOnce'], volumeName: `pv-${name}`, resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '10Gi' } },
  });
}

interface Given {
  readonly stored?: PVCGroup | undefined;
  readonly draft?: PVCGroup | undefined;
  readonly others?: readonly PVCGroup[];
  readonly claims: readonly PersistentVolumeClaim[];
}

function reachingOf({ stored, draft, others = [], claims }: Given): GroupReaching {
  const configuration = resolveConfiguration({ flags: {}, env: {}, file: {} });
  assert.ok(configuration.kind !== 'invalid');
  const view: GroupReaching['view'] = {
    namespace: () => undefined,
    storageClass: () => undefined,
    policies: () => ({ policies: [], availability: 'served' }),
  };
  return { stored, draft, claims, view, configuration, groups: [...others, ...(stored ? [stored] : [])] };
}

function asked(given: Given, hidden = 0): GroupSupposition {
  const members = memberships(reachingOf(given)).filter(({ was, is }) => was || is);
  const prices = { perType: {}, currency: '' };
  return { stored: given.stored, draft: given.draft, members, hidden, from: FROM, to: TO, prices };
}

const world = (more: Partial<World> = {}) =>
  partsOf({
    claims: [claim('full', labels), claim('calm', labels), claim('other')],
    pointsOf: (name) => filling(name === 'full' ? 1 : 0.3),
    ...more,
  });
const claims = [claimObject('full'), claimObject('calm'), claimObject('other', {})];

test('who is in a group follows in what is played, and who is not does not', async () => {
  const draft = selecting({ enabled: true, threshold: '80%', increase: '50%', minScaleUp: '1Gi' });
  const answer = await whatIfOfGroup(asked({ draft, claims }), world(), never);
  assert.deepEqual([answer.matched, answer.played, answer.cut, answer.notes], [2, 2, '', []]);
  assert.deepEqual([answer.present.grown, answer.proposed.grown], [0, 2]);
  assert.equal(answer.proposed.grownBytes, String(10 * GI), 'one filled, the other followed it');
  const sizes = Object.fromEntries(
    answer.claims.map((row) => [`${row.namespace}/${row.claim}`, row.proposed.endBytes]),
  );
  assert.deepEqual(sizes, { 'shop/full': String(15 * GI), 'shop/calm': String(15 * GI) });
});

test('the same members, each for itself: what the coordination makes of it is what differs', async () => {
  const template = { enabled: true, threshold: '80%', increase: '50%', minScaleUp: '1Gi' };
  const stored = selecting(template);
  const draft = selecting(template, { coordinationPolicy: 'independent' });
  const { present, proposed } = await whatIfOfGroup(asked({ stored, draft, claims }), world(), never);
  assert.deepEqual([present.grown, proposed.grown], [2, 1]);
  const gone = await whatIfOfGroup(asked({ stored, claims }), world(), never);
  assert.deepEqual([gone.present.grown, gone.proposed.grown], [2, 0], 'without the group nobody asks for growth');
});

test('what cannot be played is said', async () => {
  const draft = selecting({ enabled: true });
  const rival = groupOf({ members: [{ name: 'calm' }] }, 'rival');
  const late = world({
    pointsOf: (name) => filling(0.5).filter(([at]) => name === 'full' || at > FROM + 10 * DAY_MS),
  });
  const joining = groupOf({ members: [{ name: 'full' }, { name: 'calm' }] });
  const { notes, played } = await whatIfOfGroup(asked({ draft: joining, others: [rival], claims }, 2), late, never);
  assert.equal(played, 2);
  assert.deepEqual(notes, [
    '2 members of namespaces that you may not see had no part in it: who leads may be among them',
    'what comes from or goes to another group (shop/rival) was played there without its other members',
    '1 member came later than the others: played as if there from the beginning',
  ]);
  const silent = await whatIfOfGroup(asked({ draft, claims }), world({ pointsOf: () => [] }), never);
  assert.deepEqual([silent.matched, silent.played, silent.unmeasured], [2, 0, 2]);
});

test('what takes too long is cut off whole: of some of the members nothing can be said', async () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => (now += 4_000) };
  const answer = await whatIfOfGroup(asked({ draft: selecting({ enabled: true }), claims }), world({ clock }), never);
  assert.deepEqual([answer.played, answer.matched], [0, 2]);
  assert.match(answer.cut, /^cut off after 20 s: look back less far/);
  const point = (index: number): [number, number, number] => [FROM + index, GI, 10 * GI];
  const many = world({ pointsOf: () => Array.from({ length: 600_000 }, (_, index) => point(index)) });
  const large = await whatIfOfGroup(asked({ draft: selecting({ enabled: true }), claims }), many, never);
  assert.match(large.cut, /more than 1,000,000 measurements/);
  const gone = new AbortController();
  gone.abort(new Error('nobody waits'));
  await assert.rejects(whatIfOfGroup(asked({ draft: selecting(), claims }), world(), gone.signal), /nobody waits/);
});

test('the preview says who joins, stays and leaves, how large they would be, and keeps what may not be seen', () => {
  const stored = selecting({ enabled: true });
  const draft = groupOf({ members: [{ name: 'full' }, { name: 'other' }, { name: 'far', namespace: 'elsewhere' }] });
  const far = claimObject('far', {}, 'elsewhere');
  const first = groupOf({ members: [{ name: 'other' }] }, 'aaa');
  const reaching = reachingOf({ stored, draft, others: [first], claims: [...claims, far] });
  const all = memberships(reaching);
  const seen = groupPreview(all, reaching, () => true);
  const told = seen.rows.map(({ name, change, other, leads }) => [name, change, other, leads]).toSorted();
  assert.deepEqual(told, [
    ['calm', 'leaves', '', true],
    ['full', 'stays', '', true],
  ]);
  assert.deepEqual(seen.refused, ['elsewhere/far'], 'its namespace grants nothing');
  assert.deepEqual([seen.members, seen.joining, seen.leaving, seen.hidden], [1, 0, 1, 0]);
  assert.deepEqual([seen.presentBytes, seen.proposedBytes], [String(10 * GI), String(10 * GI)]);
  const blind = groupPreview(all, reaching, (namespace) => namespace !== 'elsewhere');
  assert.deepEqual(blind.refused, []);
  const nobody = groupPreview(all, reaching, () => false);
  assert.deepEqual([nobody.rows, nobody.members, nobody.hidden], [[], 0, 2]);
  const taking = reachingOf({ draft: first, others: [groupOf({ members: [{ name: 'other' }] }, 'rival')], claims });
  const [joining] = groupPreview(memberships(taking), taking, () => true).rows;
  assert.deepEqual([joining?.name, joining?.change, joining?.other], ['other', 'joins', 'shop/rival']);
});
