/** What one part of the scan saw: nothing found means nothing unless it says how much it looked at. */
export type Scanned =
  | { readonly kind: 'checked'; readonly what: string; readonly seen: number; readonly findings: readonly string[] }
  /** It could not look, and says why. */
  | { readonly kind: 'unchecked'; readonly what: string; readonly reason: string };

export const checked = (what: string, seen: number, findings: readonly string[]): Scanned =>
  seen > 0 || findings.length > 0
    ? { kind: 'checked', what, seen, findings }
    : { kind: 'checked', what, seen, findings: ['looked at nothing'] };
