/** What `apply` and `rollback` share: refusing, asking, carrying out, and telling what came of it. */
import { Option } from 'commander';
import type { ApplyResult } from '../../cluster/change/apply-change.ts';
import type { Bundle } from '../../cluster/change/evidence.ts';
import type { Applied } from '../../cluster/change/journal.ts';
import { idOf, subjectOf } from '../../cluster/change/manifest.ts';
import type { Refusal } from '../../cluster/change/refusals.ts';
import { rehearse } from '../../cluster/change/rehearse.ts';
import { now } from '../../cluster/change/session.ts';
import { errors } from '../../cluster/registry.ts';
import type { ManualApplyEvidence } from '../../ledger/entity.ts';
import { HEADS_NAMESPACE } from '../../ledger/head-name.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../output.ts';
import type { OpenChange } from './open-change.ts';

export interface CarryOutOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly sameGeneration?: true;
  readonly headNamespace: string;
}

const HOUR_MS = 3_600_000;

export function generationOption(): Option {
  return new Option('--same-generation', 'allow that status or metadata of an object moved since the evidence');
}

export function headOption(): Option {
  return new Option('--head-namespace <namespace>', 'where the cluster remembers the newest record').default(
    HEADS_NAMESPACE,
  );
}

export function ageOption(): Option {
  return new Option('--max-age <hours>', 'how old the evidence may be')
    .argParser((text) => {
      const hours = Number(text);
      if (Number.isFinite(hours) && hours > 0) return hours * HOUR_MS;
      throw new Exit(exitCodes.usage, `--max-age ${text}: it is a number of hours, as --max-age 24`);
    })
    .default(24 * HOUR_MS, '24');
}

/** Tells every reason and what to do about each kind; the exit is thrown by who called. `what` was not done. */
export function refuse(terminal: Terminal, what: string, refusals: readonly Refusal[]): Exit {
  for (const { code, message } of refusals) terminal.err(`${paint(terminal, 'red', 'refused')} ${message} (${code})\n`);
  for (const code of new Set(refusals.map((each) => each.code))) terminal.err(`Next: ${errors[code].remedy}\n`);
  return new Exit(exitCodes.approval, `${what}; nothing was changed`);
}

interface CarryOut {
  readonly id: string;
  readonly command: string;
  readonly bundle: Bundle;
  readonly evidence: ManualApplyEvidence;
  readonly rollback?: true;
  readonly ask: () => Promise<void>;
  readonly apply: (onApplied: (applied: Applied) => void, signal: AbortSignal) => Promise<ApplyResult>;
}

/** Throws Exit 1 when not everything was applied. */
export async function carryOut(terminal: Terminal, session: OpenChange, todo: CarryOut): Promise<void> {
  const { id, command, bundle, evidence, rollback } = todo;
  const at = now(session);
  rehearse(session, {
    type: 'change-applied',
    data: {
      ...{ changeId: id, evidenceId: evidence.evidenceId, command, exitCode: 0, manifestHash: bundle.manifestHash },
      objects: bundle.comparisons.map(({ manifest }) => ({ ...idOf(manifest), outcome: 'unchanged' })),
      ...{ startedAt: at, completedAt: at },
      ...(rollback ? { rollback } : {}),
    },
  });
  await todo.ask();
  const { exitCode, applied } = await stoppable(terminal, (signal) =>
    todo.apply((each) => terminal.out(`${told(terminal, each)}\n`), signal),
  );
  const left = applied.filter(({ outcome }) => outcome === 'not-tried');
  for (const each of left) terminal.out(`${told(terminal, each)}\n`);
  if (exitCode === 0) return;
  throw new Exit(
    exitCodes.finding,
    `${id} was applied in part; that is recorded. Mend what failed, then run larder change diff ${id} again`,
  );
}

function told(terminal: Terminal, { outcome, message, ...id }: Applied): string {
  const word = outcome === 'failed' ? paint(terminal, 'red', outcome) : outcome;
  return `${subjectOf(id)} ${word}${message === undefined ? '' : `: ${message}`}`;
}

/** Ctrl-C lets the object that is under way come to its end, and begins no other. */
async function stoppable<T>(terminal: Terminal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (!controller.signal.aborted) terminal.err('stopping after the object that is under way\n');
    controller.abort(new Error('stopped by a signal'));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, stop);
  }
}
