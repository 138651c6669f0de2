/** An inventory of Ansible in its own form of INI. */
import { type AnsibleInventory, hostNames, merged, type Vars } from './ansible-inventory.ts';

export function readIni(text: string): AnsibleInventory {
  let inventory: AnsibleInventory = new Map();
  let section = 'ungrouped';
  for (const line of text.split('\n').map(withoutComment)) {
    const [, header] = /^\[([^\]]+)\]$/.exec(line) ?? [];
    if (header !== undefined) section = header.trim();
    else if (line !== '') inventory = merged(inventory, inSection(section, line));
  }
  return inventory;
}

/** `#` and `;` begin one at the start of a line, and behind a space. */
function withoutComment(line: string): string {
  return line.replace(/(^|\s)[#;].*$/, '').trim();
}

function inSection(section: string, line: string): AnsibleInventory {
  const [group = '', kind] = section.split(':');
  if (kind === 'children') return new Map([[group, { hosts: new Map(), children: [line], vars: {} }]]);
  if (kind === 'vars') return new Map([[group, { hosts: new Map(), children: [], vars: assignment(line) }]]);
  const [pattern = '', ...words] = wordsOf(line);
  const vars: Vars = Object.assign({}, ...words.map(assignment));
  const hosts = new Map(hostNames(pattern).map((name) => [name, vars]));
  return new Map([[group, { hosts, children: [], vars: {} }]]);
}

function wordsOf(line: string): readonly string[] {
  return line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
}

function assignment(text: string): Vars {
  const [, name, value = ''] = /^\s*([\w.-]+)\s*=\s*(.*)$/s.exec(text) ?? [];
  return name === undefined ? {} : { [name]: value.trim().replace(/^(["'])(.*)\1$/s, '$2') };
}
