import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Live, LiveStore } from './live.ts';

const empty: LiveStore = {
  read: () => {
    throw new Error('the page has no live store');
  },
  subscribe: () => () => undefined,
};

export const LiveContext = createContext<LiveStore>(empty);

export function useLive(): Live {
  const store = useContext(LiveContext);
  return useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.read(),
  );
}

/** Nothing may be changed while it is not known how things are. */
export function useIsLive(): boolean {
  return useLive().link.kind === 'live';
}

/** The present by the operator's clock, epoch ms; renders anew every `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const { aheadMs } = useLive();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + aheadMs;
}
