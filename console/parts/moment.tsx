import type { ReactNode } from 'react';
import { useNow } from '../live/use-live.ts';
import { exactTime, relativeText } from '../words/time.ts';

/** `3 min ago`, and the exact time for the pointer that stays. */
export function Moment({ at }: { readonly at: number }): ReactNode {
  const now = useNow(5_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {relativeText(at, now)}
    </time>
  );
}
