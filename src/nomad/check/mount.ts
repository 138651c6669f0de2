import type { Item } from '../jobspec/field.ts';
import type { Volume } from '../jobspec/job.ts';
import { dig, type Fields, fields, list, maps, word } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import { behind, type Origin, otherSource } from './mount-source.ts';
import {
  type Check,
  type Placed,
  type Subject,
  settingItem,
  settingsOf,
  type TaskSubject,
  tasksOf,
} from './subject.ts';
import { labelOf } from './workload.ts';

/** C6: every mount of a task is a mount of its container, read-only where it was, and shows the same data. */
export const mount: Check = {
  id: 'C6',
  title: 'mounts',
  run: (subject) =>
    tasksOf(subject).flatMap((task) => {
      const { report } = subject;
      const wanted = wantedOf(subject, task).filter(({ items, entry }) =>
        entry ? !report.lostEntry(entry.item, entry.words) : !items.some((item) => report.lost(item)),
      );
      return task.containers.flatMap((placed) => wanted.flatMap((each) => mountFindings(subject, each, placed)));
    }),
};

interface Wanted {
  readonly target: string;
  readonly readOnly: boolean;
  readonly items: readonly Item[];
  /** Of a list: where it stands, and what an account may call it by. */
  readonly entry?: { readonly item: Item; readonly words: readonly string[] };
  /** Of the volumes that may stand behind it; absent: any. */
  readonly sources?: readonly string[];
  /** Absent: the job does not say it, or another check looks. */
  readonly origin?: Origin;
}

const claims = ['persistentVolumeClaim', 'ephemeral', 'csi', 'nfs'] as const;

function wantedOf(subject: Subject, task: TaskSubject): readonly Wanted[] {
  return [...volumeMounts(subject, task), ...bindStrings(task), ...mountBlocks(task)].filter(
    ({ target }) => target !== '' && !target.includes('${'),
  );
}

function volumeMounts(subject: Subject, { task, of: { group } }: TaskSubject): readonly Wanted[] {
  return task.volume_mount.map((each): Wanted => {
    const volume = group.volume.find(({ label }) => label.text === each.volume?.value);
    const parts: readonly unknown[] = [each, each.destination, volume, volume?.source];
    return {
      target: each.destination?.value ?? '',
      readOnly: each.read_only.value || volume?.read_only.value === true,
      items: parts.filter(isItem),
      ...(volume?.type.value === 'csi' ? { sources: claims } : {}),
      ...(volume ? { origin: volumeOrigin(subject, volume, group.volume) } : {}),
    };
  });
}

function volumeOrigin({ report, policy }: Subject, volume: Volume, all: readonly Volume[]): Origin {
  const source = volume.source?.value ?? volume.label.text;
  // a dynamic host volume is told from one of the client's configuration by what only it has
  const isClaimed = volume.type.value !== 'host' || volume.sticky.value || volume.access_mode !== undefined;
  if (isClaimed) return { kind: 'directory', source, label: volume.label.text };
  const path = Object.hasOwn(policy.hostVolumes, source) ? policy.hostVolumes[source] : undefined;
  // where a person answered, the report has the path of each
  const pathsOf = (each: Volume): readonly string[] =>
    report.of(each).flatMap(({ text }) => /^hostPath (\/.*)$/.exec(text)?.[1] ?? []);
  const own = pathsOf(volume);
  const others = all.flatMap((each) => (each === volume ? [] : pathsOf(each))).filter((each) => !own.includes(each));
  return { kind: 'host', source, others, ...(path === undefined ? {} : { path }) };
}

/** docker's `volumes`: `source:target[:options]`. */
function bindStrings({ task: { config } }: TaskSubject): readonly Wanted[] {
  if (!config) return [];
  const node = config.body.attributes.find(({ name }) => name === 'volumes')?.value;
  return list(settingsOf(config)['volumes']).map((each, index): Wanted => {
    const [source = '', target = '', options = ''] = word(each).split(':');
    const { path, at } = settingItem(config, 'volumes');
    const item = { path, at: (node?.kind === 'list' ? node.items[index]?.at : undefined) ?? at };
    const readOnly = options.split(',').includes('ro');
    const isNamed = settingsOf(config)['volume_driver'] !== undefined;
    const origin = originOf(source, isNamed);
    return { target, readOnly, items: [item], entry: { item, words: [source, target] }, ...origin };
  });
}

/** Of docker's own mounts; a source below the task's directory is a template's, or begins empty. */
function originOf(source: string, isNamed: boolean): { readonly origin?: Origin } {
  if (source === '' || source.includes('${')) return {};
  if (isNamed) return { origin: { kind: 'directory', source, label: source } };
  return source.startsWith('/') && !/^\/(?:alloc|local|secrets)(?:\/|$)/.test(source)
    ? { origin: { kind: 'path', path: source } }
    : {};
}

/** docker's `mount` blocks and `mounts` lists, which are the same. */
function mountBlocks({ task: { config } }: TaskSubject): readonly Wanted[] {
  if (!config) return [];
  const settings = settingsOf(config);
  return ['mount', 'mounts'].flatMap((name) =>
    maps(settings[name]).map((each, index): Wanted => {
      const readOnly = [each['readonly'], each['read_only'], each['ro']].some((value) => word(value) === 'true');
      const target = word(each['target'] ?? each['destination'] ?? each['dst']);
      const { path, at } = settingItem(config, name);
      const own = index === 0 ? path : `${path}[${index}]`;
      return {
        target,
        readOnly,
        items: ['', '.type', '.source', '.target'].map((part) => ({ path: `${own}${part}`, at })),
        ...blockOrigin(each),
      };
    }),
  );
}

/** A volume of Docker is a directory of a class, unless its options say what it is. */
function blockOrigin(block: Readonly<Record<string, unknown>>): { readonly origin?: Origin } {
  const source = word(block['source']);
  const type = word(block['type']) || 'volume';
  if (type !== 'volume') return type === 'bind' ? originOf(source, false) : {};
  const options = optionsOf(block);
  const [device = '', given = ''] = [word(options['device']), word(options['o'])];
  if (!/^nfs4?$/.test(word(options['type']))) {
    if (Object.keys(options).length === 0) return originOf(source, true);
    return given.split(',').includes('bind') ? originOf(device, false) : {};
  }
  const server = /(?:^|,)addr=([^,]+)/.exec(given)?.[1] ?? /^([^:/]+):/.exec(device)?.[1];
  const path = device.slice(device.indexOf(':') + 1);
  return path === '' ? {} : { origin: { kind: 'export', path, ...(server === undefined ? {} : { server }) } };
}

/** Blocks are lists of one. */
function optionsOf(block: Readonly<Record<string, unknown>>): Fields {
  const inside = (value: unknown, key: string): unknown => dig(Array.isArray(value) ? value[0] : value, key);
  const options = inside(inside(inside(block, 'volume_options'), 'driver_config'), 'options');
  return fields(Array.isArray(options) ? options[0] : options);
}

function mountFindings(subject: Subject, wanted: Wanted, { workload, container }: Placed): readonly Finding[] {
  const { manifest, pod } = workload;
  const [item] = wanted.items;
  const from = item ? ` of ${item.at.file}:${item.at.line}` : '';
  const where = {
    check: 'C6',
    severity: 'error',
    file: manifest.file,
    line: manifest.lineOf(...container.path, 'volumeMounts'),
    object: labelOf(workload),
  } as const;
  const found = [...maps(container.spec['volumeMounts']), ...maps(container.spec['volumeDevices'])].find(
    (each) => trimmed(word(each['mountPath'] ?? each['devicePath'])) === trimmed(wanted.target),
  );
  if (!found) {
    const message = `${container.name} has no mount at ${wanted.target}${from}`;
    return [{ ...where, message, todo: `Mount the volume at ${wanted.target}.` }];
  }
  if ((found['readOnly'] === true) !== wanted.readOnly && !isAlwaysReadOnly(found, pod)) {
    const message = `${wanted.target} is ${wanted.readOnly ? 'writable here and read-only' : 'read-only here and writable'} at${from.slice(3)}`;
    return [{ ...where, message, todo: `Set readOnly: ${wanted.readOnly}.` }];
  }
  const source = behind(found, workload);
  if (source.kind === 'absent') {
    const message = `${wanted.target} is mounted from the volume ${word(found['name'])}, which the pod does not have`;
    return [{ ...where, message, todo: 'Add the volume, or correct its name.' }];
  }
  if (wanted.sources && source.kind === 'volume' && !wanted.sources.includes(source.type)) {
    const message = `${wanted.target}${from} is a volume that outlives its pods, and is ${source.type} here`;
    return [
      { ...where, message, todo: 'Use a PersistentVolumeClaim: what is written there now is lost with the pod.' },
    ];
  }
  const other = wanted.origin && otherSource(subject, wanted.origin, { mounted: found, workload });
  if (!other) return [];
  const message = `${wanted.target}${from} shows other data: it is ${other.found}, and was ${other.wanted}`;
  return [{ ...where, message, todo: `Mount ${other.wanted} there.` }];
}

function trimmed(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

/** ConfigMaps and Secrets are never writable, whatever their mount says. */
function isAlwaysReadOnly(mounted: Fields, pod: Fields): boolean {
  const volume = maps(pod['volumes']).find(({ name }) => name === mounted['name']);
  return ['configMap', 'secret', 'projected', 'downwardAPI'].some((kind) => volume && kind in volume);
}
