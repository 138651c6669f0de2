import { backendFindings } from './backend.ts';
import { dig, type Fields, fields, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import type { Check } from './subject.ts';
import type { WrittenManifest, WrittenModule } from './tree.ts';
import { type Container, labelOf, textMap, type Workload, workloadsOf } from './workload.ts';

/** C18, names and references: names are valid and unique, and what a manifest names is in its module. */
export const reference: Check = {
  id: 'C18',
  title: 'names and references',
  run: ({ tree }) => [
    ...tree.modules.flatMap((module) => [
      ...nameFindings(module),
      ...referenceFindings(module),
      ...terraformFindings(tree.files, module),
    ]),
    ...backendFindings(tree),
  ],
};

/** As the API server takes them: Services are DNS labels that begin with a letter, the rest DNS subdomains. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** Roles and the like are path segments: anything but a slash or a percent sign. */
const FREE_NAMES: readonly string[] = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

function nameFindings({ manifests }: WrittenModule): readonly Finding[] {
  const seen = new Map<string, WrittenManifest>();
  return manifests.flatMap((manifest): readonly Finding[] => {
    const { kind, name, namespace, file } = manifest;
    const where = {
      check: 'C18',
      severity: 'error',
      file,
      line: manifest.lineOf('metadata', 'name'),
      object: `${kind}/${name}`,
    } as const;
    const isLabel = kind === 'Service';
    const longest = isLabel ? LONGEST_LABEL : LONGEST_NAME;
    const findings: Finding[] = [];
    if (!FREE_NAMES.includes(kind) && (!(isLabel ? LABEL : SUBDOMAIN).test(name) || name.length > longest)) {
      const message = `${JSON.stringify(name)} is no name that Kubernetes takes`;
      findings.push({ ...where, message, todo: `Use a-z, 0-9 and -, at most ${longest} characters.` });
    }
    const id = `${kind}/${namespace}/${name}`;
    const before = seen.get(id);
    seen.set(id, manifest);
    if (before) {
      const message = `${before.file} has the same kind and name: one would replace the other`;
      findings.push({ ...where, message, todo: 'Rename one of them.' });
    }
    return [...findings, ...labelFindings(manifest)];
  });
}

const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

function labelFindings(manifest: WrittenManifest): readonly Finding[] {
  const labels = Object.entries(textMap(dig(manifest.object, 'metadata', 'labels')));
  return labels
    .filter(([, value]) => !LABEL_VALUE.test(value))
    .map(([key, value]) => ({
      check: 'C18',
      severity: 'error',
      file: manifest.file,
      line: manifest.lineOf('metadata', 'labels', key),
      object: `${manifest.kind}/${manifest.name}`,
      message: `${JSON.stringify(value)} is no value for the label ${key}`,
      todo: 'At most 63 of a-z, A-Z, 0-9, -, _ and ., beginning and ending with a letter or digit; else use an annotation.',
    }));
}

interface Wanted {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
  readonly key?: string;
}

function referenceFindings(module: WrittenModule): readonly Finding[] {
  const workloads = workloadsOf(module);
  return [
    ...workloads.flatMap((workload) =>
      [
        ...podReferences(workload.pod),
        ...workload.containers.flatMap(containerReferences),
        ...fileReferences(module, workload),
      ]
        .filter((wanted) => !isThere(module, wanted))
        .map((wanted) => missing(workload, wanted)),
    ),
    ...workloads.flatMap((workload) => workload.containers.flatMap((container) => mountFindings(workload, container))),
  ];
}

function missing(workload: Workload, { kind, name, key }: Wanted): Finding {
  const { manifest, podPath } = workload;
  const message =
    key === undefined
      ? `it needs the ${kind} ${name}, which the module does not write`
      : `it needs the key ${key} of the ${kind} ${name}, which the module does not write there`;
  const where = { file: manifest.file, line: manifest.lineOf(...podPath), object: labelOf(workload) };
  return {
    check: 'C18',
    severity: 'error',
    ...where,
    message,
    todo: `Write it, or mark it optional where the pod may start without.`,
  };
}

/** Single keys that a volume picks out, and those that a mount picks out of a volume by its subPath. */
function fileReferences(module: WrittenModule, { pod, containers }: Workload): readonly Wanted[] {
  const volumes = maps(pod['volumes']);
  const picked = volumes.flatMap((volume) =>
    filesIn(volume).flatMap(({ source, items }) => items.map((key) => ({ ...source, key }))),
  );
  const mounts = containers.flatMap(({ spec }) => maps(spec['volumeMounts']));
  const mounted = mounts.flatMap((mount): readonly Wanted[] => {
    const [key = ''] = word(mount['subPath']).split('/');
    const files = volumes.filter(({ name }) => name === mount['name']).flatMap(filesIn);
    const [first] = files;
    // one of several sources is enough, and a source that is not there at all is told already
    const holds = files.some(({ source, paths }) => paths?.includes(key) ?? isThere(module, { ...source, key }));
    const isKnown = files.every(({ source }) => isThere(module, source));
    return first === undefined || key === '' || holds || !isKnown ? [] : [{ ...first.source, key }];
  });
  return [...picked, ...mounted];
}

interface FileSource {
  readonly source: Wanted;
  /** Keys that it picks out. */
  readonly items: readonly string[];
  /** First parts of the paths that these have; absent: all keys, each at its own name. */
  readonly paths?: readonly string[];
}

function filesIn(volume: Fields): readonly FileSource[] {
  const sources = [volume, ...maps(dig(volume, 'projected', 'sources'))];
  return sources.flatMap((each): readonly FileSource[] => {
    const of = each['configMap'] ?? each['secret'];
    const [source] = [...configMapOf(each), ...secretOf(each)];
    if (!source) return [];
    const items = maps(dig(of, 'items'));
    const paths = items.map(({ path }) => word(path).split('/')[0] ?? '');
    return [{ source, items: items.map(({ key }) => word(key)), ...(items.length > 0 ? { paths } : {}) }];
  });
}

function configMapOf(volume: Fields): readonly Wanted[] {
  return named('ConfigMap', volume['configMap'], 'name');
}

function secretOf(volume: Fields): readonly Wanted[] {
  return named('Secret', volume['secret'], 'secretName' in fields(volume['secret']) ? 'secretName' : 'name');
}

function podReferences(pod: Fields): readonly Wanted[] {
  const account = word(pod['serviceAccountName']);
  const volumes = maps(pod['volumes']).flatMap((volume) => [volume, ...maps(dig(volume, 'projected', 'sources'))]);
  return [
    ...(account === '' || account === 'default' ? [] : [{ kind: 'ServiceAccount', name: account } as const]),
    ...volumes.flatMap((volume) => [
      ...configMapOf(volume),
      ...secretOf(volume),
      ...named('PersistentVolumeClaim', volume['persistentVolumeClaim'], 'claimName'),
    ]),
  ];
}

function containerReferences({ spec }: Container): readonly Wanted[] {
  const env = maps(spec['env']).flatMap(({ valueFrom }) => [
    ...named('ConfigMap', dig(valueFrom, 'configMapKeyRef'), 'name'),
    ...named('Secret', dig(valueFrom, 'secretKeyRef'), 'name'),
  ]);
  const from = maps(spec['envFrom']).flatMap(({ configMapRef, secretRef }) => [
    ...named('ConfigMap', configMapRef, 'name'),
    ...named('Secret', secretRef, 'name'),
  ]);
  return [...env, ...from];
}

function named(kind: Wanted['kind'], source: unknown, field: string): readonly Wanted[] {
  const name = word(dig(source, field));
  const key = word(dig(source, 'key'));
  if (name === '' || dig(source, 'optional') === true) return [];
  return [{ kind, name, ...(key === '' ? {} : { key }) }];
}

/** What a manifest of the module gives. */
function isThere({ manifests }: WrittenModule, { kind, name, key }: Wanted): boolean {
  const found = manifests.find((each) => each.kind === kind && each.name === name);
  if (kind !== 'Secret') return found !== undefined && (key === undefined || hasKey(found.object, key));
  if (found) return key === undefined || hasKey(found.object, key);
  const made = manifests.find(
    (each) =>
      each.kind === 'ExternalSecret' && (word(dig(each.object, 'spec', 'target', 'name')) || each.name) === name,
  );
  return made !== undefined && (key === undefined || makesKey(made.object, key));
}

function hasKey(object: unknown, key: string): boolean {
  return ['data', 'stringData', 'binaryData'].some((part) => key in fields(dig(object, part)));
}

function makesKey(object: unknown, key: string): boolean {
  const template = dig(object, 'spec', 'target', 'template', 'data');
  const merges = dig(object, 'spec', 'target', 'template', 'mergePolicy') === 'Merge';
  if (template !== undefined && key in fields(template)) return true;
  if (template !== undefined && !merges) return false;
  const whole =
    dig(object, 'spec', 'dataFrom') !== undefined ||
    dig(object, 'spec', 'target', 'template', 'templateFrom') !== undefined;
  return whole || maps(dig(object, 'spec', 'data')).some(({ secretKey }) => secretKey === key);
}

function mountFindings(workload: Workload, { spec, path, name }: Container): readonly Finding[] {
  const { manifest, pod } = workload;
  const templates = maps(dig(manifest.object, 'spec', 'volumeClaimTemplates')).map((each) =>
    dig(each, 'metadata', 'name'),
  );
  const known = [...maps(pod['volumes']).map((volume) => volume['name']), ...templates];
  return [...maps(spec['volumeMounts']), ...maps(spec['volumeDevices'])]
    .filter((each) => !known.includes(each['name']))
    .map((each) => ({
      check: 'C18',
      severity: 'error',
      file: manifest.file,
      line: manifest.lineOf(...path, 'volumeMounts'),
      object: labelOf(workload),
      message: `${name} mounts the volume ${word(each['name'])}, which the pod does not have`,
      todo: 'Add the volume, or correct its name.',
    }));
}

/** A manifest that no resource applies is never there, and one that two apply is fought over. */
function terraformFindings(
  files: ReadonlyMap<string, string>,
  { folder, manifests }: WrittenModule,
): readonly Finding[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const main = files.get(`${prefix}main.tf`);
  if (main === undefined) {
    const message = 'the module has no main.tf: nothing applies its manifests';
    return [
      { check: 'C18', severity: 'error', file: `${prefix}main.tf`, object: folder, message, todo: 'Convert again.' },
    ];
  }
  const names = new Set(manifests.map(({ file }) => file.slice(file.lastIndexOf('/') + 1)));
  return [...names].flatMap((name): readonly Finding[] => {
    const count = main.split(`/${name}"`).length - 1;
    if (count === 1) return [];
    const message =
      count === 0 ? `no resource applies manifests/${name}` : `${count} resources apply manifests/${name}`;
    return [
      {
        check: 'C18',
        severity: 'error',
        file: `${prefix}main.tf`,
        object: folder,
        message,
        todo: 'One resource for each file.',
      },
    ];
  });
}
