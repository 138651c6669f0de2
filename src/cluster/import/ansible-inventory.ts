/** An inventory of Ansible: hosts in groups, with variables. What a host is told, the nearest group says. */

export type Vars = Readonly<Record<string, unknown>>;

export interface Group {
  readonly hosts: ReadonlyMap<string, Vars>;
  readonly children: readonly string[];
  readonly vars: Vars;
}

/** By name; `all` may be missing. */
export type AnsibleInventory = ReadonlyMap<string, Group>;

const EMPTY: Group = { hosts: new Map(), children: [], vars: {} };

/** Where both say something, the second is believed. */
export function merged(one: AnsibleInventory, other: AnsibleInventory): AnsibleInventory {
  const both = new Map(one);
  for (const [name, group] of other) {
    const { hosts, children, vars } = both.get(name) ?? EMPTY;
    const more = [...group.hosts].map(([host, said]) => [host, { ...hosts.get(host), ...said }] as const);
    const all = new Map([...hosts, ...more]);
    both.set(name, { hosts: all, children: [...children, ...group.children], vars: { ...vars, ...group.vars } });
  }
  return both;
}

/** Of a group and of all below it, in their order, each once. */
export function hostsIn(inventory: AnsibleInventory, name: string, seen: readonly string[] = []): readonly string[] {
  const group = inventory.get(name);
  if (group === undefined || seen.includes(name)) return [];
  const below = group.children.flatMap((child) => hostsIn(inventory, child, [...seen, name]));
  return [...new Set([...group.hosts.keys(), ...below])];
}

/** What Ansible would tell the host: of all groups that it is in, those further in win, and its own words win over all. */
export function varsOf(inventory: AnsibleInventory, host: string): Vars {
  const groups = [...inventory].filter(([name]) => hostsIn(inventory, name).includes(host));
  const inner = groups.toSorted(([one], [other]) => depth(inventory, one) - depth(inventory, other));
  const fromGroups = Object.assign({}, inventory.get('all')?.vars, ...inner.map(([, { vars }]) => vars));
  return Object.assign(fromGroups, ...groups.map(([, { hosts }]) => hosts.get(host) ?? {}));
}

/** How many groups lie around it. */
function depth(inventory: AnsibleInventory, name: string, seen: readonly string[] = []): number {
  if (name === 'all') return 0;
  const around = [...inventory].filter(([other, { children }]) => children.includes(name) && !seen.includes(other));
  return 1 + Math.max(0, ...around.map(([other]) => depth(inventory, other, [...seen, name])));
}

/** `pi[1:3].lan` is three hosts, `pi[01:03]` with two digits each. */
export function hostNames(pattern: string): readonly string[] {
  const [, before = '', first = '', last = '', after = ''] = /^(.*?)\[(\d+):(\d+)\](.*)$/.exec(pattern) ?? [];
  if (first === '') return [pattern];
  const count = Math.min(Number(last) - Number(first) + 1, HOSTS_AT_MOST);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const number = String(Number(first) + index).padStart(first.length, '0');
    return `${before}${number}${after}`;
  })
    .flatMap(hostNames)
    .slice(0, HOSTS_AT_MOST);
}

/** A cluster here has ten nodes; a pattern that names a million is none of it. */
const HOSTS_AT_MOST = 256;
