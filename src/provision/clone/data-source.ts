/** What a claim is to be a copy of: an ordered list of questions about the claim that it names. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { annotation } from '../annotation.ts';
import { quote } from '../pattern.ts';
import type { DirectoryPath, ExportDescription } from '../storage.ts';
import { addressOf, directoryOf, isOurs, type Location, locate } from '../volume.ts';

/** A directory that can be copied, on the export of the copy. */
export interface CloneSource {
  /** `namespace/name`. */
  readonly claim: string;
  /** Of the claim. */
  readonly uid: string;
  readonly path: DirectoryPath;
}

export type DataSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'source'; readonly source: CloneSource }
  /** Most likely over in a moment; looked at again when the named claim changes. */
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** The claim that is to be cloned; undefined when the data source is none, or something else than a claim. */
export function sourceClaimOf({ metadata, spec }: PersistentVolumeClaim): Named | undefined {
  const source = spec.dataSourceRef ?? spec.dataSource;
  if (source?.kind !== 'PersistentVolumeClaim' || (source.apiGroup ?? '') !== '') return undefined;
  const namespace = spec.dataSourceRef?.namespace ?? metadata.namespace ?? '';
  return { namespace, name: source.name };
}

/** `namespace/name` of that claim; empty when there is none. */
export function sourceKeyOf(claim: PersistentVolumeClaim): string {
  const named = sourceClaimOf(claim);
  return named ? keyOf(named) : '';
}

export interface DataSourceInput {
  readonly claim: PersistentVolumeClaim;
  /** The claim of `sourceClaimOf`, as far as there is one. */
  readonly source: PersistentVolumeClaim | undefined;
  /** The volume that the source is bound to, as far as it is known. */
  readonly volume: PersistentVolume | undefined;
  /** The copy is complete: what becomes of its source does not matter any more. */
  readonly copied?: CloneSource | undefined;
  readonly settings: {
    readonly provisionerNames: readonly string[];
    readonly exports: readonly ExportDescription[];
  };
  /** Where the copy is to be. */
  readonly export: ExportDescription;
  readonly path: DirectoryPath;
}

type Answer = Exclude<DataSource, { kind: 'none' | 'source' }>;
type Question = (input: DataSourceInput, named: Named) => Answer | undefined;

const waiting = (message: string): Answer => ({ kind: 'waiting', message });
const refused = (message: string): Answer => ({ kind: 'refused', message });
const keyOf = ({ namespace, name }: Named): string => `${namespace}/${name}`;
const ELSE = 'delete this claim and make it again with another data source';

const lostText = (named: Named, volume = ''): string =>
  `volume ${volume} of claim ${keyOf(named)}, the data source, does not exist: see the events of that claim`;

const questions: readonly Question[] = [
  ({ claim }, named) =>
    named.namespace === claim.metadata.namespace
      ? undefined
      : refused(
          `data source PersistentVolumeClaim ${quote(named.name)} is in namespace ${quote(named.namespace)}: a claim is cloned within its namespace only, ${ELSE}`,
        ),
  ({ claim }, named) =>
    named.name === claim.metadata.name ? refused(`the claim is its own data source: ${ELSE}`) : undefined,
  ({ claim }) => {
    const notes = claim.metadata.annotations ?? {};
    const note = [annotation.mode, annotation.uid, annotation.gid].find((name) => notes[name] !== undefined);
    return (
      note && refused(`annotation ${note} does not go with a clone, which has mode and owner of its source: remove it`)
    );
  },
  ({ source }, named) =>
    source ? undefined : waiting(`claim ${keyOf(named)}, the data source, does not exist: create it, or ${ELSE}`),
  ({ source }, named) =>
    source?.metadata.deletionTimestamp === undefined
      ? undefined
      : waiting(`claim ${keyOf(named)}, the data source, is being deleted: ${ELSE}`),
  ({ source }, named) =>
    source?.status?.phase === 'Bound' && source.spec.volumeName
      ? undefined
      : waiting(`claim ${keyOf(named)}, the data source, is not bound: it is cloned when it is, see its events`),
  ({ source, volume }, named) => (volume ? undefined : waiting(lostText(named, source?.spec.volumeName))),
  // A claim may name any volume; whose it is says the volume.
  ({ source, volume }, named) =>
    volume?.spec.claimRef?.uid === source?.metadata.uid
      ? undefined
      : waiting(`volume ${volume?.metadata.name} is not that of claim ${keyOf(named)}, the data source: ${ELSE}`),
  ({ volume, settings }, named) =>
    volume && isOurs(volume, settings.provisionerNames)
      ? undefined
      : refused(
          `claim ${keyOf(named)}, the data source, has a volume of another provisioner: only directories of Larder are cloned, copy its data with a pod`,
        ),
  ({ claim, source }) => {
    const requested = bytesOf(claim.spec.resources.requests['storage']) ?? 0n;
    const held = bytesOf(source?.spec.resources.requests['storage']) ?? 0n;
    if (requested >= held) return undefined;
    // The words of kubernetes-csi/external-provisioner (pkg/controller, v5), which people search for.
    return refused(
      `error, new PVC request must be greater than or equal in size to the specified PVC data source, requested ${requested} but source is ${held}: raise the request of this claim`,
    );
  },
];

export function dataSourceOf(input: DataSourceInput): DataSource {
  const named = sourceClaimOf(input.claim);
  if (!named) return { kind: 'none' };
  if (input.copied) return { kind: 'source', source: input.copied };
  for (const question of questions) {
    const answer = question(input, named);
    if (answer) return answer;
  }
  return input.volume ? placed(input, input.volume, keyOf(named)) : waiting(lostText(named));
}

function thereOf(location: Exclude<Location, { kind: 'unsafe' }>): string {
  switch (location.kind) {
    case 'at':
      return `export ${addressOf(location.export)}`;
    case 'other-node':
      return `the disk of node ${location.node}`;
    case 'elsewhere':
      return 'an export that Larder does not serve';
    default:
      return location satisfies never;
  }
}

/** The copy is made by the process of one export, inside of it. */
function placed(input: DataSourceInput, volume: PersistentVolume, key: string): DataSource {
  const location = locate(volume, input.settings.exports);
  const here = addressOf(input.export);
  if (location.kind === 'unsafe') {
    return refused(
      `volume ${volume.metadata.name} of claim ${key}, the data source, cannot be read: ${location.reason}: ${ELSE}`,
    );
  }
  if (location.kind !== 'at' || location.export.root !== input.export.root) {
    const there = thereOf(location);
    return refused(
      `claim ${key}, the data source, is on ${there} and the clone would be on export ${here}: use a class of the same export`,
    );
  }
  const [from, to] = [directoryOf(location.export, location.path), directoryOf(input.export, input.path)];
  if (from === to || from.startsWith(`${to}/`) || to.startsWith(`${from}/`)) {
    return refused(
      `directory ${input.path.join('/')} of the clone and ${location.path.join('/')} of claim ${key}, its data source, lie in each other: choose a name outside it`,
    );
  }
  return { kind: 'source', source: { claim: key, uid: input.source?.metadata.uid ?? '', path: location.path } };
}
