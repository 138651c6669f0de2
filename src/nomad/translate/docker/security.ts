import type { Item, Written } from '../../jobspec/field.ts';
import type { Plain } from '../../source/node.ts';
import { drop } from '../carry.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { isList, Sourced, settle, type Tree } from '../sourced.ts';
import { both, type DriverScope, onDocker, onPodman } from './driver-config.ts';

const privileged = both(
  {
    key: 'privileged',
    kubernetes: 'securityContext.privileged',
    class: 'direct',
    why: 'Pod Security refuses it outside namespaces that allow it.',
  },
  ({ config, container }, use) => {
    const field = config.privileged;
    if (field?.value) container.securityContext['privileged'] = use.take(field, true);
    else drop(use, field, { class: 'dropped', text: 'the default' });
  },
);

/** Docker's names are those of the kernel with or without CAP_, in any case. */
function capabilities(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
}

function setCapabilities(
  scope: TaskScope,
  key: 'add' | 'drop',
  field: Written<readonly string[]> | undefined,
  use: Use,
): void {
  if (!field) return;
  if (field.value.length === 0) {
    use.leave(field, { class: 'dropped', text: 'none' });
    return;
  }
  const { securityContext } = scope.container;
  const before = securityContext['capabilities'];
  const kept =
    typeof before === 'object' && before !== null && !(before instanceof Sourced) && !Array.isArray(before)
      ? before
      : {};
  securityContext['capabilities'] = { ...kept, [key]: use.take(field, capabilities(field.value)) };
}

const capAdd = both(
  { key: 'cap_add', kubernetes: 'securityContext.capabilities.add', class: 'direct', why: 'Without CAP_.' },
  (scope, use) => setCapabilities(scope, 'add', scope.config.cap_add, use),
);

const capDrop = both(
  { key: 'cap_drop', kubernetes: 'securityContext.capabilities.drop', class: 'direct', why: 'Without CAP_.' },
  (scope, use) => setCapabilities(scope, 'drop', scope.config.cap_drop, use),
);

const readonlyRootfs = both(
  { key: 'readonly_rootfs', kubernetes: 'securityContext.readOnlyRootFilesystem', class: 'direct', why: '' },
  ({ config, container }, use) => {
    const field = config.readonly_rootfs;
    if (field) container.securityContext['readOnlyRootFilesystem'] = use.take(field, field.value);
  },
);

const securityOpt = both(
  {
    key: 'security_opt',
    kubernetes: 'allowPrivilegeEscalation, seccompProfile, appArmorProfile, seLinuxOptions',
    class: 'direct',
    why: 'A profile that is a file of the node must be put on the nodes of Kubernetes.',
  },
  (scope, use) => {
    const field = scope.config.security_opt;
    if (!field) return;
    const left = field.value.filter((option) => !applied(scope, field, option));
    if (left.length === 0) {
      use.leave(field, field.value.length === 0 ? { class: 'dropped', text: 'none' } : { text: 'in securityContext' });
      return;
    }
    const todo = `Decide about ${left.join(', ')} of ${scope.container.name}.`;
    use.leave(field, { class: 'manual', text: `not written: ${left.join(', ')}`, todo });
  },
);

/** One option in the container's securityContext; false where it has no twin. */
function applied({ container }: DriverScope, field: Item, option: string): boolean {
  const [, name = '', value = ''] = /^([a-z-]+)(?:[=:](.*))?$/.exec(option) ?? [];
  const set = (key: string, tree: Tree): true => {
    container.securityContext[key] = new Sourced(tree, [field]);
    return true;
  };
  switch (name) {
    case 'no-new-privileges':
      return set('allowPrivilegeEscalation', value === 'false');
    case 'seccomp':
      return value === 'unconfined' && set('seccompProfile', { type: 'Unconfined' });
    case 'apparmor':
      if (value === '') return false;
      if (value === 'unconfined') return set('appArmorProfile', { type: 'Unconfined' });
      if (value === 'docker-default') return set('appArmorProfile', { type: 'RuntimeDefault' });
      return set('appArmorProfile', { type: 'Localhost', localhostProfile: value });
    case 'label': {
      const [, key, text] = /^(user|role|type|level):(.+)$/.exec(value) ?? [];
      if (key === undefined || text === undefined) return false;
      const before = container.securityContext['seLinuxOptions'];
      const kept =
        before instanceof Sourced &&
        typeof before.value === 'object' &&
        before.value !== null &&
        !Array.isArray(before.value)
          ? before.value
          : {};
      return set('seLinuxOptions', { ...kept, [key]: text });
    }
    default:
      return false;
  }
}

const apparmorProfile = onPodman(
  {
    key: 'apparmor_profile',
    kubernetes: 'securityContext.appArmorProfile',
    class: 'direct',
    why: 'The profile must be on the nodes.',
  },
  ({ config, container }, use) => {
    const field = config.apparmor_profile;
    if (!field) return;
    const free = field.value === 'unconfined';
    const profile = free ? { type: 'Unconfined' } : { type: 'Localhost', localhostProfile: field.value };
    container.securityContext['appArmorProfile'] = use.take(field, profile);
  },
);

const groupAdd = onDocker(
  {
    key: 'group_add',
    kubernetes: 'supplementalGroups of the pod',
    class: 'direct',
    why: 'Kubernetes takes numbers only; they hold for all containers of the pod.',
  },
  ({ config, container, workload }, use) => {
    const field = config.group_add;
    if (!field) return;
    const numbers = field.value.filter((each) => /^\d+$/.test(each)).map(Number);
    const names = field.value.filter((each) => !/^\d+$/.test(each));
    const todo = `Write the numbers of ${names.join(', ')} into supplementalGroups for ${container.name}.`;
    const note =
      names.length === 0 ? {} : { class: 'manual' as const, text: `names are not taken: ${names.join(', ')}`, todo };
    if (numbers.length === 0) {
      use.leave(field, names.length === 0 ? { class: 'dropped', text: 'none' } : note);
      return;
    }
    const before = workload.pod.securityContext['supplementalGroups'];
    const kept = isList(before) ? before : [];
    const [first, ...rest] = numbers.filter((number) => !kept.some((each) => settle(each).value === number));
    if (first === undefined) use.leave(field, names.length === 0 ? { text: 'another task has them already' } : note);
    else workload.pod.securityContext['supplementalGroups'] = [...kept, use.take(field, first, note), ...rest];
  },
);

/** What a pod may set without the kubelet's leave (Kubernetes 1.32 and later). */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

const sysctl = both(
  {
    key: 'sysctl',
    kubernetes: 'sysctls of the pod',
    class: 'approximate',
    why: 'They hold for all containers of the pod; unsafe ones need allowedUnsafeSysctls of the kubelet.',
  },
  ({ config, workload }, use) => {
    const { securityContext } = workload.pod;
    for (const pair of config.sysctl) {
      const before = securityContext['sysctls'];
      const kept = isList(before) ? before : [];
      const same = kept.map((each) => settle(each).value).find((each) => isNamed(each, pair.key));
      if (same !== undefined) {
        const equal = JSON.stringify(same) === JSON.stringify({ name: pair.key, value: pair.value });
        const todo = `Decide which value of ${pair.key} holds for all of ${workload.name}.`;
        use.leave(pair, equal ? {} : { class: 'manual', text: 'another task of the pod sets it differently', todo });
        continue;
      }
      const todo = `Allow ${pair.key} on the nodes: allowedUnsafeSysctls of the kubelet, or ${workload.name} does not start.`;
      const value = use.take(pair, pair.value, safe.has(pair.key) ? {} : { todo });
      securityContext['sysctls'] = [...kept, { name: pair.key, value }];
    }
  },
);

function isNamed(value: Plain, name: string): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name;
}

/** A privileged process may always gain rights: the API server refuses to hear otherwise. After everybody who asks for rights. */
export const privilegeEnds: readonly Rule<GroupScope>[] = [
  {
    id: 'docker.privilege-conflict',
    nomad: 'no-new-privileges beside privileged, devices or CAP_SYS_ADMIN',
    kubernetes: 'the rights, without allowPrivilegeEscalation: false',
    class: 'manual',
    why: 'Kubernetes refuses both together.',
    apply: ({ workload }, use) => {
      for (const { name, securityContext } of workload.pod.containers) {
        const escalation = securityContext['allowPrivilegeEscalation'];
        if (!(escalation instanceof Sourced) || escalation.value !== false || !mayEverything(securityContext)) continue;
        delete securityContext['allowPrivilegeEscalation'];
        use.leave(escalation.from, { todo: `Decide whether ${name} needs all rights: it was not to gain any.` });
      }
    },
  },
];

function mayEverything({ privileged: all, capabilities: named }: Readonly<Record<string, Tree | undefined>>): boolean {
  if (all === true || (all instanceof Sourced && all.value === true)) return true;
  const added = settle(named ?? null).value;
  return JSON.stringify(added).includes('"SYS_ADMIN"');
}

export const securityRules: readonly Rule<TaskScope>[] = [
  ...privileged,
  ...capAdd,
  ...capDrop,
  ...readonlyRootfs,
  ...securityOpt,
  apparmorProfile,
  groupAdd,
  ...sysctl,
];
