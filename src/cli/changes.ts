import { messageOf } from '../kube/error.ts';
import type { LedgerEvent } from '../ledger/event.ts';
import type { Recorder } from '../ledger/recorder.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { CodedError } from '../telemetry/registry.ts';
import { Exit, exitCodes } from './exit.ts';
import { paint, type Terminal } from './output.ts';
import { shellLine } from './shell-line.ts';

/** What a command is about to change. */
export interface ChangedObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** As `grow`, `undelete`, `write`. */
  readonly verb: string;
}

/** What every verb that changes something gets: it says so first, and the ledger, where one is set, remembers. */
export interface ChangeLog {
  /**
   * Resolves when the change may begin: there is no ledger, or it is whole, this key may write into it, and a note of the
   * change is on the disk. Throws Exit 3 where that is not so; then nothing may be changed.
   */
  begin(objects: readonly ChangedObject[]): Promise<void>;
}

/** What a verb is told about the ledger. */
export interface RecordingOptions {
  readonly ledger?: string;
  readonly ledgerKey?: string;
}

interface Parts {
  readonly terminal: Terminal;
  /** As it was typed, without `larder`. */
  readonly argv: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

/** How a command ended. */
export interface Ending {
  readonly exitCode: number;
  /** Why it failed, for people. */
  readonly message: string;
}

interface Begun {
  readonly recorder: Recorder;
  readonly actionId: string;
  readonly startedAt: number;
}

const INTERRUPTED: Ending = {
  exitCode: exitCodes.finding,
  message: 'cut off: whether all of it was done is not known',
};

/**
 * The changes of one command. Invariant: from the first `begin` until the record is in the ledger there is a file that says
 * what was begun, so that a change whose command was killed, or whose record was refused, is not forgotten.
 */
export class Changes implements ChangeLog {
  readonly #parts: Parts;
  readonly #objects: ChangedObject[] = [];
  #options: RecordingOptions = {};
  #begun: Begun | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Before the verb runs. */
  recordIn(options: RecordingOptions): void {
    this.#options = options;
  }

  async begin(objects: readonly ChangedObject[]): Promise<void> {
    const { ledger } = this.#options;
    if (ledger === undefined || ledger === '') return;
    this.#objects.push(...objects);
    try {
      this.#begun ??= await alive(() => this.#open(ledger));
      this.#begun.recorder.keep(this.#begun.actionId, await this.#event(this.#begun, INTERRUPTED));
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause;
      const said = /nothing was changed/i.test(cause.message) ? '' : '. Nothing was changed';
      throw new Exit(exitCodes.approval, `${cause.message.replace(/\.$/, '')}${said} (${cause.code})`, { cause });
    }
  }

  /** Records what was done, and returns the exit code of the command: 1 where a change could not be recorded. */
  async end(ending: Ending): Promise<number> {
    const begun = this.#begun;
    if (begun === undefined) return ending.exitCode;
    const { terminal } = this.#parts;
    const event = await this.#event(begun, ending);
    const next = kept(() => begun.recorder.keep(begun.actionId, event), event);
    const outcome = await alive(() => begun.recorder.record(begun.actionId, event));
    if (outcome.kind === 'recorded') {
      terminal.err(`recorded: ${outcome.what}\n${outcome.notes.map((note) => `${note}\n`).join('')}`);
      return ending.exitCode;
    }
    const head = paint(terminal, 'red', 'larder: this change is NOT in the ledger:');
    terminal.err(`${head} ${outcome.why}\nWhat was done stays done. ${next}\n`);
    return ending.exitCode === exitCodes.ok ? exitCodes.finding : ending.exitCode;
  }

  async #open(target: string): Promise<Begun> {
    const { terminal, clock, random } = this.#parts;
    const { openRecorder } = await import('../ledger/recorder.ts');
    const key = this.#options.ledgerKey;
    const recorder = await openRecorder({
      ...{ target, env: terminal.env, clock, random, knownSecrets: knownSecrets(this.#parts), commit: true },
      ...(key === undefined ? {} : { key }),
    });
    const begun = { recorder, actionId: random.uuid(), startedAt: clock.now() };
    await recorder.check(await this.#event(begun, INTERRUPTED));
    for (const file of recorder.left()) {
      terminal.err(`not in the ledger, unless its command still runs: larder ledger append ${file}\n`);
    }
    return begun;
  }

  async #event({ actionId, startedAt }: Begun, { exitCode, message }: Ending): Promise<LedgerEvent> {
    const { actionEvent } = await import('../ledger/action.ts');
    const { argv, clock } = this.#parts;
    const done = {
      ...{ actionId, startedAt, completedAt: clock.now(), surface: 'cli' as const, objects: this.#objects, message },
      command: shellLine(['larder', ...argv]),
      result: exitCode === exitCodes.ok ? ('success' as const) : ('failed' as const),
    };
    return actionEvent(done, knownSecrets(this.#parts));
  }
}

/** What to do next with a record that could not be added; on a full disk it is told instead of kept. */
function kept(keep: () => string, event: LedgerEvent): string {
  try {
    return `Its record is kept; append it when that is mended:\n  larder ledger append ${keep()}`;
  } catch (cause) {
    const why = messageOf(cause);
    return `Its record could not be kept either (${why}). Keep this, and append it with larder ledger append FILE:\n${JSON.stringify(event)}`;
  }
}

/** Values that must not be in a record, whatever they look like. */
function knownSecrets({ terminal, argv }: Parts): readonly string[] {
  const named = ['LARDER_TOKEN', 'LARDER_OPERATOR_TOKEN', 'LARDER_LEDGER_TOKEN'].map(
    (name) => terminal.env[name] ?? '',
  );
  const typed = argv.flatMap((word, index) => (word === '--token' ? [argv[index + 1] ?? ''] : []));
  return [...named, ...typed].filter((value) => value !== '');
}

/** Timers of the clock keep no process alive, and who waits for the lock of a ledger has nothing else that does. */
async function alive<T>(work: () => Promise<T>): Promise<T> {
  const { MessageChannel } = await import('node:worker_threads');
  const { port1: open } = new MessageChannel();
  open.on('message', () => undefined);
  try {
    return await work();
  } finally {
    open.close();
  }
}

/** Where nothing is to be recorded. */
export const unrecorded: ChangeLog = { begin: async () => undefined };
