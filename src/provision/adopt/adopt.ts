/** Proposes volumes and claims for directories that no volume has. Writes nothing: neither to the API nor to the export. */
import type { StorageClass } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { Catalog } from '../catalog.ts';
import { ProvisionError } from '../registry.ts';
import type { Storage } from '../storage.ts';
import { type Adoptable, adoptable } from './adoptable.ts';
import { type Adoption, adoption } from './adoption.ts';

export interface AdoptRequest {
  /** Glob over directories; default those of the requirement's convention. */
  readonly match: string;
  readonly namespace: string;
  /** Given: these paths instead of a search, each for a namespace. */
  readonly paths?: readonly { readonly path: string; readonly namespace: string }[] | undefined;
  readonly className?: string | undefined;
  /** Absent: measured. */
  readonly size?: string | undefined;
}

export type Proposal = Adoptable & {
  /** Undefined where there is an objection. */
  readonly adoption: Adoption | undefined;
};

interface Options {
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
}

/** Throws ProvisionError LARDER_ADOPTION_REFUSED or LARDER_EXPORT_UNAVAILABLE. */
export async function adopt(
  options: Options,
  request: AdoptRequest,
  signal: AbortSignal | undefined,
): Promise<readonly Proposal[]> {
  const { settings } = options.catalog;
  const { size } = request;
  const storageClass = classFor(options.catalog, request.className);
  if (size !== undefined && (bytesOf(size) ?? 0n) <= 0n)
    throw refused(`"${size}" is not a size: write for example 10Gi`);
  const namespaces = new Map(request.paths?.map(({ path, namespace }) => [path, namespace]));
  const paths = request.paths && [...namespaces.keys()];
  const found = await adoptable(options, { match: request.match, paths, measure: size === undefined }, signal);
  const taken = new Set<string>();
  return found.map((each) => {
    if (each.objection !== '') return { ...each, adoption: undefined };
    const namespace = namespaces.get(each.asked) ?? request.namespace;
    const { exports, nodeName } = settings;
    const made = adoption(each, { namespace, storageClass, size, exports, nodeName });
    const objection = objectionTo(options.catalog, made, taken);
    return { ...each, objection, adoption: objection === '' ? made : undefined };
  });
}

const refused = (message: string): ProvisionError => new ProvisionError('LARDER_ADOPTION_REFUSED', message);

/** Named, or the requirement's, or the only one. */
function classFor({ caches, settings }: Catalog, name: string | undefined): StorageClass {
  const ours = [...caches.classes.list()].filter(({ provisioner }) => settings.provisionerNames.includes(provisioner));
  const names = ours.map(({ metadata }) => metadata.name).sort();
  const wanted = name ?? (names.includes('glusterfs-nfs') || names.length !== 1 ? 'glusterfs-nfs' : names[0]);
  const found = ours.find(({ metadata }) => metadata.name === wanted);
  if (found) return found;
  const known = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`;
  throw refused(`no class "${wanted}" of Larder's: name one with --class (${known})`);
}

/** What exists already is not proposed a second time. */
function objectionTo({ caches }: Catalog, made: Adoption, taken: Set<string>): string {
  const { name, namespace } = made.claim.metadata;
  const key = `${namespace}/${name}`;
  if (taken.has(key))
    return `another directory here would be claim ${key} too: adopt it by itself, under another namespace`;
  taken.add(key);
  if (caches.claims.get(key)) return `claim ${key} exists already`;
  const volume = made.volume.metadata.name ?? '';
  return caches.volumes.get(volume) ? `PersistentVolume ${volume} exists already` : '';
}
