import { isIPv4, isIPv6 } from 'node:net';
import { stringValue } from '../value.ts';
import {
  type HclFunction,
  type Outcome,
  one,
  oneThenMany,
  refuse,
  stringList,
  text,
  three,
  two,
  whole,
} from './hcl-function.ts';

export const cidrFunctions: Readonly<Record<string, HclFunction>> = {
  cidrhost: two(text, whole, host),
  cidrnetmask: one(text, netmask),
  cidrsubnet: three([text, whole, whole], subnet),
  cidrsubnets: oneThenMany(text, whole, subnets),
};

interface Network {
  /** As one number, with nothing behind the prefix. */
  readonly address: bigint;
  readonly prefix: number;
  /** 32 or 128. */
  readonly bits: number;
}

const NO_NETWORK = refuse('a network such as 10.0.0.0/8 or fd00::/8 is required', 0);
/** How far one call may extend a prefix, in HCL too. */
const MOST_NEW_BITS = 32;

function networkOf(written: string): Network | undefined {
  const [, ip = '', length = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(written) ?? [];
  const prefix = Number(length);
  const bits = isIPv4(ip) ? 32 : 128;
  if (!(isIPv4(ip) || isIPv6(ip)) || prefix > bits) return undefined;
  const address = bits === 32 ? ofFour(ip) : ofSix(ip);
  const behind = BigInt(bits - prefix);
  return { address: (address >> behind) << behind, prefix, bits };
}

function host(written: string, wanted: number): Outcome {
  const network = networkOf(written);
  if (!network) return NO_NETWORK;
  const last = (1n << BigInt(network.bits - network.prefix)) - 1n;
  const offset = wanted < 0 ? last + BigInt(wanted) + 1n : BigInt(wanted);
  if (offset < 0n || offset > last) return refuse(`a prefix of ${network.prefix} has no room for host ${wanted}`, 1);
  return stringValue(ipText(network.address | offset, network.bits));
}

function netmask(written: string): Outcome {
  const network = networkOf(written);
  if (!network) return NO_NETWORK;
  const behind = BigInt(network.bits - network.prefix);
  return stringValue(
    ipText((((1n << BigInt(network.prefix)) - 1n) << behind) & ((1n << BigInt(network.bits)) - 1n), network.bits),
  );
}

function subnet(written: string, newBits: number, wanted: number): Outcome {
  const network = networkOf(written);
  if (!network) return NO_NETWORK;
  if (newBits < 0 || newBits > MOST_NEW_BITS) return refuse(`a prefix is extended by 0 to ${MOST_NEW_BITS} bits`, 1);
  const prefix = network.prefix + newBits;
  if (prefix > network.bits) return refuse(`a prefix of ${network.prefix} cannot be extended by ${newBits}`, 1);
  if (wanted < 0 || BigInt(wanted) >= 1n << BigInt(newBits))
    return refuse(`${newBits} new bits have no room for network ${wanted}`, 2);
  const address = network.address | (BigInt(wanted) << BigInt(network.bits - prefix));
  return stringValue(`${ipText(address, network.bits)}/${prefix}`);
}

/** One after the other, each at the next place where a network of its size may start. */
function subnets(written: string, allNewBits: readonly number[]): Outcome {
  const network = networkOf(written);
  if (!network) return NO_NETWORK;
  const made: string[] = [];
  let next = network.address;
  const end = network.address + (1n << BigInt(network.bits - network.prefix));
  for (const [index, newBits] of allNewBits.entries()) {
    const prefix = network.prefix + newBits;
    if (newBits < 1 || newBits > MOST_NEW_BITS)
      return refuse(`a prefix is extended by 1 to ${MOST_NEW_BITS} bits`, index + 1);
    if (prefix > network.bits)
      return refuse(`a prefix of ${network.prefix} cannot be extended by ${newBits}`, index + 1);
    const size = 1n << BigInt(network.bits - prefix);
    const start = ((next + size - 1n) / size) * size;
    if (start + size > end) return refuse(`no room is left for a network with a prefix of ${prefix}`, index + 1);
    made.push(`${ipText(start, network.bits)}/${prefix}`);
    next = start + size;
  }
  return stringList(made);
}

function ofFour(ip: string): bigint {
  return ip.split('.').reduce((all, part) => (all << 8n) | BigInt(part), 0n);
}

function ofSix(ip: string): bigint {
  const four = /[^:]+\.[^:]+$/.exec(ip)?.[0];
  const written = four
    ? ip.replace(four, `${(ofFour(four) >> 16n).toString(16)}:${(ofFour(four) & 0xffffn).toString(16)}`)
    : ip;
  const [before = '', after] = written.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].reduce(
    (all, part) => (all << 16n) | BigInt(`0x${part}`),
    0n,
  );
}

function ipText(address: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.');
  // An IPv4 address inside IPv6 is written as the former.
  if (address >> 32n === 0xffffn) return ipText(address & 0xffffffffn, 32);
  const groups = Array.from({ length: 8 }, (_, index) => (address >> BigInt(112 - index * 16)) & 0xffffn);
  const zeros = longestZeros(groups);
  const hex = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(':');
  return zeros.length < 2
    ? hex(groups)
    : `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeros(groups: readonly bigint[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0n ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  }
  return longest;
}
