/**
 * Comments that stand at the end of something. Readers of YAML do not agree what they belong to, and sops binds a comment to
 * what it belongs to: so each is moved before what follows it, where all agree.
 */
import { isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { SopsTree } from './sops-tree.ts';

const KEY = 'sops';

/** Before a tree is encrypted: what is left at the end stands before the `sops` key then. Returns it. */
export function settleComments({ document, root }: SopsTree): string | undefined {
  const left = joined(settled(root), document.comment);
  document.comment = null;
  return left;
}

/** Takes the `sops` key away, and puts the comment before it to the end, where it came from. */
export function removeStamp({ document, root }: SopsTree): void {
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === KEY);
  if (pair && isNode(pair.key)) document.comment = joined(pair.key.commentBefore, document.comment) ?? null;
  root.delete(KEY);
}

/** Puts the comment before the `sops` key. */
export function commentStamp({ document, root }: SopsTree, comment: string | undefined): void {
  const pair = root.items.find(({ key }) => key === KEY || (isScalar(key) && key.value === KEY));
  if (comment === undefined || pair === undefined) return;
  const key = document.createNode(KEY);
  key.commentBefore = comment;
  pair.key = key;
}

/** What stood at the end of a node and of what is in it. */
function settled(node: unknown): string | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined;
  const members: readonly { readonly front: unknown; readonly content: unknown }[] = isMap(node)
    ? node.items.map(({ key, value }) => ({ front: key, content: value }))
    : node.items.map((item) => ({ front: item, content: item }));
  let waiting: string | undefined;
  for (const { front, content } of members) {
    if (waiting !== undefined && isNode(front)) front.commentBefore = joined(waiting, front.commentBefore) ?? null;
    waiting = settled(content);
  }
  const last = joined(waiting, node.comment);
  if (last !== undefined) node.comment = null;
  return last;
}

function joined(first: Node['comment'] | undefined, second: Node['comment'] | undefined): string | undefined {
  const both = [first, second].flatMap((comment) => comment || []);
  return both.length === 0 ? undefined : both.join('\n');
}
