/** The schema of each group and version as an OpenAPI v3 document, as kubectl reads it. */
import { createHash } from 'node:crypto';
import { reviewKinds } from './access/review-kinds.ts';
import { customSchemas, LIST_META, OBJECT_META } from './crd/openapi-schema.ts';
import { type Json, type JsonObject, objectAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { scaleKind } from './kinds/scale.ts';
import { kinds } from './kinds.ts';
import { definitions, reachableFrom } from './schema.ts';
import { gitVersion } from './version.ts';

interface Document {
  readonly text: string;
  readonly hash: string;
  readonly kinds: readonly Kind[];
}

const documents = new Map<string, Document>();

/** What has a place in the documents of the published groups. */
const described: readonly Kind[] = [...kinds, ...reviewKinds];

/** `api/v1`, `apis/storage.k8s.io/v1`. */
function nameOf(kind: Kind): string {
  return `${kind.group === '' ? 'api' : 'apis'}/${groupVersion(kind)}`;
}

/**
 * Version 2, which describes nothing: kubectl still fetches it for what version 3 does not describe (a List, a kind that
 * is not served), and with a 404 says only that, instead of reading the list or naming the kind.
 */
export const openapiV2 = {
  type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  /** openapi.v2.Document {swagger: "2.0", info: {title: "Larder", version: "v1"}, paths: {}}; all of it is ASCII. */
  protobuf: '\x0a\x032.0\x12\x0c\x0a\x06Larder\x12\x02v1\x42\x00',
  json: { swagger: '2.0', info: { title: 'Larder', version: 'v1' }, paths: {} },
} as const;

/** `defined`: the kinds that definitions add. */
export function openapiIndex(defined: readonly Kind[]): JsonObject {
  const names = [...new Set([...described, ...defined].map(nameOf))];
  const entries = names.map((name) => {
    const hash = documentOf(name, defined)?.hash ?? '';
    return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }] as const;
  });
  return { paths: Object.fromEntries(entries) };
}

/** Undefined when nothing of that name is served. */
export function openapiDocument(name: string, defined: readonly Kind[]): string | undefined {
  return documentOf(name, defined)?.text;
}

/** Made when first asked for: it is large, and many clients never ask. */
function documentOf(name: string, defined: readonly Kind[]): Document | undefined {
  const custom = defined.filter((kind) => nameOf(kind) === name);
  const known = custom[0] ? fromDefinitions.get(custom[0]) : documents.get(name);
  // a definition that changes gives new kinds
  if (known && (custom.length === 0 || sameKinds(known.kinds, custom))) return known;
  const own = custom.length > 0 ? custom : described.filter((kind) => nameOf(kind) === name);
  const [first] = own;
  if (!first) return undefined;
  const text = JSON.stringify(custom.length > 0 ? composeCustom(own) : compose(own));
  const document = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase(), kinds: own };
  if (custom.length > 0) fromDefinitions.set(first, document);
  else documents.set(name, document);
  return document;
}

/** By the first kind of the document. */
const fromDefinitions = new WeakMap<Kind, Document>();

function sameKinds(left: readonly Kind[], right: readonly Kind[]): boolean {
  return left.length === right.length && left.every((kind, index) => kind === right[index]);
}

function composeCustom(own: readonly Kind[]): JsonObject {
  const needed = [...reachableFrom([OBJECT_META, LIST_META, DELETE_OPTIONS, ...partsOf(own)])].flatMap(
    (name): [string, JsonObject][] => {
      const definition = definitions[name];
      return definition ? [[name, definition]] : [];
    },
  );
  const schemas = [...needed, ...own.flatMap(customSchemas)].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths: Object.fromEntries(own.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function compose(own: readonly Kind[]): JsonObject {
  const names = [...reachableFrom([...own.map(({ schema }) => schema), ...partsOf(own), DELETE_OPTIONS])].sort();
  const schemas = names.flatMap((name): [string, JsonObject][] => {
    const definition = definitions[name];
    return definition ? [[name, definition]] : [];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: gitVersion },
    paths: Object.fromEntries(own.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

/** Definitions of what is read and written at subresources. */
function partsOf(own: readonly Kind[]): readonly string[] {
  return own.some(({ subresources }) => subresources.includes('scale')) ? [scaleKind.schema] : [];
}

const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

function pathsOf(kind: Kind): readonly (readonly [path: string, item: JsonObject])[] {
  const root = `/${nameOf(kind)}`;
  const all = `${root}/${kind.plural}`;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : all;
  if (reviewKinds.includes(kind)) return [[collection, { post: objectAt(collectionOperations(kind), 'post') }]];
  const item = `${collection}/{name}`;
  const subresources = kind.subresources
    .filter((subresource) => subresource !== 'binding' && subresource !== 'token')
    .map((subresource) => [`${item}/${subresource}`, itemOperations(partOf(kind, subresource), subresource)] as const);
  return [
    ...(kind.namespaced ? [[all, { get: operation(kind, 'list', [...LIST]) }] as const] : []),
    [collection, collectionOperations(kind)],
    [item, itemOperations(kind, '')],
    ...subresources,
  ];
}

/** What is read and written at a subresource. */
function partOf(kind: Kind, subresource: string): Kind {
  return subresource === 'scale' ? { ...scaleKind, namespaced: kind.namespaced } : kind;
}

const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const LIST = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];

function collectionOperations(kind: Kind): JsonObject {
  return {
    get: operation(kind, 'list', LIST),
    post: withBody(operation(kind, 'post', WRITE), kind.schema),
    delete: withBody(operation(kind, 'deletecollection', [...LIST, 'dryRun']), DELETE_OPTIONS),
    parameters: pathParameters(kind, false),
  };
}

function itemOperations(kind: Kind, subresource: string): JsonObject {
  const whole = {
    get: operation(kind, 'get', []),
    put: withBody(operation(kind, 'put', WRITE), kind.schema),
    patch: operation(kind, 'patch', [...WRITE, 'force']),
  };
  const parameters = pathParameters(kind, true);
  if (subresource === 'finalize') return { put: whole.put, parameters };
  if (subresource !== '') return { ...whole, parameters };
  const options = ['dryRun', 'gracePeriodSeconds', 'propagationPolicy'];
  return { ...whole, delete: withBody(operation(kind, 'delete', options), DELETE_OPTIONS), parameters };
}

function operation(kind: Kind, action: string, parameters: readonly string[]): JsonObject {
  return {
    tags: [kind.group === '' ? 'core_v1' : `${kind.group.split('.')[0]}_${kind.version}`],
    parameters: parameters.map((name) => ({ name, in: 'query', schema: { type: typeOf(name), uniqueItems: true } })),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: reference(kind.schema) } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

const TYPES: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};

function typeOf(parameter: string): string {
  return TYPES[parameter] ?? 'string';
}

function withBody(described: JsonObject, schema: string): JsonObject {
  return { ...described, requestBody: { content: { '*/*': { schema: reference(schema) } } } };
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function pathParameters(kind: Kind, named: boolean): Json {
  const names = [...(named ? ['name'] : []), ...(kind.namespaced ? ['namespace'] : [])];
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }));
}
