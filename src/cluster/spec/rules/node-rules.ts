import { plain, type SpecRule, servers, shortName, twice } from './rule.ts';

const NODES_AT_MOST = 10;
/** Labels that kubelet and the cloud write themselves; setting them would be undone, or be a lie. */
const KUBELET_LABELS = /^(kubernetes\.io\/(hostname|arch|os)|node\.kubernetes\.io\/instance-type)$/;
const CONTROL_PLANE_TAINTS: readonly string[] = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
];

export const nodeRules: readonly SpecRule[] = [
  {
    id: 'odd-servers',
    meaning: 'etcd decides by majority: an even number of servers survives no more failures than one less.',
    severity: 'error',
    broken(spec) {
      const count = servers(spec).length;
      if (count % 2 === 1) return [];
      const advice = count === 0 ? 'one node must be a server-agent' : `use ${count - 1} or ${count + 1}`;
      return [{ path: ['nodes'], message: `${count} servers; their number must be odd, 1, 3, 5 or 7: ${advice}` }];
    },
  },
  {
    id: 'servers-at-most',
    meaning: 'More than seven members make etcd slower and no safer (etcd FAQ, "What is maximum cluster size?").',
    severity: 'error',
    broken: (spec) =>
      servers(spec).length > 7
        ? [{ path: ['nodes'], message: `${servers(spec).length} servers; etcd wants at most 7` }]
        : [],
  },
  {
    id: 'nodes-at-most',
    meaning: 'What is here was made for ten nodes. More work, with a deviation that says who decided it.',
    severity: 'error',
    mayDeviate: true,
    broken: ({ nodes }) =>
      nodes.length > NODES_AT_MOST
        ? [
            {
              path: ['nodes'],
              message: `${nodes.length} nodes; more than ${NODES_AT_MOST} need a deviation with a reason`,
            },
          ]
        : [],
  },
  {
    id: 'unique-names',
    meaning:
      'A host name, an alias and the first part of a name belong to one node: twice in the inventory is twice configured.',
    severity: 'error',
    broken: ({ nodes }) =>
      twice(
        nodes.flatMap(({ name, aliases }, index) =>
          [name, ...aliases].flatMap((value, at) =>
            [...new Set([value, shortName(value)])].map((form) => ({
              value: form,
              path: ['nodes', index, ...(at === 0 ? ['name'] : ['aliases', at - 1])],
              of: name,
            })),
          ),
        ),
        'name',
      ),
  },
  {
    id: 'unique-addresses',
    meaning: 'An address belongs to one node, also where it is spelt in two ways.',
    severity: 'error',
    broken: ({ nodes }) =>
      twice(
        nodes.map(({ name, address }, index) => ({
          value: plain(address),
          path: ['nodes', index, 'address'],
          of: name,
          shown: address,
        })),
        'address',
      ),
  },
  {
    id: 'unique-macs',
    meaning: 'A MAC address belongs to one node.',
    severity: 'error',
    broken: ({ nodes }) =>
      twice(
        nodes.flatMap(({ name, mac }, index) =>
          mac === undefined ? [] : [{ value: mac, path: ['nodes', index, 'mac'], of: name }],
        ),
        'MAC address',
      ),
  },
  {
    id: 'unique-etcd-peers',
    meaning: 'Members of etcd reach each other at different addresses.',
    severity: 'error',
    broken: ({ nodes }) =>
      twice(
        nodes.flatMap(({ name, role, address, etcdPeer }, index) =>
          role === 'worker'
            ? []
            : [
                {
                  value: plain(etcdPeer ?? address),
                  path: ['nodes', index, peerField(etcdPeer)],
                  of: name,
                  shown: etcdPeer ?? address,
                },
              ],
        ),
        'etcd peer',
      ).filter(() => nodes.some(({ etcdPeer }) => etcdPeer !== undefined)), // else `unique-addresses` says the same
  },
  {
    id: 'peer-of-server',
    meaning: 'A worker is no member of etcd.',
    severity: 'error',
    broken: ({ nodes }) =>
      nodes.flatMap(({ name, role, etcdPeer }, index) =>
        role === 'worker' && etcdPeer !== undefined
          ? [{ path: ['nodes', index, 'etcdPeer'], message: `${name} is a worker and has no etcd; take etcdPeer out` }]
          : [],
      ),
  },
  {
    id: 'worker-taints',
    meaning: 'A taint of the control plane on a worker keeps work from the only node that is there for it.',
    severity: 'error',
    broken: ({ nodes }) =>
      nodes.flatMap(({ name, role, taints }, index) =>
        role === 'worker'
          ? taints.flatMap(({ key }, at) =>
              CONTROL_PLANE_TAINTS.includes(key)
                ? [{ path: ['nodes', index, 'taints', at], message: `${name} is a worker; ${key} belongs to servers` }]
                : [],
            )
          : [],
      ),
  },
  {
    id: 'own-labels',
    meaning: 'Labels that kubelet writes about a node cannot be chosen.',
    severity: 'error',
    broken: ({ nodes }) =>
      nodes.flatMap(({ name, labels }, index) =>
        Object.keys(labels)
          .filter((key) => KUBELET_LABELS.test(key))
          .map((key) => ({
            path: ['nodes', index, 'labels', key],
            message: `${key} of ${name} is written by its kubelet; take it out`,
          })),
      ),
  },
  {
    id: 'server-storage',
    meaning: 'etcd wants its writes on disk within 10 ms; SD cards seldom do that, and wear out.',
    severity: 'warning',
    broken: ({ nodes }) =>
      nodes.flatMap(({ name, role, storage }, index) =>
        role === 'server-agent' && (storage === 'sd' || storage === 'hdd')
          ? [
              {
                path: ['nodes', index, 'storage'],
                message: `${name} keeps etcd on ${storage}; measure its fdatasync, or use an SSD`,
              },
            ]
          : [],
      ),
  },
  {
    id: 'host-keys',
    meaning: 'Without its host key a node could be anyone.',
    severity: 'warning',
    broken: ({ nodes }) =>
      nodes.flatMap(({ name, ssh }, index) =>
        ssh.hostKey === undefined
          ? [
              {
                path: ['nodes', index, 'name'],
                message: `the ssh host key of ${name} is not pinned: compare it at the machine and write it into ssh.hostKey`,
              },
            ]
          : [],
      ),
  },
];

/** The field that says where the member is reached: its own, else the address of the node. */
function peerField(etcdPeer: string | undefined): 'etcdPeer' | 'address' {
  return etcdPeer === undefined ? 'address' : 'etcdPeer';
}
