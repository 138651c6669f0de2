/**
 * A ledger that somebody serves (`larder ledger serve`): records are made and signed here, and only sent. The server checks
 * them as its own, and can change nothing in them.
 */
import { z } from 'zod';
import { type Clock, type Random, withDeadline } from '../telemetry/clock.ts';
import { type StoredArtifact, storedArtifact } from './artifact.ts';
import { drafted, momentAfter, sealed } from './draft.ts';
import { sha256 } from './event.ts';
import type { NewEvent } from './ledger.ts';
import { type LedgerRecord, SIGNATURE_NAMESPACE, unsignedText } from './record.ts';
import { LedgerError } from './registry.ts';
import { scanBytes, scanData } from './secret/scan.ts';
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

const ANSWER_MS = 30_000;
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
const problem = z.object({
  detail: z.string(),
  code: z.string(),
  violations: z.array(z.object({ rule: z.string() })).optional(),
});

/** Every method throws LedgerError LARDER_LEDGER_UNREACHABLE where the server does not answer as one. */
export function remoteLedger(options: RemoteOptions): RemoteLedger {
  return {
    append: (event, signal) => append(options, event, signal),
    async obstacle(signal) {
      const { kind, findings } = await read(options, 'ledger/verify', verification, signal);
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
    const answer = await ask(options, 'ledger/records', { body, ...(signal && { signal }) });
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
  const before = await read(options, 'ledger/head', head, signal);
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
    const part = await read(options, `ledger/operators?limit=${NAME_AT_MOST}${cursor}`, operators, signal);
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

async function read<T>(options: RemoteOptions, path: string, shape: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
  const { status, body } = await ask(options, path, signal ? { signal } : {});
  const refused = problem.safeParse(body);
  if (status !== 200 && refused.success) {
    const { detail, code } = refused.data;
    throw new LedgerError('LARDER_LEDGER_UNREACHABLE', `the ledger at ${options.url} refused: ${detail} (${code})`);
  }
  const parsed = shape.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  throw unlike(options, status);
}

interface Asked {
  readonly body?: object;
  readonly signal?: AbortSignal;
}

async function ask(
  { url, token, clock }: RemoteOptions,
  path: string,
  { body, signal: given }: Asked,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const address = `${url.replace(/\/+$/, '')}/${path}`;
  try {
    return await withDeadline(
      clock,
      'the answer',
      ANSWER_MS,
      async (signal) => {
        const response = await fetch(address, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
          // A token is for this server alone.
          redirect: 'error',
          signal,
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, body: parsed(text) };
      },
      given,
    );
  } catch (cause) {
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
    throw new LedgerError('LARDER_LEDGER_UNREACHABLE', `the ledger at ${url} does not answer: ${why}`, { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller then says that this is no ledger
  }
}

function unlike({ url }: RemoteOptions, status: number): LedgerError {
  const message = `${url} does not answer as a ledger does (status ${status}): is it the address that \`larder ledger serve\` printed?`;
  return new LedgerError('LARDER_LEDGER_UNREACHABLE', message);
}
