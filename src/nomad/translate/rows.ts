import type { Row } from './account.ts';
import { groupEnds, groupRules, moduleEnds, moduleRules, projectEnds, taskRules } from './rules.ts';
import { textRows, variableRows } from './variable/variable-rows.ts';

/** Every row of the mapping once, in the order in which the rules run. */
export function rows(): readonly Row[] {
  const all: readonly Row[] = [
    ...moduleRules,
    ...groupRules,
    ...taskRules,
    ...groupEnds,
    ...moduleEnds,
    ...projectEnds,
    ...variableRows,
    ...Object.values(textRows),
  ];
  return [...new Map(all.map((row) => [row.id, row])).values()];
}
