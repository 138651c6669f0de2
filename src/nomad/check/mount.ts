import type { Item } from '../jobspec/field.ts';
import { dig, type Fields, list, maps, word } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import { type Check, type Placed, settingItem, settingsOf, type TaskSubject, tasksOf } from './subject.ts';
import { labelOf } from './workload.ts';

/** C6: every mount of a task is a mount of its container, read-only where it was, from a source of the right kind. */
export const mount: Check = {
  id: 'C6',
  title: 'mounts',
  run: (subject) =>
    tasksOf(subject).flatMap((task) => {
      const { report } = subject;
      const wanted = wantedOf(task).filter(({ items, entry }) =>
        entry ? !report.lostEntry(entry.item, entry.words) : !items.some((item) => report.lost(item)),
      );
      return task.containers.flatMap((placed) => wanted.flatMap((each) => mountFindings(each, placed)));
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
}

const claims = ['persistentVolumeClaim', 'ephemeral', 'csi', 'nfs'] as const;

function wantedOf(task: TaskSubject): readonly Wanted[] {
  return [...volumeMounts(task), ...bindStrings(task), ...mountBlocks(task)].filter(
    ({ target }) => target !== '' && !target.includes('${'),
  );
}

function volumeMounts({ task, of: { group } }: TaskSubject): readonly Wanted[] {
  return task.volume_mount.map((each): Wanted => {
    const volume = group.volume.find(({ label }) => label.text === each.volume?.value);
    const parts: readonly unknown[] = [each, each.destination, volume, volume?.source];
    return {
      target: each.destination?.value ?? '',
      readOnly: each.read_only.value || volume?.read_only.value === true,
      items: parts.filter(isItem),
      ...(volume?.type.value === 'csi' ? { sources: claims } : {}),
    };
  });
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
    return { target, readOnly, items: [item], entry: { item, words: [source, target] } };
  });
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
      };
    }),
  );
}

function mountFindings(wanted: Wanted, { workload, container }: Placed): readonly Finding[] {
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
  const kind = sourceOf(found, workload.pod, workload.manifest.object);
  if (kind === undefined) {
    const message = `${wanted.target} is mounted from the volume ${word(found['name'])}, which the pod does not have`;
    return [{ ...where, message, todo: 'Add the volume, or correct its name.' }];
  }
  if (!wanted.sources || wanted.sources.includes(kind)) return [];
  const message = `${wanted.target}${from} is a volume that outlives its pods, and is ${kind} here`;
  return [{ ...where, message, todo: 'Use a PersistentVolumeClaim: what is written there now is lost with the pod.' }];
}

function trimmed(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

/** Which kind of volume stands behind a mount. */
function sourceOf(mounted: Fields, pod: Fields, object: unknown): string | undefined {
  const name = mounted['name'];
  if (maps(dig(object, 'spec', 'volumeClaimTemplates')).some((each) => dig(each, 'metadata', 'name') === name)) {
    return 'persistentVolumeClaim';
  }
  const volume = maps(pod['volumes']).find((each) => each['name'] === name);
  return volume && Object.keys(volume).find((key) => key !== 'name');
}

/** ConfigMaps and Secrets are never writable, whatever their mount says. */
function isAlwaysReadOnly(mounted: Fields, pod: Fields): boolean {
  const volume = maps(pod['volumes']).find(({ name }) => name === mounted['name']);
  return ['configMap', 'secret', 'projected', 'downwardAPI'].some((kind) => volume && kind in volume);
}
