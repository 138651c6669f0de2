import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIB, MINUTE, NOW, type SituationOptions, sampleAt, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Decision, Gate } from '../decision.ts';
import { explain } from '../explain.ts';
import { formatHistory, parseHistory } from '../history.ts';
import { noticesOf } from '../notices.ts';
import { summaryOf } from '../summary.ts';
import { steady } from './trend.fixture.ts';

const gib = Number(GIB);

/** 100Gi of which so much is used, filling at so many GiB an hour, to be grown when full within a day. */
function decided(used: number, perHour: number | undefined, options: SituationOptions = {}): Decision {
  const annotations = { 'pvc-chonker.io/full-within': '24h', ...options.annotations };
  const over = perHour === undefined ? options.over : { trend: steady(perHour * gib), ...options.over };
  return decide(
    situationInput({ request: '100Gi', usedRatio: used / 100, ...options, annotations, ...(over ? { over } : {}) }),
  );
}

function gateOf({ gates }: Decision): Gate {
  const gate = gates.find(({ name }) => name === 'full-within');
  assert.ok(gate);
  return gate;
}

test('the gate: what it says, and what comes of it', () => {
  const rows: readonly (readonly [string, Decision, Gate['outcome'], string, Decision['verdict']['kind']])[] = [
    ['full in 20 hours', decided(40, 3), 'pass', '', 'Expand'],
    ['full in 30 hours', decided(40, 2), 'fail', 'it will not be full so soon, as far as', 'Hold'],
    ['full in exactly a day', decided(40, 2.5), 'fail', 'it will not be full so soon', 'Hold'],
    ['it empties', decided(70, -3), 'fail', 'it does not fill', 'Hold'],
    ['too little was measured', decided(40, undefined), 'skip', 'too little was measured', 'Hold'],
    ['switched off', decided(40, 3, { annotations: { 'pvc-chonker.io/full-within': '0' } }), 'skip', 'not set', 'Hold'],
    [
      'within an hour is asked for',
      decided(40, 3, { annotations: { 'pvc-chonker.io/full-within': '1h' } }),
      'fail',
      'not be full so soon',
      'Hold',
    ],
    ['seen once', decided(40, 3, { samples: 1 }), 'pass', '', 'Hold'],
    ['a growth is on', decided(40, 3, { capacity: '90Gi' }), 'pass', '', 'InProgress'],
    ['unmanaged', decided(40, 3, { annotations: { 'pvc-chonker.io/enabled': 'false' } }), 'pass', '', 'Unmanaged'],
    [
      'at its largest size',
      decided(40, 3, { annotations: { 'pvc-chonker.io/max-size': '100Gi' } }),
      'pass',
      '',
      'AtMax',
    ],
  ];
  for (const [name, decision, outcome, reason, verdict] of rows) {
    const gate = gateOf(decision);
    assert.equal(gate.outcome, outcome, name);
    assert.ok(gate.reason.includes(reason) && (outcome === 'pass') === (gate.reason === ''), `${name}: ${gate.reason}`);
    assert.equal(decision.verdict.kind, verdict, name);
  }
  const invalid = decided(40, 3, { annotations: { 'pvc-chonker.io/full-within': 'soon' } });
  assert.deepEqual(invalid.verdict.kind === 'Invalid' && invalid.verdict.field, 'full-within');
});

test('nearly full with no trend is skipped, and a filesystem that others fill too', () => {
  const samples = [1, 0].map((back) => sampleAt(NOW - back * MINUTE - 1_000, 0.5, { capacityBytes: 900n * GIB }));
  const shared = decided(50, 100, { over: { samples, trend: steady(100 * gib) } });
  assert.equal(gateOf(shared).outcome, 'skip');
  assert.equal(shared.verdict.kind, 'Hold');
});

test('as many measurements in a row as a threshold needs must leave too little room', () => {
  const samples = (before: number) => [
    sampleAt(NOW - 2 * MINUTE, before, { capacityBytes: 100n * GIB }),
    sampleAt(NOW - MINUTE, 0.4, { capacityBytes: 100n * GIB }),
  ];
  const trend = steady(3 * gib);
  assert.equal(decided(40, 3, { over: { samples: samples(0.39), trend } }).verdict.kind, 'Expand');
  assert.equal(decided(40, 3, { over: { samples: samples(0.2), trend } }).verdict.kind, 'Hold');
});

test('the growth is for full-within unless a threshold is reached too, and lasts until after the next slot', () => {
  const decision = decided(40, 3);
  assert.equal(decision.trigger, 'full-within');
  const { storage, inodes, fullWithin } = decision.reached;
  assert.deepEqual({ storage, inodes, fullWithin }, { storage: false, inodes: false, fullWithin: true });
  // 40 + 3 × min(15m + 30m + 24h, what six hours can be trusted for)
  assert.equal(decision.targetBytes, 113n * GIB);
  assert.equal(decided(85, 3).trigger, 'storage');
  assert.equal(summaryOf(decision), 'grows from 100Gi to 113Gi (full in 20h < 1d)');
});

test('the history on the claim knows the trigger, and none that nobody writes', () => {
  const growth = {
    at: NOW,
    fromBytes: GIB,
    toBytes: 2n * GIB,
    trigger: 'full-within' as const,
    usableBytes: GIB,
    inodes: undefined,
    origin: 'kubelet',
  };
  const written = formatHistory({ lastAt: undefined, growths: [] }, growth);
  const read = parseHistory(written);
  assert.ok(read.ok);
  assert.deepEqual(read.value.growths, [growth]);
  const other = Object.fromEntries(
    Object.entries(written).map(([key, text]) => [key, text.replace('full-within', 'whim')]),
  );
  assert.equal(parseHistory(other).ok, false);
});

test('who may not grow is told why it should', () => {
  const [notice] = noticesOf(decided(40, 3, { annotations: { 'pvc-chonker.io/max-size': '100Gi' } }));
  assert.ok(
    notice?.message.startsWith('40 % used, full in 20h < 1d, and the largest allowed size is 100Gi'),
    notice?.message,
  );
});

test('explain shows both rates, the window, when it is full, and what the increase alone would give', () => {
  const input = situationInput({ request: '100Gi', usedRatio: 0.85, over: { trend: steady(2 * gib) } });
  const explained = (decision: Decision): string =>
    explain({
      ...input,
      decision,
      layers: [],
      notes: [],
      growths: [],
      grown: [
        { days: 1, bytes: 24n * GIB },
        { days: 7, bytes: undefined },
        { days: 30, bytes: -GIB },
      ],
    }).replace(/\n +/g, ' ');
  const text = explained(decide(input));
  assert.match(text, /Rate: +\+2Gi\/h \(72 measurements over 6h\), \+2Gi\/h lately/);
  assert.match(text, /Full: +in 7h 30m\n/);
  assert.match(
    text,
    /Ahead: +1536Mi more until 2026-01-31 12:45:00Z \(it may grow again at 2026-01-31 12:15:00Z\): asks for 115\.33Gi, the increase alone for 110Gi/,
  );
  assert.match(text, /Grew: +\+24Gi in a day, -1Gi in 30 days/);
  assert.match(text, /size +present size 100Gi \(claim\); by the increase 110Gi .*looking ahead 115\.33Gi/);
  const blind = explained(decide({ ...input, trend: undefined }));
  assert.match(
    blind,
    /Rate: +not known yet: 0 measurements over 0s, 12 over 1h are needed; until then only the increase counts/,
  );
  assert.match(explained(decide({ ...input, trend: steady(-gib) })), /Full: +not at this rate/);
  assert.match(
    explained(decide({ ...input, trend: steady(0.1 * gib) })),
    /Full: +in 6d 6h at this rate, which is too far ahead to act on/,
  );
});
