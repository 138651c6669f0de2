/** How many claims a group has, and what size it gives them, in sentences. Pure. */
import type { GroupPreview } from '../../src/operator/policies/group-api.ts';
import { sizeText } from '../words/size.ts';

/** `It has 3 claims: 1 joins, 2 leave.` */
export function groupText({ members, joining, leaving }: GroupPreview): string {
  const turns = [...turn(joining, 'joins', 'join'), ...turn(leaving, 'leaves', 'leave')];
  const many = members === 0 ? 'no claim' : members === 1 ? '1 claim' : `${members.toLocaleString()} claims`;
  return `It has ${many}${turns.length === 0 ? '' : `: ${turns.join(', ')}`}.`;
}

function turn(count: number, one: string, several: string): readonly string[] {
  return count === 0 ? [] : [`${count.toLocaleString()} ${count === 1 ? one : several}`];
}

/** `Each would have 40 Gi at least; now 20 Gi.` */
export function sharedText({ members, presentBytes, proposedBytes }: GroupPreview): string {
  if (members === 0) return '';
  if (proposedBytes === '') return 'Each has the size that it needs by itself.';
  if (presentBytes === proposedBytes) return `Each has ${sizeText(proposedBytes)} at least.`;
  const now = presentBytes === '' ? 'now each goes by itself' : `now ${sizeText(presentBytes)}`;
  return `Each would have ${sizeText(proposedBytes)} at least; ${now}.`;
}
