import { type ReactNode, useEffect, useState } from 'react';

const SOON_MS = 300;
const LONG_MS = 5_000;

/** Nothing at first, then rows without content, then what is waited for. */
export function Waiting({ what }: { readonly what: string }): ReactNode {
  const [phase, setPhase] = useState<'fresh' | 'soon' | 'long'>('fresh');
  useEffect(() => {
    const timers = [setTimeout(() => setPhase('soon'), SOON_MS), setTimeout(() => setPhase('long'), LONG_MS)];
    return () => timers.forEach((timer) => void clearTimeout(timer));
  }, []);
  if (phase === 'fresh') return null;
  return (
    <div className="waiting" aria-live="polite">
      <span className="skeleton" />
      <span className="skeleton" />
      <span className="skeleton" />
      <p className="quiet">{phase === 'long' ? `Still waiting for ${what}.` : ''}</p>
    </div>
  );
}
