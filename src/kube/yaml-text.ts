import { stringify } from 'yaml';

export interface YamlLayout {
  /** In the order of its keys. Default: in the order in which they are there. */
  readonly sortMapEntries?: boolean;
  /** Default: true. kubectl writes lists without. */
  readonly indentSeq?: boolean;
  /** Where quotes are needed. Default: double ones. */
  readonly singleQuote?: boolean;
}

/**
 * YAML that every reader understands alike, a long line in one piece. kubectl, Ansible and cloud-init read YAML 1.1, where
 * `yes`, `12:30` and `1_000` without quotes are no texts; readers of YAML 1.2 take them with quotes just as well.
 */
export function yamlText(value: unknown, layout: YamlLayout = {}): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, ...layout, compat: 'yaml-1.1' });
}
