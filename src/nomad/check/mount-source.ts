import type { Policy } from '../policy.ts';
import { dig, type Fields, fields, maps, word } from './dig.ts';
import type { Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { textMap, type Workload } from './workload.ts';

/** What a mount of the job showed, as far as the job says it. */
export type Origin =
  /** A volume of Nomad or Docker whose data a class finds by its name; `source[0]` is the first of several. */
  | { readonly kind: 'directory'; readonly source: string; readonly label: string }
  /** A directory or file of the node. */
  | { readonly kind: 'path'; readonly path: string }
  /** A host volume of the clients: where it lies the job does not say. */
  | { readonly kind: 'host'; readonly source: string; readonly path?: string; readonly others: readonly string[] }
  | { readonly kind: 'export'; readonly server?: string; readonly path: string };

/** What stands behind a mount in its pod. */
type Behind =
  | { readonly kind: 'absent' }
  | { readonly kind: 'template' }
  | { readonly kind: 'volume'; readonly type: string; readonly volume: Fields };

export function behind(mounted: Fields, { pod, manifest }: Workload): Behind {
  const name = mounted['name'];
  const templates = maps(dig(manifest.object, 'spec', 'volumeClaimTemplates'));
  if (templates.some((each) => dig(each, 'metadata', 'name') === name)) return { kind: 'template' };
  const volume = maps(pod['volumes']).find((each) => each['name'] === name);
  const type = volume && Object.keys(volume).find((key) => key !== 'name');
  return volume && type !== undefined ? { kind: 'volume', type, volume } : { kind: 'absent' };
}

/** What is mounted in the place of what the job mounted, in words; undefined where it is the same, or cannot be told. */
export function otherSource(
  subject: Subject,
  origin: Origin,
  { mounted, workload }: { readonly mounted: Fields; readonly workload: Workload },
): { readonly wanted: string; readonly found: string } | undefined {
  const of = behind(mounted, workload);
  if (of.kind === 'template') return otherTemplate(origin, mounted, workload);
  if (of.kind === 'absent') return undefined;
  switch (origin.kind) {
    case 'directory':
      return otherDirectory(subject, origin, { mounted, workload, volume: of.volume });
    case 'path':
      return otherPath(origin.path, mounted, of.volume);
    case 'host':
      return otherHostVolume(origin, of.volume);
    case 'export':
      return otherExport(subject, origin, claimOf(subject, workload, of.volume));
    default:
      return origin satisfies never;
  }
}

/** A template of claims has no other mark of its volume than its name. */
function otherTemplate(origin: Origin, mounted: Fields, { manifest }: Workload): ReturnType<typeof otherSource> {
  if (origin.kind !== 'directory') return undefined;
  const own = origin.label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const names = maps(dig(manifest.object, 'spec', 'volumeClaimTemplates')).map((each) =>
    word(dig(each, 'metadata', 'name')),
  );
  const name = word(mounted['name']);
  if (name === own || !names.includes(own)) return undefined;
  return { wanted: `the claims of the template ${own}`, found: `those of ${name}` };
}

interface Mounted {
  readonly mounted: Fields;
  readonly workload: Workload;
  readonly volume: Fields;
}

function otherDirectory(
  subject: Subject,
  { source }: Extract<Origin, { kind: 'directory' }>,
  { mounted, workload, volume }: Mounted,
): ReturnType<typeof otherSource> {
  const claim = claimOf(subject, workload, volume);
  if (!claim) return undefined;
  const { policy } = subject;
  const directories = [source, `${source}[0]`].map((each) => directoryOf(each, policy));
  const wanted = `the directory ${directories[0]} of the volume ${source}`;
  const subPath = word(mounted['subPath']) || word(mounted['subPathExpr']);
  if (subPath !== '') return { wanted, found: `only ${subPath} of the claim ${claim.name}` };
  const directory = textMap(dig(claim.object, 'metadata', 'annotations'))[policy.storage.annotation];
  if (directory !== undefined && directories.includes(directory)) return undefined;
  // a volume that is named needs no directory: it was registered, or somebody brought the data there
  if (directory === undefined && word(dig(claim.object, 'spec', 'volumeName')) !== '')
    return otherHandle(subject, source, claim);
  const found =
    directory === undefined
      ? `the claim ${claim.name}, which has no annotation ${policy.storage.annotation} and would be a new, empty one`
      : `the claim ${claim.name} of the directory ${directory}`;
  return { wanted, found };
}

/** What Terraform registered is the same volume where the driver for its plugin is asked for the same handle. */
function otherHandle(
  { tree, policy, volumes }: Subject,
  source: string,
  claim: WrittenManifest,
): ReturnType<typeof otherSource> {
  const beside = volumes.get(source);
  const driver = new Map(Object.entries(policy.storage.csiDrivers)).get(beside?.pluginId ?? '');
  const csi = fields(dig(volumeOf(tree, claim)?.object, 'spec', 'csi'));
  if (beside?.externalId === undefined || driver === undefined || csi['volumeHandle'] === undefined) return undefined;
  const handle = word(csi['volumeHandle']);
  if (handle === beside.externalId && word(csi['driver']) === driver) return undefined;
  return { wanted: `the volume ${beside.externalId} of ${driver}`, found: `${handle} of ${word(csi['driver'])}` };
}

/** The PersistentVolume that a claim names, where it was written too. */
function volumeOf(tree: Subject['tree'], claim: WrittenManifest | undefined): WrittenManifest | undefined {
  const name = word(dig(claim?.object, 'spec', 'volumeName'));
  return tree.modules
    .flatMap(({ manifests }) => manifests)
    .find((each) => each.kind === 'PersistentVolume' && each.name === name);
}

/** Without what the class puts before it. */
function directoryOf(source: string, { storage: { prefix } }: Policy): string {
  return prefix !== '' && source.startsWith(prefix) && source !== prefix ? source.slice(prefix.length) : source;
}

function claimOf({ tree }: Subject, { manifest }: Workload, volume: Fields): WrittenManifest | undefined {
  const name = word(dig(volume, 'persistentVolumeClaim', 'claimName'));
  if (name === '') return undefined;
  return tree.modules
    .flatMap(({ manifests }) => manifests)
    .find(
      (each) => each.kind === 'PersistentVolumeClaim' && each.name === name && each.namespace === manifest.namespace,
    );
}

function otherPath(path: string, mounted: Fields, volume: Fields): ReturnType<typeof otherSource> {
  const host = word(dig(volume, 'hostPath', 'path'));
  // a claim in its place is a decision; a variable in a path is another check's
  if (host === '' || word(mounted['subPathExpr']) !== '') return undefined;
  const found = trimmed(`${host}/${word(mounted['subPath'])}`);
  return found === trimmed(path) ? undefined : { wanted: `${path} of the node`, found: `${found} of the node` };
}

function otherHostVolume(
  { source, path, others }: Extract<Origin, { kind: 'host' }>,
  volume: Fields,
): ReturnType<typeof otherSource> {
  const found = trimmed(word(dig(volume, 'hostPath', 'path')));
  if (found === '' || found === '/') return undefined;
  const isOther = path === undefined ? others.includes(found) : found !== trimmed(path);
  if (!isOther) return undefined;
  return {
    wanted: `the host volume ${source}${path === undefined ? '' : ` at ${path}`}`,
    found: `${found} of the node`,
  };
}

function otherExport(
  { tree }: Subject,
  { server, path }: Extract<Origin, { kind: 'export' }>,
  claim: WrittenManifest | undefined,
): ReturnType<typeof otherSource> {
  const volume = volumeOf(tree, claim);
  const { server: host, path: exported } = fields(dig(volume?.object, 'spec', 'nfs'));
  if (exported === undefined) return undefined;
  if (trimmed(word(exported)) === trimmed(path) && (server === undefined || server === word(host))) return undefined;
  return { wanted: `the export ${server ?? ''}:${path}`, found: `${word(host)}:${word(exported)}` };
}

function trimmed(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}
