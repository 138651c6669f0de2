/** The shared configuration of AWS tools: INI files with a section for each profile. */

export type Profile = Readonly<Record<string, string>>;

const SECTION = /^\[\s*(?:profile\s+)?([^\]]+?)\s*\]\s*(?:[#;].*)?$/;
const PAIR = /^([\w.-]+)\s*=\s*(.*)$/;

/** One profile of a file; undefined when it has none of that name. Indented lines are settings of services, and not read. */
export function profileIn(text: string, name: string): Profile | undefined {
  let current: string | undefined;
  let found: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = SECTION.exec(line)?.[1];
    if (section !== undefined) current = section;
    if (current !== name) continue;
    found ??= {};
    const [, key, value = ''] = PAIR.exec(line) ?? [];
    if (key !== undefined) found[key] = value.replace(/\s+[#;].*$/, '').trim();
  }
  return found;
}
