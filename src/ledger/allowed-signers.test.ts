import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedSigners } from './allowed-signers.ts';
import type { Operator } from './entity.ts';
import { PersistentMap } from './persistent-map.ts';

function textOf(...operators: readonly Operator[]): readonly string[] {
  const entries = operators.map((operator) => [operator.operatorId, operator] as const);
  const lines = allowedSigners({ operators: PersistentMap.of(entries) }).split('\n');
  assert.match(lines[0] ?? '', /^# /);
  assert.equal(lines.at(-1), '');
  return lines.slice(1, -1);
}

const key = 'ssh-ed25519 AAAA';
const ana: Operator = {
  ...{ operatorId: 'ana', role: 'admin', addedAt: '2026-03-01T12:00:00.250Z', records: [] },
  keys: [{ publicKey: key, addedAt: '2026-03-01T12:00:00.250Z' }],
};
const start = 'ana namespaces="larder-ledger,larder-ledger-head",valid-after="20260301120000Z"';

test('a key is good from when it came, in UTC and whole seconds', () => {
  assert.deepEqual(textOf(ana), [`${start} ${key}`]);
});

test('it is good until the first of its own end and that of its operator', () => {
  const late = { ...ana, expiresAt: '2027-01-01T01:00:00+02:00' };
  assert.deepEqual(textOf(late), [`${start},valid-before="20261231230000Z" ${key}`]);
  const keys = [{ ...ana.keys[0], publicKey: key, addedAt: ana.addedAt, endedAt: '2026-06-01T00:00:00.000Z' }];
  assert.deepEqual(textOf({ ...late, keys }), [`${start},valid-before="20260601000000Z" ${key}`]);
});

test('keys of the past stay, each with its own time', () => {
  const [first] = ana.keys;
  assert.ok(first);
  const keys = [
    { ...first, endedAt: '2026-06-01T00:00:00.000Z', ended: 'replaced' } as const,
    { publicKey: 'ssh-rsa BBBB', addedAt: '2026-06-01T00:00:00.000Z' },
  ];
  assert.deepEqual(textOf({ ...ana, keys }), [
    `${start},valid-before="20260601000000Z" ${key}`,
    'ana namespaces="larder-ledger,larder-ledger-head",valid-after="20260601000000Z" ssh-rsa BBBB',
  ]);
});

test('an end that was said later, or in the second in which a key came, takes nothing back', () => {
  const said = { ...ana, expiresAt: '2020-01-01T00:00:00Z', expirySaidAt: '2026-05-01T00:00:00.900Z' };
  assert.deepEqual(textOf(said), [`${start},valid-before="20260501000000Z" ${key}`]);
  const brief = { ...ana, keys: [{ publicKey: key, addedAt: ana.addedAt, endedAt: '2026-03-01T12:00:00.900Z' }] };
  assert.deepEqual(textOf(brief), [`${start},valid-before="20260301120001Z" ${key}`]);
});
