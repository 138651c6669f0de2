import type { Note } from '../account.ts';
import { portsOf } from '../network/port.ts';
import type { TaskScope } from '../scope.ts';
import { manual, type Resolver, type VariableRow } from './variable.ts';

/** Ports and addresses of a group. */
export const portRows: readonly VariableRow[] = [
  {
    id: 'interpolation.port',
    nomad: '${NOMAD_PORT_label}, ${NOMAD_ALLOC_PORT_label}',
    kubernetes: 'the number of the container’s port',
    class: 'direct',
    why: 'Where Nomad chose the number, the one that was chosen here.',
    resolve: ofForm(/^NOMAD_(PORT|ALLOC_PORT)_(.+)$/),
  },
  {
    id: 'interpolation.pod-address',
    nomad: '${NOMAD_ALLOC_IP_label}, ${NOMAD_ALLOC_ADDR_label}',
    kubernetes: 'fieldRef status.podIP, and the container’s port',
    class: 'direct',
    why: 'Both are addresses inside the network of the allocation, and of the pod.',
    resolve: ofForm(/^NOMAD_(ALLOC_IP|ALLOC_ADDR)_(.+)$/),
  },
  {
    id: 'interpolation.host-address',
    nomad: '${NOMAD_IP_label}, _ADDR_label, _HOST_IP_label, _HOST_PORT_label, _HOST_ADDR_label',
    kubernetes: 'fieldRef status.podIP, or status.hostIP where the port is one of the node, and the container’s port',
    class: 'approximate',
    why: 'Nomad gives the address of the node, where the port is published; the port of a pod is reached at the pod.',
    resolve: ofForm(/^NOMAD_(HOST_PORT|HOST_IP|HOST_ADDR|IP|ADDR)_(.+)$/),
  },
];

function ofForm(pattern: RegExp): Resolver {
  return (name, scope) => {
    const [, form, label] = pattern.exec(name) ?? [];
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
  };
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
