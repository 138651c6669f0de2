import type { EventType } from '../event.ts';
import type { Unsigned } from '../record.ts';
import type { Violation } from '../rules.ts';
import { changeRules } from './changes.ts';
import { futureRules } from './future.ts';
import { idRules } from './ids.ts';
import { nodeRules } from './nodes.ts';
import { peopleRules } from './people.ts';
import { recordRules } from './records.ts';
import type { Before, Rule } from './rule.ts';
import { upkeepRules } from './upkeep.ts';

/** In this order they are looked at, and violations are told. */
export const ruleRows: readonly Rule[] = [
  ...peopleRules,
  ...idRules,
  ...recordRules,
  ...futureRules,
  ...nodeRules,
  ...changeRules,
  ...upkeepRules,
];

const byType: ReadonlyMap<EventType, readonly Rule[]> = Map.groupBy(
  ruleRows.flatMap((row) => row.types.map((type) => ({ type, row }))),
  ({ type }) => type,
)
  .entries()
  .reduce(
    (rows, [type, found]) =>
      rows.set(
        type,
        found.map(({ row }) => row),
      ),
    new Map<EventType, readonly Rule[]>(),
  );

/** Which rules one record breaks by itself; what a correction does to other records is for the fold. */
export function judge(before: Before, record: Unsigned): readonly Violation[] {
  const violations: Violation[] = [];
  for (const row of byType.get(record.type) ?? []) {
    const breach = row.broken(before, record);
    if (breach) violations.push({ rule: row.id, ...breach });
  }
  return violations;
}
