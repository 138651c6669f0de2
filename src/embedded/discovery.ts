/** What is served, for clients that ask before they act: versions, groups, resources, schema and health. */
import type { TransportResponse } from '../kube/transport.ts';
import type { Call } from './call.ts';
import type { Json, JsonObject } from './json.ts';
import { groupVersion } from './kind.ts';
import { openapiDocument, openapiIndex, openapiV2 } from './openapi.ts';
import { noSuchPath } from './refusal.ts';
import { replyJson, replyText, replyValue } from './reply.ts';
import { groups, type ServedGroup, type ServedResource } from './resources.ts';
import { versionInfo } from './version.ts';

const HEALTH = ['/healthz', '/livez', '/readyz'];

/** @throws Refusal 404 */
export function discover(call: Call): TransportResponse {
  const [, root = '', group, version, ...more] = call.path.split('/');
  if (HEALTH.includes(call.path)) return replyText(200, 'ok', { 'content-type': 'text/plain; charset=utf-8' });
  if (root === 'openapi') return openapi(call);
  const aggregated = aggregatedVersion(call.headers['accept'] ?? '');
  const found = more.length > 0 ? undefined : document(root, group, version, aggregated);
  if (found === undefined) throw noSuchPath();
  const whole = group === undefined || group === '';
  if (aggregated && whole && (root === 'api' || root === 'apis')) {
    const type = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
    return replyJson(200, JSON.stringify(found), { 'content-type': type, vary: 'Accept' });
  }
  return replyValue(200, found);
}

function document(
  root: string,
  first: string | undefined,
  second: string | undefined,
  aggregated: string | undefined,
): Json | undefined {
  const name = `${root}${first ? `/${first}` : ''}${second ? `/${second}` : ''}`;
  switch (root) {
    case '':
      return { paths: paths() };
    case 'version':
      return first === undefined ? versionInfo : undefined;
    case 'api':
      if (second) return undefined;
      return first
        ? resourceList(groups.find(({ group, version }) => group === '' && version === first))
        : coreVersions(aggregated);
    case 'apis':
      if (!first)
        return aggregated
          ? aggregate(
              groups.filter(({ group }) => group !== ''),
              aggregated,
            )
          : groupList();
      if (!second) return groupDocument(first);
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

function coreVersions(aggregated: string | undefined): JsonObject {
  if (aggregated)
    return aggregate(
      groups.filter(({ group }) => group === ''),
      aggregated,
    );
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function groupList(): JsonObject {
  const named = groups.filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(describeGroup) };
}

function groupDocument(name: string): JsonObject | undefined {
  const found = groups.find(({ group }) => group === name);
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(found) };
}

function describeGroup(served: ServedGroup): JsonObject {
  const version = { groupVersion: groupVersion(served), version: served.version };
  return { name: served.group, versions: [version], preferredVersion: version };
}

function resourceList(served: ServedGroup | undefined): JsonObject | undefined {
  if (!served) return undefined;
  const resources = served.resources.flatMap((resource) => [describe(resource), ...describeSubresources(resource)]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(served), resources };
}

function describe({ name, singular, namespaced, kind, verbs, shortNames, categories }: ServedResource): JsonObject {
  return {
    name,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
}

function describeSubresources({ name, namespaced, subresources }: ServedResource): readonly JsonObject[] {
  return subresources.map((subresource) => ({
    name: `${name}/${subresource.name}`,
    singularName: '',
    namespaced,
    kind: subresource.kind,
    verbs: subresource.verbs,
  }));
}

function aggregate(served: readonly ServedGroup[], version: string): JsonObject {
  const items = served.map((group) => ({
    metadata: { ...(group.group && { name: group.group }), creationTimestamp: null },
    versions: [{ version: group.version, resources: group.resources.map(aggregateResource), freshness: 'Current' }],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function aggregateResource(resource: ServedResource): JsonObject {
  const { name, kind, namespaced, singular, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: name,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: { group: '', version: '', kind: subresource.kind },
            verbs: subresource.verbs,
          })),
        }
      : {}),
  };
}

function paths(): readonly string[] {
  const versions = groups.flatMap((served) =>
    served.group === '' ? ['/api', '/api/v1'] : [`/apis/${served.group}`, `/apis/${groupVersion(served)}`],
  );
  return [...new Set([...versions, '/apis', ...HEALTH, '/openapi/v2', '/openapi/v3', '/version'])].sort();
}

/** openapi.v2.Document in protobuf: swagger "2.0", info {title "Larder", version "v1"}, no paths. All of it is ASCII. */
const EMPTY_V2 = '\n\u00032.0\u0012\u000c\n\u0006Larder\u0012\u0002v1B\u0000';

function openapi(call: Call): TransportResponse {
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
  if (call.path === '/openapi/v3' || call.path === '/openapi/v3/') return replyValue(200, openapiIndex());
  const text = openapiDocument(call.path.slice('/openapi/v3/'.length));
  if (text === undefined || !call.path.startsWith('/openapi/v3/')) throw noSuchPath();
  const cache: Record<string, string> = call.query.has('hash') ? { 'cache-control': 'public, immutable' } : {};
  return replyJson(200, text, cache);
}
