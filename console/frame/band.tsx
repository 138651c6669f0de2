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
      return <LostBand since={link.since} why={link.why} />;
    case 'signed out':
      return (
        <div className="band" role="alert">
          <strong>Signed out.</strong> The session is over, or the token is not valid any more. What you see is from
          before. <a href={`${location.pathname}${location.search}`}>Sign in again</a>
        </div>
      );
    default:
      return link satisfies never;
  }
}

interface LostProperties {
  readonly since: number;
  readonly why: string;
}

function LostBand({ since, why }: LostProperties): ReactNode {
  const { aheadMs } = useLive();
  const ago = useNow() - aheadMs - since;
  return (
    <div className="band" role="alert">
      <strong>Connection lost.</strong> What you see is from{' '}
      <time title={exactTime(since)}>{durationText(Math.max(0, ago))} ago</time>; nothing can be changed until the
      operator answers. This page tries again by itself.
      {why !== '' && <span className="said">The operator says: {why}</span>}
    </div>
  );
}
