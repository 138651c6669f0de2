/** Without a language in its environment Chromium calls its own `en-US@posix`, which Intl refuses, and with it the chart. */
export function correctLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  }
}
