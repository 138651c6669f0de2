/** Endpoints and EndpointSlice (pkg/printers, read in 1.36). */
import { isIP } from 'node:net';
import { type FieldProblem, IMMUTABLE, invalidValue, notSupported, required } from '../field.ts';
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
import { row } from '../row.ts';

const MOST = 3;

/** The first few, and how many more there are. */
function shortened(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  const first = texts.slice(0, MOST).join(',');
  return texts.length > MOST ? `${first} + ${texts.length - MOST} more...` : first;
}

function endpointsText(endpoints: JsonObject): string {
  const subsets = listAt(endpoints, 'subsets');
  const texts = subsets.flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => textAt(address, 'ip') ?? '');
    const ports = listAt(subset, 'ports').map((port) => String(numberAt(port, 'port') ?? 0));
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((address) => hostPort(address, port)));
  });
  return shortened(texts, subsets.length === 0 ? '<none>' : '');
}

function hostPort(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const endpointsRules: Rules = {
  defaults: (endpoints) =>
    at(endpoints, 'subsets') === undefined
      ? endpoints
      : withAt(
          endpoints,
          ['subsets'],
          listAt(endpoints, 'subsets').map((subset) => withPorts(subset, { protocol: 'TCP' })),
        ),
  problems: (endpoints) =>
    listAt(endpoints, 'subsets').flatMap((subset, index) => {
      const field = `subsets[${index}]`;
      const lists = ['addresses', 'notReadyAddresses'].map((name) => ({ name, list: listAt(subset, name) }));
      if (lists.every(({ list }) => list.length === 0)) {
        return [required(field, 'must specify `addresses` or `notReadyAddresses`')];
      }
      return lists.flatMap(({ name, list }) =>
        list.flatMap((address, at) => addressProblems(textAt(address, 'ip') ?? '', `${field}.${name}[${at}].ip`)),
      );
    }),
};

/** Said twice, as the real server does: once of the text, once of what it stands for. */
function addressProblems(address: string, field: string): readonly FieldProblem[] {
  if (isIP(address) > 0) return specialProblems(address, field);
  const text = 'must be a valid IP address';
  return [
    invalidValue(field, address, `${text}, (e.g. 10.9.8.7 or 2001:db8::ffff)`),
    invalidValue(field, address, text),
  ];
}

const LOOPBACK = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
const LINK_LOCAL = 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';

/** Addresses that lead back to whoever uses them. */
function specialProblems(address: string, field: string): readonly FieldProblem[] {
  if (address === '0.0.0.0' || address === '::') {
    return [invalidValue(field, address, `may not be unspecified (${address})`)];
  }
  if (address.startsWith('127.') || address === '::1') return [invalidValue(field, address, LOOPBACK)];
  if (address.startsWith('169.254.') || /^fe[89ab]/i.test(address)) return [invalidValue(field, address, LINK_LOCAL)];
  return [];
}

function withPorts(holder: Json, fallbacks: JsonObject): Json {
  if (!isObject(holder) || at(holder, 'ports') === undefined) return holder;
  const ports = listAt(holder, 'ports').map((port) => (isObject(port) ? { ...fallbacks, ...port } : port));
  return { ...holder, ports };
}

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

const sliceRules: Rules = {
  defaults: (slice) => objectAt(withPorts(slice, { name: '', protocol: 'TCP' })),
  problems: (slice, current) => {
    const type = textAt(slice, 'addressType') ?? '';
    // addresses of another type than before are nothing to look at
    if (current && type !== textAt(current, 'addressType')) return [invalidValue('addressType', type, IMMUTABLE)];
    const endpoints = listAt(slice, 'endpoints').flatMap((endpoint, index) => {
      const field = `endpoints[${index}].addresses`;
      const addresses = textsAt(endpoint, 'addresses');
      if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
      return addresses.flatMap((address, at) => typedProblems(type, address, { field, item: `${field}[${at}]` }));
    });
    return [...typeProblems(type), ...endpoints];
  },
};

function typeProblems(type: string): readonly FieldProblem[] {
  if (type === '') return [required('addressType')];
  return ADDRESS_TYPES.includes(type) ? [] : [notSupported('addressType', type, ADDRESS_TYPES)];
}

function typedProblems(
  type: string,
  address: string,
  { field, item }: { readonly field: string; readonly item: string },
): readonly FieldProblem[] {
  if (type === 'FQDN') return isSubdomain(address).map((text) => invalidValue(item, address, text));
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const wanted = type === 'IPv4' ? 4 : 6;
  const own = isIP(address) === wanted ? [] : [invalidValue(field, address, `must be an ${type} address`)];
  return [...own, ...specialProblems(address, item)];
}

export const endpointKinds: readonly Kind[] = [
  row('v1', 'endpoints', {
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    putCreates: true,
    cells: { Endpoints: endpointsText },
    rules: endpointsRules,
  }),
  row('discovery.k8s.io/v1', 'endpointslices', {
    counted: true,
    rules: sliceRules,
    cells: {
      AddressType: (slice) => textAt(slice, 'addressType') ?? '',
      Ports: (slice) =>
        shortened(
          listAt(slice, 'ports').map((port) => String(numberAt(port, 'port') ?? textAt(port, 'name') ?? '*')),
          '<unset>',
        ),
      Endpoints: (slice) =>
        shortened(
          listAt(slice, 'endpoints').flatMap((endpoint) => textsAt(endpoint, 'addresses')),
          '<unset>',
        ),
    },
  }),
];
