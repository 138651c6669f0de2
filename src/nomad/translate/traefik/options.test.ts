import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IngressRoute } from '@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute';
import { Middleware } from '@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware';
import { MiddlewareTCP } from '@kubernetes-models/traefik/traefik.io/v1alpha1/MiddlewareTCP';
import { ServersTransport } from '@kubernetes-models/traefik/traefik.io/v1alpha1/ServersTransport';
import {
  loadBalancerOptions,
  middlewareOptions,
  type OptionKind,
  type OptionTable,
  serversTransportOptions,
  tcpMiddlewareOptions,
} from './option-table.ts';
import { type OptionValue, place, put } from './options.ts';

const samples: Readonly<Record<OptionKind, string>> = {
  text: 'x',
  flag: 'true',
  number: '3',
  'number or text': '4',
  texts: 'a,b',
  numbers: '1,2',
  'texts by key': 'x',
  'numbers by key': '5',
  free: 'x',
};

/** Some options take certain words only. */
const words: Readonly<Record<string, string>> = {
  'ratelimit.period': '1m',
  'errors.status': '500-599',
  'retry.status': '500',
  'headers.customrequestheaders': 'v',
  sourcerange: '10.0.0.0/8',
  'sticky.cookie.samesite': 'none',
  strategy: 'wrr',
  scheme: 'http',
  mode: 'http',
  responsecode: '503',
};

function wordFor(path: readonly string[], kind: OptionKind): string {
  const lower = path.map((each) => each.toLowerCase());
  const name = Object.keys(words).find((key) => lower.join('.').endsWith(key));
  return (name === undefined ? undefined : words[name]) ?? samples[kind];
}

function leaves(
  table: OptionTable,
  before: readonly string[] = [],
): readonly { path: readonly string[]; kind: OptionKind }[] {
  return Object.entries(table).flatMap(([name, kind]) =>
    typeof kind === 'string' ? [{ path: [...before, name], kind }] : leaves(kind, [...before, name]),
  );
}

/** Every option of a table, written as a tag in lower case, alone. */
function specs(table: OptionTable): readonly { readonly path: string; readonly spec: Record<string, OptionValue> }[] {
  return leaves(table).map(({ path, kind }) => {
    const keyed = kind.endsWith('by key') ? [...path, kind.startsWith('numbers') ? '404' : 'X-Key'] : path;
    const lower = keyed.map((each, index) => (index < path.length ? each.toLowerCase() : each));
    const placed = place(table, { path: lower, value: wordFor(path, kind) });
    assert.ok(placed.kind === 'placed', `${path.join('.')}: ${JSON.stringify(placed)}`);
    assert.deepEqual(placed.path, keyed, 'the name is written as the schema has it');
    const spec: Record<string, OptionValue> = {};
    put(spec, placed.path, placed.value);
    // a port alone is no service
    if (path.join('.') === 'errors.service.port') put(spec, ['errors', 'service', 'name'], 'pages');
    return { path: path.join('.'), spec };
  });
}

const metadata = { name: 'x' };

test('every option of a middleware fits the published schema of Middleware', () => {
  const all = specs(middlewareOptions);
  assert.ok(all.length > 100, `${all.length} options`);
  for (const { path, spec } of all) {
    assert.doesNotThrow(() => new Middleware({ metadata, spec: JSON.parse(JSON.stringify(spec)) }).validate(), path);
  }
});

test('an option that the schema has not is refused by it too: the schema is strict enough to tell', () => {
  assert.throws(() => new Middleware({ metadata, spec: JSON.parse('{"stripPrefix":{"prefixes":"/x"}}') }).validate());
  assert.throws(() => new Middleware({ metadata, spec: JSON.parse('{"rateLimit":{"average":"100"}}') }).validate());
});

test('the options of TCP middlewares, transports and services fit their schemas', () => {
  for (const { path, spec } of specs(tcpMiddlewareOptions)) {
    assert.doesNotThrow(() => new MiddlewareTCP({ metadata, spec: JSON.parse(JSON.stringify(spec)) }).validate(), path);
  }
  for (const { path, spec } of specs(serversTransportOptions)) {
    assert.doesNotThrow(
      () => new ServersTransport({ metadata, spec: JSON.parse(JSON.stringify(spec)) }).validate(),
      path,
    );
  }
  for (const { path, spec } of specs(loadBalancerOptions)) {
    const services = [{ name: 's', port: 80, ...JSON.parse(JSON.stringify(spec)) }];
    const route = { metadata, spec: { routes: [{ kind: 'Rule' as const, match: 'Host(`a`)', services }] } };
    assert.doesNotThrow(() => new IngressRoute(route).validate(), path);
  }
});

test('what does not fit its type is told, not written', () => {
  for (const [path, value] of [
    ['ratelimit.average', 'many'],
    ['headers.framedeny', 'perhaps'],
    ['headers.nosuch', '1'],
    ['nosuch.option', '1'],
    ['headers.customrequestheaders', 'x'],
  ] as const) {
    assert.equal(place(middlewareOptions, { path: path.split('.'), value }).kind, 'strange', path);
  }
});

test('values: lists are split, groups of an expression lose their braces where they may', () => {
  const at = (path: string, value: string): unknown => {
    const placed = place(middlewareOptions, { path: path.split('.'), value });
    return placed.kind === 'placed' ? placed.value : placed.why;
  };
  assert.deepEqual(at('stripPrefix.prefixes', '/a, /b'), ['/a', '/b']);
  assert.equal(at('redirectRegex.replacement', 'https://x/${1}/${2}y'), 'https://x/$1/${2}y');
  assert.equal(at('headers.stsSeconds', '31536000'), 31536000);
  assert.equal(at('headers.sslRedirect', 'false'), false);
  assert.deepEqual(at('compress', 'true'), {});
});
