/** A ledger of 200 records, and everything that somebody could do to its files: `verify` finds it, and names the file. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ALLOWED_SIGNERS } from '../../src/ledger/allowed-signers.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import { type Finding, isBreak } from '../../src/ledger/finding.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import {
  type LedgerRecord,
  recordPath,
  recordText,
  SIGNATURE_NAMESPACE,
  unsignedText,
} from '../../src/ledger/record.ts';
import { hashOf, recordFile, sha256Of } from '../../src/ledger/record-file.ts';
import type { Signer } from '../../src/ledger/signer.ts';
import { verifySignature } from '../../src/ledger/ssh-signature.ts';
import { type CheckedFile, survey } from '../../src/ledger/survey.ts';
import { type SeenHead, type Surroundings, verify } from '../../src/ledger/verify.ts';
import { ann, appended, bob, incident, memorySite, signerOf, startLedger } from './site.ts';

const RECORDS = 200;
const carol = signerOf(3);

function people(operatorId: string, { publicKey }: Signer): LedgerEvent {
  return { type: 'operator-added', data: { operatorId, role: 'operator', keys: [publicKey] } };
}

const changeData = {
  featureBranch: 'web',
  manifestPaths: ['cluster/apps/web.yaml'],
  runbookUpdates: ['docs/runbooks/apply.md'],
};

/** Many types, so that many kinds of fields stand in the files. */
const events: readonly ((number: number) => LedgerEvent)[] = [
  (number) => incident(`i${number}`),
  (number) => ({
    type: 'incident-updated',
    data: { incidentId: `i${number - 1}`, notes: 'größer als gedacht ✓ \ufffd "x" \\ \u2028' },
  }),
  (number) => ({ type: 'change-created', data: { changeId: `c${number}`, status: 'draft', ...changeData } }),
  (number) => ({
    type: 'evidence-attached',
    data: {
      changeId: `c${number - 1}`,
      evidenceId: `e${number}`,
      command: 'kubectl diff',
      outputPath: 'x',
      timestamp: '2025-01-01T00:00:00Z',
    },
  }),
  () => ({
    type: 'probe-recorded',
    data: { observedAt: '2025-01-01T00:00:00+01:00', controlPlaneHealthy: true, workerCount: 3, etcdQuorum: true },
  }),
  (number) => ({
    type: 'deviation-recorded',
    data: { deviationId: `d${number}`, rule: 'node-count', reason: 'an old one stays' },
  }),
];

interface Site {
  readonly ledger: Ledger;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly around: Surroundings;
  readonly records: readonly LedgerRecord[];
}

const site = build();

async function build(): Promise<Site> {
  const { disk, ...options } = memorySite({ after });
  const ledger = await startLedger('', { ...options, disk });
  appended(await ledger.append({ event: people('bob', bob) }));
  appended(await ledger.append({ event: people('carol', carol) }));
  appended(
    await ledger.append({
      event: { type: 'key-revoked', data: { operatorId: 'carol', key: carol.publicKey, reason: 'lost' } },
    }),
  );
  for (let number = ledger.records.length; number < RECORDS; number += 1) {
    const event = events[number % events.length] ?? (() => incident(`i${number}`));
    const artifacts =
      number % 10 === 3
        ? [{ folder: 'web', name: 'kubectl.diff', content: Buffer.from(`+ replicas: ${number}\n`) }]
        : [];
    const said = await ledger.append({ event: event(number), artifacts });
    if (said.kind !== 'appended') appended(await ledger.append({ event: incident(`i${number}`), artifacts }));
  }
  const files = new Map(ledger.records.map((record) => [recordPath(record), Buffer.from(recordText(record))]));
  const artifacts = new Map<string, { kind: 'file'; sha256: string; bytes: number }>();
  for (const { path } of ledger.records.flatMap((record) => record.artifacts)) {
    const content = disk.read(`/repository/${path}`) ?? new Uint8Array();
    artifacts.set(path, { kind: 'file', sha256: sha256Of(content), bytes: content.length });
  }
  const signers = Buffer.from(disk.read(`/repository/${ALLOWED_SIGNERS}`) ?? []).toString();
  const head = ledger.signedHead;
  assert.ok(head);
  const heads: SeenHead[] = [
    { where: 'this clone', head, own: true, signature: { kind: 'valid', publicKey: ann.publicKey } },
  ];
  return {
    ledger,
    files,
    records: ledger.records,
    around: { signers, artifacts, found: [], heads, hidden: [], findings: [] },
  };
}

/** As `verify` of a ledger does it, on files in memory. A signature that was checked is not checked again. */
const checks = new Map<string, Promise<CheckedFile['signature']>>();
const { files: untouched } = await site;

const known = new WeakMap<Uint8Array, Promise<CheckedFile>>();

/** A file that nobody touched is looked at once. */
function checked(path: string, content: Uint8Array): Promise<CheckedFile> {
  if (untouched.get(path) !== content) return look(path, content);
  const check = known.get(content) ?? look(path, content);
  known.set(content, check);
  return check;
}

async function look(path: string, content: Uint8Array): Promise<CheckedFile> {
  const file = recordFile(path, content);
  if (file.kind === 'bad') return { file };
  const { hash, signature } = file.record;
  const key = `${hash} ${signature}`;
  const message = unsignedText(file.record);
  const check = checks.get(key) ?? verifySignature({ message, namespace: SIGNATURE_NAMESPACE, signature });
  checks.set(key, check);
  return { file, signature: await check };
}

async function found(
  files: ReadonlyMap<string, Uint8Array>,
  around: Partial<Surroundings> = {},
): Promise<readonly Finding[]> {
  const all = await Promise.all([...files].map(([path, content]) => checked(path, content)));
  return verify(survey(all), { ...(await site).around, ...around });
}

/** The first finding must break the ledger and be about that file. */
function assertFirst(
  findings: readonly Finding[],
  kind: Finding['kind'],
  path: string | undefined,
  what: string,
): void {
  const [first] = findings;
  assert.deepEqual({ kind: first?.kind, path: first?.path }, { kind, path }, what);
  assert.ok(first && isBreak(first), what);
}

test('untouched, the ledger of 200 records is whole', async () => {
  const { files, ledger } = await site;
  assert.equal(files.size, RECORDS);
  assert.deepEqual(await found(files), []);
  assert.deepEqual((await ledger.verify()).findings, []);
  assert.ok(new Set(ledger.records.map(({ type }) => type)).size >= 8);
});

/** Whether a file with this content is found to be no record of the ledger any more. */
async function isFound(path: string, content: Uint8Array): Promise<boolean> {
  const file = recordFile(path, content);
  if (file.kind === 'bad') return file.finding.path === path;
  const { signature } = file.record;
  const check = await verifySignature({
    message: unsignedText(file.record),
    namespace: SIGNATURE_NAMESPACE,
    signature,
  });
  return check.kind === 'invalid';
}

test('bytes of every record, changed: the file is found', async (t) => {
  const { files } = await site;
  let tried = 0;
  for (const [number, [path, content]] of [...files].entries()) {
    const from = Buffer.from(content).indexOf('SSH SIGNATURE-----');
    for (let at = 0; at < content.length; at += 1) {
      // Every position of the text; base64 of signatures needs arithmetic, so all of it in each twentieth file only.
      const each = at > from && number % 20 !== 0 ? 7 : 1;
      if ((at + number) % each !== 0) continue;
      const changed = Uint8Array.from(content);
      changed[at] = (changed[at] ?? 0) ^ (1 << ((at + number) % 8));
      if (!(await isFound(path, changed))) assert.fail(`byte ${at} of ${path}`);
      tried += 1;
    }
  }
  t.diagnostic(`${tried} bytes changed`);
  assert.ok(tried > 100_000);
});

test('every byte of one record of each type: every bit, taken away, doubled, a zero, a newline', async (t) => {
  const { files, records } = await site;
  const oneEach = [...new Map(records.map((record) => [record.type, recordPath(record)])).values()];
  let tried = 0;
  for (const path of oneEach) {
    const content = Buffer.from(files.get(path) ?? []);
    const from = content.indexOf('SSH SIGNATURE-----');
    for (let at = 0; at < content.length; at += at > from ? 5 : 1) {
      const bits = [1, 2, 4, 8, 16, 32, 64, 128].map((bit) => {
        const changed = Buffer.from(content);
        changed[at] = (changed[at] ?? 0) ^ bit;
        return changed;
      });
      const [before, rest] = [content.subarray(0, at), content.subarray(at)];
      const others = [Buffer.from('\0'), Buffer.from('\n'), rest.subarray(0, 1)].map((more) =>
        Buffer.concat([before, more, rest]),
      );
      for (const changed of [...bits, ...others, Buffer.concat([before, rest.subarray(1)])]) {
        if (!(await isFound(path, changed)))
          assert.fail(`byte ${at} of ${path}: ${changed.subarray(at - 20, at + 20)}`);
        tried += 1;
      }
    }
    for (const end of ['', ' ', '\n', '\ufeff']) {
      if (end !== '') assert.ok(await isFound(path, Buffer.concat([content, Buffer.from(end)])));
      assert.ok(await isFound(path, Buffer.concat([Buffer.from(end), content.subarray(end === '' ? 1 : 0)])));
    }
  }
  t.diagnostic(`${oneEach.length} types, ${tried} changes`);
});

test('a changed byte in any file is the first broken link of the whole ledger', async () => {
  const { files } = await site;
  for (const [number, [path, content]] of [...files].entries()) {
    const changed = Uint8Array.from(content);
    const at = (number * 37) % content.length;
    changed[at] = (changed[at] ?? 0) ^ 1;
    const findings = await found(new Map(files).set(path, changed));
    assert.equal(findings[0]?.path, path);
    const missing = findings.filter(({ kind }) => kind === 'missing');
    assert.ok(missing.length <= 1, 'only the record that followed it, not all those after that one');
  }
});

test('any record taken away: the one that followed it is named, at the end the head', async () => {
  const { files, records } = await site;
  for (const [index, record] of records.entries()) {
    const left = new Map(files);
    left.delete(recordPath(record));
    const findings = await found(left);
    const next = records[index + 1];
    if (next === undefined) assertFirst(findings, 'truncated', undefined, 'the last one');
    else assertFirst(findings, 'missing', recordPath(next), `record ${record.seq}`);
  }
});

test('any number of records taken away from the end: the head that was seen is named', async () => {
  const { files } = await site;
  const all = [...files];
  for (let left = RECORDS - 1; left > 3; left -= 1) {
    const findings = await found(new Map(all.slice(0, left)));
    assertFirst(
      findings.filter(({ kind }) => kind !== 'signers-altered'),
      'truncated',
      undefined,
      `${left} left`,
    );
    assert.match(findings.find(({ kind }) => kind === 'truncated')?.message ?? '', new RegExp(`end with ${left}$`));
  }
  assert.ok((await found(new Map())).some(({ kind }) => kind === 'truncated'));
});

test('without a head that was seen, the end of the chain alone tells nothing: that is what heads are for', async () => {
  const { files } = await site;
  const cut = new Map([...files].slice(0, RECORDS - 1));
  const findings = await found(cut, { heads: [], artifacts: (await site).around.artifacts });
  assert.deepEqual(findings, []);
});

test('records that change places are found, whatever is exchanged', async () => {
  const { files, records } = await site;
  for (const [index, record] of records.slice(0, -1).entries()) {
    const next = records[index + 1] ?? record;
    const [one, other] = [recordPath(record), recordPath(next)];
    const contents = new Map(files);
    contents.set(one, files.get(other) ?? new Uint8Array()).set(other, files.get(one) ?? new Uint8Array());
    assertFirst(await found(contents), 'misplaced', one, 'the contents of two files');
    // Renumbered by hand, with hashes that are right again and signatures that are not.
    const swapped = [renumbered(record, next.seq), renumbered(next, record.seq)];
    const numbers = new Map(files);
    for (const path of [one, other]) numbers.delete(path);
    for (const each of swapped) numbers.set(recordPath(each), Buffer.from(recordText(each)));
    const findings = await found(numbers);
    assert.ok(findings[0]?.kind === 'signature' || findings[0]?.kind === 'root', findings[0]?.message);
  }
});

function renumbered(record: LedgerRecord, seq: number): LedgerRecord {
  const changed = { ...record, seq };
  return { ...changed, hash: hashOf(changed) };
}

test('a record that somebody makes up is found, whoever signs it', async () => {
  const { files, records } = await site;
  const last = records.at(-1);
  assert.ok(last);
  const ways = [
    { by: 'ann', signer: signerOf(9), kind: 'signer', why: 'a key of nobody' },
    { by: 'bob', signer: ann, kind: 'signer', why: 'the key of somebody else' },
    { by: 'carol', signer: carol, kind: 'signer', why: 'a key that was revoked' },
    { by: 'dave', signer: ann, kind: 'signer', why: 'nobody of that name' },
  ] as const;
  for (const { by, signer, kind, why } of ways) {
    const record = await forged(last, { operator: by, id: '00000000-0000-4000-8000-000000000001' }, signer);
    const findings = await found(new Map(files).set(recordPath(record), Buffer.from(recordText(record))));
    assertFirst(findings, kind, recordPath(record), why);
  }
  const changes = [
    { change: { at: '2020-01-01T00:00:00.000Z' }, kind: 'time' },
    { change: { seq: last.seq + 2 }, kind: 'order' },
    { change: { prev: records[10]?.hash ?? null }, kind: 'order' },
    { change: { prev: sha256Of('nothing') }, kind: 'missing' },
    { change: { prev: null }, kind: 'root' },
    { change: { id: records[7]?.id ?? '' }, kind: 'twice' },
    { change: { prev: records[10]?.hash ?? null, seq: 12 }, kind: 'unmerged' },
  ] as const;
  for (const { change, kind } of changes) {
    const record = await forged(last, { id: '00000000-0000-4000-8000-000000000001', ...change }, ann);
    const findings = await found(new Map(files).set(recordPath(record), Buffer.from(recordText(record))));
    assert.equal(findings[0]?.kind, kind, JSON.stringify(findings[0]));
  }
});

/** One record more after `last`, signed by whoever; other members as they are given. */
async function forged(
  last: LedgerRecord,
  change: Partial<Pick<LedgerRecord, 'at' | 'id' | 'operator' | 'prev' | 'seq'>>,
  signer: Signer,
): Promise<LedgerRecord> {
  const event = incident('made up');
  const envelope = { ...last, seq: last.seq + 1, prev: last.hash, artifacts: [], ...change };
  const { hash: _hash, signature: _signature, ...rest } = { ...envelope, ...event };
  const hash = hashOf(rest);
  return { ...rest, hash, signature: await signer.sign(unsignedText(rest), SIGNATURE_NAMESPACE) };
}

test('a signature of something else, of another time or for another purpose is none', async () => {
  const { files, records } = await site;
  const [one, other] = [records[20], records[21]];
  assert.ok(one && other);
  const texts = [
    other.signature,
    await ann.sign(unsignedText(one), 'file'),
    await ann.sign(unsignedText(one), 'larder-ledger-head'),
    await ann.sign(`${unsignedText(one)}\n`, SIGNATURE_NAMESPACE),
  ];
  for (const signature of texts) {
    const content = Buffer.from(recordText({ ...one, signature }));
    assertFirst(await found(new Map(files).set(recordPath(one), content)), 'signature', recordPath(one), signature);
  }
});

test('evidence that is gone, changed, longer or exchanged is found with the record that names it', async () => {
  const { files, records, around } = await site;
  const named = records.flatMap((record) => record.artifacts.map((artifact) => ({ record, artifact })));
  assert.ok(named.length > 10);
  for (const { record, artifact } of named) {
    const without = new Map(around.artifacts);
    without.delete(artifact.path);
    assertFirst(await found(files, { artifacts: without }), 'artifact-missing', artifact.path, record.id);
    const { path, sha256, bytes } = artifact;
    for (const standing of [
      { sha256: sha256Of('other'), bytes },
      { sha256, bytes: bytes + 1 },
    ]) {
      const changed = new Map(around.artifacts).set(path, { kind: 'file', ...standing });
      const findings = await found(files, { artifacts: changed });
      assertFirst(findings, 'artifact-altered', path, record.id);
      assert.match(findings[0]?.message ?? '', new RegExp(recordPath(record)));
    }
  }
});

test('heads: one that is no head, or not signed by anybody here, says nothing about the records', async () => {
  const { files, around } = await site;
  const [own] = around.heads;
  assert.ok(own?.head);
  const cut = new Map([...files].slice(0, 150));
  const signature = own.signature;
  const ways: readonly { readonly head: SeenHead; readonly kinds: readonly string[] }[] = [
    { head: { where: 'a commit' }, kinds: ['head-forged'] },
    {
      head: { where: 'a commit', head: own.head, signature: { kind: 'invalid', why: 'is none' } },
      kinds: ['head-forged'],
    },
    {
      head: { where: 'a commit', head: own.head, signature: { kind: 'valid', publicKey: signerOf(9).publicKey } },
      kinds: ['head-forged'],
    },
    { head: { where: 'a commit', head: own.head, ...(signature && { signature }) }, kinds: ['truncated'] },
    { head: { ...own, signature: { kind: 'valid', publicKey: signerOf(9).publicKey } }, kinds: ['truncated'] },
  ];
  for (const { head, kinds } of ways) {
    const findings = await found(cut, { heads: [head] });
    assert.deepEqual(
      findings.filter(({ kind }) => /head|truncated/.test(kind)).map(({ kind }) => kind),
      kinds,
    );
    assert.equal(findings.some(isBreak), kinds.includes('truncated'));
  }
  assert.deepEqual(
    await found(files, { heads: [{ where: 'a commit', head: { ...own.head, signature: 'x' } }] }),
    [],
    'its record is there',
  );
});
