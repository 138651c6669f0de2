/** What is looked at before a record is written: its secrets, its rules, its signature. Nothing here writes. */
import { gunzipSync } from 'node:zlib';
import { messageOf } from '../kube/error.ts';
import { type NewArtifact, storedArtifact } from './artifact.ts';
import { drafted, momentAfter, sealed } from './draft.ts';
import type { LedgerEvent } from './event.ts';
import { assertReadable } from './evidence-files.ts';
import { holderOf } from './holder.ts';
import type { Appended, NewEvent } from './ledger.ts';
import { oddId } from './new-id.ts';
import type { Place } from './place.ts';
import {
  type LedgerRecord,
  parseEvent,
  recordPath,
  recordText,
  SIGNATURE_NAMESPACE,
  type Unsigned,
  unsignedText,
} from './record.ts';
import { recordFile, sha256Of } from './record-file.ts';
import { LedgerError } from './registry.ts';
import { decide } from './rules.ts';
import { type SecretFinding, scanBytes, scanData } from './secret/scan.ts';
import type { Signer } from './signer.ts';
import { verifySignature } from './ssh-signature.ts';
import type { Survey } from './survey.ts';
import type { Content } from './write.ts';

export interface Prepared {
  readonly kind: 'prepared';
  readonly record: LedgerRecord;
  /** That signed it. */
  readonly key: string;
  readonly artifacts: readonly Content[];
  readonly notes: readonly string[];
}

type Refused = Exclude<Appended, { kind: 'appended' }>;

export interface Request extends NewEvent {
  /** Who signs, where the ledger does not know yet whose the key is. */
  readonly operator?: string | undefined;
  readonly gitCommit: string | null;
}

/** @throws LedgerError LARDER_LEDGER_CLOCK, LARDER_LEDGER_INVALID, LARDER_LEDGER_NO_KEY, LARDER_LEDGER_EVIDENCE, and what the signer throws. */
export async function newRecord(
  place: Place,
  { ends, state, records }: Survey,
  request: Request,
  signal?: AbortSignal,
): Promise<Prepared | Refused> {
  const { clock, random, knownSecrets } = place;
  const moment = momentAfter(ends, clock.now());
  if (moment.kind === 'behind') throw clockBehind(moment);
  const signer = signerOf(place);
  const operator = request.operator ?? holderOf(state, signer.publicKey);
  if (operator === undefined) return unknownKey(signer);
  const artifacts = (request.artifacts ?? []).map((artifact) => storedArtifact(artifact, moment.at));
  const named = artifacts.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
  const event = whole(typeof request.event === 'function' ? request.event(named) : request.event);
  const secrets = [
    ...scanData('data', event.data, knownSecrets),
    ...(request.artifacts ?? []).flatMap((artifact) => secretsIn(artifact, knownSecrets)),
  ];
  if (secrets.length > 0) return { kind: 'secret', findings: secrets };
  refuseOdd(state, event);
  const id = request.id ?? random.uuid();
  const draft = drafted({
    event,
    id,
    at: moment.at,
    operator,
    parents: ends,
    artifacts: named,
    gitCommit: request.gitCommit,
  });
  const refused = objections(state, records, draft, signer.publicKey);
  if (refused !== undefined) return refused;
  assertReadable(place, state, draft);
  const record = await signed(draft, signer, signal);
  const notes = moment.note === undefined ? [] : [moment.note];
  return { kind: 'prepared', record, key: signer.publicKey, artifacts, notes };
}

/** What a client has signed, as if it had come from anywhere. */
export async function submitted(
  place: Place,
  { ends, state, records }: Survey,
  record: LedgerRecord,
  artifacts: readonly Content[],
): Promise<Prepared | Refused> {
  const { clock, knownSecrets } = place;
  const file = recordFile(recordPath(record), new TextEncoder().encode(recordText(record)));
  if (file.kind === 'bad') throw invalid(file.finding.message);
  const { signature } = record;
  const check = await verifySignature({ message: unsignedText(record), namespace: SIGNATURE_NAMESPACE, signature });
  if (check.kind === 'invalid') throw invalid(`the signature ${check.why}`);
  const seq = Math.max(...ends.map((end) => end.seq)) + 1;
  if (record.seq !== seq) throw invalid(`seq is ${record.seq} where ${seq} follows`);
  const time = timeObjection(record, ends, clock.now());
  if (time !== undefined) throw invalid(time);
  const missing = artifactObjection(record, artifacts);
  if (missing !== undefined) throw invalid(missing);
  const secrets = [
    ...scanData('data', record.data, knownSecrets),
    ...artifacts.flatMap(({ path, content }) =>
      secretsIn({ name: path, content: plainContent(path, content) }, knownSecrets),
    ),
  ];
  if (secrets.length > 0) return { kind: 'secret', findings: secrets };
  refuseOdd(state, record);
  const refused = objections(state, records, record, check.publicKey);
  if (refused !== undefined) return refused;
  assertReadable(place, state, record);
  return { kind: 'prepared', record: file.record, key: check.publicKey, artifacts, notes: [] };
}

function signerOf({ signer }: Place): Signer {
  if (signer !== undefined) return signer;
  throw new LedgerError('LARDER_LEDGER_NO_KEY', 'the ledger was opened without a key, and every record is signed');
}

function unknownKey({ publicKey }: Signer): Refused {
  const message = `the key ${publicKey} is of no operator of this ledger: an admin adds it with \`larder ledger operator add\``;
  return { kind: 'refused', violations: [{ rule: 'signer-known', message }] };
}

function clockBehind({ clock, last }: { readonly clock: string; readonly last: string }): LedgerError {
  const message = `the clock of this machine says ${clock}, but the last record was made at ${last}: set the clock (\`timedatectl\`). Nothing was recorded`;
  return new LedgerError('LARDER_LEDGER_CLOCK', message);
}

function invalid(why: string): LedgerError {
  return new LedgerError('LARDER_LEDGER_INVALID', `${why}. Nothing was recorded`);
}

/** As it will be read back: members that the schema does not know are refused or kept here, not found out later. */
function whole(event: LedgerEvent): LedgerEvent {
  const parsed = parseEvent(event.type, JSON.parse(JSON.stringify(event.data)));
  if (parsed.kind === 'malformed') throw invalid(`${event.type} is malformed: ${parsed.why}`);
  return parsed.event;
}

function refuseOdd(state: Survey['state'], event: LedgerEvent): void {
  const odd = oddId(state, event);
  if (odd !== undefined) throw invalid(odd);
}

function objections(
  state: Survey['state'],
  records: Survey['records'],
  draft: Unsigned,
  key: string,
): Refused | undefined {
  if (records.some(({ id }) => id === draft.id)) {
    return { kind: 'refused', violations: [{ rule: 'id-new', message: `there is a record ${draft.id} already` }] };
  }
  const violations = decide(state, draft, key);
  return violations.length > 0 ? { kind: 'refused', violations } : undefined;
}

/** What an agent or a token gives back is looked at like anybody else's: a bad signature must not get into the chain. */
async function signed(draft: Unsigned, signer: Signer, signal?: AbortSignal): Promise<LedgerRecord> {
  const message = unsignedText(draft);
  const signature = await signer.sign(message, SIGNATURE_NAMESPACE, signal);
  const check = await verifySignature({ message, namespace: SIGNATURE_NAMESPACE, signature });
  if (check.kind === 'invalid') throw unusable(`what the key ${signer.publicKey} gave as signature ${check.why}`);
  if (check.publicKey !== signer.publicKey)
    throw unusable(`the key ${check.publicKey} signed in place of ${signer.publicKey}`);
  const file = sealed(draft, signature);
  if (file.kind === 'bad') throw invalid(file.finding.message);
  return file.record;
}

function unusable(why: string): LedgerError {
  return new LedgerError('LARDER_LEDGER_KEY_UNUSABLE', `${why}. Nothing was recorded`);
}

function secretsIn(
  { name, content }: Pick<NewArtifact, 'name' | 'content'>,
  known: readonly string[],
): readonly SecretFinding[] {
  return scanBytes(name, content, known);
}

const LARGEST_PLAIN_BYTES = 256 * 2 ** 20;

function plainContent(path: string, content: Uint8Array): Uint8Array {
  if (!path.endsWith('.gz')) return content;
  try {
    return gunzipSync(content, { maxOutputLength: LARGEST_PLAIN_BYTES });
  } catch (cause) {
    throw invalid(`${path} cannot be decompressed: ${messageOf(cause)}`);
  }
}

const CLOCK_AHEAD_AT_MOST_MS = 5 * 60_000;

function timeObjection({ at }: LedgerRecord, ends: readonly LedgerRecord[], now: number): string | undefined {
  const later = ends.find((end) => end.at > at);
  if (later !== undefined) return `the record was made at ${at}, before the last one (${later.at}): set the clock`;
  if (Date.parse(at) - now <= CLOCK_AHEAD_AT_MOST_MS) return undefined;
  return `the record was made at ${at}, and here it is ${new Date(now).toISOString()}: set the clock`;
}

function artifactObjection({ artifacts }: LedgerRecord, given: readonly Content[]): string | undefined {
  const byPath = new Map(given.map((each) => [each.path, each.content]));
  const wrong = artifacts.find(({ path, sha256, bytes }) => {
    const content = byPath.get(path);
    return content === undefined || content.length !== bytes || sha256Of(content) !== sha256;
  });
  if (wrong !== undefined) return `${wrong.path} did not come with the record, or is another file than it names`;
  const extra = given.find(({ path }) => !artifacts.some((artifact) => artifact.path === path));
  return extra && `${extra.path} came with the record, which does not name it`;
}
