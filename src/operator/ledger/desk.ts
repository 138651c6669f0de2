/** Where questions about a ledger are answered: it is opened when somebody asks, looked at for news, and verified now and then. */
import { looking } from '../../ledger/looking.ts';
import { LedgerError } from '../../ledger/registry.ts';
import { type Clock, type Random, sleep } from '../../telemetry/clock.ts';
import type { Book, Pages, Verified } from './book.ts';
import { folderBook } from './folder-book.ts';
import type { LedgerView, UnderWay } from './ledger-view.ts';
import { type QuestionName, questions } from './questions.ts';
import type { Reply } from './reader.ts';
import { servedBook } from './served-book.ts';

export interface DeskOptions {
  /** A folder of the operators' repository, or the address of a served ledger. */
  readonly target: string;
  /** Of a served ledger. */
  readonly token: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly cutOff: string;
  readonly quote: (word: string) => string;
  /** Of the clone with this root; asked for a folder only. */
  readonly underWay: (root: string) => Promise<UnderWay | undefined>;
}

/** Evidence may be changed without a record; somebody who looks at the page for long is told. */
const VERIFIED_FOR_MS = 5 * 60_000;
/** Whoever has just opened the page sees the records first: all of them are read once more for this. */
const FIRST_PAUSE_MS = 1_000;
/** Verifying takes at most this share of the time. */
const SHARE_OF_TIME = 0.1;

/** Invariant: `#book` is undefined until the ledger could be read once. */
export class Desk {
  readonly #options: DeskOptions;
  #book: Promise<Book> | undefined;
  #fresh: () => Promise<void> = async () => undefined;
  #verified: LedgerView['verified'];
  #verifying: Promise<void> | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Before that it is not looked at again, whoever asks: half of the time at most. */
  #atOnceFrom = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** `name` and `asked` are of one question; who asks is the other end of the same program. */
  async answer(name: QuestionName, asked: never): Promise<Reply<string>> {
    try {
      const view = await this.#view();
      const value: unknown = await questions[name](view, asked);
      return { kind: 'answer', value: JSON.stringify(value ?? null) };
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      return { kind: 'failed', code: cause.code, message: cause.message };
    }
  }

  /** The next who asks has it all looked at once more. */
  verifyAnew(): void {
    this.#nextAt = this.#atOnceFrom;
    this.#verified = undefined;
  }

  async #view(): Promise<LedgerView> {
    const { clock, cutOff, quote, underWay, target } = this.#options;
    const book = await this.#opened();
    await this.#fresh();
    const pages = book.pages();
    if (pages === undefined) throw new LedgerError('LARDER_LEDGER_NOT_FOUND', `${book.where} has not been read yet`);
    this.#verifyWhenDue(book, pages);
    const begun = isAddress(target) ? undefined : await underWay(book.where);
    return {
      ...{ book, pages, cutOff, quote, now: clock.now(), verifying: this.#verifying !== undefined },
      ...(this.#verified === undefined ? {} : { verified: this.#verified }),
      ...(begun === undefined ? {} : { underWay: begun }),
    };
  }

  #opened(): Promise<Book> {
    const { target, token, clock, random } = this.#options;
    const open = async (): Promise<Book> => {
      const book = isAddress(target)
        ? await servedBook({ url: target, token, clock })
        : await folderBook({ folder: target, clock, random });
      this.#fresh = looking(() => book.refresh(), clock);
      return book;
    };
    this.#book ??= open().catch((cause: unknown) => {
      this.#book = undefined; // the next who asks tries again
      throw cause;
    });
    return this.#book;
  }

  #verifyWhenDue(book: Book, pages: Pages): void {
    const { clock } = this.#options;
    const isFresh = this.#verified?.pages === pages && clock.now() - this.#verified.at < VERIFIED_FOR_MS;
    if (isFresh || this.#verifying !== undefined || clock.monotonic() < this.#nextAt) return;
    const begun = clock.monotonic();
    this.#verifying = sleep(clock, this.#pauseMs)
      .then(() => book.verify())
      .then((found) => this.#keep(book, found))
      .catch((cause: unknown) => {
        // Whoever asks next is told the same by what reads the records.
        if (!(cause instanceof LedgerError)) throw cause;
      })
      .finally(() => {
        const ended = clock.monotonic();
        this.#pauseMs = 0;
        this.#atOnceFrom = ended + (ended - begun);
        this.#nextAt = ended + (ended - begun) * (1 / SHARE_OF_TIME - 1);
        this.#verifying = undefined;
      });
  }

  #keep(book: Book, found: Verified): void {
    this.#verified = { ...found, at: this.#options.clock.now(), pages: book.pages() };
  }
}

function isAddress(target: string): boolean {
  return /^https?:\/\//.test(target);
}
