/**
 * What a run has done so far, on the disk before it goes on: `.larder/runs/<run>.jsonl` beside cluster.yaml. Lines of JSON;
 * the last one may be cut off.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import { codeOf } from '../../ledger/disk.ts';
import { syncFolder } from '../../ledger/sync-folder.ts';
import { RunError } from './run-error.ts';
import { type JournalLine, parseJournalLine, type RunHeader, type RunState, runState } from './run-state.ts';

export interface Journal extends Disposable {
  write(line: Exclude<JournalLine, RunHeader>): void;
}

/** What belongs to this machine alone: never in git, whatever the repository's own rules are. */
export function ownFolder(repository: string): string {
  const folder = join(repository, '.larder');
  kept('nothing was begun', () => {
    mkdirSync(join(folder, 'runs'), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
    }
  });
  return folder;
}

export function startJournal(repository: string, header: RunHeader): Journal {
  const folder = join(ownFolder(repository), 'runs');
  const journal = opened(join(folder, `${header.runId}.jsonl`), 'ax');
  journal.append(header);
  kept('nothing was begun', () => syncFolder(folder));
  return journal;
}

export function continueJournal(repository: string, runId: string): Journal {
  const path = join(ownFolder(repository), 'runs', `${runId}.jsonl`);
  const journal = opened(path, 'a');
  // A line that was cut off ends here, and is none.
  if (!readFileSync(path, 'utf8').endsWith('\n')) journal.raw('\n');
  return journal;
}

interface Opened extends Journal {
  append(line: JournalLine): void;
  raw(text: string): void;
}

function opened(path: string, flags: 'a' | 'ax'): Opened {
  const file = kept('nothing was begun', () => openSync(path, flags, 0o600));
  const raw = (text: string): void =>
    kept('the run stops here', () => {
      writeSync(file, text);
      fsyncSync(file);
    });
  const append = (line: JournalLine): void => raw(`${JSON.stringify(line)}\n`);
  return { append, raw, write: append, [Symbol.dispose]: () => closeSync(file) };
}

function kept<T>(then: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const message = `the journal of the run cannot be written: ${messageOf(cause)}; ${then}`;
    throw new RunError('LARDER_RUN_JOURNAL', message, { cause });
  }
}

/** Every run of this repository that has a readable beginning, oldest first. */
export function readRuns(repository: string): readonly RunState[] {
  const folder = join(repository, '.larder', 'runs');
  return journalsIn(folder)
    .flatMap((name) => {
      const state = runState(
        readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .flatMap((line) => parseJournalLine(line) ?? []),
      );
      return state === undefined ? [] : [state];
    })
    .toSorted((a, b) => a.header.startedAt.localeCompare(b.header.startedAt));
}

function journalsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new RunError('LARDER_RUN_JOURNAL', `the journals in ${folder} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** By its id or the beginning of it. @throws RunError LARDER_RUN_NOT_FOUND */
export function runOfId(repository: string, id: string): RunState {
  const runs = readRuns(repository);
  const found = runs.filter(({ header: { runId } }) => runId.startsWith(id));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const why = found.length > 1 ? `${found.length} runs begin with ${id}` : `there is no run ${id}`;
  const known = runs.slice(-3).map(({ header: { runId, kind } }) => `${runId} (${kind})`);
  const told = known.length === 0 ? 'no run was begun from here' : `the newest: ${known.join(', ')}`;
  throw new RunError('LARDER_RUN_NOT_FOUND', `${why} in ${repository}; ${told}`);
}
