import type { ProvisioningRun } from '../entity.ts';
import { RUN_MINUTES_AT_MOST } from '../fold/runs.ts';
import { momentOf } from '../moment.ts';
import type { State } from '../state.ts';
import {
  type Criterion,
  type CriterionVerdict,
  dayText,
  isWithin,
  momentText,
  type Span,
  shareText,
  slowText,
  sourcesOf,
} from './criterion.ts';

/** A run that goes on for longer is told. */
const PENDING_MS_AT_MOST = 86_400_000;

/** A run that failed, or took too long, has an incident: what was learnt from it. */
export function runsWithIncident(state: State, span: Span): Criterion {
  const ended = [...state.runs.values()].filter(
    ({ completedAt }) => completedAt !== undefined && isWithin(span, momentOf(completedAt)),
  );
  const concerned = ended.filter(({ status, objectiveBreached }) => status === 'failed' || objectiveBreached);
  const without = concerned.filter(({ incidentIds }) => incidentIds.length === 0);
  const verdict: CriterionVerdict =
    ended.length === 0
      ? { kind: 'not-known', why: 'no run is recorded' }
      : without.length === 0
        ? { kind: 'met' }
        : { kind: 'missed', why: `${without.length} without an incident` };
  return {
    id: 'run-incidents',
    title: 'Failed and slow runs that have an incident',
    target: '100 %',
    value:
      concerned.length === 0 && ended.length > 0
        ? `none of ${ended.length} runs failed or was slow`
        : shareText(concerned.length - without.length, concerned.length),
    verdict,
    notes: [
      ...without.map(({ runId, status, durationMinutes = 0 }) =>
        status === 'failed'
          ? `run ${runId} failed`
          : `run ${runId} took ${slowText(durationMinutes, RUN_MINUTES_AT_MOST)}`,
      ),
      ...stuck(state, span.now).map(({ runId, startedAt }) => `run ${runId} is pending since ${momentText(startedAt)}`),
    ],
    records: sourcesOf(
      state,
      ended.flatMap(({ records }) => records),
    ),
  };
}

/** Their end was never recorded, as after a power cut: nobody knows how they went. */
function stuck(state: State, now: number): readonly ProvisioningRun[] {
  return [...state.runs.values()].filter(
    ({ status, startedAt }) => status === 'pending' && momentOf(startedAt) < now - PENDING_MS_AT_MOST,
  );
}

export function incidentsOpen(state: State): Criterion {
  const all = [...state.incidents.values()];
  const open = all.filter(({ status }) => status === 'open');
  const mitigated = all.filter(({ status }) => status === 'mitigated');
  const verdict: CriterionVerdict =
    open.length === 0 ? { kind: 'met' } : { kind: 'missed', why: `${open.length} open` };
  return {
    id: 'open-incidents',
    title: 'Open incidents',
    target: 'none',
    value: `${open.length} open, ${mitigated.length} mitigated`,
    verdict,
    notes: [...open, ...mitigated].map(
      ({ incidentId, severity, status, openedAt, title }) =>
        `${incidentId}: ${severity}, ${status} since ${dayText(openedAt)}: ${title}`,
    ),
    records: sourcesOf(
      state,
      [...open, ...mitigated].flatMap(({ records }) => records),
    ),
  };
}
