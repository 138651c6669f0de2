import type { Item } from '../../jobspec/field.ts';
import { freeLines, itemsOf } from '../../jobspec/items.ts';
import type { Node } from '../../source/node.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';

const BATCH_ATTEMPTS = 3;

function isRun({ workload }: GroupScope): boolean {
  return workload.kind === 'Job' || workload.kind === 'CronJob';
}

/** `restart` of the group, and what its tasks have of their own. */
function blocksOf({ group }: GroupScope): readonly NonNullable<GroupScope['group']['restart']>[] {
  return [group.restart, ...group.task.map(({ restart }) => restart)].filter((each) => each !== undefined);
}

const attempts: Rule<GroupScope> = {
  id: 'restart.attempts',
  nomad: 'restart.attempts',
  kubernetes: 'a Job: backoffLimit and restartPolicy. Others: restartPolicy Always, without an end',
  class: 'approximate',
  why: 'Pods of a service are restarted for ever, each time later than before, up to five minutes. A batch job has 3 attempts without it, as in Nomad.',
  apply: (scope, use) => {
    const { workload } = scope;
    const fields = blocksOf(scope).flatMap(({ attempts: field }) => field ?? []);
    if (!isRun(scope)) {
      if (fields.length > 0) {
        workload.pod.spec['restartPolicy'] = use.take(fields, 'Always', {
          text: `restartPolicy Always: after ${fields.map(({ value }) => value).join(', ')} attempts Kubernetes goes on`,
        });
      }
      return;
    }
    const limit = Math.max(...(fields.length === 0 ? [BATCH_ATTEMPTS] : fields.map(({ value }) => value)));
    workload.pod.spec['restartPolicy'] = limit === 0 ? 'Never' : 'OnFailure';
    workload.spec['backoffLimit'] =
      fields.length === 0 ? limit : use.take(fields, limit, { class: 'direct', text: `backoffLimit: ${limit}` });
  },
};

const mode: Rule<GroupScope> = {
  id: 'restart.mode',
  nomad: 'restart.mode, interval, delay',
  kubernetes: 'the back-off of Kubernetes: 10 s, doubled each time, up to 5 minutes',
  class: 'approximate',
  why: 'Kubernetes has no interval that attempts are counted in, and no mode.',
  apply: (scope, use) => {
    for (const { mode: field, interval, delay } of blocksOf(scope)) {
      for (const each of [field, interval, delay]) if (each) use.leave(each);
    }
  },
};

const renderTemplates: Rule<GroupScope> = {
  id: 'restart.render_templates',
  nomad: 'restart.render_templates',
  kubernetes: 'nothing: files of templates follow their source',
  class: 'dropped',
  why: '',
  apply: (scope, use) => {
    for (const { render_templates: field } of blocksOf(scope)) if (field) use.leave(field);
  },
};

const reschedule: Rule<GroupScope> = {
  id: 'group.reschedule',
  nomad: 'reschedule (job, group)',
  kubernetes: 'nothing: a ReplicaSet starts a new pod whenever one is missing',
  class: 'dropped',
  why: 'Attempts, delays and intervals have no twin.',
  apply: (scope, use) => {
    const { job, group, workload } = scope;
    const blocks = [group.reschedule, job.reschedule].filter((each) => each !== undefined);
    const items: readonly Item[] = blocks.flatMap((block) => itemsOf(block));
    if (items.length === 0) return;
    const first = <K extends 'attempts' | 'unlimited'>(key: K) =>
      blocks.map((block) => block[key]?.value).find((value) => value !== undefined);
    const never = first('attempts') === 0 && first('unlimited') !== true && !isRun(scope);
    if (!never) {
      use.leave(items);
      return;
    }
    const todo = `${workload.name} was to stay away after its node failed: decide whether it may start elsewhere.`;
    use.leave(items, { class: 'manual', text: 'Kubernetes starts it elsewhere all the same', todo });
  },
};

/** A block without content is Nomad's defaults. */
const plainBlocks = new Set([
  'update',
  'restart',
  'reschedule',
  'migrate',
  'disconnect',
  'ephemeral_disk',
  'resources',
  'logs',
  'periodic',
  'parameterized',
  'ui',
  'consul',
  'scaling',
  'vault',
  'lifecycle',
]);

export const emptyBlocks: Rule<GroupScope> = {
  id: 'block.empty',
  nomad: 'a block without content',
  kubernetes: 'what its defaults become',
  class: 'dropped',
  why: '',
  apply: ({ job, group, project }, use) => {
    const outer = itemsOf({ ...job, group: [] });
    for (const item of [...outer, ...itemsOf(group)]) {
      const last =
        item.path
          .split('.')
          .at(-1)
          ?.replace(/\[\d+\]$/, '') ?? '';
      if (plainBlocks.has(last) && !project.accounts.has(item)) use.leave(item);
    }
    for (const { path, at, node } of freeLines(group)) {
      const item = { path, at };
      if (isEmpty(node) && !project.accounts.has(item)) use.leave(item, { text: 'empty' });
    }
  },
};

/** `labels = {}` and `devices = []` of a plugin's block. */
function isEmpty(node: Node | undefined): boolean {
  if (node?.kind === 'list') return node.items.length === 0;
  return node?.kind === 'map' && node.entries.length === 0;
}

export const restartRules: readonly Rule<GroupScope>[] = [attempts, mode, renderTemplates, reschedule];
