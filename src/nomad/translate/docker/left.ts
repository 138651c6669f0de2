import { dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import type { Class } from '../account.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';

/** Keys without a twin: one row each, and what a person does about it. */
interface Left {
  readonly key: string;
  readonly class: Class;
  readonly why: string;
  /** Absent where nothing is lost. */
  readonly todo?: string;
}

const shared: readonly Left[] = [
  {
    key: 'ulimit',
    class: 'manual',
    why: 'Containers have the limits of the container runtime (nofile is high there); memlock, which Elasticsearch asks for, is set in its unit, or by a privileged init container.',
    todo: 'Set the limit in the container runtime of the nodes, or see that it is high enough already',
  },
  {
    key: 'pids_limit',
    class: 'manual',
    why: 'podPidsLimit of the kubelet holds for every pod of a node.',
    todo: 'Set podPidsLimit of the kubelets, if it matters',
  },
  {
    key: 'init',
    class: 'dropped',
    why: 'A pod that shares its process namespace has its own; else the image should bring tini.',
  },
  { key: 'auth_soft_fail', class: 'dropped', why: 'An image that cannot be pulled is tried again for ever.' },
  { key: 'image_pull_timeout', class: 'dropped', why: 'The kubelet waits as long as the pull goes on.' },
  {
    key: 'logging',
    class: 'dropped',
    why: "Logs go through the kubelet; a collector on the nodes takes the place of docker's drivers.",
  },
];

const docker: readonly Left[] = [
  ...shared,
  {
    key: 'oom_score_adj',
    class: 'manual',
    why: 'The kubelet sets it from requests and limits.',
    todo: 'Give it equal requests and limits, if it must die last',
  },
  {
    key: 'cgroupns',
    class: 'manual',
    why: 'The container runtime decides.',
    todo: 'See whether it needs the cgroups of the node',
  },
  {
    key: 'storage_opt',
    class: 'manual',
    why: 'A limit of ephemeral-storage is the nearest.',
    todo: 'Decide how large its own file system may grow',
  },
  {
    key: 'cpuset_cpus',
    class: 'manual',
    why: 'Only the static CPU manager gives cores away, and not by number.',
    todo: 'Ask for whole cores with the static CPU manager',
  },
  { key: 'isolation', class: 'dropped', why: 'For Windows.' },
  {
    key: 'mac_address',
    class: 'manual',
    why: 'Pods get theirs from the network.',
    todo: 'Decide who relies on the MAC address',
  },
  {
    key: 'ipv4_address',
    class: 'manual',
    why: 'Pods get theirs from the network; a Service has a lasting one.',
    todo: 'Decide who relies on the address',
  },
  {
    key: 'ipv6_address',
    class: 'manual',
    why: 'Pods get theirs from the network; a Service has a lasting one.',
    todo: 'Decide who relies on the address',
  },
  { key: 'advertise_ipv6_address', class: 'dropped', why: 'A Service says which address family it has.' },
  {
    key: 'network_aliases',
    class: 'manual',
    why: 'Names are those of Services.',
    todo: 'Make a Service for each of these names',
  },
  {
    key: 'userns_mode',
    class: 'manual',
    why: 'hostUsers of a pod turns user namespaces on; without it the host has them off, as with `host`.',
    todo: 'Decide whether the pod gets a user namespace (hostUsers: false)',
  },
  {
    key: 'uts_mode',
    class: 'manual',
    why: 'With hostNetwork a pod has the name of its node.',
    todo: 'Decide whether it must have the name of the node',
  },
  { key: 'healthchecks', class: 'dropped', why: "Kubernetes never runs an image's HEALTHCHECK." },
  { key: 'container_exists_attempts', class: 'dropped', why: 'Names of containers are never in use.' },
];

const podman: readonly Left[] = [
  ...shared,
  { key: 'init_path', class: 'dropped', why: 'The image should bring tini.' },
  {
    key: 'memory_swap',
    class: 'manual',
    why: 'Swap is for the kubelet to allow (memorySwap).',
    todo: 'Decide whether it needs swap',
  },
  { key: 'memory_swappiness', class: 'dropped', why: 'Kubernetes has no such setting.' },
  {
    key: 'selinux_opts',
    class: 'manual',
    why: 'seLinuxOptions of the container have user, role, type and level.',
    todo: 'Write them into seLinuxOptions',
  },
  { key: 'socket', class: 'dropped', why: 'It chose among the podman services of a client.' },
  {
    key: 'userns',
    class: 'manual',
    why: 'hostUsers: false gives a pod a user namespace; who is who in it cannot be said.',
    todo: 'Decide whether the pod gets a user namespace',
  },
];

function ruleOf(driver: 'docker' | 'podman', { key, class: of, why, todo }: Left): Rule<TaskScope> {
  return {
    id: `${driver}.${key}`,
    nomad: `${driver}: ${key}`,
    kubernetes: 'nothing',
    class: of,
    why,
    apply: ({ task, container, workload }, use) => {
      const items = itemsAt(driver === 'docker' ? dockerConfig(task) : podmanConfig(task), key);
      const note =
        todo === undefined ? {} : { todo: `${key} of ${container.name} in ${workload.name}: ${lowered(todo)}.` };
      if (items.length > 0) use.leave(items, note);
    },
  };
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function itemsAt(config: object | undefined, key: string): readonly Item[] {
  if (config === undefined || !Object.hasOwn(config, key)) return [];
  return itemsOf(Reflect.get(config, key));
}

export const leftRules: readonly Rule<TaskScope>[] = [
  ...docker.map((left) => ruleOf('docker', left)),
  ...podman.map((left) => ruleOf('podman', left)),
];
