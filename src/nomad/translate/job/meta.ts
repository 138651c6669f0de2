import type { Pair } from '../../jobspec/field.ts';
import { joined } from '../carry.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, ModuleScope, TaskScope } from '../scope.ts';
import { annotationOf } from './annotation.ts';

const PREFIX = 'meta.larder.dev/';

/** The name of an annotation: letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at both ends. */
function annotationKey(name: string, prefix = PREFIX): string {
  const key = name
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return prefix + (key === '' ? 'unnamed' : key);
}

/** The nearer one wins, as in Nomad: the task's before the group's before the job's. */
function annotate(scope: GroupScope, pair: Pair, { name, use }: { name: string; use: Use }): void {
  const key = annotationKey(name);
  const { annotations } = scope.workload.pod;
  const annotation = annotationOf(pair, scope);
  if (annotation.kind === 'credential') {
    use.leave(pair, annotation.note);
    return;
  }
  const clash = annotations[key] !== undefined;
  const text = clash ? `annotation ${key}, in place of what it was set to further out` : `annotation ${key}`;
  annotations[key] = use.take(pair, annotation.text, joined([{ text }, annotation.note]));
}

const row = {
  kubernetes: `annotation ${PREFIX}KEY; NOMAD_META_key only where the job itself uses it`,
  class: 'approximate' as const,
  why: 'Every task has NOMAD_META_KEY in Nomad. An application that reads it unasked needs an env of its own.',
};

const jobMeta: Rule<ModuleScope> = {
  ...row,
  id: 'job.meta',
  nomad: 'job meta',
  apply: (scope, use) => {
    for (const workload of scope.module.workloads) {
      const of = { ...scope, workload, group: workload.group };
      for (const pair of scope.job.meta) annotate(of, pair, { name: pair.key, use });
    }
  },
};

export const groupMeta: Rule<GroupScope> = {
  ...row,
  id: 'group.meta',
  nomad: 'group meta',
  apply: (scope, use) => {
    for (const pair of scope.group.meta) annotate(scope, pair, { name: pair.key, use });
  },
};

export const taskMeta: Rule<TaskScope> = {
  ...row,
  id: 'task.meta',
  nomad: 'task meta',
  apply: (scope, use) => {
    const { group, task } = scope;
    const several = group.task.length > 1;
    for (const pair of task.meta) {
      annotate(scope, pair, { name: several ? `${task.label.text}.${pair.key}` : pair.key, use });
    }
  },
};

export const metaRules: readonly Rule<ModuleScope>[] = [jobMeta];
