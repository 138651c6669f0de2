import { useEffect } from 'react';
import { goBack } from '../frame/use-route.ts';

interface Properties {
  /** The chosen row; -1: none yet. */
  readonly at: number;
  readonly setAt: (at: number) => void;
  readonly count: number;
  readonly open: (at: number) => void;
}

function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName);
}

/** `j k enter esc`, wherever the focus is but in a field, on a link or a button. */
export function useTableKeys({ at, setAt, count, open }: Properties): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
      const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (step !== 0 && !typing && !document.querySelector('dialog[open]')) {
        event.preventDefault();
        setAt(Math.max(0, Math.min(count - 1, at + step)));
      } else if (event.key === 'Enter' && at >= 0 && !isElsewhere(event.target)) open(at);
      else if (event.key === 'Escape' && !typing && !isElsewhere(event.target)) goBack('/');
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [at, setAt, count, open]);
}
