import type { ReactNode } from 'react';
import { useLive, useNow } from '../live/use-live.ts';
import { durationText, exactTime } from '../words/time.ts';

/** Said as long as what is shown is not what is. */
export function Band(): ReactNode {
  const { link } = useLive();
  switch (link.kind) {
    case 'opening':
    case 'live':
      return null;
    case 'lost':
      return <LostBand since={link.since} />;
    case 'signed out':
      return (
        <div className="band" role="alert">
          <strong>Signed out.</strong> The token is not valid any more. <a href={location.pathname}>Sign in again</a>
        </div>
      );
    default:
      return link satisfies never;
  }
}

function LostBand({ since }: { readonly since: number }): ReactNode {
  const { aheadMs } = useLive();
  const ago = useNow() - aheadMs - since;
  return (
    <div className="band" role="alert">
      <strong>Connection lost.</strong> What you see is from{' '}
      <time title={exactTime(since)}>{durationText(Math.max(0, ago))} ago</time>; nothing can be changed until the
      operator answers. This page tries again by itself.
    </div>
  );
}
