/** Node: stored as it is reported (pkg/printers, read in 1.36, for its columns). */
import { at, type JsonObject, listAt, stringsAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { Cells } from '../row.ts';

export const nodeCells: Cells = {
  Status: statusText,
  Roles: rolesText,
};

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

export const nodeFields: Kind['fields'] = {
  'spec.unschedulable': (node) => String(at(node, 'spec', 'unschedulable') === true),
};

/** After the age. */
export const nodeLaterCells: Cells = {
  Version: (node) => information(node, 'kubeletVersion'),
  'Internal-IP': (node) => addressOf(node, 'InternalIP'),
  'External-IP': (node) => addressOf(node, 'ExternalIP'),
  'OS-Image': (node) => information(node, 'osImage') || '<unknown>',
  'Kernel-Version': (node) => {
    const architecture = information(node, 'architecture');
    const version = information(node, 'kernelVersion') || '<unknown>';
    return architecture === '' ? version : `${version} (${architecture})`;
  },
  'Container-Runtime': (node) => information(node, 'containerRuntimeVersion') || '<unknown>',
};
