import type { Task } from '../../jobspec/job.ts';
import { answeredSecret } from '../docker/registry.ts';
import { privilegeEnds } from '../docker/security.ts';
import { isReplicating } from '../litestream/database.ts';
import { architectures } from '../placement/architecture.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { bare, Sourced } from '../sourced.ts';
import { groupBasicEnds } from './group-rules.ts';
import { emptyBlocks } from './restart.ts';
import { scaling, taskScaling } from './scaling.ts';
import { stopRules } from './stop.ts';
import { vpa } from './vpa.ts';

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** Litestream sends what it has not sent yet when it is ended. */
const BACKUP = 30_000;

/** A pod ends when all its containers have; the longest wait counts, and what is waited before each. */
const killTimeout: Rule<GroupScope> = {
  id: 'task.kill_timeout',
  nomad: 'kill_timeout',
  kubernetes: 'terminationGracePeriodSeconds of the pod: the longest of its tasks, and of its sidecars after them',
  class: 'direct',
  why: '5 s without it, as in Nomad (Kubernetes has 30). shutdown_delay comes on top, because it counts against it. Sidecars are ended when the others have, in what is left of the time: Litestream has 30 s to send the last changes, whose directory ends with the pod.',
  apply: ({ group, workload }, use) => {
    const there = group.task.filter((task) => workload.pod.containers.some((container) => container.task === task));
    if (there.length === 0) return;
    const delay = (each: { readonly shutdown_delay: { readonly value: number } | undefined }): number =>
      each.shutdown_delay?.value ?? 0;
    const waitOf = (task: Task): number => task.kill_timeout.value + delay(task) + delay(group);
    const beside = workload.pod.containers.filter(({ role }) => role === 'sidecar');
    const after = beside.map((each) => Math.max(each.task ? waitOf(each.task) : 0, isReplicating(each) ? BACKUP : 0));
    const first = there.filter((task) => !beside.some((each) => each.task === task)).map(waitOf);
    const longest = seconds(Math.max(0, ...first) + Math.max(0, ...after));
    const written = there.flatMap(({ kill_timeout: field }) => (field.written ? [field] : []));
    const then = after.length === 0 ? '' : ', and after them of its sidecars';
    const text = `terminationGracePeriodSeconds: ${longest}, the longest of the pod${then}`;
    workload.pod.spec['terminationGracePeriodSeconds'] =
      written.length === 0 ? longest : use.take(written, longest, { text });
  },
};

/** Private registries of the policy and of the answers; what `auth` of a task asks for is written by the driver's rules. */
const pullSecrets: Rule<GroupScope> = {
  id: 'group.pull-secret',
  nomad: 'image of a private registry',
  kubernetes: 'imagePullSecrets, by registries of the policy; hosts that are no public registry are asked about',
  class: 'direct',
  why: "What Nomad's clients know of registries is not in the job.",
  apply: ({ workload, project }, use) => {
    for (const { image, task } of workload.pod.containers) {
      const name =
        secretFor(bare(image), project.policy.registries) ?? (task && answeredSecret(bare(image), task, project));
      if (name === undefined) continue;
      workload.pod.pullSecrets.add(name);
      if (image instanceof Sourced) use.take(image.from, name, { text: `pulled with the secret ${name}` });
    }
  },
};

/** The longest registry that the image begins with. */
function secretFor(image: string, registries: Readonly<Record<string, string>>): string | undefined {
  const fitting = Object.keys(registries).filter((prefix) => image === prefix || image.startsWith(prefix));
  const [longest] = fitting.toSorted((left, right) => right.length - left.length);
  return longest === undefined ? undefined : registries[longest];
}

/** Containers of Larder's own have no resources in the job. */
const SMALL = { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '128Mi' } } as const;

const ownResources: Rule<GroupScope> = {
  id: 'resources.default',
  nomad: 'resources that are not written',
  kubernetes: "Nomad's defaults (100 MHz, 300 MiB), small ones for containers that Larder adds",
  class: 'direct',
  why: 'Every container has requests and limits.',
  apply: ({ group, workload }, use) => {
    for (const { task, name, resources } of workload.pod.containers) {
      if (task) continue;
      use.leave(group, { text: `container ${name} is Larder's own, with small resources` });
      resources.requests['cpu'] ??= SMALL.requests.cpu;
      resources.requests['memory'] ??= SMALL.requests.memory;
      resources.limits['cpu'] ??= SMALL.limits.cpu;
      resources.limits['memory'] ??= SMALL.limits.memory;
    }
  },
};

/** After the rules of all other families: what they added is looked at here. */
export const groupEndRules: readonly Rule<GroupScope>[] = [
  ...privilegeEnds,
  ...stopRules,
  killTimeout,
  pullSecrets,
  ownResources,
  architectures,
  ...groupBasicEnds,
  scaling,
  taskScaling,
  vpa,
  emptyBlocks,
];
