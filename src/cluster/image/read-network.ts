/** The network of a node, from what a person says about it. */
import { contains, parseAddress, parseRange } from '../spec/address.ts';
import type { Network } from './first-boot.ts';

export type ReadNetwork =
  | { readonly kind: 'network'; readonly network: Extract<Network, { kind: 'static' }> }
  | { readonly kind: 'invalid'; readonly why: string };

/** `gateway`: `192.168.1.1/24`. Without name servers the gateway is one. */
export function readNetwork(address: string, gateway: string, nameservers: readonly string[] = []): ReadNetwork {
  const [router = '', prefix = ''] = gateway.split('/');
  const [range, node, via] = [parseRange(gateway), parseAddress(address), parseAddress(router)];
  if (range === undefined || via === undefined) {
    return { kind: 'invalid', why: `${gateway} is no router with the length of its network, as 192.168.1.1/24` };
  }
  if (node === undefined || !contains(range, node)) {
    return {
      kind: 'invalid',
      why: `${address} does not lie in the network of ${gateway}: the node would reach nobody`,
    };
  }
  if (node.value === via.value) return { kind: 'invalid', why: `${address} is the address of the router itself` };
  const wrong = nameservers.find((each) => parseAddress(each) === undefined);
  if (wrong !== undefined) return { kind: 'invalid', why: `${wrong} is no address of a name server` };
  const servers = nameservers.length === 0 ? [router] : nameservers;
  return {
    kind: 'network',
    network: { kind: 'static', gateway: router, prefixLength: Number(prefix), nameservers: servers },
  };
}
