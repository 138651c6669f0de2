/**
 * The ledger of a repository, opened: what it says, and how something is added to it. All of it is read from files, which
 * another process, or git, may change at any time.
 */
import { join } from 'node:path';
import type { NewArtifact } from './artifact.ts';
import { type ArtifactContent, artifactContent } from './artifact-content.ts';
import type { CheckedOut } from './checked-out.ts';
import type { LedgerEvent } from './event.ts';
import { type Finding, inOrder, isBreak } from './finding.ts';
import { refuseHidden } from './hidden.ts';
import { withLock } from './lock.ts';
import { allHeads, evidence, examined, type Looked, ownHeads, signersText } from './look.ts';
import { type LedgerOptions, type Place, placeOf } from './place.ts';
import { newRecord, type Prepared, submitted } from './prepare.ts';
import { type Reading, readLedger } from './reading.ts';
import { type Artifact, type LedgerRecord, recordPath } from './record.ts';
import { LedgerError } from './registry.ts';
import type { Violation } from './rules.ts';
import type { SecretFinding } from './secret/scan.ts';
import type { SignedHead } from './signed-head.ts';
import { prepareStart, refuseLinks } from './start.ts';
import type { State } from './state.ts';
import { sweep } from './store.ts';
import { type CheckedFile, extended, type Survey, survey } from './survey.ts';
import { headFindings, signersFinding, verify } from './verify.ts';
import { writeHead } from './witness.ts';
import { type Content, writeRecord } from './write.ts';

export interface NewEvent {
  /** A function gets the artifacts as they will be stored, so that the event can name their paths. */
  readonly event: LedgerEvent | ((artifacts: readonly Artifact[]) => LedgerEvent);
  readonly artifacts?: readonly NewArtifact[];
  /** Of the record; a new one where it is not given. */
  readonly id?: string;
}

export type Appended =
  | {
      readonly kind: 'appended';
      readonly record: LedgerRecord;
      /** What was written, from the root of the repository. */
      readonly paths: readonly string[];
      /** What somebody should know although the record is there: a clock that is behind, a witness that was not written. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly violations: readonly Violation[] }
  | { readonly kind: 'secret'; readonly findings: readonly SecretFinding[] }
  | { readonly kind: 'broken'; readonly findings: readonly Finding[] };

export interface Verification {
  readonly kind: 'whole' | 'broken';
  /** The first broken link comes first, notices last. */
  readonly findings: readonly Finding[];
  /** Which places that remember heads were looked at. */
  readonly looked: readonly Looked[];
  readonly counts: { readonly records: number; readonly artifacts: number };
}

/** Every method waits its turn; one of them at a time writes, in this process and in all others. */
export class Ledger {
  readonly #place: Place;
  #reading: Reading;
  #survey: Survey;
  #signedHead: SignedHead | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(place: Place, reading: Reading) {
    this.#place = place;
    this.#reading = reading;
    this.#survey = survey([...reading.files.values()]);
  }

  /** @throws LedgerError LARDER_LEDGER_NOT_FOUND where none is, and none was seen either; LARDER_LEDGER_FILES behind a link. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const place = await placeOf(options);
    const { remembered } = options;
    const ledger = new Ledger(
      place,
      await readLedger({ ...place, ...(remembered && { remembered }) }, new Map(), true),
    );
    if (ledger.#reading.files.size > 0) return ledger;
    const { branch } = await place.repository.checkedOut();
    // A ledger whose files are all gone must not look like one that never was.
    if ((await allHeads(place, branch)).seen.length > 0) return ledger;
    refuseLinks(place);
    const message = `${place.root} has no ledger: start one with \`larder ledger init\`, or name the repository that has it`;
    throw new LedgerError('LARDER_LEDGER_NOT_FOUND', message);
  }

  /**
   * Begins a ledger, with the holder of the signing key as its first operator.
   * @throws LedgerError LARDER_LEDGER_EXISTS, LARDER_LEDGER_FILES, LARDER_LEDGER_HIDDEN where git would not take its files.
   */
  static async start(options: LedgerOptions & Beginning): Promise<Ledger> {
    const { title, operator, ...rest } = options;
    const place = await placeOf(rest);
    const ledger = new Ledger(place, await readLedger(place, new Map(), true));
    await ledger.#exclusively(async (checkedOut) => {
      await ledger.#catchUp(true);
      await prepareStart(place, checkedOut, ledger.#reading.files.size);
      const key = place.signer?.publicKey ?? '';
      const data = { ledgerId: place.random.uuid(), title, operators: [{ ...operator, keys: [key] }] };
      const begun = await ledger.#add({ event: { type: 'ledger-opened', data } }, checkedOut, operator.operatorId);
      if (begun.kind !== 'appended') throw notBegun(begun);
    });
    return ledger;
  }

  /** What hangs together with the beginning, in the order of replay. */
  get records(): readonly LedgerRecord[] {
    return this.#survey.records;
  }

  get state(): State {
    return this.#survey.state;
  }

  /** The newest record; of several ends of an unmerged history the one with the largest number. */
  get head(): LedgerRecord {
    const [end] = this.#survey.ends;
    if (end !== undefined) return end;
    throw new LedgerError('LARDER_LEDGER_BROKEN', `${this.#place.root} has no record that begins a ledger`);
  }

  /** What the last append signed for the witness; a commit carries the same. */
  get signedHead(): SignedHead | undefined {
    return this.#signedHead;
  }

  /** Every file of a record, also those that are none any more and those that hang together with nothing. */
  get files(): readonly CheckedFile[] {
    return [...this.#reading.files.values()];
  }

  /** The root of the repository. */
  get root(): string {
    return this.#place.root;
  }

  /** What is wrong with the records themselves, as far as it was read. `verify` looks at everything. */
  get findings(): readonly Finding[] {
    return inOrder([...this.#survey.findings, ...this.#reading.findings]);
  }

  /** Of a file of evidence, as it stands now. */
  content(artifact: Artifact): ArtifactContent {
    return artifactContent(this.#place, artifact);
  }

  append(given: NewEvent, signal?: AbortSignal): Promise<Appended> {
    return this.#exclusively(async (checkedOut) => {
      const found = await this.#obstacles(checkedOut);
      if (found.length > 0) return { kind: 'broken', findings: found };
      return this.#add(given, checkedOut, undefined, signal);
    }, signal);
  }

  /** A record that somebody else has signed, with its artifacts as they are stored. */
  appendSigned(
    record: LedgerRecord,
    artifacts: readonly Content[],
  ): Promise<Appended | { readonly kind: 'stale'; readonly head: string }> {
    return this.#exclusively(async (checkedOut) => {
      const found = await this.#obstacles(checkedOut);
      if (found.length > 0) return { kind: 'broken', findings: found };
      if (record.prev !== this.head.hash) return { kind: 'stale', head: this.head.hash };
      const made = await submitted(this.#place, this.#survey, record, artifacts);
      return made.kind === 'prepared' ? this.#write(made, checkedOut) : made;
    });
  }

  /** Joins the ends of a history that two clones went on with. */
  merge(): Promise<Appended | { readonly kind: 'one-branch' }> {
    return this.#exclusively(async (checkedOut) => {
      const mended = new Set(['unmerged', 'signers-altered']);
      const found = (await this.#obstacles(checkedOut)).filter(({ kind }) => !mended.has(kind));
      if (found.length > 0) return { kind: 'broken', findings: found };
      const { ends, state } = this.#survey;
      if (ends.length < 2) return { kind: 'one-branch' };
      const conflicts = [...state.unsettled].map(([id, rule]) => ({ id, rule }));
      const data = { parents: ends.map(({ hash }) => hash), conflicts };
      return this.#add({ event: { type: 'ledger-merged', data } }, checkedOut);
    });
  }

  /** Picks up what others wrote, pulled or changed. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#catchUp(true));
  }

  /** Reads everything again, and looks at what stands beside the records. */
  async verify(signal?: AbortSignal): Promise<Verification> {
    try {
      return await this.#exclusively((checkedOut) => this.#verified(checkedOut, signal), signal);
    } catch (cause) {
      // Who cannot have the lock verifies all the same; what another process writes meanwhile may then be seen half.
      if (!(cause instanceof LedgerError) || !WITHOUT_LOCK.has(cause.code)) throw cause;
      return this.#inTurn(async () => this.#verified(await this.#place.repository.checkedOut(), signal));
    }
  }

  /** One after the other in this process, so that nobody waits for a lock that is its own. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined); // whoever waits for `turn` is told
    return turn;
  }

  #exclusively<T>(work: (checkedOut: CheckedOut) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { repository, clock, random } = this.#place;
    return this.#inTurn(async () => {
      const checkedOut = await repository.checkedOut();
      return withLock({ folder: repository.own, clock, random }, () => work(checkedOut), signal);
    });
  }

  async #catchUp(closely: boolean): Promise<void> {
    this.#take(await readLedger(this.#place, this.#reading.files, closely));
  }

  #take(reading: Reading): void {
    this.#reading = reading;
    if (!reading.same) this.#survey = survey([...reading.files.values()]);
  }

  /** Why nothing may be added: what is broken, as far as it is quick to see. The rest is for `verify`. */
  async #obstacles({ branch }: CheckedOut): Promise<readonly Finding[]> {
    await sweep(this.#place);
    await this.#catchUp(false);
    const heads = await examined(ownHeads(this.#place, branch).seen, this.records);
    const signers = signersFinding(this.#survey, signersText(this.#place));
    const found = [...this.findings, ...headFindings(this.#survey, heads), ...(signers === undefined ? [] : [signers])];
    return inOrder(found.filter(isBreak));
  }

  async #add(given: NewEvent, checkedOut: CheckedOut, operator?: string, signal?: AbortSignal): Promise<Appended> {
    const request = { ...given, operator, gitCommit: checkedOut.commit };
    const made = await newRecord(this.#place, this.#survey, request, signal);
    return made.kind === 'prepared' ? this.#write(made, checkedOut) : made;
  }

  async #write({ record, key, artifacts, notes }: Prepared, { branch }: CheckedOut): Promise<Appended> {
    const place = this.#place;
    const path = recordPath(record);
    const checked: CheckedFile = {
      file: { kind: 'record', path, record },
      signature: { kind: 'valid', publicKey: key },
    };
    const { files } = this.#reading;
    const isMerge = record.type === 'ledger-merged';
    const next = isMerge ? survey([...files.values(), checked]) : extended(this.#survey, record, key);
    // Nobody puts a name to a merge of what is broken on one of its sides.
    if (next.findings.length > 0) return { kind: 'broken', findings: inOrder(next.findings) };
    await refuseHidden(place, [path, ...artifacts.map((artifact) => artifact.path)], 'Nothing was recorded');
    const written = await writeRecord(place, { record, artifacts, state: next.state });
    const file = { ...checked, stamp: place.disk.stamp(join(place.root, path)) };
    files.set(path, file);
    this.#survey = next;
    const head = await writeHead(place, branch, record, next.state);
    this.#signedHead = head.signed;
    return { kind: 'appended', record, paths: written.paths, notes: [...notes, ...written.notes, ...head.notes] };
  }

  async #verified({ branch }: CheckedOut, signal?: AbortSignal): Promise<Verification> {
    const place = this.#place;
    this.#take({ ...(await readLedger(place, new Map(), true)), same: false });
    const { seen, looked } = await allHeads(place, branch, signal);
    const beside = await evidence(place, this.records);
    const heads = await examined(seen, this.records);
    const findings = verify(this.#survey, { ...beside, heads, findings: this.#reading.findings });
    const counts = { records: this.records.length, artifacts: beside.artifacts.size };
    return { kind: findings.some(isBreak) ? 'broken' : 'whole', findings, looked, counts };
  }
}

const WITHOUT_LOCK: ReadonlySet<string> = new Set(['LARDER_LEDGER_FILES', 'LARDER_LEDGER_LOCKED']);

interface Beginning {
  readonly title: string;
  readonly operator: { readonly operatorId: string; readonly role: 'admin' };
}

function notBegun(outcome: Exclude<Appended, { kind: 'appended' }>): LedgerError {
  const why =
    outcome.kind === 'refused'
      ? outcome.violations.map(({ message }) => message)
      : outcome.findings.map((finding) =>
          'message' in finding ? finding.message : `${finding.where}: ${finding.kind}`,
        );
  return new LedgerError('LARDER_LEDGER_INVALID', `the ledger was not started: ${why.join('; ')}`);
}
