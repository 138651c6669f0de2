/** By which event people hear of a gate that says no; and of each gate without one, why it has none. */
import type { GateName } from '../decision.ts';
import type { EventReason } from '../registry.ts';

export type GateEvent =
  /** A claim that the gate blocks gets this event, with the reason of the gate. */
  | { readonly kind: 'blocked'; readonly event: EventReason }
  /** What follows from it has events of its own (notices.ts). */
  | { readonly kind: 'follows'; readonly events: readonly EventReason[] }
  | { readonly kind: 'none' /** A sentence. */; readonly why: string };

const blocked = (event: EventReason): GateEvent => ({ kind: 'blocked', event });
const follows = (...events: readonly EventReason[]): GateEvent => ({ kind: 'follows', events });
const none = (why: string): GateEvent => ({ kind: 'none', why });

const REPORTS = 'It decides nothing alone: another trigger may be reached.';

export const gateEvents: Readonly<Record<GateName, GateEvent>> = {
  configuration: follows('InvalidConfiguration'),
  managed: none('Nobody asked Larder about this claim: an event on each of them would be noise.'),
  bound: none(
    'What keeps it from being bound is told by whoever provisions it, and a claim without a volume cannot fill.',
  ),
  volume: blocked('NotExpandable'),
  pause: none(
    'Who paused it knows: the annotation or setting is the record, and the list shows the claim as `paused`.',
  ),
  progress: follows('ExpansionFailed', 'ExpansionInfeasible', 'ExpansionStuck'),
  expandable: blocked('NotExpandable'),
  sample: none(
    'Most gaps pass by themselves. When it lasts, `pvc_chonker_pvc_unhealthy_total` rises, and a node that gives no measurements has its own metric and alert.',
  ),
  effective: follows('ExpansionIneffective'),
  storage: none(REPORTS),
  inodes: none(`${REPORTS} That it stopped for good is said once, by \`ExpansionIneffective\`.`),
  'full-within': none(REPORTS),
  floor: none('It decides nothing alone: the claim is as large as it should be.'),
  breaches: none('The claim has room: there is nothing to tell.'),
  size: follows('MaxSizeReached'),
  quota: blocked('QuotaWouldBeExceeded'),
  // The export is the largest size that there is, until somebody frees space on it.
  export: blocked('MaxSizeReached'),
  'limit-range': blocked('MaxSizeReached'),
  'storage-capacity': blocked('MaxSizeReached'),
  approval: blocked('ApprovalRequired'),
  'namespace-budget': blocked('BudgetExceeded'),
  'cluster-budget': blocked('BudgetExceeded'),
  'expansions-per-day': blocked('BudgetExceeded'),
  cooldown: none(
    'It ends by itself, and the growth that began it had its event. `pvc_chonker_cooldown_until_seconds` has the time.',
  ),
  'provider-window': none('It ends by itself, like a cooldown; `larder explain` has the time.'),
  'foreign-writer': follows('ForeignWriter'),
  window: blocked('WaitsForWindow'),
  snapshot: blocked('SnapshotRequired'),
  backup: blocked('WaitsForBackup'),
  circuit: blocked('DriverFailing'),
  'dry-run': follows('WouldExpand'),
};
