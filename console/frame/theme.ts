import { keep, kept } from './kept.ts';

const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export function keptTheme(): Theme {
  return themes.find((theme) => theme === kept('theme')) ?? 'system';
}

/** `system` follows the browser. */
export function showTheme(theme: Theme): void {
  keep('theme', theme === 'system' ? undefined : theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** What one click makes of it: always the other of what is seen. */
export function otherTheme(): Theme {
  const shown = document.documentElement.dataset['theme'];
  const dark = shown === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : shown === 'dark';
  return dark ? 'light' : 'dark';
}
