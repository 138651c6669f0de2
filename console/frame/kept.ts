/** What this browser remembers between visits. A browser that keeps nothing gets the usual. */

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`larder.${name}`) ?? undefined;
  } catch {
    return undefined; // storage is switched off
  }
}

export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`larder.${name}`);
    else localStorage.setItem(`larder.${name}`, value);
  } catch {
    // storage is switched off or full: it counts for this visit only
  }
}
