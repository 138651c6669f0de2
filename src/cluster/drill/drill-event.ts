/** A drill as the ledger has it. Pure. */
import type { LedgerEvent } from '../../ledger/event.ts';
import { TEXT_AT_MOST } from '../../ledger/event.ts';
import type { Course, Held } from './course.ts';

export interface About {
  readonly drillId: string;
  readonly initiatedBy: string;
  readonly course: Pick<Course, 'kind' | 'nodeIds'>;
}

/** Of a drill that is about to be held: whether it could be recorded is asked with it. */
export function drillToCome(about: About, at: string): LedgerEvent {
  return drillEvent(about, { result: 'aborted', startedAt: at, completedAt: at, steps: [], left: [] });
}

export function drillEvent({ drillId, initiatedBy, course }: About, held: Held): LedgerEvent {
  const { startedAt, completedAt, result, steps, why } = held;
  const { kind, nodeIds } = course;
  return {
    type: 'drill-recorded',
    data: {
      ...{ drillId, kind, nodeIds: [...nodeIds], initiatedBy, startedAt, completedAt, result },
      steps: steps.map(({ note, ...step }) => ({ ...step, ...(note === undefined ? {} : { note: short(note) }) })),
      ...(why === undefined ? {} : { notes: short(why) }),
    },
  };
}

function short(text: string): string {
  return text.toWellFormed().slice(0, TEXT_AT_MOST);
}
