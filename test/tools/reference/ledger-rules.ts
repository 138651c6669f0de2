/** The page of the ledger's rules: what holds of records, in the order in which it is looked at. */
import { eventTypes } from '../../../src/ledger/event.ts';
import { ruleRows } from '../../../src/ledger/rules/judge.ts';
import { type RuleId, ruleMeanings } from '../../../src/ledger/rules/meaning.ts';
import { code, markdownTable, page } from './markdown.ts';

/** Every record but one is asked the same: their types would fill a page. */
const ALL_BUT = 2;

export function ledgerRulesPage(): string {
  const ids = Object.keys(ruleMeanings).filter((id): id is RuleId => id in ruleMeanings);
  return page(
    'Rules of the ledger',
    'Each record is judged before it is added, by the state that the records before it give. The same rules judge it again whenever the ledger is read, so a record that somebody wrote by hand is found by `larder ledger verify`. A record that breaks a rule does not count: it changes nothing in the state, and nothing that needs it holds.',
    'Facts of the past are recorded as they were. A rebuild that took two hours, a change that was followed by drift, a test that failed: these miss an objective and are in the [report](../guides/report.md), but they break no rule. A rule is broken by what contradicts itself or what the ledger says already, and by what is done without what has to come before it.',
    'Where a command is refused, the message names the rule and the object. The HTTP API answers 409 with the same words, and 404 where the object in the path is not there.',
    markdownTable(['Rule', 'Records', 'It holds that', 'Otherwise'], ids.map(row)),
    '## Corrections',
    'A `correction` names a record and gives its data anew. Replay reads that in place of what the record says, from the beginning; the record stays in its file. The newest correction of a record counts. All records must keep the rules with it, also those after the one that it amends.',
    '## Merges',
    'Two clones may add records at the same time. `larder ledger merge` joins them: the records of both are replayed by number, time and id, and one that breaks a rule only beside the other branch is listed in the merge with that rule. It stays in its file and does not count.',
  );
}

function row(id: RuleId): readonly string[] {
  const { meaning, remedy } = ruleMeanings[id];
  const types = new Set(ruleRows.filter((each) => each.id === id).flatMap((each) => each.types));
  const told = types.size > eventTypes.length - ALL_BUT ? 'all' : [...types].map(code).join(', ');
  return [code(id), id === 'correction-history' ? code('correction') : told, meaning, remedy];
}
