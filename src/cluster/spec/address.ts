/** IP addresses and ranges as numbers: whether one lies in the other is what the rules ask. */

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** An address in any of its spellings; `::ffff:192.0.2.1` is the IPv4 address that it stands for. Undefined: it is none. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** `10.42.0.0/16`, also where the address has bits below the prefix. Undefined: it is no range. */
export function parseRange(text: string): Range | undefined {
  const [base = '', prefix = '', ...rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  if (Number(prefix) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  const first = (address.value / size) * size;
  return { family: address.family, first, last: first + size - 1n };
}

export function contains(range: Range, { family, value }: Address): boolean {
  return range.family === family && range.first <= value && value <= range.last;
}

export function overlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return { family: 4, value };
}

function parseIpv6(text: string): Address | undefined {
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  const value = groups.reduce((sum, group) => sum * 65_536n + BigInt(Number.parseInt(group, 16)), 0n);
  const mapped = value >> 32n === 0xffffn;
  return mapped ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

/** Eight groups of hexadecimal digits, the `::` filled and a trailing IPv4 address made into two. */
function groupsOf(text: string): readonly string[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? undefined : parseIpv4(dotted[2] ?? '');
  if (dotted !== null && tail === undefined) return undefined;
  const plain =
    tail === undefined
      ? text
      : `${dotted?.[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`;
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  const filled = halves.length === 2 ? missing > 0 : missing === 0;
  if (!filled) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups : undefined;
}
