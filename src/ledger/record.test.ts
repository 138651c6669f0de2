import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { eventTypes } from './event.ts';
import { type LedgerRecord, parseEvent, parseRecord, recordPath, recordText, unsignedText } from './record.ts';

const record: LedgerRecord = {
  schemaVersion: 1,
  seq: 42,
  prev: 'ab'.repeat(32),
  id: '6f1c7b0e-41a2-4f0e-9d0b-2f9d5e1c7a11',
  type: 'incident-opened',
  at: '2026-03-01T12:00:00.000Z',
  operator: 'ana',
  data: { incidentId: 'inc-1', title: 'node 4 is gone', severity: 'critical', openedAt: '2026-03-01T11:59:00Z' },
  artifacts: [{ path: 'docs/governance/reviews/2026-03-01-inc/0011-notes.txt', sha256: 'cd'.repeat(32), bytes: 12 }],
  gitCommit: '0123456789012345678901234567890123456789',
  hash: 'ef'.repeat(32),
  signature: '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n',
};

test('a record read from its file is the record, and its text is the file', () => {
  const parsed = parseRecord(recordText(record));
  assert.equal(parsed.kind, 'record');
  assert.deepEqual(parsed.kind === 'record' && parsed.record, record);
  assert.equal(parsed.kind === 'record' && recordText(parsed.record), recordText(record));
});

test('a record has a path that sorts by number and tells its type', () => {
  assert.equal(
    recordPath(record),
    'docs/governance/ledger/2026/03/000042-incident-opened-6f1c7b0e-41a2-4f0e-9d0b-2f9d5e1c7a11.json',
  );
});

test('the signed text leaves out hash and signature and nothing else', () => {
  const text = unsignedText(record);
  assert.equal(unsignedText({ ...record, hash: '00'.repeat(32), signature: 'x' }), text);
  const names = Object.keys(JSON.parse(text));
  assert.deepEqual(
    names,
    Object.keys(record)
      .filter((name) => name !== 'hash' && name !== 'signature')
      .sort(),
  );
});

test('jq makes the same signed text', (t) => {
  let jq: Buffer;
  try {
    jq = execFileSync('jq', ['-jcS', 'del(.hash,.signature)'], { input: recordText(record) });
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') return t.skip('jq is not here');
    throw failure;
  }
  assert.equal(jq.toString(), unsignedText(record));
  assert.equal(createHash('sha256').update(jq).digest('hex').length, 64);
});

test('a file that is no record says where and why', () => {
  const why = (change: object): string => {
    const parsed = parseRecord(JSON.stringify({ ...record, ...change }));
    return parsed.kind === 'malformed' ? parsed.why : 'a record';
  };
  assert.equal(parseRecord('{').kind, 'malformed');
  assert.match(why({ seq: 0 }), /^seq: /);
  assert.match(why({ type: 'tea-made' }), /^type: is no type of event/);
  assert.match(why({ more: 1 }), /more/);
  assert.match(why({ at: '2026-03-01T12:00:00+01:00' }), /^at: /);
  assert.match(why({ data: { ...record.data, severity: 'huge' } }), /^data\.severity: /);
  assert.match(
    why({ artifacts: [{ path: '../x', sha256: 'a', bytes: -1 }] }),
    /artifacts\[0\]\.path: .*artifacts\[0\]\.bytes/,
  );
  assert.match(
    why({ artifacts: [{ path: 'docs/governance/reviews/../x', sha256: 'cd'.repeat(32), bytes: 1 }] }),
    /path/,
  );
});

test('every type is a word of a file name, and its data is checked', () => {
  assert.ok(eventTypes.length > 30);
  for (const type of eventTypes) {
    assert.match(type, /^[a-z]+(-[a-z]+)*$/);
    assert.equal(parseEvent(type, { surely: 'not' }).kind, 'malformed', type);
  }
});

test('a body of the original contract keeps what a client adds; ours refuses what it does not know', () => {
  const body = {
    runId: 'r',
    nodes: [{ nodeId: 'n', role: 'worker' }],
    startedAt: '2026-03-01T12:00:00Z',
    completedAt: '2026-03-01T12:30:00Z',
    initiatedBy: 'ana',
  };
  const kept = parseEvent('bootstrap-recorded', { ...body, site: 'home' });
  assert.equal(kept.kind === 'event' && 'site' in kept.event.data && kept.event.data.site, 'home');
  const refused = parseEvent('incident-opened', { ...record.data, site: 'home' });
  assert.match(refused.kind === 'malformed' ? refused.why : '', /site/);
});
