/**
 * What an apply has done so far, on the disk before it goes on: when the process is killed, the next command on a change
 * records it. Lines of JSON; the last one may be cut off.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../kube/error.ts';
import { type EventData, observedObject, sha256, time } from '../../ledger/event.ts';
import { syncFolder } from '../../ledger/sync-folder.ts';
import { ChangeError } from '../registry.ts';
import { CUT_OFF } from './own-work.ts';

export type Applied = EventData<'change-applied'>['objects'][number];

const header = z.object({
  changeId: z.string(),
  evidenceId: z.string(),
  command: z.string(),
  manifestHash: sha256,
  startedAt: time,
  rollback: z.boolean().optional(),
  objects: z.array(observedObject.omit({ uid: true, resourceVersion: true, change: true })),
});
export type JournalHeader = z.infer<typeof header>;

const step = z.discriminatedUnion('step', [
  z.object({ step: z.literal('sent'), index: z.int().min(0), at: time }),
  z.object({
    step: z.literal('answered'),
    index: z.int().min(0),
    at: time,
    outcome: z.enum(['created', 'configured', 'unchanged', 'deleted', 'failed', 'not-tried']),
    resourceVersion: z.string().optional(),
    message: z.string().optional(),
  }),
]);
type Step = z.infer<typeof step>;

export interface Journal {
  /** Before the request is sent. */
  sent(index: number, at: string): void;
  answered(index: number, at: string, answer: Pick<Applied, 'outcome' | 'resourceVersion' | 'message'>): void;
  /** The record is in the ledger: nothing is left to be remembered. */
  done(): void;
}

const NAME = 'change-apply.jsonl';

/** Throws where one is there already: it must be recorded first. */
export function startJournal(folder: string, head: JournalHeader): Journal {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, NAME);
  const file = kept('nothing was applied', () => openSync(path, 'wx', 0o600));
  const write = (line: JournalHeader | Step): void =>
    kept('the apply ends here, and the next command on a change records what it did', () => {
      writeSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    });
  write(head);
  syncFolder(folder);
  return {
    sent: (index, at) => write({ step: 'sent', index, at }),
    answered: (index, at, answer) => write({ step: 'answered', index, at, ...answer }),
    done() {
      closeSync(file);
      forgetJournal(folder);
    },
  };
}

function kept<T>(then: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = messageOf(cause);
    throw new ChangeError('LARDER_CHANGE_RECORD', `the journal of the apply cannot be written: ${why}; ${then}`, {
      cause,
    });
  }
}

export function forgetJournal(folder: string): void {
  rmSync(join(folder, NAME), { force: true });
  syncFolder(folder);
}

export interface Interrupted extends JournalHeader {
  readonly completedAt: string;
  readonly applied: readonly Applied[];
}

/** What an apply left that did not come to its record; undefined: there is none. */
export function readJournal(folder: string): Interrupted | undefined {
  const lines = linesOf(join(folder, NAME));
  const head = header.safeParse(lines[0]);
  // Nothing was sent before the first line was whole.
  if (!head.success) return undefined;
  const steps = lines.slice(1).flatMap((line): readonly Step[] => {
    const result = step.safeParse(line);
    return result.success ? [result.data] : [];
  });
  const applied = head.data.objects.map((object, index): Applied => {
    const last = steps.findLast((each) => each.index === index);
    if (last === undefined) return { ...object, outcome: 'not-tried' };
    if (last.step === 'sent') return { ...object, outcome: 'failed', message: CUT_OFF };
    const { outcome, resourceVersion, message } = last;
    return { ...object, outcome, resourceVersion, message };
  });
  return { ...head.data, completedAt: steps.at(-1)?.at ?? head.data.startedAt, applied };
}

function linesOf(path: string): readonly unknown[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
  return text.split('\n').flatMap((line): readonly unknown[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // the end of a write that was cut off, or the empty end
    }
  });
}
