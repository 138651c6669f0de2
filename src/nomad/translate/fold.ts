/** Names of Kubernetes made from names of Nomad, which may hold nearly anything. */

/** DNS-1123 label: what names of Services and label values of ours must be. */
const LONGEST = 63;

/**
 * Lower case, everything else a dash, at most `longest` characters. Different names may fold into one: whoever makes
 * names looks for that, and refuses with both.
 */
export function fold(name: string, longest = LONGEST): string {
  const folded = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, longest)
    .replace(/-+$/, '');
  return folded === '' ? 'unnamed' : folded;
}

/** Names of Services begin with a letter (RFC 1035). */
export function foldService(name: string): string {
  const folded = fold(name);
  return /^[a-z]/.test(folded) ? folded : fold(`s-${folded}`);
}

/** Names of ports are at most 15 characters with a letter in them (RFC 6335). */
export function foldPort(label: string): string {
  const folded = fold(label, 15);
  return /[a-z]/.test(folded) ? folded : fold(`p-${folded}`, 15);
}
