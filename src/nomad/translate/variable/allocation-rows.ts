import type { Pair } from '../../jobspec/field.ts';
import type { TaskScope } from '../scope.ts';
import { fieldRef, literal, manual, oneOf, type Variable, type VariableRow } from './variable.ts';

/** As the pod sees the directories that Nomad gives a task (the docker driver's mount points). */
const directories: Readonly<Record<string, string>> = {
  NOMAD_TASK_DIR: '/local',
  NOMAD_ALLOC_DIR: '/alloc',
  NOMAD_SECRETS_DIR: '/secrets',
};

const names: Readonly<Record<string, (scope: TaskScope) => string>> = {
  NOMAD_JOB_ID: ({ job }) => job.id?.value ?? job.label.text,
  NOMAD_JOB_PARENT_ID: ({ job }) => job.id?.value ?? job.label.text,
  NOMAD_JOB_NAME: ({ job }) => job.name?.value ?? job.label.text,
  NOMAD_GROUP_NAME: ({ group }) => group.label.text,
  NOMAD_TASK_NAME: ({ task }) => task.label.text,
  NOMAD_REGION: ({ job }) => job.region.value,
  'node.region': ({ job }) => job.region.value,
};

/** What Nomad sets in every task of an allocation, its ports and addresses aside. */
export const allocationRows: readonly VariableRow[] = [
  {
    id: 'interpolation.directory',
    nomad: '${NOMAD_TASK_DIR}, ${NOMAD_ALLOC_DIR}, ${NOMAD_SECRETS_DIR}',
    kubernetes: '/local, /alloc, /secrets',
    class: 'direct',
    why: 'The paths that the docker driver mounts them at; the pod has those that something uses.',
    resolve: (name) => {
      const path = oneOf(directories, name);
      return path === undefined ? undefined : literal(path);
    },
  },
  {
    id: 'interpolation.name',
    nomad: '${NOMAD_JOB_ID}, _JOB_NAME, _JOB_PARENT_ID, _GROUP_NAME, _TASK_NAME, _REGION, ${node.region}',
    kubernetes: 'the name itself, as the job has it',
    class: 'direct',
    why: 'Names of objects are folded to what DNS allows; what an application is told stays as it was.',
    resolve: (name, scope) => {
      const found = oneOf(names, name);
      return found && literal(found(scope));
    },
  },
  {
    id: 'interpolation.datacenter',
    nomad: '${NOMAD_DC}, ${node.datacenter}',
    kubernetes: 'the name itself, where the job runs in one datacenter',
    class: 'direct',
    why: 'Of several datacenters Nomad names the one where the allocation is, and a pod knows none.',
    resolve: (name, { job }) =>
      name === 'NOMAD_DC' || name === 'node.datacenter' ? datacenter(name, job.datacenters?.value ?? ['*']) : undefined,
  },
  {
    id: 'interpolation.namespace',
    nomad: '${NOMAD_NAMESPACE}',
    kubernetes: 'fieldRef metadata.namespace',
    class: 'direct',
    why: 'It is the namespace that the module was applied to.',
    resolve: (name) => (name === 'NOMAD_NAMESPACE' ? fieldRef(name, 'metadata.namespace') : undefined),
  },
  {
    id: 'interpolation.alloc-id',
    nomad: '${NOMAD_ALLOC_ID}, ${NOMAD_SHORT_ALLOC_ID}',
    kubernetes: 'fieldRef metadata.uid',
    class: 'approximate',
    why: 'Both are new for each allocation and each pod. The short form of Nomad has eight characters.',
    resolve: (name) =>
      name === 'NOMAD_ALLOC_ID' || name === 'NOMAD_SHORT_ALLOC_ID'
        ? fieldRef(name, 'metadata.uid', 'the uid of the pod, which is longer than a short id of Nomad')
        : undefined,
  },
  {
    id: 'interpolation.alloc-name',
    nomad: '${NOMAD_ALLOC_NAME}',
    kubernetes: 'fieldRef metadata.name',
    class: 'approximate',
    why: 'Nomad’s is job.group[index] and stays over replacements; a pod of a Deployment has a new one each time.',
    resolve: (name) =>
      name === 'NOMAD_ALLOC_NAME'
        ? fieldRef(name, 'metadata.name', 'the name of the pod, which is not of the form job.group[index]')
        : undefined,
  },
  {
    id: 'interpolation.alloc-index',
    nomad: '${NOMAD_ALLOC_INDEX}',
    kubernetes: 'fieldRef of the label apps.kubernetes.io/pod-index, where the workload is a StatefulSet',
    class: 'direct',
    why: 'Only pods of a StatefulSet are counted; for another workload it is for a person.',
    resolve: (name, { workload }) => {
      if (name !== 'NOMAD_ALLOC_INDEX') return undefined;
      return workload.kind === 'StatefulSet'
        ? fieldRef(name, "metadata.labels['apps.kubernetes.io/pod-index']")
        : manual(`${name}: pods of a ${workload.kind} have no index`, `Decide what ${name} is for this workload.`);
    },
  },
  {
    id: 'interpolation.memory',
    nomad: '${NOMAD_MEMORY_LIMIT}, ${NOMAD_MEMORY_MAX_LIMIT}',
    kubernetes: 'resourceFieldRef requests.memory, limits.memory, in MiB',
    class: 'direct',
    why: 'It follows the manifest when somebody changes the request.',
    resolve: (name) => {
      if (name === 'NOMAD_MEMORY_LIMIT') return resourceOf(name, 'requests.memory');
      return name === 'NOMAD_MEMORY_MAX_LIMIT' ? resourceOf(name, 'limits.memory') : undefined;
    },
  },
  {
    id: 'interpolation.cpu',
    nomad: '${NOMAD_CPU_LIMIT}',
    kubernetes: 'the number of the job, in MHz',
    class: 'direct',
    why: 'A program that reads it counts in MHz. With cores Nomad computes it from the node, which a pod cannot.',
    resolve: (name, { task }) => {
      if (name !== 'NOMAD_CPU_LIMIT') return undefined;
      const cores = task.resources?.cores;
      if (cores) return manual(`${name}: with cores it is what the node has`, `Set ${name}.`);
      return literal(String(task.resources?.cpu?.value ?? 100));
    },
  },
  {
    id: 'interpolation.meta',
    nomad: '${NOMAD_META_key}',
    kubernetes: 'the value of the meta block: the task’s before the group’s before the job’s',
    class: 'direct',
    why: 'Also in upper case and with other characters as _. Values of a dispatch have no source.',
    resolve: metaVariable,
  },
];

function datacenter(name: string, list: readonly string[]): Variable {
  const [only, ...others] = list;
  if (only !== undefined && others.length === 0 && !/[*?]/.test(only)) return literal(only);
  return manual(`${name}: the job may run in several datacenters`, `Set ${name} to what the application expects.`);
}

function resourceOf(name: string, resource: string): Variable {
  return {
    kind: 'runtime',
    text: `$(${name})`,
    env: [{ name, valueFrom: { resourceFieldRef: { resource, divisor: '1Mi' } } }],
  };
}

/** A key of meta as Nomad finds it: the task's before the group's before the job's; also in upper case, and cleaned. */
function metaVariable(name: string, { job, group, task }: TaskScope): Variable | undefined {
  if (!name.startsWith('NOMAD_META_')) return undefined;
  const key = name.slice('NOMAD_META_'.length);
  const found = [task.meta, group.meta, job.meta].map((pairs) => pairOf(pairs, key)).find((pair) => pair !== undefined);
  if (found?.value.includes('${')) {
    const todo = `Write into what ${name} becomes what its references stand for.`;
    return {
      kind: 'literal',
      text: found.value,
      note: { class: 'manual', text: `${name} holds references itself`, todo },
    };
  }
  if (found) return literal(found.value);
  return manual(`${name}: the job has no such meta`, `Set ${name}, or remove what uses it.`);
}

function pairOf(pairs: readonly Pair[], key: string): Pair | undefined {
  const clean = (text: string): string => text.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return pairs.find((pair) =>
    [pair.key, pair.key.toUpperCase(), clean(pair.key), clean(pair.key).toUpperCase()].includes(key),
  );
}
