/** Rules about addresses: who lies in which range. */
import { overlap, parseRange } from '../address.ts';
import { plain, ranges, type SpecRule, standsBesideNomad, within } from './rule.ts';

/** Of Nomad's bridge networks, where nobody set another: the documentation of its client, `bridge_network_subnet`. */
const NOMAD_BRIDGE = '172.26.64.0/20';
/** flannel and Cilium give each node a range of this size. */
const NODE_PREFIX_ADDRESSES = 256n;

export const networkRules: readonly SpecRule[] = [
  {
    id: 'nodes-outside-ranges',
    meaning: 'A node inside the range of pods or services cannot be reached from a pod.',
    severity: 'error',
    broken: (spec) =>
      ranges(spec).flatMap(({ what, range, text }) =>
        spec.nodes.flatMap((node, index) =>
          (
            [
              ['address', node.address],
              ['etcdPeer', node.etcdPeer],
            ] as const
          ).flatMap(([field, address]) =>
            within(range, address)
              ? [
                  {
                    path: ['nodes', index, field],
                    message: `${address} of ${node.name} lies in the range of ${what}, ${text}`,
                  },
                ]
              : [],
          ),
        ),
      ),
  },
  {
    id: 'ranges-apart',
    meaning: 'Pods and services have ranges of their own, of one family.',
    severity: 'error',
    broken({ cidrs }) {
      const pods = parseRange(cidrs.pods);
      const services = parseRange(cidrs.services);
      if (pods === undefined || services === undefined) return [];
      if (pods.family !== services.family) {
        return [
          {
            path: ['cidrs', 'services'],
            message: `${cidrs.services} is of another family than the pods' ${cidrs.pods}`,
          },
        ];
      }
      return overlap(pods, services)
        ? [{ path: ['cidrs', 'services'], message: `${cidrs.services} overlaps the pods' ${cidrs.pods}` }]
        : [];
    },
  },
  {
    id: 'range-for-nodes',
    meaning: 'Each node takes 256 addresses out of the range of pods.',
    severity: 'error',
    broken({ cidrs, nodes }) {
      const pods = parseRange(cidrs.pods);
      if (pods?.family !== 4) return [];
      const room = (pods.last - pods.first + 1n) / NODE_PREFIX_ADDRESSES;
      return room < BigInt(nodes.length)
        ? [
            {
              path: ['cidrs', 'pods'],
              message: `${cidrs.pods} has room for ${room} nodes, and there are ${nodes.length}`,
            },
          ]
        : [];
    },
  },
  {
    id: 'vip-is-no-node',
    meaning: 'The virtual address moves between servers, so it is nobody’s own, and outside the ranges.',
    severity: 'error',
    broken(spec) {
      const { vip } = spec.api;
      if (vip === undefined) return [];
      const path = ['api', 'vip'];
      const owner = spec.nodes.find(({ address }) => plain(address) === plain(vip));
      const inside = ranges(spec).filter(({ range }) => within(range, vip));
      return [
        ...(owner === undefined
          ? []
          : [{ path, message: `${vip} is the address of ${owner.name}; the virtual address must be free` }]),
        ...inside.map(({ what, text }) => ({ path, message: `${vip} lies in the range of ${what}, ${text}` })),
      ];
    },
  },
  {
    id: 'vip-needs-kube-vip',
    meaning: 'Something must move the virtual address: kube-vip does.',
    severity: 'error',
    broken: ({ api, loadBalancer }) =>
      api.vip !== undefined && loadBalancer !== 'kube-vip'
        ? [{ path: ['api', 'vip'], message: `nothing moves ${api.vip}: set loadBalancer: kube-vip, or take vip out` }]
        : [],
  },
  {
    id: 'balancer-range',
    meaning: 'MetalLB hands out addresses of a range that is nobody else’s.',
    severity: 'error',
    broken(spec) {
      const { loadBalancer, loadBalancerRange } = spec;
      const path = ['loadBalancerRange'];
      if (loadBalancerRange === undefined) {
        return loadBalancer === 'metallb'
          ? [{ path: ['loadBalancer'], message: 'metallb needs loadBalancerRange, as 192.168.1.240/28' }]
          : [];
      }
      const range = parseRange(loadBalancerRange);
      if (range === undefined) return [];
      const taken = [
        ...spec.nodes.map(({ name, address }) => ({ name, address })),
        ...(spec.api.vip === undefined ? [] : [{ name: 'api.vip', address: spec.api.vip }]),
      ];
      return [
        ...taken
          .filter(({ address }) => within(range, address))
          .map(({ name, address }) => ({ path, message: `${loadBalancerRange} holds ${address} of ${name}` })),
        ...ranges(spec)
          .filter((other) => overlap(other.range, range))
          .map(({ what, text }) => ({ path, message: `${loadBalancerRange} overlaps the range of ${what}, ${text}` })),
      ];
    },
  },
  {
    id: 'nomad-bridge',
    meaning: `Beside Nomad the ranges keep out of its bridge, ${NOMAD_BRIDGE} where nothing else was set.`,
    severity: 'error',
    broken(spec) {
      const bridge = parseRange(NOMAD_BRIDGE);
      if (bridge === undefined || !standsBesideNomad(spec)) return [];
      return ranges(spec)
        .filter(({ range }) => overlap(range, bridge))
        .map(({ path, what, text }) => ({
          path,
          message: `the range of ${what}, ${text}, overlaps Nomad's bridge, ${NOMAD_BRIDGE}`,
        }));
    },
  },
];
