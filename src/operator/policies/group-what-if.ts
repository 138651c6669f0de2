/**
 * What a group would have done to its members, by the usage that was recorded of them: all of them are played together,
 * twice, under what governs them at present and under what is proposed. What is cut off says nothing: how large one is
 * depends on the others.
 */
import type { PVCGroup } from '../../expand/api/pvc-group.ts';
import { type Belonging, nobody } from '../../expand/group/belonging.ts';
import type { Prices } from '../../expand/simulate/outcome.ts';
import type { Cast, Played } from '../../expand/simulate/play.ts';
import { type Company, playGroup } from '../../expand/simulate/play-group.ts';
import { type RecordedClaim, recordedCast, recordedStage } from '../../expand/simulate/recording.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import type { Membership } from './group-reach.ts';
import type { WhatIfAnswer } from './policy-api.ts';
import type { WhatIfParts } from './what-if.ts';
import { CLAIMS_AT_MOST, resting, TIME_AT_MOST_MS, TimeIsUp } from './what-if-bounds.ts';
import { Tally } from './what-if-tally.ts';

export interface GroupSupposition {
  /** As it is stored; undefined: it is new. */
  readonly stored: PVCGroup | undefined;
  /** As it is to be; undefined: deleted. */
  readonly draft: PVCGroup | undefined;
  /** Of those that whoever asks may see. */
  readonly members: readonly Membership[];
  /** How many more there are. */
  readonly hidden: number;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly prices: Prices;
}

/** All are in memory at once. */
const MEASUREMENTS_AT_MOST = 1_000_000;
/** Who was first measured so much later than the first of them was made meanwhile. */
const LATER_MS = 6 * 3_600_000;

interface Measured {
  readonly claim: RecordedClaim;
  readonly cast: Cast;
  /** Epoch ms of the first measurement. */
  readonly since: number;
}

/** Rejects with `signal.reason`. */
export async function whatIfOfGroup(
  asked: GroupSupposition,
  parts: WhatIfParts,
  signal: AbortSignal,
): Promise<WhatIfAnswer> {
  const { recording, configuration, providers } = parts;
  const { from, to, members, stored, draft } = asked;
  const rest = resting(parts.clock, signal);
  const { head, objects, claims } = await recording.recording({ from, to }, signal);
  const byKey = new Map(members.map((member) => [keyOf(member.claim.metadata), member]));
  const chosen = claims.filter((claim) => byKey.has(keyOf(claim)));
  const tally = new Tally(asked.prices, asked);
  tally.note(...notesOf(asked));
  if (chosen.length > CLAIMS_AT_MOST) return tally.answer(chosen.length, tooLarge);
  const measured = await gather(chosen, { asked, parts, tally }, signal);
  if (!measured) return tally.answer(chosen.length, tooMany);
  tally.note(...late(measured));
  const script = {
    configuration,
    providers,
    objects,
    stage: recordedStage(head),
    cast: measured.map((each) => each.cast),
  };
  const company = (group: PVCGroup | undefined, of: (member: Membership) => Belonging): Company => ({
    group,
    belonging(claim: PersistentVolumeClaim) {
      const member = byKey.get(keyOf(claim.metadata));
      return member ? of(member) : nobody;
    },
  });
  try {
    const present = await playGroup(
      script,
      company(stored, (member) => member.present),
      rest,
    );
    const proposed = await playGroup(
      script,
      company(draft, (member) => member.proposed),
      rest,
    );
    tell(tally, measured, { present, proposed });
  } catch (failure) {
    if (failure instanceof TimeIsUp) return tally.answer(chosen.length, tooLong);
    if (!(failure instanceof TypeError)) throw failure;
    tally.note(`not played: ${failure.message}`);
  }
  return tally.answer(chosen.length, '');
}

const tooLarge = `it has more than ${CLAIMS_AT_MOST.toLocaleString('en')} members, which are too many to be played together`;
const tooMany = `its members have more than ${MEASUREMENTS_AT_MOST.toLocaleString('en')} measurements in that time: look back less far`;
const tooLong = `cut off after ${TIME_AT_MOST_MS / 1_000} s: look back less far. Its members are played together, so that of some of them nothing can be said`;

interface Gathering {
  readonly asked: GroupSupposition;
  readonly parts: WhatIfParts;
  readonly tally: Tally;
}

/** Undefined: they are too many. */
async function gather(
  claims: readonly RecordedClaim[],
  { asked, parts, tally }: Gathering,
  signal: AbortSignal,
): Promise<readonly Measured[] | undefined> {
  const measured: Measured[] = [];
  let measurements = 0;
  for (const claim of claims) {
    signal.throwIfAborted();
    const { points, notes } = await parts.recording.series(claim, asked, signal);
    tally.note(...notes);
    measurements += points.length;
    if (measurements > MEASUREMENTS_AT_MOST) return undefined;
    const [first] = points;
    if (first) measured.push({ claim, cast: recordedCast(claim, points), since: first[0] });
    else tally.unmeasured();
  }
  return measured;
}

interface Both {
  readonly present: readonly Played[];
  readonly proposed: readonly Played[];
}

function tell(tally: Tally, measured: readonly Measured[], { present, proposed }: Both): void {
  for (const [index, { claim }] of measured.entries()) {
    const [before, after] = [present[index], proposed[index]];
    if (before && after) tally.add(claim, before, after);
  }
}

/** What of it cannot be played. */
function notesOf({ members, hidden }: GroupSupposition): readonly string[] {
  const elsewhere = members.flatMap(({ was, is, present, proposed }) => [
    ...(was || !present.group ? [] : [keyOf(present.group.metadata)]),
    ...(is || !proposed.group ? [] : [keyOf(proposed.group.metadata)]),
  ]);
  const groups = [...new Set(elsewhere)];
  return [
    ...(hidden === 0
      ? []
      : [`${countText(hidden)} of namespaces that you may not see had no part in it: who leads may be among them`]),
    ...(groups.length === 0
      ? []
      : [`what comes from or goes to another group (${groups.join(', ')}) was played there without its other members`]),
  ];
}

function late(measured: readonly Measured[]): readonly string[] {
  const first = Math.min(...measured.map(({ since }) => since));
  const later = measured.filter(({ since }) => since > first + LATER_MS).length;
  if (later === 0) return [];
  return [`${countText(later)} came later than the others: played as if there from the beginning`];
}

function countText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'member' : 'members'}`;
}
