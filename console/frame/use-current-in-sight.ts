import { useEffect } from 'react';

/** On a phone the bar of the screens is wider than its place: the one that is shown is moved to where it is seen. */
export function useCurrentInSight(path: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path, another entry
  useEffect(() => {
    const current = document.querySelector('.rail [aria-current]');
    current?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [path]);
}
