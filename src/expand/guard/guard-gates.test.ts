import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { constraintsOf, GIB, MIB, MINUTE, NOW, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Decision, GateName } from '../decision.ts';
import type { Growth } from '../history.ts';
import { noticesOf } from '../notices.ts';
import type { Budget } from './budget.ts';
import { type Guards, noGuards } from './guards.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Given {
  readonly guards?: Partial<Guards>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly growths?: readonly Growth[];
  readonly loweredSince?: number;
  readonly now?: number;
}

/** A claim of 10Gi that wants 11Gi, but for what is given. */
function decisionOn({ guards, annotations = {}, growths = [], loweredSince, now = NOW }: Given): Decision {
  const prefixed = Object.fromEntries(
    Object.entries(annotations).map(([key, text]) => [`pvc-chonker.io/${key}`, text] as const),
  );
  const input = situationInput({ usedRatio: 0.9, annotations: prefixed });
  return decide({
    ...input,
    samples: input.samples.map((sample) => ({ ...sample, at: sample.at + now - NOW })),
    constraints: constraintsOf({ guards: { ...noGuards, ...guards } }),
    history: { lastAt: growths.at(-1)?.at, growths },
    loweredSince,
    now,
  });
}

function blocks(gate: GateName, given: Given, reason: RegExp): Decision {
  const decision = decisionOn(given);
  assert.ok(decision.verdict.kind === 'Blocked', `${decision.verdict.kind}, not Blocked by ${gate}`);
  assert.equal(decision.verdict.gate, gate);
  assert.match(decision.verdict.reason, reason);
  assert.equal(decision.targetBytes, undefined);
  assert.deepEqual(decision.gates.find(({ name }) => name === gate)?.outcome, 'fail');
  return decision;
}
const grows = (given: Given): bigint | undefined => {
  const decision = decisionOn(given);
  assert.equal(decision.verdict.kind, 'Expand', JSON.stringify(decision.verdict));
  return decision.targetBytes;
};
const eventOf = (decision: Decision): string =>
  noticesOf(decision)
    .map(({ event }) => event)
    .join(' ');
const known = <T>(value: T) => ({ kind: 'known', value }) as const;

test('without anything to look at nothing is held back, and every gate says why it does not apply', () => {
  const { gates, verdict } = decisionOn({});
  assert.equal(verdict.kind, 'Expand');
  const names = [
    'volume',
    'limit-range',
    'storage-capacity',
    'approval',
    'namespace-budget',
    'window',
    'snapshot',
    'backup',
    'circuit',
  ];
  for (const name of names) {
    const gate = gates.find((each) => each.name === name);
    assert.ok(gate?.outcome === 'skip' && gate.reason !== '', name);
  }
});

test('volume: one that is gone, failed or of another claim is not grown', () => {
  const reason = 'PersistentVolume pv-0 is Released';
  const decision = blocks('volume', { guards: { volume: { kind: 'unsound', reason } } }, /is Released$/);
  assert.equal(eventOf(decision), 'NotExpandable');
  assert.equal(grows({ guards: { volume: { kind: 'sound', name: 'pv-0' } } }), 11n * GIB);
});

test('limit-range: what Kubernetes would refuse is not asked for, up to the last step that it takes', () => {
  const limits = (least: bigint | undefined, most: bigint | undefined): Given => ({
    guards: {
      limits: known({
        least: least === undefined ? undefined : { bytes: least, source: 'LimitRange small, min' },
        most: most === undefined ? undefined : { bytes: most, source: 'LimitRange small, max' },
      }),
    },
    annotations: { increase: '5Gi' },
  });
  assert.equal(grows(limits(undefined, 20n * GIB)), 15n * GIB);
  assert.equal(grows(limits(undefined, 12n * GIB + 5n)), 12n * GIB, 'clamped');
  const full = blocks(
    'limit-range',
    limits(undefined, 10n * GIB),
    /^LimitRange small, max: no room for one more step$/,
  );
  assert.equal(eventOf(full), 'MaxSizeReached');
  assert.equal(grows(limits(20n * GIB, undefined)), 20n * GIB, 'a smaller size would be refused');
  blocks('limit-range', limits(20n * GIB, 18n * GIB), /LimitRange small, m/);
});

test('storage-capacity: where the driver publishes what is free, growth stays within it', () => {
  const free = (bytes: bigint): Given => ({
    guards: { capacity: { kind: 'headroom', bytes, source: 'CSIStorageCapacity larder/a' } },
    annotations: { increase: '5Gi' },
  });
  assert.equal(grows(free(100n * GIB)), 15n * GIB);
  assert.equal(grows(free(2n * GIB)), 12n * GIB);
  const decision = blocks('storage-capacity', free(700n * MIB), /CSIStorageCapacity larder\/a: 700Mi left, no room/);
  assert.equal(eventOf(decision), 'MaxSizeReached');
});

test('approval: growth stops at the size above which a person must say so, and goes as far as was said', () => {
  const annotations = { 'approval-above': '10Gi', increase: '5Gi' };
  const decision = blocks(
    'approval',
    { annotations },
    /^15Gi must be approved: set annotation larder.dev\/approved-up-to: "15Gi"$/,
  );
  assert.equal(eventOf(decision), 'ApprovalRequired');
  assert.equal(decision.state, 'needs you');
  const approved = (text: string, bytes: bigint | undefined): Given => ({
    annotations,
    guards: { approval: { text, bytes } },
  });
  assert.equal(grows(approved('100Gi', 100n * GIB)), 15n * GIB);
  assert.equal(grows(approved('13Gi', 13n * GIB)), 13n * GIB, 'as far as approved');
  blocks('approval', approved('10Gi', 10n * GIB), /15Gi must be approved, and 10Gi are/);
  blocks('approval', approved('a lot', undefined), /approved-up-to is "a lot" and must be a quantity/);
  assert.equal(grows({ annotations: { 'approval-above': 'never', increase: '5Gi' } }), 15n * GIB);
});

test('budgets: what all claims of a namespace or of the cluster may grow by within a day is not passed', () => {
  const budget = (limitBytes: Budget['limitBytes'], spentBytes: bigint): Budget => ({
    limitBytes,
    spentBytes,
    freesInMs: 3 * HOUR,
    source: 'bytesPerNamespaceDay, file',
  });
  const of = (namespaceBudget: Budget, clusterBudget?: Budget): Given => ({
    guards: { namespaceBudget, clusterBudget },
    annotations: { increase: '5Gi' },
  });
  assert.equal(grows(of(budget('unlimited', 900n * GIB))), 15n * GIB);
  assert.equal(grows(of(budget(20n * GIB, 15n * GIB))), 15n * GIB, 'just so');
  assert.equal(grows(of(budget(20n * GIB, 18n * GIB))), 12n * GIB, 'what is left');
  const spent = blocks(
    'namespace-budget',
    of(budget(20n * GIB, 20n * GIB)),
    /^the namespace grew by 20Gi of 20Gi within 24 h/,
  );
  assert.equal(eventOf(spent), 'BudgetExceeded');
  assert.equal(spent.next.at, NOW + 3 * HOUR);
  const cluster = of(budget('unlimited', 0n), { ...budget(GIB, GIB), source: 'bytesPerClusterDay, built-in' });
  const decision = blocks(
    'cluster-budget',
    cluster,
    /^the cluster grew by 1Gi of 1Gi within 24 h \(bytesPerClusterDay, built-in\)/,
  );
  assert.equal(eventOf(decision), 'BudgetExceeded');
});

test('window: a claim waits until it opens, and says when', () => {
  // NOW is a Saturday, 12:00 UTC.
  const decision = blocks(
    'window',
    { annotations: { window: 'Mon-Fri 22:00-06:00 Europe/Berlin' } },
    /is closed until 2026-02-02 21:00:00Z$/,
  );
  assert.equal(decision.next.at, Date.parse('2026-02-02T21:00:00Z'));
  assert.equal(decision.next.action, 'grows when the change window opens');
  assert.equal(decision.state, 'filling', 'nobody has to do anything');
  assert.equal(eventOf(decision), 'WaitsForWindow');
  assert.equal(grows({ annotations: { window: 'Sat 11:00-13:00' } }), 11n * GIB);
  assert.equal(grows({ annotations: { window: 'always' } }), 11n * GIB);
  const broken = decisionOn({ annotations: { window: 'some time' } });
  assert.equal(broken.verdict.kind, 'Invalid', 'what cannot be read stops growth');
});

test('window: over the hour that is left out in spring', () => {
  const window = 'Sun 02:30-04:00 Europe/Berlin';
  const before = Date.parse('2026-03-29T00:59:00Z');
  const decision = blocks('window', { annotations: { window }, now: before }, /closed until 2026-03-29 01:00:00Z$/);
  assert.equal(decision.next.at, before + MINUTE);
  assert.equal(grows({ annotations: { window }, now: before + MINUTE }), 11n * GIB);
});

test('snapshot: a large step needs a recent one that is ready; a small one does not', () => {
  const annotations = { 'snapshot-above': '20%', increase: '5Gi' };
  const snapshots = (at: number | undefined): Given => ({
    annotations,
    guards: { snapshots: known({ newest: at === undefined ? undefined : { name: 'nightly', at }, underway: [] }) },
  });
  assert.equal(grows(snapshots(NOW - 23 * HOUR)), 15n * GIB);
  blocks(
    'snapshot',
    snapshots(NOW - 25 * HOUR),
    /growth by 50 % needs a VolumeSnapshot of the last 1d, and nightly is older/,
  );
  const none = blocks('snapshot', snapshots(undefined), /the claim has none that is ready/);
  assert.equal(eventOf(none), 'SnapshotRequired');
  const absent = { kind: 'unknown', reason: 'the cluster has no VolumeSnapshot (snapshot.storage.k8s.io)' } as const;
  blocks('snapshot', { annotations, guards: { snapshots: absent } }, /but the cluster has no VolumeSnapshot/);
  assert.equal(grows({ annotations: { 'snapshot-above': '20%' }, guards: { snapshots: absent } }), 11n * GIB, '10 %');
  assert.equal(grows({ guards: { snapshots: absent } }), 11n * GIB, 'it blocks only where it is asked for');
});

test('backup: growth waits while one reads the claim, but not for ever', () => {
  const snapshots = (since: number): Given => ({
    guards: { snapshots: known({ newest: undefined, underway: [{ what: 'VolumeSnapshot nightly', since }] }) },
  });
  const decision = blocks(
    'backup',
    snapshots(NOW - HOUR),
    /^VolumeSnapshot nightly reads the claim: it grows afterwards$/,
  );
  assert.equal(eventOf(decision), 'WaitsForBackup');
  assert.equal(decision.state, 'filling');
  assert.equal(decision.next.at, NOW + 3 * HOUR, 'after four hours it is no longer waited for');
  assert.equal(grows(snapshots(NOW - 4 * HOUR)), 11n * GIB);
  const velero = known([{ what: 'Velero Backup velero/daily', since: NOW - HOUR }]);
  blocks('backup', { guards: { backups: velero } }, /^Velero Backup velero\/daily reads/);
  const both = { ...snapshots(NOW - HOUR).guards, backups: velero };
  blocks('backup', { guards: both }, /^VolumeSnapshot nightly and 1 more reads/);
});

test('circuit: a driver that fails is left alone, by name', () => {
  const circuit = (state: 'closed' | 'open' | 'half-open', admits: boolean): Given => ({
    guards: { circuit: { driver: 'topolvm.io', state, admits, probeInMs: state === 'open' ? 5 * MINUTE : undefined } },
  });
  const open = blocks(
    'circuit',
    circuit('open', false),
    /^driver topolvm.io failed several times in a row and is left alone$/,
  );
  assert.equal(eventOf(open), 'DriverFailing');
  assert.equal(open.next.at, NOW + 5 * MINUTE);
  blocks('circuit', circuit('half-open', false), /another claim tries whether it works again/);
  assert.equal(grows(circuit('open', true)), 11n * GIB, 'the probe');
  assert.equal(grows(circuit('closed', true)), 11n * GIB);
});

const growth = (over: Partial<Growth>): Growth => ({
  at: NOW - DAY,
  fromBytes: 10n * GIB,
  toBytes: 12n * GIB,
  trigger: 'storage',
  usableBytes: 9n * GIB,
  inodes: undefined,
  origin: 'kubelet',
  ...over,
});

test('foreign-writer: what somebody lowered is not raised again at once, and each time later', () => {
  const once = { growths: [growth({})], loweredSince: NOW - 10 * MINUTE };
  const decision = blocks(
    'foreign-writer',
    once,
    /^someone lowered the request from 12Gi to 10Gi: Larder does not fight over it$/,
  );
  assert.equal(decision.next.at, NOW + 50 * MINUTE);
  assert.equal(grows({ ...once, loweredSince: NOW - HOUR }), 11n * GIB);
  const twice = { growths: [growth({ at: NOW - 2 * DAY }), growth({})], loweredSince: NOW - 10 * MINUTE };
  assert.equal(blocks('foreign-writer', twice, /lowered/).next.at, NOW + 110 * MINUTE, 'two hours the second time');
  const ours = {
    growths: [
      growth({ toBytes: 12n * GIB }),
      growth({ fromBytes: 12n * GIB, toBytes: 10n * GIB, trigger: 'recovery' }),
    ],
  };
  assert.equal(grows(ours), 11n * GIB, 'what Larder took back itself is nobody else’s doing');
});

test('whatever guards say, a growth stays within all of them', () => {
  const bytes = fc.bigInt({ min: 0n, max: 40n * GIB });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  let grown = 0;
  fc.assert(
    fc.property(
      fc.record({
        most: maybe(bytes),
        least: maybe(bytes),
        free: maybe(bytes),
        approved: maybe(bytes),
        limit: bytes,
        spent: bytes,
      }),
      ({ most, least, free, approved, limit, spent }) => {
        const decision = decisionOn({
          annotations: { increase: '50%', 'approval-above': '13Gi' },
          guards: {
            limits: known({
              least: least === undefined ? undefined : { bytes: least, source: 'min' },
              most: most === undefined ? undefined : { bytes: most, source: 'max' },
            }),
            capacity: free === undefined ? noGuards.capacity : { kind: 'headroom', bytes: free, source: 'capacity' },
            approval: approved === undefined ? undefined : { text: '', bytes: approved },
            namespaceBudget: { limitBytes: limit, spentBytes: spent, freesInMs: 0, source: 'budget' },
          },
        });
        const { targetBytes } = decision;
        if (targetBytes === undefined) return;
        grown += 1;
        assert.ok(targetBytes > 10n * GIB && targetBytes % GIB === 0n);
        assert.ok(most === undefined || targetBytes <= most);
        assert.ok(least === undefined || targetBytes >= least);
        assert.ok(free === undefined || targetBytes <= 10n * GIB + free);
        assert.ok(targetBytes <= 13n * GIB || (approved !== undefined && targetBytes <= approved));
        assert.ok(targetBytes - 10n * GIB <= limit - spent);
      },
    ),
    { numRuns: 1_000 },
  );
  assert.ok(grown > 50, `only ${grown} grew`);
});
