/** Services and what stands before and behind them. */
import type { KindCase } from './kind-case.ts';

const backend = { service: { name: 'web', port: { number: 80 } } };
const rules = [{ host: 'web.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];

export const network: Readonly<Record<string, KindCase>> = {
  service: {
    path: '/api/v1/namespaces/NS/services',
    sample: { metadata: { labels: { of: 'web' } }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
    variants: {
      'without an address of its own': { spec: { clusterIP: 'None', selector: { app: 'web' } } },
      'under another name': { spec: { type: 'ExternalName', externalName: 'web.example' } },
      'on a port of every node': {
        spec: {
          type: 'NodePort',
          ports: [
            { name: 'http', port: 80, targetPort: 'http' },
            { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
          ],
        },
      },
      'behind a balancer': { spec: { type: 'LoadBalancer', ports: [{ port: 443 }] } },
      'that remembers its clients': {
        spec: { sessionAffinity: 'ClientIP', ports: [{ port: 80 }], externalIPs: ['192.0.2.7'] },
      },
    },
    merge: { spec: { ports: [{ port: 8080, name: 'http' }] } },
    strategic: { spec: { ports: [{ port: 9090, name: 'metrics' }] } },
    applied: { spec: { ports: [{ port: 9443, name: 'hooks', protocol: 'TCP' }] } },
    status: { status: { loadBalancer: {} } },
    wrong: {
      'without ports': { spec: { selector: { app: 'web' } } },
      'with two ports without names': { spec: { ports: [{ port: 80 }, { port: 81 }] } },
      'with a port that is none': { spec: { ports: [{ port: 70000 }] } },
      'of an unknown type': { spec: { type: 'Magic', ports: [{ port: 80 }] } },
      'with an unknown affinity': { spec: { sessionAffinity: 'Often', ports: [{ port: 80 }] } },
      'with a name that starts with a digit': { metadata: { name: '1web' }, spec: { ports: [{ port: 80 }] } },
      'with an address that is none': { spec: { clusterIP: 'here', ports: [{ port: 80 }] } },
      'under no other name': { spec: { type: 'ExternalName' } },
      'with the same port twice': {
        spec: {
          ports: [
            { name: 'a', port: 80 },
            { name: 'b', port: 80 },
          ],
        },
      },
    },
    wrongChanges: { 'of the address': { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] } } },
    lists: ['?fieldSelector=spec.type%3DClusterIP', '?fieldSelector=spec.ports%3D80'],
  },
  endpoints: {
    path: '/api/v1/namespaces/NS/endpoints',
    sample: {
      subsets: [{ addresses: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }], ports: [{ name: 'http', port: 80 }] }],
    },
    variants: { 'with nothing in it': {} },
    merge: { metadata: { labels: { a: 'b' } } },
    strategic: { metadata: { annotations: { a: 'b' } } },
    wrong: {
      'with an address that is none': { subsets: [{ addresses: [{ ip: 'here' }], ports: [{ port: 80 }] }] },
      'without addresses': { subsets: [{ ports: [{ port: 80 }] }] },
    },
  },
  endpointslice: {
    path: '/apis/discovery.k8s.io/v1/namespaces/NS/endpointslices',
    sample: {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }, { addresses: ['192.0.2.2'] }],
      ports: [{ name: 'http', port: 80 }],
    },
    variants: { 'with much in it': { addressType: 'FQDN', endpoints: [{ addresses: ['a.example'] }], ports: [{}] } },
    merge: { endpoints: [{ addresses: ['192.0.2.3'] }] },
    applied: { ports: [{ name: 'http', port: 80, protocol: 'TCP', appProtocol: 'http' }] },
    wrong: {
      'of an unknown type': { addressType: 'Pigeon', endpoints: [] },
      'without a type': { endpoints: [] },
      'with an address of another type': { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] },
    },
    wrongChanges: { 'of the type of address': { addressType: 'IPv6' } },
  },
  ingress: {
    path: '/apis/networking.k8s.io/v1/namespaces/NS/ingresses',
    sample: { spec: { ingressClassName: 'none', rules } },
    variants: {
      'for everything': { spec: { defaultBackend: backend } },
      'with certificates': { spec: { rules, tls: [{ hosts: ['web.example'], secretName: 'web' }] } },
    },
    merge: { spec: { defaultBackend: backend } },
    applied: { metadata: { labels: { of: 'second' } }, spec: { ingressClassName: 'none' } },
    status: { status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } } },
    wrong: {
      'that leads nowhere': { spec: {} },
      'with a path that is none': {
        spec: { rules: [{ http: { paths: [{ path: 'web', pathType: 'Prefix', backend }] } }] },
      },
      'without the kind of a path': { spec: { rules: [{ http: { paths: [{ path: '/', backend }] } }] } },
    },
  },
  ingressclass: {
    path: '/apis/networking.k8s.io/v1/ingressclasses',
    sample: { spec: { controller: 'example.com/ingress' } },
    variants: {
      'with parameters': {
        metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'false' } },
        spec: { controller: 'example.com/ingress', parameters: { apiGroup: 'example.com', kind: 'Set', name: 'x' } },
      },
    },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: { 'without a controller': { spec: {} }, 'with a controller that is none': { spec: { controller: 'x' } } },
    wrongChanges: { 'of the controller': { spec: { controller: 'example.com/other' } } },
  },
  networkpolicy: {
    path: '/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies',
    sample: { spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports: [{ port: 80 }] }] } },
    variants: {
      'that closes everything': { spec: { podSelector: {} } },
      'of both directions': {
        spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] },
      },
    },
    merge: { spec: { policyTypes: ['Ingress', 'Egress'] } },
    applied: { spec: { podSelector: { matchLabels: { app: 'web' } } } },
    wrong: {
      'with a network that is none': {
        spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 'everywhere' } }] }] },
      },
      'of an unknown direction': { spec: { podSelector: {}, policyTypes: ['Sideways'] } },
    },
  },
};
