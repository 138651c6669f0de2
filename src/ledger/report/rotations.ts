import type { SecretsRotation } from '../entity.ts';
import { momentOf } from '../moment.ts';
import type { State } from '../state.ts';
import { type Criterion, type CriterionVerdict, dayText, shareText, sourcesOf } from './criterion.ts';

const DAY_MS = 86_400_000;
/** Told this long before it is due. */
const SOON_DAYS = 14;

interface Due {
  readonly scope: string;
  readonly at: string;
  readonly verified: boolean;
  readonly records: readonly string[];
}

/** A secret is due when its last verified rotation says so; one that never was verified, when its first one was. */
export function rotationsDue(state: State, now: number): Criterion {
  const dues = dueOf(state);
  const overdue = dues.filter(({ at }) => momentOf(at) < now);
  const soon = dues.filter(({ at }) => momentOf(at) >= now && momentOf(at) < now + SOON_DAYS * DAY_MS);
  const current = dues.filter(({ verified }) => verified).length - overdue.filter(({ verified }) => verified).length;
  const verdict: CriterionVerdict =
    overdue.length > 0
      ? { kind: 'missed', why: `${overdue.length} overdue` }
      : current < dues.length || dues.length === 0
        ? { kind: 'not-known', why: dues.length === 0 ? 'no rotation is recorded' : 'some were never verified' }
        : { kind: 'met' };
  return {
    id: 'rotations',
    title: 'Secrets rotated in time',
    target: 'none overdue',
    value: shareText(current, dues.length),
    verdict,
    notes: [
      ...overdue.map((due) => `${due.scope}: was due on ${dayText(due.at)}${unverified(due)}`),
      ...soon.map((due) => `${due.scope}: due on ${dayText(due.at)}${unverified(due)}`),
      ...dues
        .filter((due) => !due.verified && !overdue.includes(due) && !soon.includes(due))
        .map((due) => `${due.scope}: due on ${dayText(due.at)}${unverified(due)}`),
    ],
    records: sourcesOf(
      state,
      dues.flatMap(({ records }) => records),
    ),
  };
}

function unverified({ verified }: Due): string {
  return verified ? '' : ', no rotation of it was verified yet';
}

function dueOf(state: State): readonly Due[] {
  const scopes = Map.groupBy(state.rotations.values(), ({ rotationScope }) => rotationScope);
  return [...scopes].flatMap(([scope, rotations]) => {
    const verified = rotations.filter(({ status }) => status === 'verified');
    const decisive = verified.length > 0 ? extreme(verified, 1) : extreme(rotations, -1);
    if (!decisive) return [];
    return [{ scope, at: decisive.nextRotationDue, verified: verified.length > 0, records: decisive.records }];
  });
}

/** The one that is due last (1) or first (-1). */
function extreme(rotations: readonly SecretsRotation[], sign: 1 | -1): SecretsRotation | undefined {
  return rotations.toSorted((a, b) => sign * (momentOf(b.nextRotationDue) - momentOf(a.nextRotationDue)))[0];
}
