/**
 * What a decision gives a user to know, as levels: an event is written when a level is entered, not while it lasts.
 * Keys hold what makes a level another one (another ceiling, another bad value), never a number that moves by itself.
 */

import type { Claim } from './claim.ts';
import type { Decision, Verdict } from './decision.ts';
import { gateEvents } from './gate/gate-events.ts';
import { type Growth, isFloor } from './history.ts';
import { readableBytes, readableRatio } from './readable.ts';
import type { EventReason, FailureReason } from './registry.ts';
import { floorText, fullText } from './summary.ts';

export interface Notice {
  readonly key: string;
  readonly event: EventReason;
  readonly message: string;
}

const stuckEvents: Partial<Record<FailureReason, EventReason>> = {
  'driver-error': 'ExpansionFailed',
  infeasible: 'ExpansionInfeasible',
  stuck: 'ExpansionStuck',
};

export function noticesOf(decision: Decision): readonly Notice[] {
  const notices: Notice[] = [];
  const verdict = verdictNotice(decision);
  if (verdict) notices.push(verdict);
  if (decision.inodesStopped) {
    notices.push({
      key: 'ExpansionIneffective/inodes',
      event: 'ExpansionIneffective',
      message: 'growing for inodes brought none: the inode threshold is ignored from now on',
    });
  }
  return notices;
}

function verdictNotice(decision: Decision): Notice | undefined {
  const { verdict, baseBytes, targetBytes } = decision;
  switch (verdict.kind) {
    case 'WouldExpand': {
      const target = readableBytes(targetBytes ?? baseBytes);
      const message = `would grow from ${readableBytes(baseBytes)} to ${target} (${usedText(decision)}), but Larder runs dry`;
      return { key: `WouldExpand/${target}`, event: 'WouldExpand', message };
    }
    case 'AtMax': {
      const ceiling = ceilingText(decision);
      return {
        key: `MaxSizeReached/${ceiling}`,
        event: 'MaxSizeReached',
        message: `${usedText(decision)}, and ${ceiling}`,
      };
    }
    case 'Invalid': {
      const { field, value, reason, source } = verdict;
      const message = `${placeOf(verdict)} is "${value}": it ${reason}; the claim does not grow until then`;
      const key = `InvalidConfiguration/${source}/${field}/${value}`;
      return { key, event: 'InvalidConfiguration', message };
    }
    case 'Blocked': {
      const said = gateEvents[verdict.gate];
      if (said.kind !== 'blocked') return undefined;
      return { key: `${said.event}/${verdict.gate}`, event: said.event, message: verdict.reason };
    }
    case 'Stuck': {
      const event = stuckEvents[decision.failure ?? 'stuck'] ?? 'ExpansionFailed';
      return { key: event, event, message: verdict.reason };
    }
    case 'Ineffective':
      return {
        key: 'ExpansionIneffective/storage',
        event: 'ExpansionIneffective',
        message: 'the last growth completed, but the filesystem is no larger; the claim does not grow any more',
      };
    case 'Expand':
    case 'InProgress':
    case 'Hold':
    case 'CoolingDown':
    case 'NoSample':
    case 'Unmanaged':
      return undefined;
    default:
      return verdict satisfies never;
  }
}

/** As a person finds it: an annotation of the claim or of what it stands on, or a field of an object of ours. */
function placeOf({ field, source }: Extract<Verdict, { readonly kind: 'Invalid' }>): string {
  if (field.startsWith('spec.')) return `${field} of ${source}`;
  const name = `pvc-chonker.io/${field}`;
  return source === 'annotation' ? name : `${name} of ${source}`;
}

function usedText(decision: Decision): string {
  const { fill, trigger } = decision;
  if (isFloor(trigger)) return floorText(decision);
  if (!fill) return 'not measured';
  if (trigger === 'inodes' && fill.inodesRatio !== undefined)
    return `${readableRatio(fill.inodesRatio)} of the inodes used`;
  return trigger === 'full-within'
    ? `${readableRatio(fill.ratio)} used, ${fullText(decision)}`
    : `${readableRatio(fill.ratio)} used`;
}

function ceilingText({ gates }: Decision): string {
  const ceiling = gates.find(({ name }) => name === 'size')?.compared.find(({ what }) => what === 'ceiling');
  if (ceiling?.unit !== 'bytes') return 'no larger size is allowed';
  return `the largest allowed size is ${readableBytes(ceiling.value)} (${ceiling.source})`;
}

/** The request is below what Larder wrote, and the history on the claim shows that it was written. */
export function foreignNotice({ requestBytes }: Claim, growth: Growth | undefined): Notice | undefined {
  if (!growth || requestBytes >= growth.toBytes) return undefined;
  const message = `someone lowered the request from ${readableBytes(growth.toBytes)} to ${readableBytes(requestBytes)}`;
  return { key: `ForeignWriter/${growth.toBytes}`, event: 'ForeignWriter', message };
}
