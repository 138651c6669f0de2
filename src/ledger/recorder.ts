/**
 * A ledger to which one change after the other is added while something else is the main work: a verb of the command line,
 * an action of the console. It is looked at before the change, so that none is made that could not be recorded.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { NewArtifact } from './artifact.ts';
import { commitRecords } from './commit.ts';
import { systemDisk } from './disk.ts';
import { drafted } from './draft.ts';
import type { LedgerEvent } from './event.ts';
import { findSigner } from './find-signer.ts';
import { type Finding, isBreak } from './finding.ts';
import { refuseHidden } from './hidden.ts';
import { Ledger, type NewEvent } from './ledger.ts';
import { type Artifact, type LedgerRecord, recordPath, type Unsigned } from './record.ts';
import { brokenRules, refusal } from './refusal.ts';
import { LedgerError } from './registry.ts';
import { findRepository } from './repository.ts';
import { decide } from './rules.ts';
import { scanData } from './secret/scan.ts';
import type { Signer } from './signer.ts';
import { forgetUnrecorded, keepUnrecorded, unrecordedIn } from './unrecorded.ts';

export interface RecorderOptions {
  /** A folder of the operators' repository, or the address of a served ledger. */
  readonly target: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file with the key that signs; without it the usual places. */
  readonly key?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly knownSecrets?: readonly string[];
  /** Whether records are committed by themselves. */
  readonly commit: boolean;
}

export type Recorded =
  /** `what`: the file. */
  | { readonly kind: 'recorded'; readonly what: string; readonly notes: readonly string[] }
  | { readonly kind: 'not-recorded'; readonly why: string };

/** Files that belong to a record. */
export interface Evidence {
  readonly artifacts: readonly NewArtifact[];
  /** The event once more, with the paths at which they are stored. */
  readonly event: (stored: readonly Artifact[]) => LedgerEvent;
}

export interface Recorder {
  /** @throws LedgerError where the event could not be recorded now: the ledger is broken, the key may not sign. */
  check(event: LedgerEvent, signal?: AbortSignal): Promise<void>;
  /** On the disk, until it is recorded. Returns the file. @throws LedgerError where that cannot be. */
  keep(id: string, event: LedgerEvent): string;
  /** Adds the event, and forgets what was kept under this id. An action that is there already is not recorded again. */
  record(id: string, event: LedgerEvent, evidence?: Evidence): Promise<Recorded>;
  /** What was kept under this id came to nothing. */
  forget(id: string): void;
  /** Files of changes that earlier commands could not record. */
  left(): readonly string[];
}

/** A ledger in a folder, or one that is served. */
interface Place {
  /** The folder of what is not recorded yet. */
  readonly unrecorded: string;
  check(event: LedgerEvent, signal?: AbortSignal): Promise<void>;
  /** Adds it, and does what follows, as a commit. */
  append(event: NewEvent): Promise<Added>;
}

type Added =
  | { readonly kind: 'added'; readonly record: LedgerRecord; readonly notes: readonly string[] }
  | { readonly kind: 'declined'; readonly why: string; readonly rules: readonly string[] };

/** @throws LedgerError where there is no ledger, or no key. */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const place = /^https?:\/\//.test(options.target) ? await servedPlace(options) : await folderPlace(options);
  return recorderOn(place);
}

function recorderOn({ unrecorded, check, append }: Place): Recorder {
  return {
    check,
    keep: (id, event) => keepUnrecorded(unrecorded, id, event),
    async record(id, event, evidence) {
      try {
        const outcome = await append(evidence ?? { event });
        // Whoever appended what was kept has recorded this action; the same is not said twice.
        const isThere =
          outcome.kind === 'declined' && event.type === 'action-recorded' && outcome.rules.includes('id-new');
        if (outcome.kind === 'declined' && !isThere) return { kind: 'not-recorded', why: outcome.why };
        forgetUnrecorded(unrecorded, id);
        if (outcome.kind === 'declined') return { kind: 'recorded', what: `action ${id} is there already`, notes: [] };
        return { kind: 'recorded', what: recordPath(outcome.record), notes: outcome.notes };
      } catch (failure) {
        if (!(failure instanceof Error)) throw failure;
        return { kind: 'not-recorded', why: failure.message };
      }
    },
    forget: (id) => forgetUnrecorded(unrecorded, id),
    left: () => unrecordedIn(unrecorded),
  };
}

async function folderPlace({ target, env, key, clock, random, knownSecrets, commit }: RecorderOptions): Promise<Place> {
  const repository = await findRepository(target);
  const { root, own } = repository;
  const signer = await findSigner({ env, repository: root, ...(key === undefined ? {} : { key }) });
  const ledger = await Ledger.open({ root, clock, random, signer, ...(knownSecrets ? { knownSecrets } : {}) });
  const checked = { ledger, signer, clock, random, ...(knownSecrets && { knownSecrets }) };
  let isVerified = false;
  return {
    unrecorded: join(own, 'unrecorded'),
    async check(event, signal) {
      // All of it once; then the records, which `refresh` reads closely. The evidence beside them does not decide what follows.
      if (isVerified) await ledger.refresh();
      refuseBroken(ledger, isVerified ? ledger.findings : (await ledger.verify(signal)).findings);
      isVerified = true;
      const path = recordPath(check(checked, event));
      await refuseHidden({ disk: systemDisk, root, repository }, [path], 'Nothing was changed');
    },
    async append(given) {
      // Closely: since the check a change took its time, and somebody may have been at the files meanwhile.
      await ledger.refresh();
      const appended = await ledger.append(given);
      if (appended.kind === 'appended') {
        const { record, notes } = appended;
        return {
          kind: 'added',
          record,
          notes: [...notes, ...(commit ? await committed(ledger, { clock, random }) : [])],
        };
      }
      const rules = appended.kind === 'refused' ? appended.violations.map(({ rule }) => rule) : [];
      return { kind: 'declined', why: refusal(appended), rules };
    },
  };
}

async function servedPlace({ target, env, key, clock, random, knownSecrets = [] }: RecorderOptions): Promise<Place> {
  const { remoteLedger } = await import('./remote.ts');
  const signer = await findSigner({ env, repository: '.', ...(key === undefined ? {} : { key }) });
  const token = env['LARDER_LEDGER_TOKEN'] ?? '';
  const ledger = remoteLedger({ url: target, token, signer, clock, random, knownSecrets });
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] ?? homedir(), '.local/state');
  return {
    unrecorded: join(state, 'larder/unrecorded'),
    async check(_event, signal) {
      const obstacle = await ledger.obstacle(signal);
      if (obstacle !== undefined) throw new LedgerError('LARDER_LEDGER_REFUSED', `${obstacle}. Nothing was changed`);
    },
    async append(given) {
      const sent = await ledger.append(given);
      return sent.kind === 'appended' ? { kind: 'added', record: sent.record, notes: [] } : sent;
    },
  };
}

interface Checked {
  readonly ledger: Ledger;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly knownSecrets?: readonly string[];
}

function refuseBroken({ root }: Ledger, findings: readonly Finding[]): void {
  const broken = findings.find(isBreak);
  if (broken === undefined) return;
  const message = `the ledger in ${root} is broken: ${broken.message}. Nothing was changed: \`larder ledger verify\` shows all of it`;
  throw new LedgerError('LARDER_LEDGER_BROKEN', message);
}

/** The record that it would be. Throws where the key may not sign, the event holds a secret, or a rule is against it. */
function check({ ledger, signer, clock, random, knownSecrets }: Checked, event: LedgerEvent): Unsigned {
  const operator = [...ledger.state.operators.values()].find(
    ({ keys, removed }) =>
      removed === undefined &&
      keys.some(({ publicKey, endedAt }) => publicKey === signer.publicKey && endedAt === undefined),
  );
  if (!operator) {
    const message = `no operator of the ledger in ${ledger.root} has the key ${signer.publicKey}. Nothing was changed: name another with --ledger-key, or let an admin add it with \`larder ledger operator add\``;
    throw new LedgerError('LARDER_LEDGER_REFUSED', message);
  }
  const at = new Date(Math.max(clock.now(), Date.parse(ledger.head.at))).toISOString();
  const about = {
    id: random.uuid(),
    at,
    operator: operator.operatorId,
    parents: [ledger.head],
    artifacts: [],
    gitCommit: null,
  };
  const [secret] = scanData('data', event.data, knownSecrets);
  if (secret) {
    const message = `the change could not be recorded: what looks like a secret is in ${secret.where} (${secret.kind}). Nothing was changed`;
    throw new LedgerError('LARDER_LEDGER_SECRET', message);
  }
  const draft = drafted({ event, ...about });
  const violations = decide(ledger.state, draft, signer.publicKey);
  if (violations.length === 0) return draft;
  const said = brokenRules(violations);
  throw new LedgerError('LARDER_LEDGER_REFUSED', `the change could not be recorded: ${said} Nothing was changed`);
}

async function committed(ledger: Ledger, by: Pick<RecorderOptions, 'clock' | 'random'>): Promise<readonly string[]> {
  const { root, records, signedHead: head } = ledger;
  const outcome = await commitRecords({ root, records, ...by, ...(head ? { head } : {}) });
  return outcome.kind === 'failed'
    ? [`not committed: ${outcome.why}. The record is there and valid: commit it later`]
    : [];
}
