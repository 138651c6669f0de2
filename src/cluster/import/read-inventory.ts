/** Reads an inventory in either of its forms, with the variables of groups that lie beside it. */
import { parseDocument } from 'yaml';
import { isObject } from '../../kube/reader.ts';
import { type AnsibleInventory, type Group, hostNames, merged, type Vars } from './ansible-inventory.ts';
import { readIni } from './read-ini.ts';

export type ReadInventory =
  | { readonly kind: 'inventory'; readonly inventory: AnsibleInventory }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Whether it is YAML or INI its content says, not its name. */
export function readInventory(text: string): ReadInventory {
  if (/^\s*\[[^\]]+\]\s*$/m.test(text.replace(/^\s*#.*$/gm, '')))
    return { kind: 'inventory', inventory: readIni(text) };
  const value = yamlValue(text);
  if (!isObject(value)) return { kind: 'unreadable', why: 'it is neither YAML with groups at its top, nor INI' };
  let inventory: AnsibleInventory = new Map();
  for (const [name, group] of Object.entries(value)) inventory = merged(inventory, groupsIn(name, group));
  return { kind: 'inventory', inventory };
}

/** `group_vars/NAME.yml`; what is no map says nothing. */
export function readGroupVars(name: string, text: string): AnsibleInventory {
  const value = yamlValue(text);
  return new Map([[name, { hosts: new Map(), children: [], vars: isObject(value) ? value : {} }]]);
}

/** Tags of Ansible (`!vault`) are read as the text behind them; whose value it is nobody here wants to know. */
function yamlValue(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined; // aliases that would become more than anybody wrote
  }
}

function groupsIn(name: string, value: unknown): AnsibleInventory {
  const { hosts, children, vars } = isObject(value) ? value : { hosts: {}, children: {}, vars: {} };
  const below = isObject(children) ? Object.entries(children) : [];
  const group: Group = {
    hosts: new Map(isObject(hosts) ? Object.entries(hosts).flatMap(hostsOf) : []),
    children: below.map(([child]) => child),
    vars: isObject(vars) ? vars : {},
  };
  let all: AnsibleInventory = new Map([[name, group]]);
  for (const [child, inner] of below) all = merged(all, groupsIn(child, inner));
  return all;
}

function hostsOf([pattern, vars]: readonly [string, unknown]): readonly (readonly [string, Vars])[] {
  return hostNames(pattern).map((name) => [name, isObject(vars) ? vars : {}]);
}
