/** Names of the nodes for a name server, and for machines that ask none. */
import { parseAddress } from '../spec/address.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { shortName } from '../spec/rules/rule.ts';

interface Name {
  readonly name: string;
  readonly address: string;
}

/** In the order of the file; a virtual address under the names of the API. */
function namesOf({ nodes, api }: ClusterSpec): readonly Name[] {
  const ofNode = ({ name, aliases, address }: NodeSpec): readonly Name[] =>
    [...new Set([name, ...aliases])].map((each) => ({ name: each, address }));
  const vip = api.vip;
  return [...nodes.flatMap(ofNode), ...(vip === undefined ? [] : api.names.map((name) => ({ name, address: vip })))];
}

/** As in /etc/hosts. */
export function hostsFile(spec: ClusterSpec): string {
  const lines = spec.nodes.map(
    ({ name, aliases, address }) => `${address} ${[...new Set([name, shortName(name), ...aliases])].join(' ')}`,
  );
  const vip = spec.api.vip;
  if (vip !== undefined && spec.api.names.length > 0) lines.push(`${vip} ${spec.api.names.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** Records for `$INCLUDE` in a zone file: the zone itself, its name servers and its serial are yours. */
export function zone(spec: ClusterSpec): string {
  return namesOf(spec)
    .map(({ name, address }) => `${name.includes('.') ? `${name}.` : name} 300 IN ${kindOf(address)} ${address}\n`)
    .join('');
}

function kindOf(address: string): 'A' | 'AAAA' {
  return parseAddress(address)?.family === 6 ? 'AAAA' : 'A';
}
