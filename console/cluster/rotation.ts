/** When secrets are to be rotated: names and dates, never values. Pure. */
import type { WantedCluster } from '../../src/cluster/sight/answer.ts';
import type { RecordedRotation } from '../../src/ledger/cluster-records.ts';

export interface RotationRow {
  readonly scope: string;
  /** Epoch ms; absent: none was ever verified. */
  readonly verifiedAt?: number;
  readonly dueAt?: number;
  readonly state: 'in time' | 'soon' | 'overdue' | 'unfinished' | 'never';
  /** Empty: Larder does not know how. */
  readonly command: string;
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

const commands: Readonly<Record<string, string>> = {
  age: 'larder cluster secrets rotate',
  'k3s-token': 'larder cluster secrets rotate-token',
};

/** What cluster.yaml asks for and what the ledger has; the nearest first. `now`: epoch ms. */
export function rotationsOf(
  recorded: readonly RecordedRotation[],
  wanted: WantedCluster | undefined,
  now: number,
): readonly RotationRow[] {
  const days = wanted?.rotationDays ?? {};
  const scopes = new Set([...Object.keys(days), ...recorded.map(({ scope }) => scope)]);
  return [...scopes]
    .map((scope) => {
      const own = recorded.find((each) => each.scope === scope);
      return rowOf(own ?? { scope, isUnfinished: false }, Object.hasOwn(days, scope) ? days[scope] : undefined, now);
    })
    .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || (a.scope < b.scope ? -1 : 1));
}

function rowOf(
  { scope, verifiedAt, dueAt, isUnfinished }: RecordedRotation,
  days: number | undefined,
  now: number,
): RotationRow {
  const command = Object.hasOwn(commands, scope) ? (commands[scope] ?? '') : '';
  if (verifiedAt === undefined) return { scope, command, state: isUnfinished ? 'unfinished' : 'never' };
  // The file may ask for it earlier than was said when it was recorded.
  const ends = [...(dueAt === undefined ? [] : [dueAt]), ...(days === undefined ? [] : [verifiedAt + days * DAY_MS])];
  const due = Math.min(...ends);
  const timely = due < now ? 'overdue' : due < now + SOON_DAYS * DAY_MS ? 'soon' : 'in time';
  return {
    ...{ scope, command, verifiedAt, state: isUnfinished ? 'unfinished' : timely },
    ...(Number.isFinite(due) ? { dueAt: due } : {}),
  };
}
