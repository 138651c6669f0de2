import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';

export const ARCH = 'kubernetes.io/arch';

/** Images of a mixed cluster exist for some architectures only; a constraint of the job's own goes before. */
export const architectures: Rule<GroupScope> = {
  id: 'placement.architecture',
  nomad: 'no constraint on attr.cpu.arch',
  kubernetes: 'required node affinity to the architectures of the policy',
  class: 'direct',
  why: 'amd64 and arm64, unless the policy says otherwise; a constraint of the job itself goes before.',
  apply: ({ group, workload, project }, use) => {
    const { architectures: wanted } = project.policy;
    const { nodeSelector, nodeRequired } = workload.pod;
    const chosen = nodeSelector[ARCH] !== undefined || nodeRequired.some(({ key }) => key === ARCH);
    if (chosen || wanted.length === 0) return;
    const values = use.take(group, [...wanted], { text: `runs on ${wanted.join(', ')}` });
    nodeRequired.push({ key: ARCH, operator: 'In', values });
  },
};
