/**
 * Writes src/embedded/protobuf.generated.json: how the kinds that are served look in protobuf, out of the tags in
 * types.go of k8s.io/api and k8s.io/apimachinery, with everything that they refer to.
 *
 *   node test/tools/protobuf.ts DIR VERSION      DIR = the Go module cache (`go env GOMODCACHE`), VERSION for example v0.36.3
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Packages of k8s.io/api, and what of them is a body of its own. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'core/v1': [
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'Namespace',
    'Node',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Pod',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apps/v1': ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'events/v1': ['Event'],
  'authentication/v1': ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  'authorization/v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  'autoscaling/v1': ['Scale'],
  'batch/v1': ['CronJob', 'Job'],
  'networking/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'policy/v1': ['Eviction', 'PodDisruptionBudget'],
  'rbac/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'storage/v1': [
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
    'VolumeAttributesClass',
  ],
  'admissionregistration/v1': [
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'scheduling/v1': ['PriorityClass'],
  'coordination/v1': ['Lease'],
  'discovery/v1': ['EndpointSlice'],
};

const META = 'meta/v1';
const DELETE_OPTIONS = `${META}.DeleteOptions`;

/** Written in a form of their own, which the reader knows. */
const SPECIAL: Readonly<Record<string, string>> = {
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'port',
  'runtime.RawExtension': 'raw',
  'types.UID': 'string',
  'types.NodeName': 'string',
  [`${META}.Time`]: 'time',
  [`${META}.MicroTime`]: 'microtime',
  [`${META}.FieldsV1`]: 'fields',
};

const BASIC: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int',
  int64: 'int',
  '[]byte': 'bytes',
};

/** One package's types.go. */
interface Package {
  readonly name: string;
  /** The path of what is imported, by the name that it has here. */
  readonly imports: ReadonlyMap<string, string>;
  /** Bodies of structs. */
  readonly structs: ReadonlyMap<string, string>;
  /** What a type that is no struct is made of. */
  readonly others: ReadonlyMap<string, string>;
}

const { positionals } = parseArgs({ allowPositionals: true });
const [cache, version] = positionals;
if (cache === undefined || version === undefined) throw new Error('usage: node test/tools/protobuf.ts DIR VERSION');
const packages = new Map<string, Package>();

function packageOf(name: string): Package {
  const known = packages.get(name);
  if (known) return known;
  const path = name === META ? `apimachinery@${version}/pkg/apis/meta/v1` : `api@${version}/${name}`;
  const text = readFileSync(join(String(cache), 'k8s.io', path, 'types.go'), 'utf8');
  const imports = [...text.matchAll(/^\t(?:(\w+) )?"([^"]+)"$/gm)].map(([, alias, imported = '']) => {
    return [alias ?? imported.split('/').at(-1) ?? '', imported] as const;
  });
  const structs = [...text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)].map(
    ([, own = '', body = '']) => [own, body] as const,
  );
  const others = [...text.matchAll(/^type (\w+) ([^{\n]+)$/gm)].map(
    ([, own = '', base = '']) => [own, base.trim()] as const,
  );
  const made = { name, imports: new Map(imports), structs: new Map(structs), others: new Map(others) };
  packages.set(name, made);
  return made;
}

const messages = new Map<string, Readonly<Record<string, string>>>();

/** What the type is called in the table; the messages that it needs are put there. */
function typeName(type: string, here: Package): string {
  const basic = BASIC[type];
  if (basic !== undefined) return basic;
  const [left = '', right] = type.split('.');
  const holder = right === undefined ? here.name : packageName(here.imports.get(left) ?? left);
  const name = `${holder}.${right ?? left}`;
  const special = SPECIAL[name];
  if (special !== undefined) return special;
  const source = packageOf(holder);
  const base = source.others.get(right ?? left);
  if (base !== undefined)
    return base.startsWith('[]') ? `list:${typeName(base.slice(2), source)}` : typeName(base, source);
  addMessage(name, source, right ?? left);
  return name;
}

/** `core/v1`, `meta/v1`, `resource`. */
function packageName(path: string): string {
  if (path.startsWith('k8s.io/api/')) return path.slice('k8s.io/api/'.length);
  return path.endsWith('/apis/meta/v1') ? META : (path.split('/').at(-1) ?? path);
}

/** Other tags may stand between the two. */
const FIELD = /^\t(?:\w+\s+)?(\S+)\s+`json:"([^",]*)([^"]*)"[^`]*? ?protobuf:"\w+,(\d+),/gm;

function addMessage(name: string, source: Package, struct: string): void {
  if (messages.has(name)) return;
  const body = source.structs.get(struct);
  if (body === undefined) throw new Error(`${name} is no struct`);
  const fields: Record<string, string> = {};
  messages.set(name, fields); // before its members: a message may contain itself
  for (const [, type = '', json = '', options = '', number = ''] of body.matchAll(FIELD)) {
    fields[number] = `${options.includes('inline') ? '' : json} ${fieldType(type, source)}`;
  }
}

/** A pointer says that zero was meant. */
function fieldType(type: string, source: Package): string {
  if (type.startsWith('*')) return `?${typeName(type.slice(1), source)}`;
  const list = type === '[]byte' ? undefined : /^\[\](.+)$/.exec(type)?.[1];
  if (list !== undefined) return `*${typeName(list.replace(/^\*/, ''), source)}`;
  const named = source.others.get(type);
  const entry = /^map\[[^\]]+\](.+)$/.exec(type.startsWith('map[') ? type : (named ?? qualifiedMap(type, source)))?.[1];
  if (entry !== undefined) return `#${typeName(entry, type.includes('.') ? packageOf('core/v1') : source)}`;
  return typeName(type, source);
}

/** `v1.ResourceList` is a map, of another package. */
function qualifiedMap(type: string, source: Package): string {
  const [left = '', right] = type.split('.');
  const holder = packageName(source.imports.get(left) ?? '');
  if (right === undefined || !/^[a-z]+\/v1$/.test(holder)) return '';
  return packageOf(holder).others.get(right) ?? '';
}

const GROUPS: Readonly<Record<string, string>> = {
  'core/v1': 'v1',
  'events/v1': 'events.k8s.io/v1',
  'authentication/v1': 'authentication.k8s.io/v1',
  'authorization/v1': 'authorization.k8s.io/v1',
  'networking/v1': 'networking.k8s.io/v1',
  'rbac/v1': 'rbac.authorization.k8s.io/v1',
  'storage/v1': 'storage.k8s.io/v1',
  'admissionregistration/v1': 'admissionregistration.k8s.io/v1',
  'scheduling/v1': 'scheduling.k8s.io/v1',
  'coordination/v1': 'coordination.k8s.io/v1',
  'discovery/v1': 'discovery.k8s.io/v1',
};

const kinds = Object.entries(KINDS).flatMap(([name, members]) =>
  members.map((kind) => [`${GROUPS[name] ?? name}/${kind}`, typeName(kind, packageOf(name))] as const),
);
typeName('DeleteOptions', packageOf(META));
const comment = `Generated by test/tools/protobuf.ts from types.go of k8s.io/api ${version} (Apache-2.0). Do not edit.`;
const lines = (entries: readonly (readonly [string, unknown])[]): string =>
  entries.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n');
const sorted = [...messages].sort(([left], [right]) => (left < right ? -1 : 1));
const text = `{\n  "comment": ${JSON.stringify(comment)},\n  "deleteOptions": ${JSON.stringify(DELETE_OPTIONS)},\n  "kinds": {\n${lines(kinds)}\n  },\n  "messages": {\n${lines(sorted)}\n  }\n}\n`;
writeFileSync(new URL('../../src/embedded/protobuf.generated.json', import.meta.url), text);
console.log(`${messages.size} messages, ${text.length} bytes`);
