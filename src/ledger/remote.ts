/**
 * A ledger that somebody serves (`larder ledger serve`): records are made and signed here, and only sent. The server checks
 * them as its own, and can change nothing in them.
 */
import { z } from 'zod';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type StoredArtifact, storedArtifact } from './artifact.ts';
import { drafted, momentAfter, sealed } from './draft.ts';
import { sha256 } from './event.ts';
import type { NewEvent } from './ledger.ts';
import { type LedgerRecord, SIGNATURE_NAMESPACE, unsignedText } from './record.ts';
import { LedgerError } from './registry.ts';
import { scanBytes, scanData } from './secret/scan.ts';
import { askServed, problem, readServed, unlike } from './served.ts';
import type { Signer } from './signer.ts';

export interface RemoteOptions {
  /** As `larder ledger serve` prints it. */
  readonly url: string;
  /** Of a person or a program that may write. */
  readonly token: string;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly knownSecrets?: readonly string[];
}

export type Sent =
  | { readonly kind: 'appended'; readonly record: LedgerRecord }
  /** `rules`: those that it breaks, where it is for rules. */
  | { readonly kind: 'declined'; readonly why: string; readonly rules: readonly string[] };

export interface RemoteLedger {
  append(event: NewEvent, signal?: AbortSignal): Promise<Sent>;
  /** What hinders an append now: a broken ledger, a key that it does not know; undefined: nothing. */
  obstacle(signal?: AbortSignal): Promise<string | undefined>;
}

/** Others write, too: so often the head may have moved between asking for it and sending what follows it. */
const TRIES = 8;
const NAME_AT_MOST = 500;

const head = z.object({ seq: z.int(), hash: sha256, at: z.string() });
const verification = z.object({
  kind: z.enum(['whole', 'broken']),
  findings: z.array(z.object({ message: z.string() })),
});
const operators = z.object({
  items: z.array(
    z.object({
      operatorId: z.string(),
      keys: z.array(z.object({ publicKey: z.string(), endedAt: z.string().optional() })),
      removed: z.unknown().optional(),
    }),
  ),
  next: z.string().optional(),
});

/** Every method throws LedgerError LARDER_LEDGER_UNREACHABLE where the server does not answer as one. */
export function remoteLedger(options: RemoteOptions): RemoteLedger {
  return {
    append: (event, signal) => append(options, event, signal),
    async obstacle(signal) {
      const { kind, findings } = await readServed(options, 'ledger/verify', verification, signal);
      if (kind === 'broken')
        return `the ledger at ${options.url} is broken: ${findings[0]?.message ?? 'see larder ledger verify'}`;
      const operator = await operatorOf(options, signal);
      return operator === undefined ? unknownKey(options) : undefined;
    },
  };
}

function unknownKey({ url, signer }: RemoteOptions): string {
  return `no operator of the ledger at ${url} has the key ${signer.publicKey}: name another, or let an admin add it with \`larder ledger operator add\``;
}

async function append(options: RemoteOptions, given: NewEvent, signal?: AbortSignal): Promise<Sent> {
  const operator = await operatorOf(options, signal);
  if (operator === undefined) return { kind: 'declined', why: unknownKey(options), rules: ['signer-known'] };
  const id = given.id ?? options.random.uuid();
  for (let tries = 1; ; tries += 1) {
    const made = await prepared(options, { ...given, id }, operator, signal);
    if (made.kind === 'declined') return made;
    const { record, artifacts } = made;
    const files = artifacts.map(({ path, content }) => ({ path, content: Buffer.from(content).toString('base64') }));
    const body = { record, ...(files.length === 0 ? {} : { artifacts: files }) };
    const answer = await askServed(options, 'ledger/records', { body, ...(signal && { signal }) });
    if (answer.status === 200 || answer.status === 201) return { kind: 'appended', record };
    const refused = problem.safeParse(answer.body);
    if (!refused.success) throw unlike(options, answer.status);
    const { detail, code, violations = [] } = refused.data;
    if (code === 'LARDER_LEDGER_STALE' && tries < TRIES) continue;
    return { kind: 'declined', why: detail, rules: violations.map(({ rule }) => rule) };
  }
}

type Prepared =
  | { readonly kind: 'prepared'; readonly record: LedgerRecord; readonly artifacts: readonly StoredArtifact[] }
  | Extract<Sent, { kind: 'declined' }>;

/** Looked through for secrets before anything leaves this machine. */
async function prepared(
  options: RemoteOptions,
  given: NewEvent & { readonly id: string },
  operator: string,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { signer, clock, knownSecrets: known = [] } = options;
  const before = await readServed(options, 'ledger/head', head, signal);
  const moment = momentAfter([before], clock.now());
  if (moment.kind === 'behind') {
    const why = `the clock of this machine says ${moment.clock}, but the last record was made at ${moment.last}: set the clock`;
    return { kind: 'declined', why, rules: [] };
  }
  const artifacts = (given.artifacts ?? []).map((artifact) => storedArtifact(artifact, moment.at));
  const named = artifacts.map(({ path, sha256: sum, bytes }) => ({ path, sha256: sum, bytes }));
  const event = typeof given.event === 'function' ? given.event(named) : given.event;
  const secrets = [
    ...scanData('data', event.data, known),
    ...(given.artifacts ?? []).flatMap(({ name, content }) => scanBytes(name, content, known)),
  ];
  if (secrets.length > 0) {
    const places = secrets.map(({ where, kind }) => `${where} (${kind})`).join(', ');
    return { kind: 'declined', why: `what looks like a secret is in ${places}`, rules: [] };
  }
  const draft = drafted({
    event,
    id: given.id,
    at: moment.at,
    operator,
    parents: [before],
    artifacts: named,
    gitCommit: null,
  });
  const file = sealed(draft, await signer.sign(unsignedText(draft), SIGNATURE_NAMESPACE, signal));
  if (file.kind === 'bad') throw new LedgerError('LARDER_LEDGER_INVALID', file.finding.message);
  return { kind: 'prepared', record: file.record, artifacts };
}

/** Who this key is there. */
async function operatorOf(options: RemoteOptions, signal?: AbortSignal): Promise<string | undefined> {
  let cursor = '';
  do {
    const part = await readServed(options, `ledger/operators?limit=${NAME_AT_MOST}${cursor}`, operators, signal);
    const found = part.items.find(
      ({ keys, removed }) =>
        removed === undefined &&
        keys.some(({ publicKey, endedAt }) => publicKey === options.signer.publicKey && endedAt === undefined),
    );
    if (found) return found.operatorId;
    cursor = part.next === undefined ? '' : `&cursor=${encodeURIComponent(part.next)}`;
  } while (cursor !== '');
  return undefined;
}
