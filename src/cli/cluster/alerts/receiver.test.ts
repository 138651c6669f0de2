import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../../cluster/alerts/delivery.ts';
import type { Recorder } from '../../../ledger/recorder.ts';
import type { Terminal } from '../../output.ts';
import { receiverWith } from './receiver.ts';

const terminal: Terminal = { out: () => undefined, err: () => undefined, interactive: false, columns: 80, env: {} };
const fired: Delivery = {
  ...{ fingerprint: 'f1', alertName: 'NodeDown', severity: 'critical' },
  ...{ firedAt: '2026-01-01T00:00:00.000Z', deliveredAt: '2026-01-01T00:00:05.000Z' },
};

test('an alert that could not be kept once is recorded when it is told again, and once', async () => {
  let isFull = true;
  const recorded: string[] = [];
  const recorder: Recorder = {
    check: async () => undefined,
    keep() {
      if (isFull) throw new Error('no space left on device');
      return 'kept';
    },
    async record(_id, { type }) {
      recorded.push(type);
      return { kind: 'recorded', what: 'a file', notes: [] };
    },
    forget: () => undefined,
    left: () => [],
  };
  const receiver = receiverWith(terminal, recorder, new Set());
  await assert.rejects(receiver.take([fired]), /no space left/);
  await assert.rejects(receiver.take([fired]), /no space left/);
  isFull = false;
  assert.equal(await receiver.take([fired]), true);
  assert.equal(await receiver.take([fired]), true);
  assert.deepEqual(recorded, ['alert-delivered']);
});
