/** When secrets are to be rotated: names and dates, never values. Pure. */
import {
  type RotationStanding,
  rotationCommands,
  rotationStanding,
} from '../../src/cluster/secrets/rotation-standing.ts';
import type { WantedCluster } from '../../src/cluster/sight/answer.ts';
import type { RecordedRotation } from '../../src/ledger/cluster-records.ts';

export interface RotationRow {
  readonly scope: string;
  /** Epoch ms; absent: none was ever verified. */
  readonly verifiedAt?: number;
  readonly dueAt?: number;
  readonly state: RotationStanding;
  /** Empty: Larder does not know how. */
  readonly command: string;
}

const commands: Readonly<Record<string, string>> = rotationCommands;

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
  const { state, due } = rotationStanding({ verifiedAt, dueAt, isUnfinished, days }, now);
  return {
    ...{ scope, command, state },
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
    ...(due === undefined ? {} : { dueAt: due }),
  };
}
