import type { ClusterSpec } from '../spec/cluster-spec.ts';

/** Lines of a known_hosts file: the pinned keys of the nodes, by name and by address. A node without a pinned key has none. */
export function knownHosts({ nodes }: ClusterSpec): string {
  return nodes
    .flatMap(({ name, aliases, address, ssh: { hostKey, port } }) => {
      if (hostKey === undefined) return [];
      const all = [name, ...aliases, address].map((host) => (port === 22 ? host : `[${host}]:${port}`));
      return [`${all.join(',')} ${hostKey}\n`];
    })
    .join('');
}
