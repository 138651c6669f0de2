/** The entry of the thread that reads a ledger for the console: `src/operator/ledger/reader.ts` begins it. */
import { parentPort, workerData } from 'node:worker_threads';
import { readJournal } from '../cluster/change/journal.ts';
import { CUT_OFF } from '../cluster/change/own-work.ts';
import { findRepository, type Repository } from '../ledger/repository.ts';
import { lineWord } from '../nomad/report/shell-word.ts';
import { Desk } from '../operator/ledger/desk.ts';
import type { UnderWay } from '../operator/ledger/ledger-view.ts';
import type { FromThread, ThreadData, ToThread } from '../operator/ledger/reader.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';

const { target, token }: ThreadData = workerData;
const desk = new Desk({
  ...{ target, token, underWay, cutOff: CUT_OFF, quote: lineWord, clock: systemClock, random: systemRandom },
});

type Told = Exclude<ToThread, { kind: 'ask' }> | (Extract<ToThread, { kind: 'ask' }> & { readonly asked: never });

parentPort?.on('message', (told: Told) => {
  if (told.kind === 'verify anew') return desk.verifyAnew();
  const { id, name, asked } = told;
  void desk.answer(name, asked).then((reply) => parentPort?.postMessage({ id, reply } satisfies FromThread));
});

/** What an apply of this clone has begun and not recorded. */
async function underWay(root: string): Promise<UnderWay | undefined> {
  const { own } = await repositoryOf(root);
  const journal = readJournal(own);
  return journal && { changeId: journal.changeId, startedAt: Date.parse(journal.startedAt) };
}

let known: Repository | undefined;

/** git is asked once. */
async function repositoryOf(root: string): Promise<Repository> {
  known ??= await findRepository(root);
  return known;
}
