import { RUN_MINUTES_AT_MOST } from '../fold/runs.ts';
import { momentOf, tookLonger } from '../moment.ts';
import type { State } from '../state.ts';
import { type Criterion, type CriterionVerdict, shareText, slowText, sourcesOf } from './criterion.ts';
import { numbered, type Quarter, quarterOf } from './quarter.ts';

/** Quarters before this one that are told beside it. */
const PAST_QUARTERS = 3;

interface Rebuild {
  readonly what: string;
  readonly at: number;
  readonly minutes: number;
  readonly result: 'success' | 'failed' | 'aborted';
  readonly inTime: boolean;
  readonly records: readonly string[];
}

/** Runs and drills that rebuilt a node. An aborted drill shows nothing, and is told. */
export function rebuildTime(state: State, now: number): Criterion {
  const all = rebuilds(state).filter(({ at }) => at <= now);
  const current = quarterOf(now);
  const mine = all.filter(({ at }) => quarterOf(at).number === current.number);
  const counted = mine.filter(({ result }) => result !== 'aborted');
  const inTime = counted.filter((rebuild) => rebuild.inTime);
  return {
    id: 'rebuild-time',
    title: `Nodes rebuilt within ${RUN_MINUTES_AT_MOST} minutes`,
    target: `100 % of runs and drills of ${current.name}`,
    value: shareText(inTime.length, counted.length),
    verdict: verdictOf(counted.length, inTime.length, current),
    notes: [...mine.filter((rebuild) => !rebuild.inTime).map(note), ...pastQuarters(all, current)],
    records: sourcesOf(
      state,
      mine.flatMap(({ records }) => records),
    ),
  };
}

function verdictOf(counted: number, inTime: number, { name }: Quarter): CriterionVerdict {
  if (counted === 0) return { kind: 'not-known', why: `no rebuild is recorded in ${name}` };
  if (inTime === counted) return { kind: 'met' };
  return { kind: 'missed', why: `${counted - inTime} failed or took longer` };
}

function rebuilds(state: State): readonly Rebuild[] {
  const runs = [...state.runs.values()].flatMap((run): readonly Rebuild[] => {
    if (run.triggerType !== 'rebuild' || run.completedAt === undefined || run.status === 'pending') return [];
    const what = `run ${run.runId} of ${run.nodes.map(({ nodeId }) => nodeId).join(', ')}`;
    const { records, status: result } = run;
    const inTime = result === 'success' && run.objectiveBreached === false;
    return [{ what, at: momentOf(run.completedAt), minutes: run.durationMinutes ?? 0, result, inTime, records }];
  });
  const drills = [...state.drills.values()].flatMap((drill): readonly Rebuild[] => {
    if (drill.kind !== 'rebuild') return [];
    const { result, startedAt, completedAt, durationMinutes: minutes } = drill;
    const inTime = result === 'success' && !tookLonger(startedAt, completedAt, RUN_MINUTES_AT_MOST);
    const what = `drill ${drill.drillId}`;
    return [{ what, at: momentOf(completedAt), minutes, result, inTime, records: [drill.record] }];
  });
  return [...runs, ...drills].sort((a, b) => a.at - b.at);
}

/** Of one that was not in time. */
function note({ what, minutes, result }: Rebuild): string {
  if (result !== 'success') return `${what} ${result} after ${minutes} minutes`;
  return `${what} took ${slowText(minutes, RUN_MINUTES_AT_MOST)}`;
}

function pastQuarters(all: readonly Rebuild[], current: Quarter): readonly string[] {
  return Array.from({ length: PAST_QUARTERS }, (_, index) => numbered(current.number - 1 - index)).flatMap(
    (quarter) => {
      const counted = all.filter(({ at, result }) => quarterOf(at).number === quarter.number && result !== 'aborted');
      const inTime = counted.filter((rebuild) => rebuild.inTime);
      return counted.length === 0 ? [] : [`in ${quarter.name}: ${shareText(inTime.length, counted.length)}`];
    },
  );
}
