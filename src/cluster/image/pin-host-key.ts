/** Writes a host key into cluster.yaml: one value or one part of a line changes, everything else stays as it was written. */
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';

export type Pinned =
  | { readonly kind: 'pinned'; readonly text: string }
  | { readonly kind: 'not-pinned'; readonly why: string };

/** `hostKey`: `type base64`. */
export function pinHostKey(text: string, node: string, hostKey: string): Pinned {
  const document = parseDocument(text, { keepSourceTokens: true, logLevel: 'silent' });
  const nodes = document.get('nodes', true);
  const map = isSeq(nodes) ? nodes.items.filter(isMap).find((each) => each.get('name') === node) : undefined;
  if (map === undefined) return { kind: 'not-pinned', why: `cluster.yaml has no node ${node}` };
  const ssh = map.get('ssh', true);
  if (isMap(ssh)) {
    const old = ssh.get('hostKey', true);
    if (isScalar(old)) return spliced(text, old.range, hostKey);
    return inserted(text, ssh, `hostKey: ${hostKey}`);
  }
  if (ssh !== undefined) return { kind: 'not-pinned', why: `ssh of ${node} is no map` };
  return inserted(text, map, map.flow ? `ssh: {hostKey: ${hostKey}}` : `ssh: { hostKey: ${hostKey} }`);
}

function spliced(text: string, range: readonly number[] | null | undefined, value: string): Pinned {
  const [from, to] = range ?? [];
  if (from === undefined || to === undefined) return { kind: 'not-pinned', why: 'its place in the file is not known' };
  return { kind: 'pinned', text: text.slice(0, from) + value + text.slice(to) };
}

/** In front of the first key of a map: there its indentation is known, and a brace is behind it. */
function inserted(text: string, map: YAMLMap, entry: string): Pinned {
  const [first] = map.items;
  const at = first && isScalar(first.key) ? first.key.range?.[0] : undefined;
  if (at === undefined) return { kind: 'not-pinned', why: 'its place in the file is not known' };
  if (map.flow) return { kind: 'pinned', text: `${text.slice(0, at)}${entry}, ${text.slice(at)}` };
  const column = at - (text.lastIndexOf('\n', at - 1) + 1);
  return { kind: 'pinned', text: `${text.slice(0, at)}${entry}\n${' '.repeat(column)}${text.slice(at)}` };
}
