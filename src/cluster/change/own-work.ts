/** Whether an object is other than the evidence says because of an apply of this very evidence that did not come to its end. */
import type { ApplyEvent, ConfigurationChange } from '../../ledger/entity.ts';
import type { Observed } from './comparison.ts';
import { keyOfObject } from './manifest.ts';

/** Of an object whose request was sent and whose answer nobody read. */
export const CUT_OFF =
  'the process ended before the answer came: whether it was applied is not known, and the next diff shows it';

export interface OwnWork {
  readonly apply: ApplyEvent;
  /** The object is as that apply left it; otherwise it may have been that apply. */
  readonly isCertain: boolean;
}

export function ownWork(
  { applies }: Pick<ConfigurationChange, 'applies'>,
  evidenceId: string,
  now: Observed,
): OwnWork | undefined {
  const key = keyOfObject(now);
  for (const apply of applies.toReversed()) {
    if (apply.evidenceId !== evidenceId || apply.exitCode === 0) continue;
    const done = apply.objects.find((object) => keyOfObject(object) === key);
    if (done === undefined) continue;
    if (isAsLeft(done, now)) return { apply, isCertain: true };
    if (done.outcome === 'failed' && done.message === CUT_OFF) return { apply, isCertain: false };
  }
  return undefined;
}

function isAsLeft({ outcome, resourceVersion }: ApplyEvent['objects'][number], now: Observed): boolean {
  if (outcome === 'deleted') return now.uid === undefined;
  const isWritten = outcome === 'created' || outcome === 'configured';
  return isWritten && resourceVersion !== undefined && resourceVersion === now.resourceVersion;
}
