import { joined } from '../carry.ts';
import type { EnvDraft } from '../draft.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { bare } from '../sourced.ts';
import { reworded } from './spoken.ts';

/** After the rules of secrets: what they have set stays. */
export const env: Rule<TaskScope> = {
  id: 'task.env',
  nomad: 'env, as a block or as a map',
  kubernetes: 'env of the container, in an order in which $(NAME) finds what it names',
  class: 'direct',
  why: 'Numbers and truth values are text as HCL writes them (1.50 is 1.5).',
  apply: (scope, use) => {
    const { task, container } = scope;
    const added: EnvDraft[] = [];
    for (const pair of task.env) {
      if (container.env.some(({ name }) => name === pair.key)) {
        use.leave(pair, { class: 'dropped', text: 'a template sets the same variable, and wins in Nomad too' });
        continue;
      }
      if (pair.key === '' || /[=\0]/.test(pair.key)) {
        const todo = `Decide what ${JSON.stringify(pair.key)} was for: it is no name of a variable.`;
        use.leave(pair, { class: 'manual', text: 'no name of a variable', todo });
        continue;
      }
      const said = reworded(pair.value, scope);
      added.push({ name: pair.key, value: use.take(pair, said.text, joined([said.note])) });
    }
    container.env.push(...ordered(added));
  },
};

/** `$(NAME)` looks back only: what is named comes before who names it; those that name each other stay as they were. */
function ordered(list: readonly EnvDraft[]): readonly EnvDraft[] {
  const done: EnvDraft[] = [];
  const open = new Set<string>();
  const visit = (entry: EnvDraft): void => {
    if (done.includes(entry) || open.has(entry.name)) return;
    open.add(entry.name);
    for (const name of namesIn(entry)) {
      const before = list.find((each) => each.name === name);
      if (before) visit(before);
    }
    done.push(entry);
  };
  for (const entry of list) visit(entry);
  return done;
}

function namesIn({ value }: EnvDraft): readonly string[] {
  if (value === undefined) return [];
  // an even number of dollars is an escaped one
  const references = [...bare(value).matchAll(/(\$+)\(([^)]*)\)/g)].filter(
    ([, dollars = '']) => dollars.length % 2 === 1,
  );
  return references.map((match) => match[2] ?? '');
}
