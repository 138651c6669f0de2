/** Node: stored as it is reported (pkg/printers, read in 1.36, for its columns). */
import { at, type JsonObject, listAt, stringsAt, textAt } from '../json.ts';
import type { Column } from '../kind.ts';

export const nodeColumns: readonly Column[] = [
  { name: 'Status', description: 'The status of the node', cell: statusText },
  { name: 'Roles', description: 'The roles of the node', cell: rolesText },
];

function statusText(node: JsonObject): string {
  const ready = listAt(node, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const readiness = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${readiness},SchedulingDisabled` : readiness;
}

function rolesText(node: JsonObject): string {
  const roles = Object.entries(stringsAt(node, 'metadata', 'labels') ?? {}).flatMap(([label, value]) => {
    if (label.startsWith('node-role.kubernetes.io/')) return [label.slice('node-role.kubernetes.io/'.length)];
    return label === 'kubernetes.io/role' ? [value] : [];
  });
  const named = [...new Set(roles.filter((role) => role !== ''))].sort();
  return named.length === 0 ? '<none>' : named.join(',');
}

const information = (node: JsonObject, name: string): string => textAt(node, 'status', 'nodeInfo', name) ?? '';

const addressOf = (node: JsonObject, type: string): string => {
  const address = listAt(node, 'status', 'addresses').find((entry) => textAt(entry, 'type') === type);
  return textAt(address, 'address') ?? '<none>';
};

/** After the age. */
export const nodeLaterColumns: readonly Column[] = [
  {
    name: 'Version',
    description: 'Kubelet Version reported by the node.',
    cell: (node) => information(node, 'kubeletVersion'),
  },
  {
    name: 'Internal-IP',
    priority: 1,
    description: 'List of addresses reachable to the node.',
    cell: (node) => addressOf(node, 'InternalIP'),
  },
  {
    name: 'External-IP',
    priority: 1,
    description: 'List of addresses reachable to the node.',
    cell: (node) => addressOf(node, 'ExternalIP'),
  },
  {
    name: 'OS-Image',
    priority: 1,
    description: 'OS Image reported by the node.',
    cell: (node) => information(node, 'osImage') || '<unknown>',
  },
  {
    name: 'Kernel-Version',
    priority: 1,
    description: 'Kernel Version reported by the node.',
    cell: (node) => {
      const architecture = information(node, 'architecture');
      const version = information(node, 'kernelVersion') || '<unknown>';
      return architecture === '' ? version : `${version} (${architecture})`;
    },
  },
  {
    name: 'Container-Runtime',
    priority: 1,
    description: 'ContainerRuntime Version reported by the node.',
    cell: (node) => information(node, 'containerRuntimeVersion') || '<unknown>',
  },
];
