/** What the console asks of an account of the cluster, in the words of `kubectl auth can-i`. Server and page share it. Pure. */

import { shellWord } from '../../nomad/report/shell-word.ts';

/** One verb on one resource, in one namespace or (empty) in all. */
export interface Need {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** A plural. */
  readonly resource: string;
  readonly namespace: string;
}

interface Right extends Omit<Need, 'namespace'> {
  /** `namespace`: in each namespace by itself, where it was not given in all. */
  readonly within: 'namespace' | 'cluster';
  /** What can be seen or done with it, as a person reads it. */
  readonly lets: string;
}

const claims = { group: '', resource: 'persistentvolumeclaims' } as const;
const volumes = { group: '', resource: 'persistentvolumes' } as const;
const policies = { group: 'pvc-chonker.io', resource: 'pvcpolicies' } as const;
/** Of no API server: there to be given by a role. */
const alerts = { group: 'larder.dev', resource: 'alerts' } as const;

/** The rows of the table in docs/reference/permissions.md. */
export const rights = {
  'see volumes': {
    ...{ ...claims, verb: 'list', within: 'namespace' },
    lets: 'volumes with their usage, decisions and history, and what happened to them',
  },
  'read claims': {
    ...{ ...claims, verb: 'get', within: 'namespace' },
    lets: 'the YAML of a claim',
  },
  'read volumes': {
    ...{ ...volumes, verb: 'get', within: 'cluster' },
    lets: 'the YAML of a PersistentVolume',
  },
  'see events': {
    ...{ group: '', resource: 'events', verb: 'list', within: 'namespace' },
    lets: 'what others than Larder told about a claim',
  },
  'see pods': {
    ...{ group: '', resource: 'pods', verb: 'list', within: 'namespace' },
    lets: 'which pods use a volume',
  },
  'see storage': {
    ...{ ...volumes, verb: 'list', within: 'cluster' },
    lets: 'exports, trash and archives, audit, configuration, what doctor finds',
  },
  'change claims': {
    ...{ ...claims, verb: 'patch', within: 'namespace' },
    lets: 'grow, pause, resume, approve, settings of a claim',
  },
  'bring back': {
    ...{ ...volumes, verb: 'create', within: 'cluster' },
    lets: 'undelete, restore, adopt',
  },
  'remove data': {
    ...{ ...volumes, verb: 'delete', within: 'cluster' },
    lets: 'make room: remove what is in the trash or archived',
  },
  'change volumes': {
    ...{ ...volumes, verb: 'patch', within: 'cluster' },
    lets: 'say for one volume what becomes of its directory at the end, bring mount options in line with their class',
  },
  'see policies': {
    ...{ ...policies, verb: 'list', within: 'namespace' },
    lets: 'policies, and what other settings would do (with the volumes of the namespace)',
  },
  'see groups': {
    ...{ group: 'pvc-chonker.io', resource: 'pvcgroups', verb: 'list', within: 'namespace' },
    lets: 'groups of claims that are sized together',
  },
  'make policies': {
    ...{ ...policies, verb: 'create', within: 'namespace' },
    lets: 'make a policy',
  },
  'change policies': {
    ...{ ...policies, verb: 'update', within: 'namespace' },
    lets: 'change a policy',
  },
  'delete policies': {
    ...{ ...policies, verb: 'delete', within: 'namespace' },
    lets: 'delete a policy',
  },
  'see nodes': {
    ...{ group: '', resource: 'nodes', verb: 'list', within: 'cluster' },
    lets: 'nodes of the cluster, their releases and certificates',
  },
  'see ledger': {
    ...{ group: 'larder.dev', resource: 'ledgers', verb: 'get', within: 'cluster' },
    lets: 'the ledger, changes, drift, drills and rotations that it has',
  },
  'see alerts': {
    ...{ ...alerts, verb: 'get', within: 'cluster' },
    lets: 'alerts, and who has taken them',
  },
  'acknowledge alerts': {
    ...{ ...alerts, verb: 'update', within: 'cluster' },
    lets: 'take an alert: a silence with an end',
  },
} as const satisfies Readonly<Record<string, Right>>;

export type RightName = keyof typeof rights;

/** `namespace` empty: in all of them. */
export function needOf(name: RightName, namespace = ''): Need {
  const { verb, group, resource, within } = rights[name];
  return { verb, group, resource, namespace: within === 'cluster' ? '' : namespace };
}

/** Whether the console ever asks for it, in whatever namespace. */
export function isRight({ verb, group, resource }: Need): boolean {
  return Object.values(rights).some(
    (right) => right.verb === verb && right.group === group && right.resource === resource,
  );
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** All namespaces (empty), or what can be the name of one. */
export function isScope(namespace: string): boolean {
  return namespace === '' || LABEL.test(namespace);
}

/** The same for equal needs. */
export function keyOfNeed({ verb, group, resource, namespace }: Need): string {
  return `${verb} ${resource}.${group} ${namespace}`;
}

/** As a person reads it: `list persistentvolumeclaims in namespace media`. */
export function needText({ verb, group, resource, namespace }: Need): string {
  const what = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${what} ${namespace === '' ? 'in the whole cluster' : `in namespace ${namespace}`}`;
}

/** Asks the cluster the same about somebody. */
export function needCommand({ verb, group, resource, namespace }: Need, who: string): string {
  const what = group === '' ? resource : `${resource}.${group}`;
  return `kubectl auth can-i ${verb} ${what} --as=${shellWord(who)}${namespace === '' ? '' : ` -n ${namespace}`}`;
}
