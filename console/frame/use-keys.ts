import { useEffect } from 'react';
import { screens } from './screens.ts';
import { go } from './use-route.ts';

export interface KeyActions {
  readonly openPalette: () => void;
  readonly openKeys: () => void;
}

/** So long the second letter of `g v` may take. */
const SECOND_MS = 1_500;

/** Letters mean something only where nobody is writing, and no dialog is open. */
function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return (
    target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
  );
}

/** The keys that count everywhere; `j k enter esc` belong to the tables. */
export function useKeys({ openPalette, openKeys }: KeyActions): void {
  useEffect(() => {
    let goAt = 0;
    const plain: Readonly<Record<string, () => void>> = {
      '/': () => document.querySelector<HTMLInputElement>('[data-filter]')?.focus(),
      '?': openKeys,
      g: () => {
        goAt = Date.now();
      },
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const screen = Date.now() - goAt < SECOND_MS ? screens.find(({ key }) => key === event.key) : undefined;
      const act = screen ? () => go(screen.path) : Object.hasOwn(plain, event.key) ? plain[event.key] : undefined;
      if (!act) return;
      if (screen) goAt = 0;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [openPalette, openKeys]);
}
