/** Whether a resize runs, failed or rests (rule 3), read from the claim's status alone. */
import type { Condition } from '../kube/kinds.ts';
import type { Claim } from './claim.ts';
import type { Growth } from './history.ts';
import { parseTime } from './history.ts';

export type Progress =
  | { readonly kind: 'settled' }
  | {
      readonly kind: 'moving' /** Epoch ms of the last sign of progress. */;
      readonly since: number;
      readonly what: string;
      /** The node's part is what is missing: it needs a pod that mounts the claim. */
      readonly onNode: boolean;
    }
  | {
      readonly kind: 'failed';
      readonly since: number;
      /** The driver's own words where it gave some. */
      readonly reason: string;
      readonly failure: 'driver-error' | 'infeasible';
    };

/** What is known about the present movement from elsewhere. */
export interface Sighting {
  /** The newest growth that Larder asked for. */
  readonly growth: Growth | undefined;
  /** Epoch ms at which this movement was first seen; undefined = just now. */
  readonly seenAt: number | undefined;
  readonly now: number;
}

const MOVING = ['Resizing', 'FileSystemResizePending', 'ModifyingVolume'];
const ERRORS = ['ControllerResizeError', 'NodeResizeError'];

export function progressOf(claim: Claim, sighting: Sighting): Progress {
  const { resizeStatus, requestBytes, capacityBytes } = claim;
  const wanting = requestBytes > capacityBytes;
  const errorWords = claim.conditions.find(({ type, status }) => status === 'True' && ERRORS.includes(type));
  if (resizeStatus.endsWith('Infeasible')) {
    return failed('infeasible', `${resizeStatus}: ${messageOf(errorWords)}`, sinceOf(claim, errorWords, sighting));
  }
  // A leftover error condition on a claim that has what it asked for is history, not a failure.
  if (wanting && (errorWords || resizeStatus.endsWith('Failed'))) {
    const name = errorWords?.type ?? resizeStatus;
    return failed('driver-error', `${name}: ${messageOf(errorWords)}`, sinceOf(claim, errorWords, sighting));
  }
  const running = claim.conditions.find(({ type, status }) => status === 'True' && MOVING.includes(type));
  const onNode = resizeStatus.startsWith('NodeResize') || running?.type === 'FileSystemResizePending';
  if (running)
    return { kind: 'moving', since: sinceOf(claim, running, sighting), what: conditionText(running), onNode };
  if (resizeStatus !== '' && !resizeStatus.endsWith('Failed')) {
    return { kind: 'moving', since: sinceOf(claim, undefined, sighting), what: resizeStatus, onNode };
  }
  if (wanting && capacityBytes > 0n) {
    return {
      kind: 'moving',
      since: sinceOf(claim, undefined, sighting),
      what: 'the request is above the capacity',
      onNode,
    };
  }
  return { kind: 'settled' };
}

function failed(failure: 'driver-error' | 'infeasible', reason: string, since: number): Progress {
  return { kind: 'failed', failure, reason, since };
}

/** The newest sign that something moved: the condition's change, else our own request, else when it was first seen. */
function sinceOf(claim: Claim, condition: Condition | undefined, { growth, seenAt, now }: Sighting): number {
  const changed = condition?.lastTransitionTime === undefined ? undefined : parseTime(condition.lastTransitionTime);
  const asked = growth?.toBytes === claim.requestBytes ? growth.at : undefined;
  const known = [changed?.ok ? changed.value : undefined, asked].filter((at) => at !== undefined);
  return known.length > 0 ? Math.max(...known) : (seenAt ?? now);
}

function conditionText(condition: Condition): string {
  return condition.message ? `${condition.type}: ${condition.message}` : condition.type;
}

function messageOf(condition: Condition | undefined): string {
  return condition?.message || 'the driver gave no message';
}
