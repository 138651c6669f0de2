/** What is served, for clients that ask before they act: versions, groups, resources, schema and health. */
import type { TransportResponse } from '../kube/transport.ts';
import type { Call } from './call.ts';
import type { Catalog } from './catalog.ts';
import type { Json, JsonObject } from './json.ts';
import { groupVersion } from './kind.ts';
import { openapiDocument, openapiIndex, openapiV2 } from './openapi.ts';
import { methodNotAllowed, noSuchPath } from './refusal.ts';
import { replyJson, replyText, replyValue } from './reply.ts';
import { groupsWith, type ServedGroup, type ServedResource } from './resources.ts';
import { versionInfo } from './version.ts';

const HEALTH = ['/healthz', '/livez', '/readyz'];
const HEALTH_PART = /\/(?:ping|log|etcd)$/;
const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

/** @throws Refusal 404 */
export function discover(call: Call, catalog: Catalog): TransportResponse {
  const groups = groupsWith(catalog.defined());
  const [, root = '', group, version, ...more] = call.path.split('/');
  if (isHealth(call.path)) return replyText(200, healthText(call), PLAIN);
  if (call.method !== 'GET') throw methodNotAllowed();
  if (root === 'openapi') return openapi(call, catalog);
  const aggregated = aggregatedVersion(call.headers['accept'] ?? '');
  const found = more.length > 0 ? undefined : document(groups, [root, group, version], aggregated);
  if (found === undefined) return replyNothing(call.path, groups);
  const whole = group === undefined || group === '';
  if (aggregated && whole && (root === 'api' || root === 'apis')) {
    const type = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
    return replyJson(200, JSON.stringify(found), { 'content-type': type, vary: 'Accept' });
  }
  return replyValue(200, found);
}

/** May be asked by any method. */
export function isHealth(path: string): boolean {
  return HEALTH.includes(path.replace(HEALTH_PART, ''));
}

function healthText({ path, query }: Call): string {
  if (!query.has('verbose') || HEALTH_PART.test(path)) return 'ok';
  return `${['ping', 'log', 'etcd'].map((part) => `[+]${part} ok\n`).join('')}${path.slice(1)} check passed\n`;
}

/** The API server answers for the groups that it serves; what nobody serves is answered without a Status. @throws Refusal 404 */
export function replyNothing(path: string, groups: readonly ServedGroup[]): TransportResponse {
  const [, root = '', first = ''] = path.split('/');
  if (root === 'api' || (root === 'apis' && groups.some(({ group, defined }) => group === first && !defined)))
    throw noSuchPath();
  return replyText(404, '404 page not found\n', PLAIN);
}

type Groups = readonly ServedGroup[];

function document(
  groups: Groups,
  [root, first, second]: readonly [root: string, first: string | undefined, second: string | undefined],
  aggregated: string | undefined,
): Json | undefined {
  const name = `${root}${first ? `/${first}` : ''}${second ? `/${second}` : ''}`;
  switch (root) {
    case '':
      return { paths: paths(groups) };
    case 'version':
      return first === undefined ? versionInfo : undefined;
    case 'api':
      if (second) return undefined;
      return first
        ? resourceList(groups.find(({ group, version }) => group === '' && version === first))
        : coreVersions(groups, aggregated);
    case 'apis':
      if (!first)
        return aggregated
          ? aggregate(
              groups.filter(({ group }) => group !== ''),
              aggregated,
            )
          : groupList(groups);
      if (!second) return groupDocument(groups, first);
      return resourceList(groups.find((served) => `apis/${groupVersion(served)}` === name));
    default:
      return undefined;
  }
}

/** `v2`, `v2beta1`, or undefined when the client does not ask for everything in one document. */
function aggregatedVersion(accept: string): string | undefined {
  const range = accept.split(',').find((part) => part.includes('as=APIGroupDiscoveryList'));
  return range === undefined ? undefined : /;\s*v=(v2beta1|v2)(?:;|$)/.exec(range.trim())?.[1];
}

function coreVersions(groups: Groups, aggregated: string | undefined): JsonObject {
  if (aggregated)
    return aggregate(
      groups.filter(({ group }) => group === ''),
      aggregated,
    );
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function groupList(groups: Groups): JsonObject {
  const names = namesOf(groups).filter((name) => name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => describeGroup(groups, name)) };
}

function namesOf(groups: Groups): readonly string[] {
  return [...new Set(groups.map(({ group }) => group))];
}

function groupDocument(groups: Groups, name: string): JsonObject | undefined {
  const known = groups.some(({ group }) => group === name);
  return known ? { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(groups, name) } : undefined;
}

/** All its versions; the first one is preferred. */
function describeGroup(groups: Groups, name: string): JsonObject {
  const versions = groups
    .filter(({ group }) => group === name)
    .map((served) => ({ groupVersion: groupVersion(served), version: served.version }));
  return { name, versions, preferredVersion: versions[0] ?? {} };
}

function resourceList(served: ServedGroup | undefined): JsonObject | undefined {
  if (!served) return undefined;
  const resources = served.resources.flatMap((resource) => [describe(resource), ...describeSubresources(resource)]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(served), resources };
}

function describe(resource: ServedResource): JsonObject {
  const { name, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = resource;
  return {
    name,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
  };
}

function describeSubresources({ name, namespaced, subresources }: ServedResource): readonly JsonObject[] {
  return subresources.map((subresource) => ({
    name: `${name}/${subresource.name}`,
    singularName: '',
    namespaced,
    ...(subresource.group && { group: subresource.group }),
    ...(subresource.version && { version: subresource.version }),
    kind: subresource.kind,
    verbs: subresource.verbs,
  }));
}

function aggregate(served: Groups, version: string): JsonObject {
  const items = namesOf(served).map((name) => ({
    metadata: { ...(name && { name }), creationTimestamp: null },
    versions: served
      .filter(({ group }) => group === name)
      .map((group) => ({
        version: group.version,
        resources: group.resources.map((resource) => aggregateResource(group, resource)),
        freshness: 'Current',
      })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function aggregateResource(served: ServedGroup, resource: ServedResource): JsonObject {
  const place = served.defined ? { group: served.group, version: served.version } : { group: '', version: '' };
  const { name, kind, namespaced, singular, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: name,
    responseKind: { ...place, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: {
              group: subresource.group || place.group,
              version: subresource.version || place.version,
              kind: subresource.kind,
            },
            verbs: subresource.verbs,
          })),
        }
      : {}),
  };
}

function paths(groups: Groups): readonly string[] {
  const versions = groups.flatMap((served) =>
    served.group === '' ? ['/api', '/api/v1'] : [`/apis/${served.group}`, `/apis/${groupVersion(served)}`],
  );
  return [...new Set([...versions, '/apis', ...HEALTH, '/openapi/v2', '/openapi/v3', '/version'])].sort();
}

/** openapi.v2.Document in protobuf: swagger "2.0", info {title "Larder", version "v1"}, no paths. All of it is ASCII. */
const EMPTY_V2 = '\n\u00032.0\u0012\u000c\n\u0006Larder\u0012\u0002v1B\u0000';

function openapi(call: Call, catalog: Catalog): TransportResponse {
  // kubectl falls back to version 2 for a kind: List and for kinds that version 3 does not have. An empty document lets
  // it go on to the right message; a 404 would end in "the server could not find the requested resource".
  if (call.path === '/openapi/v2') {
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    return replyText(200, EMPTY_V2, { 'content-type': type });
  }
  if (call.path === '/openapi/v2') {
    const binary = (call.headers['accept'] ?? '').includes('protobuf');
    return binary
      ? replyText(200, openapiV2.protobuf, { 'content-type': openapiV2.type })
      : replyValue(200, openapiV2.json);
  }
  if (call.path === '/openapi/v3' || call.path === '/openapi/v3/')
    return replyValue(200, openapiIndex(catalog.defined()));
  const text = openapiDocument(call.path.slice('/openapi/v3/'.length), catalog.defined());
  if (text === undefined || !call.path.startsWith('/openapi/v3/')) throw noSuchPath();
  const cache: Record<string, string> = call.query.has('hash') ? { 'cache-control': 'public, immutable' } : {};
  return replyJson(200, text, cache);
}
