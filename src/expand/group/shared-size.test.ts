import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coordinationPolicies } from '../api/pvc-group.ts';
import { GIB, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Floor } from '../floor.ts';
import { emptyHistory, formatHistory, type Growth, parseHistory } from '../history.ts';
import { newcomerSize, ownBytesOf, type Peer, sharedSize } from './shared-size.ts';

const peer = (key: string, gib: bigint, own = gib): Peer => ({ key, bytes: gib * GIB, ownBytes: own * GIB });
const three = [peer('a', 10n), peer('b', 20n), peer('c', 15n)];

test('each coordination policy has its size', () => {
  assert.deepEqual(sharedSize('largest', three), { bytes: 20n * GIB, leader: 'b' });
  assert.deepEqual(sharedSize('average', three), { bytes: 15n * GIB, leader: undefined });
  assert.deepEqual(sharedSize('sum', three), { bytes: 15n * GIB, leader: undefined });
  assert.equal(sharedSize('independent', three), undefined);
  assert.equal(sharedSize('largest', []), undefined);
  assert.deepEqual(sharedSize('average', [peer('a', 1n), { ...peer('b', 1n), ownBytes: GIB + 1n }]), {
    bytes: GIB + 1n,
    leader: undefined,
  });
});

test('a newcomer shares in a total that is kept, and reaches the size of the others otherwise', () => {
  assert.equal(newcomerSize('largest', three)?.bytes, 20n * GIB);
  assert.equal(newcomerSize('average', three)?.bytes, 15n * GIB);
  assert.equal(newcomerSize('sum', three)?.bytes, (45n * GIB + 3n) / 4n);
  assert.equal(newcomerSize('sum', []), undefined);
});

test('of members of the same size the lesser name leads', () => {
  assert.equal(sharedSize('largest', [peer('b', 2n), peer('a', 2n)])?.leader, 'a');
});

const peers = fc.array(
  fc
    .record({ key: fc.string({ minLength: 1 }), bytes: fc.bigInt({ min: 1n, max: 2n ** 50n }), share: fc.nat(100) })
    .map(({ key, bytes, share }) => ({ key, bytes, ownBytes: (bytes * BigInt(share)) / 100n + 1n })),
  { minLength: 1, maxLength: 12 },
);
const policies = fc.constantFrom(...coordinationPolicies);

/** Every member grows to what it should have, as the group made it: its own size stays. */
const settle = (members: readonly Peer[], bytes: bigint): readonly Peer[] =>
  members.map((each) => (each.bytes < bytes ? { ...each, bytes } : each));

test('a group comes to rest after one round, never shrinks, and does not care for the order of its members', () => {
  fc.assert(
    fc.property(policies, peers, (policy, members) => {
      const shared = sharedSize(policy, members);
      assert.equal(sharedSize(policy, members.toReversed())?.bytes, shared?.bytes);
      if (!shared) return;
      const settled = settle(members, shared.bytes);
      assert.equal(sharedSize(policy, settled)?.bytes, shared.bytes);
      assert.ok(settled.every(({ bytes }, index) => bytes >= (members[index]?.bytes ?? 0n)));
      assert.ok(
        members.some(({ bytes }) => shared.bytes <= bytes + 1n),
        'nobody needs more than the largest has',
      );
    }),
  );
});

const followed: Growth = {
  at: Date.UTC(2026, 0, 30),
  fromBytes: 10n * GIB,
  toBytes: 20n * GIB,
  trigger: 'group',
  usableBytes: 0n,
  inodes: undefined,
  origin: '',
  ownBytes: 10n * GIB,
};

test('what the group added is not what a claim has for itself, until somebody asks for more', () => {
  const { claim } = situationInput({ request: '20Gi' });
  const history = { lastAt: followed.at, growths: [followed] };
  assert.equal(ownBytesOf(claim, history), 10n * GIB);
  assert.equal(ownBytesOf(claim, emptyHistory), 20n * GIB);
  assert.equal(ownBytesOf(situationInput({ request: '25Gi' }).claim, history), 25n * GIB);
  const later: Growth = {
    ...followed,
    trigger: 'storage',
    fromBytes: 20n * GIB,
    toBytes: 22n * GIB,
    ownBytes: undefined,
  };
  assert.equal(
    ownBytesOf(situationInput({ request: '22Gi' }).claim, { ...history, growths: [followed, later] }),
    22n * GIB,
  );
});

test('its own size is kept on the claim', () => {
  const read = parseHistory(formatHistory(emptyHistory, followed));
  assert.deepEqual(read.ok && read.value.growths, [followed]);
  assert.equal(parseHistory({ 'pvc-chonker.io/history': '[{"at":"2026-01-30T00:00:00Z","own":"x"}]' }).ok, false);
});

const floorOf = (gib: bigint): Floor => ({
  bytes: gib * GIB,
  trigger: 'group',
  source: 'group es (largest: x/y)',
  ownBytes: GIB,
});

test('a member grows to the size of its group whatever it uses, also when nobody measured it', () => {
  for (const samples of [3, 0]) {
    const decision = decide(situationInput({ samples, usedRatio: 0.1, over: { floor: floorOf(20n) } }));
    assert.equal(decision.verdict.kind, 'Expand');
    assert.equal(decision.targetBytes, 20n * GIB);
    assert.equal(decision.trigger, 'group');
  }
});

test('every other gate counts for it as well', () => {
  const over = { floor: floorOf(20n) };
  const verdict = (annotations: Readonly<Record<string, string>>, more = {}) =>
    decide(situationInput({ annotations, usedRatio: 0.1, over: { ...over, ...more } }));
  assert.equal(verdict({ 'pvc-chonker.io/enabled': 'false' }).verdict.kind, 'Unmanaged');
  assert.equal(verdict({ 'pvc-chonker.io/max-size': '10Gi' }).verdict.kind, 'AtMax');
  assert.equal(verdict({ 'pvc-chonker.io/max-size': '15Gi' }).targetBytes, 15n * GIB);
  assert.equal(verdict({ 'pvc-chonker.io/max-step': '2Gi' }).targetBytes, 12n * GIB);
  const history = { lastAt: situationInput().now - 60_000, growths: [] };
  assert.equal(verdict({}, { history }).verdict.kind, 'CoolingDown');
  assert.equal(verdict({}, { floor: floorOf(10n) }).verdict.kind, 'Hold');
});

test('a member that fills grows by its own rule and to the size of the group at once', () => {
  const full = decide(situationInput({ usedRatio: 0.9, over: { floor: floorOf(20n) } }));
  assert.equal(full.trigger, 'storage');
  assert.equal(full.targetBytes, 20n * GIB);
  const beyond = decide(situationInput({ usedRatio: 0.9, over: { floor: floorOf(10n) } }));
  assert.equal(beyond.targetBytes, 11n * GIB);
});
