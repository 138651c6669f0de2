import type { Task } from '../../jobspec/job.ts';
import { apiVersions, type WorkloadDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import { copyName } from '../job/periodic.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { type Branch, Sourced } from '../sourced.ts';

/** What an autoscaler points at. */
export function targetOf({ kind, name }: Pick<WorkloadDraft, 'kind' | 'name'>): Branch {
  return { apiVersion: apiVersions[kind], kind, name };
}

/** The further CronJobs of a job with several schedules, which come later. */
function copies(workload: WorkloadDraft, schedules: number): readonly Pick<WorkloadDraft, 'kind' | 'name'>[] {
  if (workload.kind !== 'CronJob') return [];
  return Array.from({ length: Math.max(0, schedules - 1) }, (_, index) => ({
    kind: workload.kind,
    name: copyName(workload.name, index + 2),
  }));
}

/** Bounds that `scaling "cpu"` and `scaling "mem"` of a task set. */
function boundsOf(task: Task, container: string): readonly Branch[] {
  const bounds = (key: 'min' | 'max'): Branch | undefined => {
    const entries = task.scaling.flatMap((block) => {
      const field = block[key];
      if (!field) return [];
      const cpu = block.label.text === 'cpu';
      return [[cpu ? 'cpu' : 'memory', new Sourced(`${field.value}${cpu ? 'm' : 'Mi'}`, [field])] as const];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  if (!task.scaling.some(({ min, max }) => min ?? max)) return [];
  return [{ containerName: container, minAllowed: bounds('min'), maxAllowed: bounds('max') }];
}

/** Recommends sizes for every workload; the policy says whether it may also set them. */
export const vpa: Rule<GroupScope> = {
  id: 'group.vpa',
  nomad: 'resources, as somebody once set them',
  kubernetes: 'VerticalPodAutoscaler <workload>-vpa that recommends (mode of the policy)',
  class: 'direct',
  why: 'In mode Off it changes nothing; `larder nomad rightsize` takes over what it recommends.',
  apply: ({ job, group, workload, module, project }, use) => {
    const { vpa: mode } = project.policy;
    if (mode === 'none') return;
    const bounded = workload.pod.containers.flatMap(({ task, name: container }) =>
      task ? boundsOf(task, container) : [],
    );
    const all = { containerName: '*', controlledResources: ['cpu', 'memory'] };
    const updatePolicy = { updateMode: mode };
    const resourcePolicy = { containerPolicies: [...bounded, all] };
    const names = [workload, ...copies(workload, job.periodic?.crons?.value.length ?? 1)];
    for (const each of names) {
      const name = fold(`${each.name}-vpa`);
      const targetRef = use.take(group, targetOf(each), { text: `watched by ${name}` });
      const spec = { targetRef, updatePolicy, resourcePolicy };
      const object = { apiVersion: 'autoscaling.k8s.io/v1', kind: 'VerticalPodAutoscaler', metadata: { name }, spec };
      module.manifests.push({ kind: 'vpa', name, object });
    }
  },
};
