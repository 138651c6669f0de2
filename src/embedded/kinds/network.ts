/** Ingress, IngressClass and NetworkPolicy (pkg/printers, read in 1.36). */
import { isIP } from 'node:net';
import { type FieldProblem, IMMUTABLE, invalidValue, notAmong, notSupported, required } from '../field.ts';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  withAt,
} from '../json.ts';
import type { Kind, Rules } from '../kind.ts';
import { isSubdomain } from '../names.ts';
import { type Cell, row } from '../row.ts';
import { selectorText } from './selector-text.ts';
import { balancerText } from './service.ts';

const MOST_HOSTS = 3;

const hostsText: Cell = (ingress) => {
  const rules = listAt(ingress, 'spec', 'rules');
  const hosts = rules.map((rule) => textAt(rule, 'host') ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  const first = hosts.slice(0, MOST_HOSTS).join(',');
  // the real text counts rules, not hosts
  return hosts.length >= MOST_HOSTS && rules.length > MOST_HOSTS
    ? `${first} + ${rules.length - MOST_HOSTS} more...`
    : first;
};

const parametersText: Cell = (ingressClass) => {
  const parameters = at(ingressClass, 'spec', 'parameters');
  if (parameters === undefined) return '<none>';
  const group = textAt(parameters, 'apiGroup');
  const kind = textAt(parameters, 'kind') ?? '';
  return `${group === undefined ? kind : `${kind}.${group}`}/${textAt(parameters, 'name') ?? ''}`;
};

const DEFAULT_MARK = 'ingressclass.kubernetes.io/is-default-class';

const classRules: Rules = {
  defaults: (ingressClass) =>
    at(ingressClass, 'spec', 'parameters') === undefined
      ? ingressClass
      : withAt(
          ingressClass,
          ['spec', 'parameters', 'scope'],
          textAt(ingressClass, 'spec', 'parameters', 'scope') ?? 'Cluster',
        ),
  problems: (ingressClass) => controllerProblems(textAt(ingressClass, 'spec', 'controller') ?? ''),
  updateProblems: (ingressClass, current) => {
    const controller = at(ingressClass, 'spec', 'controller') ?? '';
    const same = controller === at(current, 'spec', 'controller');
    return same ? [] : [invalidValue('spec.controller', controller, IMMUTABLE)];
  },
};

function controllerProblems(controller: string): readonly FieldProblem[] {
  const field = 'spec.controller';
  if (controller === '') return [required(field)];
  const [domain = '', ...path] = controller.split('/');
  if (path.length > 0 && path[0] !== '') {
    return isSubdomain(domain).map((text) => invalidValue(field, domain, text));
  }
  return [invalidValue(field, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')];
}

const ingressRules: Rules = {
  defaults: (ingress) => ({ ...ingress, status: { loadBalancer: {}, ...objectAt(ingress, 'status') } }),
  create: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
  problems: (ingress) => {
    const rules = listAt(ingress, 'spec', 'rules');
    const backend = at(ingress, 'spec', 'defaultBackend');
    if (rules.length === 0 && backend === undefined) {
      return [invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified')];
    }
    const paths = rules.flatMap((rule, index) =>
      listAt(rule, 'http', 'paths').flatMap((path, each) =>
        pathProblems(path, `spec.rules[${index}].http.paths[${each}]`),
      ),
    );
    return [...(backend === undefined ? [] : backendProblems(backend, 'spec.defaultBackend')), ...paths];
  },
};

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function pathProblems(path: Json, field: string): readonly FieldProblem[] {
  const type = textAt(path, 'pathType');
  const text = textAt(path, 'path') ?? '';
  if (type === undefined) return [required(`${field}.pathType`, 'pathType must be specified')];
  const optional = type === 'ImplementationSpecific' && text === '';
  return [
    ...(PATH_TYPES.includes(type) ? [] : [notSupported(`${field}.pathType`, type, PATH_TYPES)]),
    ...(text.startsWith('/') || optional ? [] : [invalidValue(`${field}.path`, text, 'must be an absolute path')]),
    ...backendProblems(at(path, 'backend'), `${field}.backend`),
  ];
}

function backendProblems(backend: Json | undefined, field: string): readonly FieldProblem[] {
  const service = at(backend, 'service');
  const resource = at(backend, 'resource');
  if (service !== undefined && resource !== undefined) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return [];
  if (service === undefined) return [invalidValue(field, '', 'resource or service backend is required')];
  const port = objectAt(service, 'port');
  const [named, numbered] = [Boolean(textAt(port, 'name')), Boolean(numberAt(port, 'number'))];
  const ports = named && numbered ? [invalidValue(field, '', 'cannot set both port name & port number')] : [];
  return [
    ...(textAt(service, 'name') ? [] : [required(`${field}.service.name`)]),
    ...ports,
    ...(named || numbered ? [] : [required(field, 'port name or number is required')]),
  ];
}

const DIRECTIONS = ['Ingress', 'Egress'];

const policyRules: Rules = {
  defaults: (policy) => {
    const spec = objectAt(policy, 'spec');
    const directions = listAt(spec, 'egress').length > 0 ? DIRECTIONS : DIRECTIONS.slice(0, 1);
    const rules = ['ingress', 'egress'].flatMap((name): [string, Json][] =>
      at(spec, name) === undefined ? [] : [[name, listAt(spec, name).map(withPortProtocols)]],
    );
    const types = at(spec, 'policyTypes') ?? directions;
    return { ...policy, spec: { podSelector: {}, ...spec, ...Object.fromEntries(rules), policyTypes: types } };
  },
  problems: (policy) => [
    ...peerProblems(policy, 'ingress', 'from'),
    ...peerProblems(policy, 'egress', 'to'),
    ...textsAt(policy, 'spec', 'policyTypes').flatMap((type, index) =>
      DIRECTIONS.includes(type) ? [] : [notAmong(`spec.policyTypes[${index}]`, type, DIRECTIONS)],
    ),
  ],
};

function withPortProtocols(rule: Json): Json {
  if (!isObject(rule) || at(rule, 'ports') === undefined) return rule;
  const ports = listAt(rule, 'ports').map((port) => (isObject(port) ? { protocol: 'TCP', ...port } : port));
  return { ...rule, ports };
}

const NETWORK_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function peerProblems(policy: JsonObject, direction: string, peers: string): readonly FieldProblem[] {
  return listAt(policy, 'spec', direction).flatMap((rule, index) =>
    listAt(rule, peers).flatMap((peer, each) => {
      const field = `spec.${direction}[${index}].${peers}[${each}].ipBlock.cidr`;
      const network = textAt(peer, 'ipBlock', 'cidr');
      return network === undefined || isNetwork(network) ? [] : [invalidValue(field, network, NETWORK_TEXT)];
    }),
  );
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  const kind = isIP(address);
  return more.length === 0 && kind > 0 && /^\d+$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128);
}

export const networkKinds: readonly Kind[] = [
  row('networking.k8s.io/v1', 'ingressclasses', {
    counted: true,
    rules: classRules,
    cells: {
      Name: (ingressClass) => {
        const isDefault = textAt(ingressClass, 'metadata', 'annotations', DEFAULT_MARK) === 'true';
        return `${textAt(ingressClass, 'metadata', 'name') ?? ''}${isDefault ? ' (default)' : ''}`;
      },
      Controller: (ingressClass) => textAt(ingressClass, 'spec', 'controller') ?? '',
      Parameters: parametersText,
    },
  }),
  row('networking.k8s.io/v1', 'ingresses', {
    counted: true,
    rules: ingressRules,
    cells: {
      Class: (ingress) => textAt(ingress, 'spec', 'ingressClassName') ?? '<none>',
      Hosts: hostsText,
      Address: balancerText,
      Ports: (ingress) => (listAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80'),
    },
  }),
  row('networking.k8s.io/v1', 'networkpolicies', {
    counted: true,
    rules: policyRules,
    cells: { 'Pod-Selector': (policy) => selectorText(at(policy, 'spec', 'podSelector')) },
  }),
];
