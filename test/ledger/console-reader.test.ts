/** The ledger as the console reads it: by a thread of its own, in a folder or from a server, and what it makes of tampering. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startJournal } from '../../src/cluster/change/journal.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { recordPath } from '../../src/ledger/record.ts';
import type { LedgerAnswer, RecordRow } from '../../src/operator/ledger/ledger-api.ts';
import { createLedgerReader, type LedgerReader, type Reply } from '../../src/operator/ledger/reader.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../e2e/larder.ts';
import { startLedgerServer } from '../e2e/ledger-server.ts';
import { appended, folder, incident, openLedger, repository, startLedger } from './site.ts';

const ENTRY = new URL('../../src/cli/ledger-thread.ts', import.meta.url);
const never = new AbortController().signal;

function readerOf(t: TestContext, target: string, token = ''): LedgerReader {
  const log = createLog({ level: 'silent' });
  const reader = createLedgerReader({ entry: ENTRY, target, token, clock: systemClock, log });
  t.after(() => reader.close());
  return reader;
}

function answered<Value>(reply: Reply<Value>): Value {
  if (reply.kind === 'answer') return reply.value;
  throw new Error(`${reply.message} (${reply.code})`);
}

type Whole = Extract<LedgerAnswer, { kind: 'ledger' }>;

async function overview(reader: LedgerReader): Promise<Whole> {
  const answer = answered(await reader.ask('overview', {}, never));
  if (answer?.kind !== 'ledger') throw new Error(`no ledger: ${JSON.stringify(answer)}`);
  return answer;
}

async function rows(reader: LedgerReader, q = ''): Promise<readonly RecordRow[]> {
  const answer = answered(await reader.ask('records', { q, from: 0, limit: 200 }, never));
  return answer?.rows ?? [];
}

/** As people see them: number and where it stands. */
const standing = (found: readonly RecordRow[]): readonly string[] => found.map((row) => `${row.seq} ${row.standing}`);

/** All was looked at since the last record came. */
const verified = (reader: LedgerReader): Promise<Whole> =>
  eventually('the ledger to be verified', async () => {
    const answer = await overview(reader);
    return answer.verifiedAt !== undefined && !answer.verifying ? answer : undefined;
  });

const created: LedgerEvent = {
  type: 'change-created',
  data: { changeId: 'web', featureBranch: 'main', manifestPaths: ['cluster'], status: 'draft' },
};

async function withEvidence(ledger: Ledger, text: string): Promise<void> {
  const artifacts = [{ folder: 'web', name: 'change.diff', content: Buffer.from(text) }];
  const event = ([stored]: readonly { readonly path: string }[]): LedgerEvent => ({
    type: 'evidence-attached',
    data: {
      ...{ changeId: 'web', evidenceId: 'e1', command: 'larder change diff web', outputPath: stored?.path ?? '' },
      timestamp: new Date(systemClock.now()).toISOString(),
    },
  });
  appended(await ledger.append({ event, artifacts }));
}

test('there is no ledger yet, then there is one; what others write is seen, and all of it is verified', async (t) => {
  const root = repository(t);
  const reader = readerOf(t, root);
  const none = await reader.ask('overview', {}, never);
  assert.equal(none.kind === 'failed' && none.code, 'LARDER_LEDGER_NOT_FOUND');
  const ledger = await startLedger(root);
  assert.deepEqual(standing(await rows(reader)), ['1 verified']);
  appended(await ledger.append({ event: incident('one') }));
  await eventually('the new record', async () => ((await rows(reader)).length === 2 ? true : undefined));
  const { records, findings, looked, head } = await verified(reader);
  assert.deepEqual([records, findings, head?.seq, head?.operator], [2, [], 2, 'ann']);
  assert.deepEqual(
    looked.map(({ source, looked: was }) => [source, was]),
    [
      ['this clone', true],
      ['commits of this branch', true],
    ],
  );
  const found = answered(await reader.ask('record', { id: '2' }, never));
  assert.ok(
    found?.checks.every(({ outcome }) => outcome === 'holds'),
    JSON.stringify(found?.checks),
  );
  assert.deepEqual(
    found?.parents.map(({ seq }) => seq),
    [1],
  );
  assert.equal(answered(await reader.ask('record', { id: '3' }, never)), null);
});

test('a record that somebody changed is broken, and those after it are not verified; with it comes what to do', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  for (const name of ['one', 'two', 'three']) appended(await ledger.append({ event: incident(name) }));
  const reader = readerOf(t, root);
  assert.deepEqual(standing(await rows(reader)), ['4 verified', '3 verified', '2 verified', '1 verified']);
  const second = ledger.records[1];
  assert.ok(second);
  const file = join(root, recordPath(second));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('What happened to one', 'What happened to two'));
  const tampered = ['4 unlinked', '3 unlinked', '2 broken', '1 verified'];
  await eventually('the change to be seen', async () =>
    JSON.stringify(standing(await rows(reader))) === JSON.stringify(tampered) ? true : undefined,
  );
  const { findings, records, files } = await overview(reader);
  assert.deepEqual([findings[0]?.kind, findings[0]?.seq, findings[0]?.weight], ['altered', 2, 'break']);
  assert.deepEqual([records, files], [1, 4]);
  const broken = answered(await reader.ask('record', { id: second.id }, never));
  assert.match(broken?.findings[0]?.remedy ?? '', /git restore/);
  assert.equal(broken?.record, undefined, 'what stands there is not shown as a record');
  const report = answered(await reader.ask('report', { days: 30 }, never));
  assert.equal(report?.kind, 'broken');
  writeFileSync(file, text);
  await eventually('it to be whole again', async () =>
    (await rows(reader)).every((row) => row.standing === 'verified') ? true : undefined,
  );
});

test('evidence is shown while it is what was recorded; a file that was changed is shown as that, at once', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  appended(await ledger.append({ event: created }));
  await withEvidence(ledger, 'diff -u a b\n--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n');
  const reader = readerOf(t, root);
  await verified(reader);
  const [{ id = '' } = {}] = await rows(reader, 'is:evidence');
  const path = answered(await reader.ask('record', { id }, never))?.files[0]?.path ?? '';
  const ask = async () => answered(await reader.ask('evidence', { id, path }, never));
  const shown = await ask();
  assert.match(shown?.kind === 'text' ? shown.text : '', /^\+new$/m);
  const elsewhere = answered(await reader.ask('evidence', { id, path: '../../../etc/passwd' }, never));
  assert.equal(elsewhere, null, 'only what the record names');
  const waits = answered(await reader.ask('change', { id: 'web' }, never));
  assert.equal(waits?.stage, 'waits for a runbook');
  appendFileSync(join(root, path), '+ more\n');
  const wrong = await ask();
  assert.match(wrong?.kind === 'wrong' ? wrong.why : '', /was changed: its SHA-256 is/);
  reader.verifyAnew();
  const { findings } = await verified(reader);
  assert.deepEqual(
    findings.map(({ kind, path: of }) => [kind, of]),
    [['artifact-altered', path]],
  );
  assert.deepEqual(standing(await rows(reader, 'is:broken')), ['3 broken']);
  rmSync(join(root, path));
  assert.match(JSON.stringify(await ask()), /is missing/);
});

test('an apply that this clone has begun and not recorded is told, until it is', async (t) => {
  const root = repository(t);
  await startLedger(root);
  const reader = readerOf(t, root);
  const startedAt = '2026-03-01T12:00:00.000Z';
  const head = { changeId: 'web', evidenceId: 'e1', command: 'larder change apply web', startedAt };
  const journal = startJournal(join(root, '.git/larder'), { ...head, manifestHash: 'a'.repeat(64), objects: [] });
  const begun = answered(await reader.ask('changes', {}, never));
  assert.deepEqual(begun?.underWay, { changeId: 'web', startedAt: Date.parse(startedAt) });
  journal.done();
  assert.equal(answered(await reader.ask('changes', {}, never))?.underWay, undefined);
});

test('from a server it is the same; what the server changes in a record is found, and that it is gone is said', async (t) => {
  const root = repository(t);
  const key = join(folder(t), 'ann');
  await createKeyFile(key, 'ann');
  const server = await startLedgerServer({ folder: root, words: ['--init', '--operator', 'ann', '--key', key] });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  const change = { changeId: systemId(1), featureBranch: 'main', manifestPaths: [], status: 'draft' };
  assert.equal((await server.ask('POST', '/operations/configuration-changes', change)).status, 201);
  const reader = readerOf(t, server.address, server.token);
  const seqs = standing(await rows(reader));
  assert.ok(seqs.length >= 2 && seqs.every((each) => each.endsWith(' verified')), seqs.join());
  const { findings, looked } = await verified(reader);
  assert.deepEqual(findings, []);
  assert.ok(looked.every(({ source }) => source.endsWith('by its server')) && looked.length > 0);
  assert.equal(
    (await server.ask('POST', '/operations/configuration-changes', { ...change, changeId: systemId(2) })).status,
    201,
  );
  await eventually('the new change', async () => {
    const answer = answered(await reader.ask('changes', {}, never));
    return answer?.changes.length === 2 ? true : undefined;
  });
  assert.deepEqual(answered(await reader.ask('changes', {}, never))?.underWay, undefined);

  const liar = await between(t, server.address, (text) =>
    text.replaceAll('"featureBranch":"main"', '"featureBranch":"evil"'),
  );
  const deceived = readerOf(t, liar, server.token);
  assert.ok((await rows(deceived)).some((row) => row.standing === 'broken'));
  const refused = await readerOf(t, server.address, 'wrong').ask('overview', {}, never);
  assert.match(refused.kind === 'failed' ? refused.message : '', /LARDER_HTTP_UNAUTHENTICATED/);
  server.kill('SIGKILL');
  await server.exited;
  const gone = await eventually('the server to be missed', async () => {
    const reply = await reader.ask('overview', {}, never);
    return reply.kind === 'failed' ? reply : undefined;
  });
  assert.equal(gone.code, 'LARDER_LEDGER_UNREACHABLE');
});

test('evidence of a served ledger comes through its API, compared with the hash here', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  appended(await ledger.append({ event: created }));
  await withEvidence(ledger, 'what was seen\n');
  const home = folder(t);
  const key = join(home, 'bot');
  const { publicKey } = await createKeyFile(key, 'bot');
  const operator = { operatorId: 'bot', role: 'server', keys: [publicKey] } as const;
  appended(await ledger.append({ event: { type: 'operator-added', data: { ...operator, keys: [publicKey] } } }));
  const server = await startLedgerServer({ folder: root, words: ['--key', key] });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  const reader = readerOf(t, server.address, server.token);
  const [{ id = '' } = {}] = await rows(reader, 'is:evidence');
  const path = answered(await reader.ask('record', { id }, never))?.files[0]?.path ?? '';
  const ask = async () => answered(await reader.ask('evidence', { id, path }, never));
  assert.deepEqual(await ask(), { kind: 'text', text: 'what was seen\n', cut: false });
  const file = readdirSync(join(root, 'docs/governance/reviews'), { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.diff'),
  );
  writeFileSync(join(root, 'docs/governance/reviews', file ?? ''), 'something else\n');
  assert.match(JSON.stringify(await ask()), /"kind":"wrong".*was changed/);
  const other = await server.ask('GET', `/ledger/records/${id}/evidence?path=${encodeURIComponent('/etc/passwd')}`);
  assert.equal(other.status, 404);
});

test('a thread that was ended begins anew with the next question but one that was closed', async (t) => {
  const root = repository(t);
  await startLedger(root);
  const reader = readerOf(t, root);
  assert.equal((await rows(reader)).length, 1);
  await openLedger(root);
  await reader.close();
  await assert.rejects(reader.ask('overview', {}, never), /is stopping/);
});

function systemId(number: number): string {
  return `6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1b00${number}`;
}

/** A server in front of another, which changes what it passes on. Returns its address. */
async function between(t: TestContext, address: string, change: (text: string) => string): Promise<string> {
  const server = createServer((request, response) => {
    const headers = { authorization: request.headers.authorization ?? '' };
    void fetch(`${address}${request.url}`, { headers })
      .then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(change(await answer.text()));
      })
      .catch(() => void response.destroy()); // the server behind it is gone
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  t.after(() => void server.close());
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}
