import type { Diagnostic } from '../source/diagnostic.ts';
import type { Attribute, Body, Node } from '../source/node.ts';
import { plain } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import { precedence } from '../translate/policy/decision.ts';
import type { CallTimeouts, Intention, IntentionPermission } from '../translate/scope.ts';

/** What config entries of Consul say, as far as it means something in a cluster; the rest is told. */
export interface ConfigEntry {
  readonly intentions: readonly Intention[];
  readonly timeouts: readonly CallTimeouts[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Entries that shape calls in the mesh; nothing in the manifests does what they did. */
const shaping: Readonly<Record<string, string>> = {
  'service-defaults': 'protocol, timeouts and limits of a service',
  'service-resolver': 'subsets, redirects, failover and timeouts of a service',
  'service-router': 'routes by path and header',
  'service-splitter': 'shares of traffic',
  'ingress-gateway': 'the listeners of an ingress gateway',
  'terminating-gateway': 'the services behind a terminating gateway',
  'api-gateway': 'the listeners of an API gateway',
  'http-route': 'routes of an API gateway',
  'tcp-route': 'routes of an API gateway',
  'proxy-defaults': 'settings of all proxies',
  'exported-services': 'services for other partitions and peers',
  'jwt-provider': 'who signs tokens',
  mesh: 'settings of the mesh',
};

/** The file holds a config entry: `Kind = "service-intentions"`. Absent for anything else. */
export function readConfigEntry(body: Body): ConfigEntry | undefined {
  const kind = textOf(member(body, 'kind'));
  if (kind === undefined) return undefined;
  const name = textOf(member(body, 'name')) ?? '';
  if (kind === 'service-intentions') return intentionsOf(body, name);
  const what = shaping[kind];
  const at = attributeOf(body, 'kind')?.at;
  if (what === undefined || !at) return undefined;
  const timeouts = timeoutsOf(body, { service: name, at });
  const made =
    timeouts.length > 0
      ? 'its timeouts become a ServersTransport where Traefik routes to the service, and nothing is made of the rest'
      : 'nothing is made of it';
  const message = `${kind} ${name}: ${what} in the mesh of Consul; ${made}. Decide whether the application, the mesh of the cluster or a ServersTransport of Traefik must do it`;
  return { intentions: [], timeouts, diagnostics: [{ severity: 'warning', code: 'LARDER_NOMAD_CONSUL', message, at }] };
}

const LENGTH = /^(?:\d+(?:ms|s|m|h))+$/;

/** How long the proxy of a service waited: `LocalRequestTimeoutMs` of its defaults, `RequestTimeout` of its resolver. 0 is for ever. */
function timeoutsOf(
  body: Body,
  { service, at }: { readonly service: string; readonly at: Position },
): readonly CallTimeouts[] {
  const waited = (inMs: string, asText: string): string | undefined => {
    const node = member(body, inMs);
    const ms = node ? plain(node) : undefined;
    if (typeof ms === 'number' && ms > 0) return `${ms}ms`;
    const text = textOf(member(body, asText));
    return text !== undefined && LENGTH.test(text) && !/^(?:0+\D+)+$/.test(text) ? text : undefined;
  };
  const connect = waited('localconnecttimeoutms', 'connecttimeout');
  const response = waited('localrequesttimeoutms', 'requesttimeout');
  if (connect === undefined && response === undefined) return [];
  const { file, line } = at;
  return [
    {
      service,
      ...(connect === undefined ? {} : { connect }),
      ...(response === undefined ? {} : { response }),
      file,
      line,
    },
  ];
}

function intentionsOf(body: Body, destination: string): ConfigEntry {
  const diagnostics: Diagnostic[] = [];
  const warn = (at: Position, message: string): void => {
    diagnostics.push({ severity: 'warning', code: 'LARDER_NOMAD_CONSUL', message, at });
  };
  const jwt = attributeOf(body, 'jwt');
  if (jwt) warn(jwt.at, `the intention for ${destination} asks for tokens (JWT); no policy of the cluster does`);
  const intentions = sourcesOf(body).flatMap((source): readonly Intention[] => {
    const name = textOf(inside(source, 'name')) ?? '';
    const peer = textOf(inside(source, 'peer'));
    const group = textOf(inside(source, 'samenessgroup'));
    if (peer || group || name === '') {
      warn(
        source.at,
        `the source ${name || '(none)'} of ${destination} is of a peer or a group; nothing is made of it`,
      );
      return [];
    }
    return [intentionOf(source, { source: name, destination })];
  });
  return { intentions, timeouts: [], diagnostics };
}

function intentionOf(source: Node, between: Pick<Intention, 'source' | 'destination'>): Intention {
  const action = textOf(inside(source, 'action'))?.toLowerCase();
  const { file, line } = source.at;
  return {
    ...between,
    ...(action === 'allow' || action === 'deny' ? { action } : {}),
    permissions: items(inside(source, 'permissions')).map(permissionOf),
    precedence: precedence(between),
    file,
    line,
  };
}

/** An action that is neither is a denial: what is not understood lets nobody in. */
function permissionOf(node: Node): IntentionPermission {
  const http = inside(node, 'http');
  const [exact, prefix, regex] = ['pathexact', 'pathprefix', 'pathregex'].map((key) => textOf(inside(http, key)));
  const path =
    exact !== undefined
      ? { kind: 'exact' as const, value: exact }
      : prefix !== undefined
        ? { kind: 'prefix' as const, value: prefix }
        : regex !== undefined
          ? { kind: 'regex' as const, value: regex }
          : undefined;
  const tokens = inside(node, 'jwt') !== undefined;
  return {
    action: textOf(inside(node, 'action'))?.toLowerCase() === 'allow' && !tokens ? 'allow' : 'deny',
    ...(path ? { path } : {}),
    methods: items(inside(http, 'methods')).flatMap((each) => textOf(each) ?? []),
    headers: items(inside(http, 'header')).map(headerOf),
  };
}

const comparisons = ['exact', 'prefix', 'suffix', 'contains', 'regex'];

function headerOf(node: Node): IntentionPermission['headers'][number] {
  const found = comparisons
    .map((kind) => ({ kind, value: textOf(inside(node, kind)) }))
    .find(({ value }) => value !== undefined);
  const ignoring = flagOf(inside(node, 'ignorecase'));
  return {
    name: textOf(inside(node, 'name')) ?? '',
    kind: found ? `${found.kind}${ignoring ? ' (any case)' : ''}` : 'present',
    ...(found?.value === undefined ? {} : { value: found.value }),
    invert: flagOf(inside(node, 'invert')),
  };
}

/** `Sources = [{…}]`, or a block for each. */
function sourcesOf(body: Body): readonly Node[] {
  const blocks = body.blocks.filter(({ type }) => same(type, 'sources'));
  return [...items(member(body, 'sources')), ...blocks.map((block) => ({ ...mapOf(block), at: block.at }))];
}

function mapOf({ attributes, blocks }: Body): Extract<Node, { kind: 'map' }> & { at: Position } {
  const at = attributes[0]?.at ?? blocks[0]?.at ?? nowhere;
  const nested = [...Map.groupBy(blocks, ({ type }) => type)].map(([key, same]): Attribute => {
    const list: Node = { kind: 'list', items: same.map((block) => ({ ...mapOf(block), at: block.at })), at };
    return { name: key, value: list, at };
  });
  const entries = [...attributes, ...nested].map(({ name, value, at: where }) => ({ key: name, value, at: where }));
  return { kind: 'map', entries, at };
}

const nowhere: Position = { file: '', line: 1, column: 1, offset: 0, end: { line: 1, column: 1, offset: 0 } };

function member(body: Body, key: string): Node | undefined {
  return attributeOf(body, key)?.value;
}

function attributeOf({ attributes }: Body, key: string): Attribute | undefined {
  return attributes.find(({ name }) => same(name, key));
}

/** A single block stands for the map in it. */
function inside(node: Node | undefined, key: string): Node | undefined {
  if (node?.kind === 'list') return inside(node.items[0], key);
  return node?.kind === 'map' ? node.entries.find((entry) => same(entry.key, key))?.value : undefined;
}

/** Consul reads `PathPrefix` and `path_prefix` alike. */
function same(written: string, key: string): boolean {
  return written.replaceAll('_', '').toLowerCase() === key;
}

function items(node: Node | undefined): readonly Node[] {
  if (!node) return [];
  return node.kind === 'list' ? node.items : [node];
}

function textOf(node: Node | undefined): string | undefined {
  const value = node ? plain(node) : null;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function flagOf(node: Node | undefined): boolean {
  return node !== undefined && plain(node) === true;
}
