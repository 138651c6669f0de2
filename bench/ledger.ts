/**
 * A ledger of 5,000 records in a git repository: opening it, verifying all of it, adding to it, reporting from it. The limits
 * in the same run are the plainest loop that reads the same files and checks the same signatures, and the disk's own sync;
 * the peer is `ssh-keygen -Y verify`, a process for each record.
 */
import { execFileSync } from 'node:child_process';
import { type createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ALLOWED_SIGNERS } from '../src/ledger/allowed-signers.ts';
import { storedArtifact } from '../src/ledger/artifact.ts';
import { drafted, sealed } from '../src/ledger/draft.ts';
import type { LedgerEvent } from '../src/ledger/event.ts';
import { keySigner } from '../src/ledger/key-signer.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import {
  type LedgerRecord,
  parseEvent,
  recordPath,
  recordText,
  SIGNATURE_NAMESPACE,
  unsignedText,
} from '../src/ledger/record.ts';
import { report } from '../src/ledger/report.ts';
import type { Signer } from '../src/ledger/signer.ts';
import { publicKeyText, sshBlob } from '../src/ledger/ssh-public-key.ts';
import { signedBytes } from '../src/ledger/ssh-signature.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { askedReport } from './ledger/asked-report.ts';
import { type BenchReport, distribution } from './report.ts';

const RECORDS = 5000;
const APPENDS = 200;
const ROUNDS = 5;
const PEER_RECORDS = 100;
const APPEND_BAR_MS = 20;
const WHOLE_BAR_S = 1;
/** A process that has seen none of the files loads and verifies them, and then reports. */
const FIRST_BAR_S = 2;

export async function run(): Promise<BenchReport> {
  const root = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  try {
    return await measure(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measure(root: string): Promise<BenchReport> {
  execFileSync('git', ['init', '--quiet', root]);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = sshBlob(publicKey);
  if (blob === undefined) throw new Error('Ed25519 has a name in ssh');
  const signer = keySigner(privateKey, publicKeyText(blob));
  const options = { root, clock: systemClock, random: systemRandom, signer };
  await fill(
    root,
    await Ledger.start({ ...options, title: 'bench', operator: { operatorId: 'ann', role: 'admin' } }),
    signer,
  );
  const opened: number[] = [];
  const verified: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    opened.push(await seconds(async () => void (await Ledger.open(options))));
    const ledger = await Ledger.open(options);
    verified.push(await seconds(async () => assertWhole(await ledger.verify())));
    plain.push(await seconds(() => plainest(root, ledger.records, publicKey)));
  }
  const ledger = await Ledger.open(options);
  const reported = await each(ROUNDS, async () => assertTold(report(ledger.state, systemClock.now())));
  const cache = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  const askedFirst = await each(ROUNDS, async () => {
    rmSync(cache, { recursive: true, force: true });
    askedReport(root, cache);
  });
  const askedAgain = await each(ROUNDS, async () => askedReport(root, cache));
  rmSync(cache, { recursive: true, force: true });
  const refreshed = await each(ROUNDS, () => ledger.refresh());
  const appended: number[] = [];
  const synced: number[] = [];
  for (let number = 0; number < APPENDS; number += 1) {
    appended.push(1000 * (await seconds(async () => void (await ledger.append({ event: action(number) })))));
    synced.push(1000 * (await seconds(async () => threeSyncs(root, number))));
  }
  const peer = peerSeconds(root, ledger.records);
  const limit = distribution(plain).median;
  const syncs = distribution(synced);
  const whole = (what: string, samples: readonly number[], bar = WHOLE_BAR_S) => {
    const spread = distribution(samples);
    const ratio = { to: 'the plainest loop', value: spread.median / limit };
    return { what, unit: 's', ...spread, ratio, bar: { text: `< ${bar}`, met: spread.median < bar } };
  };
  const append = distribution(appended);
  return {
    about: `a ledger of ${RECORDS} records, each signed with Ed25519, one in eight with evidence`,
    rows: [
      whole(`open ${RECORDS} records, every signature checked`, opened),
      whole('verify: all of it again, with the evidence', verified),
      whole('the report, from what was read', reported),
      whole('`larder ledger report`, a process of its own that has seen the files before', askedAgain),
      whole('the same, which has seen none of them', askedFirst, FIRST_BAR_S),
      {
        what: 'the same files read, parsed and their signatures checked, nothing else',
        unit: 's',
        ...distribution(plain),
      },
      {
        what: `ssh-keygen -Y verify of ${RECORDS} records (${PEER_RECORDS} measured)`,
        unit: 's',
        median: peer,
        ratio: { to: 'verify', value: peer / distribution(verified).median },
      },
      { what: 'look for news where there is none', unit: 'ms', ...distribution(refreshed.map((s) => 1000 * s)) },
      {
        what: `append, ${APPENDS} one after the other`,
        unit: 'ms',
        ...append,
        ratio: { to: 'three syncs', value: append.median / syncs.median },
        bar: { text: `< ${APPEND_BAR_MS}`, met: append.median < APPEND_BAR_MS },
      },
      { what: 'two new files and a folder, synchronised', unit: 'ms', ...syncs },
    ],
  };
}

/** Of a round of work: a change with its evidence, its apply and the look after it, an alert, a rebuild, two actions. */
const ROUND: readonly ((round: number, at: (minutes: number) => string, path: string) => LedgerEvent)[] = [
  (round) => {
    const about = { featureBranch: 'main', manifestPaths: ['web'], runbookUpdates: ['docs/runbooks/web.md'] };
    return { type: 'change-created', data: { changeId: `c${round}`, status: 'draft', ...about } };
  },
  (round, at, outputPath) => {
    const about = { command: 'larder change diff', outputPath, timestamp: at(1), manifestHash: HASH };
    return { type: 'evidence-attached', data: { changeId: `c${round}`, evidenceId: `e${round}`, ...about } };
  },
  (round, at) => {
    const objects = [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'a', outcome: 'created' as const }];
    const about = { command: 'larder change apply', exitCode: 0, manifestHash: HASH, objects };
    const ids = { changeId: `c${round}`, evidenceId: `e${round}` };
    return { type: 'change-applied', data: { ...ids, ...about, startedAt: at(2), completedAt: at(3) } };
  },
  (round, at) => {
    return {
      type: 'drift-reported',
      data: { reportId: `d${round}`, observedAt: at(4), verdict: 'none', findings: [] },
    };
  },
  (round, at) => {
    const alert = { fingerprint: `f${round}`, alertName: 'NodeDown', severity: 'critical' as const };
    return { type: 'alert-delivered', data: { ...alert, firedAt: at(5), deliveredAt: at(6) } };
  },
  (round, at) => {
    const run = {
      runId: `r${round}`,
      nodeId: `pi-${round % 10}.local`,
      initiatedBy: 'ann',
      status: 'success' as const,
    };
    return { type: 'rebuild-recorded', data: { ...run, startedAt: at(0), completedAt: at(7) } };
  },
  action,
  action,
];
const HASH = 'a'.repeat(64);

/** With its members in the order of the schema, as an append leaves them. */
function saidAs(number: number, now: string, path: string): LedgerEvent {
  const round = Math.floor(number / ROUND.length);
  const begin = Date.parse(now) - (RECORDS - round * ROUND.length) * 60_000;
  const at = (minutes: number): string => new Date(begin + minutes * 60_000).toISOString();
  const { type, data } = ROUND[number % ROUND.length]?.(round, at, path) ?? action(number);
  const parsed = parseEvent(type, data);
  if (parsed.kind === 'malformed') throw new Error(`${type}: ${parsed.why}`);
  return parsed.event;
}

function assertTold({ criteria, counts }: ReturnType<typeof report>): void {
  const changes = criteria.find(({ id }) => id === 'evidence');
  if (changes?.verdict.kind !== 'met' || counts.met < 4) throw new Error(`the report says ${changes?.value}`);
}

function action(number: number): LedgerEvent {
  const times = { startedAt: '2026-01-01T00:00:00Z', completedAt: '2026-01-01T00:00:01Z' };
  const objects = [
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'web', name: `data-${number}`, verb: 'patch' },
  ];
  const data = { actionId: `a${number}-${systemRandom.uuid()}`, command: `larder grow web/data-${number} --to 20Gi` };
  return { type: 'action-recorded', data: { ...data, surface: 'cli', ...times, result: 'success', objects } };
}

/** Files as appends leave them, without waiting for the disk 5,000 times. */
async function fill(root: string, ledger: Ledger, signer: Signer): Promise<void> {
  let last = ledger.head;
  const folders = new Set<string>();
  const write = (path: string, content: string | Uint8Array): void => {
    const folder = dirname(join(root, path));
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    writeFileSync(join(root, path), content);
  };
  while (last.seq < RECORDS) {
    const artifact = { folder: 'web', name: 'kubectl.diff', content: Buffer.from(`+ ${last.seq}\n`.repeat(200)) };
    const stored = (last.seq - 1) % ROUND.length === 1 ? [storedArtifact(artifact, last.at)] : [];
    for (const { path, content } of stored) write(path, content);
    const artifacts = stored.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
    const rest = { id: systemRandom.uuid(), at: last.at, operator: 'ann', parents: [last], artifacts, gitCommit: null };
    const draft = drafted({ event: saidAs(last.seq - 1, last.at, stored[0]?.path ?? ''), ...rest });
    const file = sealed(draft, await signer.sign(unsignedText(draft), SIGNATURE_NAMESPACE));
    if (file.kind === 'bad') throw new Error(file.finding.message);
    last = file.record;
    write(file.path, recordText(last));
  }
}

function assertWhole({ kind, findings, counts }: Awaited<ReturnType<Ledger['verify']>>): void {
  if (kind !== 'whole' || counts.records < RECORDS) throw new Error(`not whole: ${findings[0]?.message}`);
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function each(times: number, work: () => Promise<void>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let time = 0; time < times; time += 1) samples.push(await seconds(work));
  return samples;
}

/** Without schemas, hashes, the chain, the rules, the evidence. */
async function plainest(
  root: string,
  records: readonly LedgerRecord[],
  key: ReturnType<typeof createPublicKey>,
): Promise<void> {
  const checks = records.map(async (record) => {
    const { hash: _hash, signature, ...rest } = JSON.parse(readFileSync(join(root, recordPath(record)), 'utf8'));
    const lines = String(signature).split('\n').slice(1, -2).join('');
    const raw = Buffer.from(lines, 'base64').subarray(-64);
    const data = signedBytes(JSON.stringify(rest), SIGNATURE_NAMESPACE);
    await new Promise((resolve) => verify(null, data, key, raw, resolve)); // of a text that is not canonical: the same arithmetic
  });
  await Promise.all(checks);
}

/** What an append cannot do without: the record, its folder, the witness. */
function threeSyncs(root: string, number: number): void {
  const folder = join(root, '.git/bench');
  mkdirSync(folder, { recursive: true });
  for (const name of ['record', 'witness']) {
    const file = openSync(join(folder, `${name}-${number}`), 'wx');
    writeSync(file, Buffer.alloc(1500, 'x'));
    fsyncSync(file);
    closeSync(file);
  }
  const opened = openSync(folder, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** For all records, from some of them. */
function peerSeconds(root: string, records: readonly LedgerRecord[]): number {
  const signature = join(root, '.git/bench.sig');
  const some = records.slice(0, PEER_RECORDS);
  const begun = performance.now();
  for (const record of some) {
    writeFileSync(signature, record.signature);
    const args = [
      '-Y',
      'verify',
      '-f',
      join(root, ALLOWED_SIGNERS),
      '-I',
      record.operator,
      '-n',
      SIGNATURE_NAMESPACE,
      '-s',
      signature,
    ];
    execFileSync('ssh-keygen', args, { input: unsignedText(record), stdio: ['pipe', 'ignore', 'inherit'] });
  }
  return (((performance.now() - begun) / 1000) * records.length) / some.length;
}
