/** What the status of a PVCGroup says: its members, their size, when they grew, whom it may not have. Pure. */
import { type ConditionState, timeOf, withCondition } from '../../kube/condition.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import { sameJson } from '../../kube/patch.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import { EXPANSION_HISTORY_LIMIT, type GroupExpansion, type PVCGroup, type PVCGroupStatus } from '../api/pvc-group.ts';
import { parseHistory, type Trigger } from '../history.ts';
import { larger } from '../portion.ts';
import { GRANT, leads } from './belonging.ts';
import { brokenIn } from './group.ts';
import type { Peer, Shared } from './shared-size.ts';

export interface Muster {
  readonly members: readonly PersistentVolumeClaim[];
  readonly refused: readonly PersistentVolumeClaim[];
  /** Listed claims of the group's own namespace that are not there, by name. Of other namespaces it may not know. */
  readonly missing: readonly string[];
  readonly peers: readonly Peer[];
  /** What the members should have; undefined: each goes by itself. */
  readonly shared: Shared | undefined;
}

const LONGEST_MESSAGE = 1_000;
const SHOWN = 3;

/** The status to write; undefined when the one that is there says the same. */
export function groupStatus(group: PVCGroup, muster: Muster, now: number): PVCGroupStatus | undefined {
  const { metadata, status = {} } = group;
  const observedGeneration = metadata.generation ?? 0;
  const expansionHistory = expansionsOf(muster.members);
  const states = [readyState(group, muster), refusedState(group, muster)];
  const conditions = states.reduce(
    (list, state) => withCondition(list, { ...state, observedGeneration }, now),
    status.conditions ?? [],
  );
  const bytes = muster.shared?.bytes ?? muster.peers.reduce((most, peer) => larger(most, peer.bytes), 0n);
  const lastExpansion = expansionHistory.at(-1)?.timestamp;
  const wanted = {
    memberCount: muster.members.length,
    ...(bytes > 0n ? { currentSize: formatQuantity(bytes) } : {}),
    ...(lastExpansion === undefined ? {} : { lastExpansion }),
    ...(expansionHistory.length > 0 ? { expansionHistory } : {}),
    observedGeneration,
    conditions,
  };
  const { lastUpdated: _, ...known } = status;
  return sameJson(wanted, known) ? undefined : { ...wanted, lastUpdated: timeOf(now) };
}

/** In the words of the requirement. */
const reasons = {
  storage: 'threshold_reached',
  inodes: 'inodes_threshold_reached',
  'full-within': 'full_soon',
  group: 'group',
  initial: 'initial_size',
  manual: 'manual',
  recovery: 'recovery',
} as const satisfies Record<Trigger, string>;

/** As the claims themselves remember them, so that nothing is lost or told twice when a status is. */
function expansionsOf(members: readonly PersistentVolumeClaim[]): readonly GroupExpansion[] {
  const growths = members.flatMap(({ metadata }) => {
    const history = parseHistory(metadata.annotations);
    return history.ok ? history.value.growths : [];
  });
  const ordered = growths.toSorted((one, other) => one.at - other.at);
  return ordered.slice(-EXPANSION_HISTORY_LIMIT).map(({ at, fromBytes, toBytes, trigger }) => ({
    timestamp: timeOf(at),
    fromSize: formatQuantity(fromBytes),
    toSize: formatQuantity(toBytes),
    reason: reasons[trigger],
  }));
}

function readyState(group: PVCGroup, { members, missing }: Muster): ConditionState {
  const fields = Object.values(group.spec.template.fields).flatMap((field) =>
    field && !field.ok ? [`${field.key ?? 'spec.template'} is ${field.text}: it ${field.reason}`] : [],
  );
  const problems = [...brokenIn(group).map(({ field, reason }) => `${field} ${reason}`), ...fields];
  if (problems.length > 0) {
    const message = `${problems.join('; ')}. Its members do not grow until that is corrected.`;
    return {
      type: 'Ready',
      status: 'False',
      reason: 'InvalidConfiguration',
      message: message.slice(0, LONGEST_MESSAGE),
    };
  }
  const misplaced = group.spec.misplacedStatus ? ' The status inside its spec has no effect and can be taken out.' : '';
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
  const absent = missing.length === 0 ? '' : ` Listed, but not there: ${missing.slice(0, SHOWN).join(', ')}${more}.`;
  const told = `${absent}${misplaced}`;
  if (members.length === 0) {
    const message = `No claim belongs to it: nothing names it, is listed or selected.${told}`;
    return { type: 'Ready', status: 'True', reason: 'NoMembers', message };
  }
  return { type: 'Ready', status: 'True', reason: 'Valid', message: `Its members are sized together.${told}` };
}

/** Names what the owner of the other namespace has to say for it. */
function refusedState(group: PVCGroup, { refused }: Muster): ConditionState {
  const { metadata } = group;
  const type = 'MembersRefused';
  if (refused.length === 0) {
    return { type, status: 'False', reason: 'AllGranted', message: 'Every namespace lets it have its members.' };
  }
  // Whoever made up a group with the name that others use is not told who they are.
  const listed = refused.filter((claim) => leads(claim, group));
  if (listed.length === 0) {
    const message = `Claims of other namespaces name this group (${refused.length}), and their namespaces do not let it have them. Whoever owns them sees with larder explain how it can.`;
    return { type, status: 'True', reason: 'NotGranted', message };
  }
  const names = listed.slice(0, SHOWN).map((claim) => keyOf(claim.metadata));
  const more = refused.length > SHOWN ? ` and ${refused.length - SHOWN} more` : '';
  const namespaces = [...new Set(listed.map((claim) => claim.metadata.namespace ?? ''))].slice(0, SHOWN);
  const commands = namespaces.map((each) => `kubectl annotate namespace ${each} ${GRANT}=${metadata.namespace ?? ''}`);
  const message = `${names.join(', ')}${more}: their namespace does not let this group have them. Whoever owns it can, with ${commands.join('; ')}`;
  return { type, status: 'True', reason: 'NotGranted', message: message.slice(0, LONGEST_MESSAGE) };
}
