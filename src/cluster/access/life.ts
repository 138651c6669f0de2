/** How long a certificate lives. */

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
export const LONGEST_MS = 12 * 3_600_000;
/** The cluster signs nothing shorter (`expirationSeconds` of a CertificateSigningRequest), and a clock may be off a little. */
const SHORTEST_MS = 10 * 60_000;

export type Life = { readonly kind: 'life'; readonly ms: number } | { readonly kind: 'invalid'; readonly why: string };

/** `8h`, `90m`, `1h30m`. */
export function readLife(text: string): Life {
  const parts = [...text.matchAll(/(\d{1,6})([smh])/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    return { kind: 'invalid', why: `${text} is no time: write 8h, 90m or 1h30m` };
  }
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  if (ms > LONGEST_MS) return { kind: 'invalid', why: `${text} is longer than 12h, the most that a certificate lives` };
  if (ms < SHORTEST_MS) return { kind: 'invalid', why: `${text} is shorter than 10m` };
  return { kind: 'life', ms };
}
