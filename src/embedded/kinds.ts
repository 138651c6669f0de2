/** The kinds that are served. A new one is a row here, with its rules in kinds/. */
import { at, textAt } from './json.ts';
import type { Kind } from './kind.ts';
import { admissionRegistrationKinds } from './kinds/admission-registration.ts';
import { claimCells, claimRules, claimWideCells } from './kinds/claim.ts';
import { configMapCells, configMapRules, secretCells, secretRules } from './kinds/configuration.ts';
import { definitionKinds } from './kinds/definition.ts';
import { disruptionBudgetKinds } from './kinds/disruption-budget.ts';
import { endpointKinds } from './kinds/endpoints.ts';
import { eventCells, eventFields, eventRules } from './kinds/event.ts';
import { jobKinds } from './kinds/job.ts';
import { leaseCells, leaseRules } from './kinds/lease.ts';
import { limitRangeKinds } from './kinds/limit-range.ts';
import { namespaceCells, namespaceRules } from './kinds/namespace.ts';
import { networkKinds } from './kinds/network.ts';
import { newEventKinds } from './kinds/new-event.ts';
import { nodeCells, nodeFields, nodeLaterCells } from './kinds/node.ts';
import { podCells, podRules, podWideCells } from './kinds/pod.ts';
import { priorityClassKinds } from './kinds/priority-class.ts';
import { quotaCells, quotaRules } from './kinds/resource-quota.ts';
import { roleKinds } from './kinds/role.ts';
import { serviceKinds } from './kinds/service.ts';
import { storageKinds } from './kinds/storage.ts';
import { classNameText, storageClassCells, storageClassRules } from './kinds/storage-class.ts';
import { volumeCells, volumeRules, volumeWideCells } from './kinds/volume.ts';
import { workloadKinds } from './kinds/workload.ts';
import { isLabel } from './names.ts';
import { row } from './row.ts';

export const kinds: readonly Kind[] = [
  row('v1', 'configmaps', { cells: configMapCells, rules: configMapRules }),
  row('v1', 'events', {
    putCreates: true,
    fields: eventFields,
    cells: eventCells,
    rules: eventRules,
    effect: 'goes after an hour',
  }),
  row('v1', 'namespaces', {
    nameRule: isLabel,
    returnsDeleted: true,
    fields: { 'status.phase': (namespace) => textAt(namespace, 'status', 'phase') },
    cells: namespaceCells,
    effect: 'holds the others; when it goes, they go',
    rules: namespaceRules,
  }),
  row('v1', 'nodes', {
    effect: 'the one of this machine gets the pods',
    fields: nodeFields,
    cells: { ...nodeCells, ...nodeLaterCells },
  }),
  row('v1', 'persistentvolumeclaims', {
    returnsDeleted: true,
    cells: { ...claimCells, ...claimWideCells },
    effect: 'is bound to a volume, and protected while a pod uses it',
    rules: claimRules,
  }),
  row('v1', 'persistentvolumes', {
    returnsDeleted: true,
    cells: { ...volumeCells, ...volumeWideCells },
    effect: 'is bound to a claim, and released with it',
    rules: volumeRules,
  }),
  row('v1', 'pods', {
    counted: true,
    returnsDeleted: true,
    fields: {
      'spec.nodeName': (pod) => textAt(pod, 'spec', 'nodeName'),
      'spec.restartPolicy': (pod) => textAt(pod, 'spec', 'restartPolicy'),
      'spec.schedulerName': (pod) => textAt(pod, 'spec', 'schedulerName'),
      'spec.serviceAccountName': (pod) => textAt(pod, 'spec', 'serviceAccountName'),
      'spec.hostNetwork': (pod) => String(at(pod, 'spec', 'hostNetwork') === true),
      'status.phase': (pod) => textAt(pod, 'status', 'phase'),
      'status.podIP': (pod) => textAt(pod, 'status', 'podIP'),
      'status.nominatedNodeName': (pod) => textAt(pod, 'status', 'nominatedNodeName'),
    },
    cells: { ...podCells, ...podWideCells },
    effect: 'is placed on the node and mounts its claims; no container runs',
    rules: podRules,
  }),
  row('v1', 'resourcequotas', {
    returnsDeleted: true,
    cells: quotaCells,
    rules: quotaRules,
    effect: 'limits the number and the size of claims, nothing else',
  }),
  row('v1', 'secrets', {
    fields: { type: (secret) => textAt(secret, 'type') },
    cells: secretCells,
    rules: secretRules,
  }),
  row('v1', 'serviceaccounts', { returnsDeleted: true, effect: 'gets tokens' }),
  row('coordination.k8s.io/v1', 'leases', {
    putCreates: true,
    putNeedsVersion: true,
    cells: leaseCells,
    rules: leaseRules,
  }),
  row('storage.k8s.io/v1', 'storageclasses', {
    returnsDeleted: true,
    cells: { ...storageClassCells, Name: classNameText },
    effect: 'says who makes volumes and when claims are bound',
    rules: storageClassRules,
  }),
  ...limitRangeKinds,
  ...serviceKinds,
  ...endpointKinds,
  ...workloadKinds,
  ...newEventKinds,
  ...jobKinds,
  ...networkKinds,
  ...disruptionBudgetKinds,
  ...roleKinds,
  ...storageKinds,
  ...admissionRegistrationKinds,
  ...definitionKinds,
  ...priorityClassKinds,
];

/** What the store files a kind's objects under. */
export function shelfName({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export const NAMESPACES = 'namespaces';
export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const STORAGE_CLASSES = 'storageclasses.storage.k8s.io';
export const ATTRIBUTES_CLASSES = 'volumeattributesclasses.storage.k8s.io';
export const QUOTAS = 'resourcequotas';
export const EVENTS = 'events';
export const LIMIT_RANGES = 'limitranges';
export const PODS = 'pods';
export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
export const SERVICE_ACCOUNTS = 'serviceaccounts';

const byAddress = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

export function findKind(group: string, version: string, plural: string): Kind | undefined {
  return byAddress.get(`${group}/${version}/${plural}`);
}
