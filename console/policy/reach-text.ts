/** For how many claims of its namespace a policy is, and how many of them that changes. Pure. */
import type { PolicyPreview } from '../../src/operator/policies/policy-api.ts';

export type Reach = Pick<PolicyPreview, 'matched' | 'joining' | 'leaving' | 'claims'>;

/** `It is for 3 of 12 claims of shop: 1 joins, 2 leave.`, `It is for the only claim of shop, which joins.` */
export function reachText(reach: Reach, namespace: string): string {
  const { matched, claims } = reach;
  if (claims === 0) return `There is no claim in ${namespace}.`;
  if (claims === 1) return `It is ${matched === 0 ? 'not ' : ''}for the only claim of ${namespace}${onlyTurn(reach)}.`;
  const many = claims.toLocaleString();
  const of = matched === 0 ? 'none of the' : matched === claims ? 'all' : `${matched.toLocaleString()} of`;
  const turns = [...turn(reach.joining, reach, ['joins', 'join']), ...turn(reach.leaving, reach, ['leaves', 'leave'])];
  return `It is for ${of} ${many} claims of ${namespace}${turns.length === 0 ? '' : `: ${turns.join(', ')}`}.`;
}

function onlyTurn({ joining, leaving }: Reach): string {
  if (joining > 0) return ', which joins';
  return leaving > 0 ? ', which leaves' : '';
}

function turn(count: number, { claims }: Reach, [one, several]: readonly [string, string]): readonly string[] {
  if (count === 0) return [];
  return [count === claims ? `all ${several}` : `${count.toLocaleString()} ${count === 1 ? one : several}`];
}
