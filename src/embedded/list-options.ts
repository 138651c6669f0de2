/** Which versions a list or a watch may ask for (ValidateListOptions in k8s.io/apimachinery, read in 0.36). */
import { type Call, flagOf } from './call.ts';
import { type FieldProblem, forbiddenField, notAmong } from './field.ts';
import { invalid } from './refusal.ts';

const MATCH = 'resourceVersionMatch';
const OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

/** @throws Refusal 422 */
export function checkListOptions({ query }: Call): void {
  const problems = listProblems(query);
  if (problems.length > 0) throw invalid(OPTIONS, '', problems);
}

/** @throws Refusal 422 */
export function checkWatchOptions({ query }: Call): void {
  const problems = watchProblems(query);
  if (problems.length > 0) throw invalid(OPTIONS, '', problems);
}

function listProblems(query: URLSearchParams): readonly FieldProblem[] {
  const match = query.get(MATCH) ?? '';
  const version = query.get('resourceVersion') ?? '';
  const problems: FieldProblem[] = [];
  if (query.has('sendInitialEvents')) {
    problems.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (match === '') return problems;
  if (version === '') problems.push(forbiddenField(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
  if (query.get('continue')) problems.push(forbiddenField(MATCH, `${MATCH} is forbidden when continue is provided`));
  if (!['Exact', 'NotOlderThan'].includes(match)) {
    problems.push(notAmong(MATCH, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && version === '0') {
    problems.push(forbiddenField(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`));
  }
  return problems;
}

function watchProblems(query: URLSearchParams): readonly FieldProblem[] {
  const match = query.get(MATCH) ?? '';
  const sendInitial = flagOf(query, 'sendInitialEvents');
  const problems: FieldProblem[] = [];
  if (sendInitial === undefined) {
    if (match === '') return problems;
    problems.push(forbiddenField(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`));
  } else if (match !== 'NotOlderThan') {
    problems.push(forbiddenField(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`));
  }
  if (match !== '' && match !== 'NotOlderThan') problems.push(notAmong(MATCH, match, ['NotOlderThan']));
  return problems;
}
