/** Addresses and networks in expressions (k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go, read in 0.36). */
import { isIPv4, isIPv6 } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';

class Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
  constructor(family: 4 | 6, bits: bigint) {
    this.family = family;
    this.bits = bits;
  }
}

class Network {
  readonly address: Address;
  readonly prefix: number;
  constructor(address: Address, prefix: number) {
    this.address = address;
    this.prefix = prefix;
  }
}

/** The names `ip` and `ip.isCanonical` live side by side. */
class Namespace {}

const IP = 'net.IP';
const CIDR = 'net.CIDR';

export function addresses(environment: Environment): Environment {
  const withTypes = environment
    .registerType(IP, { ctor: Address, fields: {} })
    .registerType(CIDR, { ctor: Network, fields: {} })
    .registerType('net.ip', { ctor: Namespace, fields: {} })
    .registerConstant('ip', 'net.ip', new Namespace());
  return networkFunctions(addressFunctions(withTypes));
}

function addressFunctions(environment: Environment): Environment {
  const { isUnspecified, isLoopback, isLinkLocalMulticast, isLinkLocalUnicast } = scopes;
  return environment
    .registerFunction(`ip(string): ${IP}`, (text: string) => needAddress(text))
    .registerFunction('isIP(string): bool', (text: string) => readAddress(text) !== undefined)
    .registerFunction('net.ip.isCanonical(string): bool', (_: Namespace, text: string) => {
      return formatAddress(needAddress(text)) === text;
    })
    .registerFunction(`${IP}.family(): int`, ({ family }: Address) => BigInt(family))
    .registerFunction(`${IP}.isUnspecified(): bool`, isUnspecified)
    .registerFunction(`${IP}.isLoopback(): bool`, isLoopback)
    .registerFunction(`${IP}.isLinkLocalMulticast(): bool`, isLinkLocalMulticast)
    .registerFunction(`${IP}.isLinkLocalUnicast(): bool`, isLinkLocalUnicast)
    .registerFunction(`${IP}.isGlobalUnicast(): bool`, scopes.isGlobalUnicast)
    .registerFunction(`string(${IP}): string`, formatAddress)
    .registerOperator(`${IP} == ${IP}`, sameAddress);
}

function networkFunctions(environment: Environment): Environment {
  return environment
    .registerFunction(`cidr(string): ${CIDR}`, (text: string) => needNetwork(text))
    .registerFunction('isCIDR(string): bool', (text: string) => readNetwork(text) !== undefined)
    .registerFunction(`${CIDR}.containsIP(string): bool`, (net: Network, text: string) => {
      return contains(net, needAddress(text));
    })
    .registerFunction(`${CIDR}.containsIP(${IP}): bool`, contains)
    .registerFunction(`${CIDR}.containsCIDR(string): bool`, (net: Network, text: string) => {
      return containsNetwork(net, needNetwork(text));
    })
    .registerFunction(`${CIDR}.containsCIDR(${CIDR}): bool`, containsNetwork)
    .registerFunction(`${CIDR}.ip(): ${IP}`, ({ address }: Network) => address)
    .registerFunction(`${CIDR}.masked(): ${CIDR}`, masked)
    .registerFunction(`${CIDR}.prefixLength(): int`, ({ prefix }: Network) => BigInt(prefix))
    .registerFunction(`string(${CIDR}): string`, ({ address, prefix }: Network) => {
      return `${formatAddress(address)}/${prefix}`;
    })
    .registerOperator(`${CIDR} == ${CIDR}`, (a: Network, b: Network) => {
      return a.prefix === b.prefix && sameAddress(a.address, b.address);
    });
}

function needAddress(text: string): Address {
  const address = readAddress(text);
  if (!address) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return address;
}

function needNetwork(text: string): Network {
  const network = readNetwork(text);
  if (!network) throw new Error(`network address parse error during conversion from string: ${text}`);
  return network;
}

/** Neither zones nor IPv4 in IPv6's clothes. */
function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) {
    return new Address(
      4,
      text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
    );
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const address = new Address(6, bitsOf(text));
  return address.bits >> 32n === 0xffffn ? undefined : address;
}

function bitsOf(text: string): bigint {
  const [head = '', tail] = plain(text).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((bits, part) => (bits << 16n) | BigInt(`0x${part}`), 0n);
}

/** The last 32 bits can be written as IPv4. */
function plain(text: string): string {
  const last = text.slice(text.lastIndexOf(':') + 1);
  if (!last.includes('.')) return text;
  const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number);
  return `${text.slice(0, -last.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** The one way of writing it: the longest run of zeros, of two at least, left out. */
function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const parts = Array.from({ length: 8 }, (_, index) => (bits >> BigInt(112 - 16 * index)) & 0xffffn);
  const texts = parts.map((part) => part.toString(16));
  const runs = [...texts.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce((best, run) => (run[0].length > best.length ? run[0] : best), '');
  const whole = texts.join(':');
  if (longest === '') return whole;
  const at = runs.find((run) => run[0] === longest)?.index ?? 0;
  const [before, after] = [whole.slice(0, at).replace(/:$/, ''), whole.slice(at + longest.length).replace(/^:/, '')];
  return `${before}::${after}`;
}

function readNetwork(text: string): Network | undefined {
  const [head = '', length = '', ...more] = text.split('/');
  const address = readAddress(head);
  if (!address || more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  return Number(length) <= widthOf(address) ? new Network(address, Number(length)) : undefined;
}

function widthOf({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

function masked({ address, prefix }: Network): Network {
  const shift = BigInt(widthOf(address) - prefix);
  return new Network(new Address(address.family, (address.bits >> shift) << shift), prefix);
}

function contains(network: Network, address: Address): boolean {
  if (network.address.family !== address.family) return false;
  return sameAddress(masked(network).address, masked(new Network(address, network.prefix)).address);
}

function containsNetwork(outer: Network, inner: Network): boolean {
  return contains(outer, inner.address) && outer.prefix <= inner.prefix;
}

function sameAddress(left: Address, right: Address): boolean {
  return left.family === right.family && left.bits === right.bits;
}

function within(address: Address, network: string): boolean {
  return contains(needNetwork(network), address);
}

const scopes = {
  isUnspecified: (address: Address): boolean => address.bits === 0n,
  isLoopback: (address: Address): boolean => within(address, '127.0.0.0/8') || within(address, '::1/128'),
  isLinkLocalMulticast: (address: Address): boolean => within(address, '224.0.0.0/24') || within(address, 'ff02::/16'),
  isLinkLocalUnicast: (address: Address): boolean => within(address, '169.254.0.0/16') || within(address, 'fe80::/10'),
  isGlobalUnicast: (address: Address): boolean =>
    address.bits !== 0n &&
    !['127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10', '255.255.255.255/32'].some(
      (network) => within(address, network),
    ),
};
