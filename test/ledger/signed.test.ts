/** Records that a client has signed: they are looked at as if they had come from anywhere. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { drafted } from '../../src/ledger/draft.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import {
  type Artifact,
  type LedgerRecord,
  recordPath,
  recordText,
  SIGNATURE_NAMESPACE,
  type Unsigned,
  unsignedText,
} from '../../src/ledger/record.ts';
import { hashOf, sha256Of } from '../../src/ledger/record-file.ts';
import type { Signer } from '../../src/ledger/signer.ts';
import { createManualClock, type ManualClock } from '../../src/telemetry/manual-clock.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { ann, appended, bob, incident, memorySite, openLedger, openWithoutKey, signerOf, startLedger } from './site.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const FOLDER = 'docs/governance/reviews/2026-03-01-web';

interface Site {
  readonly ledger: Ledger;
  readonly disk: MemoryDisk;
  readonly clock: ManualClock;
}

/** A server that holds no key of its own. */
async function server(t: TestContext): Promise<Site> {
  const { disk, ...options } = memorySite(t);
  const clock = createManualClock();
  const first = await startLedger('', { ...options, disk, clock });
  appended(
    await first.append({
      event: { type: 'operator-added', data: { operatorId: 'bob', role: 'operator', keys: [bob.publicKey] } },
    }),
  );
  const ledger = await openWithoutKey('', { ...options, disk, clock, knownSecrets: ['correct-horse-battery'] });
  return { ledger, disk, clock };
}

interface Given {
  readonly change?: Partial<Pick<Unsigned, 'at' | 'id' | 'operator' | 'prev' | 'seq'>>;
  readonly artifacts?: readonly Artifact[];
  readonly name?: string;
  readonly signer?: Signer;
}

async function record(
  { ledger }: Site,
  { change = {}, artifacts = [], name = 'a', signer = bob }: Given = {},
): Promise<LedgerRecord> {
  const { head } = ledger;
  const draft = drafted({
    event: incident(name),
    id: ID,
    at: head.at,
    operator: 'bob',
    parents: [head],
    artifacts,
    gitCommit: null,
  });
  const unsigned = { ...draft, ...change };
  const signature = await signer.sign(unsignedText(unsigned), SIGNATURE_NAMESPACE);
  return { ...unsigned, hash: hashOf(unsigned), signature };
}

function artifactOf(
  name: string,
  content: Uint8Array,
): { readonly path: string; readonly content: Uint8Array; readonly named: Artifact } {
  const sha256 = sha256Of(content);
  const path = `${FOLDER}/${sha256.slice(0, 12)}-${name}`;
  return { path, content, named: { path, sha256, bytes: content.length } };
}

test('what a client signed is written as it was signed, with its evidence', async (t) => {
  const site = await server(t);
  const diff = artifactOf('kubectl.diff', Buffer.from('+ replicas: 3\n'));
  const signed = await record(site, { artifacts: [diff.named] });
  const { record: written, paths } = appended(await site.ledger.appendSigned(signed, [diff]));
  assert.deepEqual(written, signed);
  assert.deepEqual(paths, [diff.path, recordPath(signed)]);
  assert.equal(
    Buffer.from(site.disk.read(join('/repository', recordPath(signed))) ?? []).toString(),
    recordText(signed),
  );
  assert.deepEqual(
    (await site.ledger.verify()).findings.filter(({ kind }) => kind !== 'truncated'),
    [],
  );
  assert.equal(site.ledger.head.operator, 'bob');
});

test('a record that follows another than the newest is stale, and nothing is written', async (t) => {
  const site = await server(t);
  const early = await record(site);
  appended(await site.ledger.appendSigned(await record(site, { name: 'b', change: { id: ID.replace('1', '2') } }), []));
  assert.deepEqual(await site.ledger.appendSigned(early, []), { kind: 'stale', head: site.ledger.head.hash });
  assert.equal(site.ledger.records.length, 3);
});

test('what is wrong with a signed record is said, and nothing is written', async (t) => {
  const site = await server(t);
  const good = await record(site);
  const other = artifactOf('x.txt', Buffer.from('x'));
  const noArtifacts: readonly { path: string; content: Uint8Array }[] = [];
  const cases: readonly {
    readonly record: LedgerRecord;
    readonly why: RegExp;
    readonly artifacts?: typeof noArtifacts;
  }[] = [
    { record: { ...good, hash: '0'.repeat(64) }, why: /does not have the hash that it names/ },
    {
      record: { ...good, signature: await bob.sign('other', SIGNATURE_NAMESPACE) },
      why: /the signature does not fit the text/,
    },
    { record: { ...good, signature: await bob.sign(unsignedText(good), 'file') }, why: /the signature is for "file"/ },
    { record: await record(site, { change: { seq: 9 } }), why: /seq is 9 where 3 follows/ },
    {
      record: await record(site, { change: { at: '2020-01-01T00:00:00.000Z' } }),
      why: /was made at 2020-.*, before the last one/,
    },
    {
      record: await record(site, { change: { at: '2025-01-01T01:00:00.000Z' } }),
      why: /and here it is 2025-01-01T00:00:00.000Z: set the clock/,
    },
    { record: await record(site, { artifacts: [other.named] }), why: /x\.txt did not come with the record/ },
    {
      record: await record(site, { artifacts: [other.named] }),
      artifacts: [{ ...other, content: Buffer.from('y') }],
      why: /another file than it names/,
    },
    {
      record: await record(site, { artifacts: [{ ...other.named, bytes: 2 }] }),
      artifacts: [other],
      why: /another file than it names/,
    },
    { record: good, artifacts: [other], why: /came with the record, which does not name it/ },
    {
      record: await record(site, { artifacts: [{ ...other.named, path: `${other.path}.gz` }] }),
      artifacts: [{ ...other, path: `${other.path}.gz` }],
      why: /cannot be decompressed/,
    },
  ];
  for (const { record: sent, artifacts = [], why } of cases) {
    await assert.rejects(() => site.ledger.appendSigned(sent, artifacts), {
      code: 'LARDER_LEDGER_INVALID',
      message: why,
    });
  }
  assert.equal((await openLedger('', { ...memorySite(t, site.disk), clock: site.clock })).records.length, 2);
});

test('rules, keys and secrets count for signed records too', async (t) => {
  const site = await server(t);
  const rules = async (given: Given): Promise<readonly string[]> => {
    const outcome = await site.ledger.appendSigned(await record(site, given), []);
    return outcome.kind === 'refused' ? outcome.violations.map(({ rule }) => rule) : [outcome.kind];
  };
  assert.deepEqual(await rules({ signer: signerOf(9) }), ['signer-key']);
  assert.deepEqual(await rules({ signer: ann }), ['signer-key']);
  assert.deepEqual(await rules({ change: { operator: 'carol' } }), ['signer-known']);
  assert.deepEqual(await rules({ change: { id: site.ledger.records[0]?.id ?? '' } }), ['id-new']);
  assert.deepEqual(await rules({ name: 'says correct-horse-battery' }), ['secret']);
  for (const [name, content] of [
    ['values.yaml', Buffer.from('password: correct-horse-battery\n')],
    ['values.yaml.gz', gzipSync('password: correct-horse-battery\n')],
  ] as const) {
    const artifact = artifactOf(name, content);
    const outcome = await site.ledger.appendSigned(await record(site, { artifacts: [artifact.named] }), [artifact]);
    assert.equal(outcome.kind, 'secret', name);
  }
  assert.equal(site.ledger.records.length, 2);
});
