import type { Pair } from '../jobspec/field.ts';
import type { Note } from './account.ts';
import type { EnvDraft } from './draft.ts';
import { portsOf } from './network/port.ts';
import type { TaskScope } from './scope.ts';

/** What `${NAME}` of a job is in a pod. */
export type Variable =
  | { readonly kind: 'literal'; readonly text: string; readonly note?: Note }
  /** Known when the pod runs: `text` holds `$(NAME)`, for which `env` must be declared first. */
  | { readonly kind: 'runtime'; readonly text: string; readonly env: readonly EnvDraft[]; readonly note?: Note }
  /** Nomad's, and without a twin: the text stays, and a person must look. */
  | { readonly kind: 'manual'; readonly note: Note };

/** Undefined: not one of these names. */
export type Resolver = (name: string, scope: TaskScope) => Variable | undefined;

/** As the pod sees the directories that Nomad gives a task (the docker driver's mount points). */
const directories = { task: '/local', alloc: '/alloc', secrets: '/secrets' } as const;

/** The task's own variables, also those that a template sets. */
export const ownVariable: Resolver = (name, { task, container }) => {
  const key = name.startsWith('env.') ? name.slice(4) : name;
  const own =
    task.env.some((pair) => pair.key === key) ||
    container.env.some((each) => each.name === key && !key.startsWith('NOMAD_'));
  return own ? { kind: 'runtime', text: `$(${key})`, env: [] } : undefined;
};

/** What Nomad sets in every task. */
export const nomadVariable: Resolver = (name, scope) =>
  fixed(name, scope) ?? limits(name, scope) ?? metaVariable(name, scope) ?? portVariable(name, scope) ?? refused(name);

function fixed(name: string, { job, group, task, workload }: TaskScope): Variable | undefined {
  switch (name) {
    case 'NOMAD_TASK_DIR':
      return literal(directories.task);
    case 'NOMAD_ALLOC_DIR':
      return literal(directories.alloc);
    case 'NOMAD_SECRETS_DIR':
      return literal(directories.secrets);
    case 'NOMAD_JOB_ID':
    case 'NOMAD_JOB_PARENT_ID':
      return literal(job.id?.value ?? job.label.text);
    case 'NOMAD_JOB_NAME':
      return literal(job.name?.value ?? job.label.text);
    case 'NOMAD_GROUP_NAME':
      return literal(group.label.text);
    case 'NOMAD_TASK_NAME':
      return literal(task.label.text);
    case 'NOMAD_REGION':
    case 'node.region':
      return literal(job.region.value);
    case 'NOMAD_DC':
    case 'node.datacenter':
      return datacenter(name, job.datacenters?.value ?? ['*']);
    case 'NOMAD_NAMESPACE':
      return fieldRef(name, 'metadata.namespace');
    case 'NOMAD_ALLOC_ID':
    case 'NOMAD_SHORT_ALLOC_ID':
      return fieldRef(name, 'metadata.uid', 'the uid of the pod, which is longer than a short id of Nomad');
    case 'NOMAD_ALLOC_NAME':
      return fieldRef(name, 'metadata.name', 'the name of the pod, which is not of the form job.group[index]');
    case 'NOMAD_ALLOC_INDEX':
      return workload.kind === 'StatefulSet'
        ? fieldRef(name, "metadata.labels['apps.kubernetes.io/pod-index']")
        : manual(`${name}: pods of a ${workload.kind} have no index`, `Decide what ${name} is for this workload.`);
    default:
      return undefined;
  }
}

function datacenter(name: string, names: readonly string[]): Variable {
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0 && !/[*?]/.test(only)) return literal(only);
  return manual(`${name}: the job may run in several datacenters`, `Set ${name} to what the application expects.`);
}

function limits(name: string, { task }: TaskScope): Variable | undefined {
  const resource = (of: string): Variable => ({
    kind: 'runtime',
    text: `$(${name})`,
    env: [{ name, valueFrom: { resourceFieldRef: { resource: of, divisor: '1Mi' } } }],
  });
  if (name === 'NOMAD_MEMORY_LIMIT') return resource('requests.memory');
  if (name === 'NOMAD_MEMORY_MAX_LIMIT') return resource('limits.memory');
  if (name === 'NOMAD_CPU_LIMIT') {
    const cores = task.resources?.cores;
    if (cores) return manual(`${name}: with cores it is what the node has`, `Set ${name}.`);
    return literal(String(task.resources?.cpu?.value ?? 100));
  }
  return undefined;
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

const portForms = /^NOMAD_(HOST_PORT|HOST_IP|HOST_ADDR|ALLOC_PORT|ALLOC_IP|ALLOC_ADDR|PORT|IP|ADDR)_(.+)$/;

function portVariable(name: string, scope: TaskScope): Variable | undefined {
  const [, form, label] = portForms.exec(name) ?? [];
  if (form === undefined || label === undefined) return undefined;
  const port = portOf(label, scope);
  if (!port)
    return manual(`${name}: the job has no port ${label}, or no number for it`, `Set ${name} to what it should be.`);
  const host = port.host && !form.startsWith('ALLOC');
  const note: Note | undefined =
    form === 'PORT' || form.startsWith('ALLOC')
      ? undefined
      : {
          class: 'approximate',
          text: `${name} is ${host ? "the node's" : "the pod's, not the node's"} address and port`,
        };
  const noted = note ? { note } : {};
  if (form.endsWith('PORT')) return { kind: 'literal', text: String(port.number), ...noted };
  const address = name.replace(/_ADDR_/, '_IP_').replace(/^NOMAD_(.*)$/, (all) => clean(all));
  const env = [{ name: address, valueFrom: { fieldRef: { fieldPath: host ? 'status.hostIP' : 'status.podIP' } } }];
  const text = form.endsWith('ADDR') ? `$(${address}):${port.number}` : `$(${address})`;
  return { kind: 'runtime', text, env, ...noted };
}

interface PortFound {
  readonly number: number;
  /** Whether it is bound on the node. */
  readonly host: boolean;
}

/** The port as the container listens on it. */
function portOf(label: string, { group, workload }: TaskScope): PortFound | undefined {
  const found = portsOf(group).find((port) => port.label === label || clean(port.label) === label);
  const onHost = workload.pod.spec['hostNetwork'] !== undefined;
  return found && { number: found.number, host: onHost || found.host !== undefined };
}

function clean(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

/** What a client of Nomad knows of itself. */
export const nodeVariable: Resolver = (name) => {
  switch (name) {
    case 'node.unique.name':
    case 'attr.unique.hostname':
      return fieldRef('NODE_NAME', 'spec.nodeName', 'the name of the node, which Kubernetes writes in lower case');
    case 'attr.unique.network.ip-address':
      return fieldRef('HOST_IP', 'status.hostIP', 'the address of the node');
    default:
      return /^(node|attr|meta|device)\./.test(name)
        ? manual(`${name} of a Nomad client is not known in a pod`, `Set what \${${name}} was for.`)
        : undefined;
  }
};

/** Credentials and addresses of what stays behind. */
function refused(name: string): Variable | undefined {
  if (
    !/^(NOMAD_TOKEN|NOMAD_UNIX_ADDR|NOMAD_CPU_CORES|NOMAD_PARENT_CGROUP|VAULT_TOKEN|VAULT_NAMESPACE|CONSUL_)/.test(name)
  ) {
    return undefined;
  }
  return manual(`${name} does not exist outside Nomad`, `Give the application what it needs instead of ${name}.`);
}

function literal(text: string): Variable {
  return { kind: 'literal', text };
}

function manual(text: string, todo: string): Variable {
  return { kind: 'manual', note: { class: 'manual', text, todo } };
}

function fieldRef(name: string, fieldPath: string, difference?: string): Variable {
  const note: Note | undefined = difference === undefined ? undefined : { class: 'approximate', text: difference };
  return {
    kind: 'runtime',
    text: `$(${name})`,
    env: [{ name, valueFrom: { fieldRef: { fieldPath } } }],
    ...(note ? { note } : {}),
  };
}
