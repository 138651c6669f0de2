import { useEffect } from 'react';
import { goBack } from './use-route.ts';

/** Escape leads back to where one came from, else to `above`; a dialog and a field keep it for themselves. */
export function useEscape(above: string): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      if (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      goBack(above);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [above]);
}
