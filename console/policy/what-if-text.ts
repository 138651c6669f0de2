/** What came of a what-if, in sentences. Pure. */
import type { Fared, WhatIfAnswer, WhatIfTotal } from '../../src/operator/policies/policy-api.ts';
import { sizeText } from '../words/size.ts';
import { durationText } from '../words/time.ts';

/** `In the last 30 days this would have grown 14 volumes by 320 Gi.` */
export function whatIfText({ from, to, proposed, played, cut }: WhatIfAnswer): string {
  const span = durationText(to - from)
    .replace(/^1 d$/, 'day')
    .replace(/ d$/, ' days')
    .replace(/^1 h$/, 'hour');
  if (played === 0 && cut !== '') return `Of the last ${span} nothing can be said.`;
  if (played === 0) return `In the last ${span} nothing was measured of its claims, so nothing can be said.`;
  return `In the last ${span} this would have grown ${grownText(proposed)}.`;
}

/** `14 volumes by 320 Gi, in 18 steps` */
function grownText({ grown, grownBytes, growths }: WhatIfTotal): string {
  if (grown === 0) return 'no volume';
  const steps = growths === grown ? '' : `, in ${growths.toLocaleString()} steps`;
  return `${grown.toLocaleString()} ${grown === 1 ? 'volume' : 'volumes'} by ${sizeText(grownBytes)}${steps}`;
}

/** What the settings that count now would have done, to compare. */
export function presentText(answer: WhatIfAnswer): string {
  const { present, proposed } = answer;
  const same = JSON.stringify(present) === JSON.stringify(proposed);
  return same ? 'The settings of now would have done the same.' : `The settings of now: ${grownText(present)}.`;
}

export function fullText({ present, proposed, played }: WhatIfAnswer): string {
  if (played === 0) return '';
  const then =
    proposed.everFull === 0
      ? 'None would have been full'
      : `${proposed.everFull} would have been full, ${lasting(proposed)} in all`;
  if (present.everFull === 0 && proposed.everFull === 0) return `${then}.`;
  const now = present.everFull === 0 ? 'none' : `${present.everFull}, ${lasting(present)} in all`;
  return `${then}; with the settings of now ${now}.`;
}

function lasting({ fullMs }: Pick<Fared, 'fullMs'>): string {
  return fullMs === 0 ? '—' : durationText(fullMs);
}

/** Two figures where they differ. */
export function turned(present: string, proposed: string): string {
  return present === proposed ? proposed : `${present} → ${proposed}`;
}

export function fullFor(fared: Pick<Fared, 'fullMs'>): string {
  return lasting(fared);
}

export function costText(cost: number | undefined): string {
  return cost === undefined ? '—' : cost.toFixed(2);
}
