/** What becomes of a volume when its claim is deleted: told before, and changed for the one volume. Deletes nothing. */
import { HttpError } from '../http/registry.ts';
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim, type Pod } from '../kube/kinds.ts';
import { annotation } from '../provision/annotation.ts';
import type { Catalog } from '../provision/catalog.ts';
import { type EndChoice, fateWithoutClaim } from '../provision/fate.ts';
import type { Early } from '../provision/trash/cleaning.ts';
import { claimKeyOf, dispositionOf, isOurs, isReleased, locate } from '../provision/volume.ts';
import type { Clock } from '../telemetry/clock.ts';
import { noClaim } from './access/visible.ts';
import type { EndAnswer, EndReading, EndRequest, EndSetAnswer, EndWords } from './end-api.ts';
import { wordsOfEnd, wordsOfForeign } from './end-words.ts';

interface Claim {
  readonly namespace: string;
  readonly name: string;
}

/** What the reader may be told beside their own claim. */
export interface EndSight {
  readonly mayNameOthers: boolean;
  readonly maySeePods: boolean;
}

export interface VolumeEnding {
  /** From memory. Throws HttpError 404 when there is no such claim, and none was. */
  end(claim: Claim, sight: EndSight): EndReading;
  /** Writes an annotation of the volume. Throws HttpError when it may not, or the volume changed at that moment. */
  setEnd(request: EndRequest, signal: AbortSignal): Promise<EndSetAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly catalog: Catalog;
  /** What goes from trash and archives before its time. */
  readonly early: Early;
  readonly clock: Clock;
}

const choices: readonly EndChoice[] = ['archive', 'retain'];
const PODS_AT_MOST = 20;

export function volumeEnding(parts: Parts): VolumeEnding {
  return {
    end: (claim, sight) => answerOf(parts, claim, sight),
    setEnd: (request, signal) => set(parts, request, signal),
  };
}

interface Found {
  readonly volume: PersistentVolume;
  readonly state: EndAnswer['state'];
}

/** The volume that the claim has, or that is left of it; undefined: it has none yet. */
function find({ catalog: { caches } }: Parts, { namespace, name }: Claim): Found | undefined {
  const key = `${namespace}/${name}`;
  const claim = caches.claims.get(key);
  const own = caches.volumes.get(claim?.spec.volumeName ?? '');
  if (claim && own?.spec.claimRef?.uid === claim.metadata.uid) return { volume: own, state: stateOf(claim, own) };
  const left = claim ? undefined : caches.volumes.byIndex('larder/claim', key).find(isReleased);
  if (left) return { volume: left, state: 'gone' };
  if (claim) return undefined;
  throw noClaim({ namespace, name });
}

function stateOf({ metadata }: PersistentVolumeClaim, volume: PersistentVolume): EndAnswer['state'] {
  if (isReleased(volume)) return 'gone';
  return metadata.deletionTimestamp === undefined ? 'there' : 'going';
}

function answerOf(parts: Parts, { namespace, name }: Claim, sight: EndSight): EndReading {
  const found = find(parts, { namespace, name });
  if (!found) return { kind: 'none' };
  const { volume, state } = found;
  const { fixed, fixedCommand } = fixedBecause(parts, found);
  const offered = fixed === '' ? choices.filter((choice) => choice !== saysNow(parts, volume)) : [];
  const pods = sight.maySeePods ? podsOf(parts, { namespace, name }) : undefined;
  return {
    ...{ kind: 'end', claim: `${namespace}/${name}`, volume: volume.metadata.name, state, fixed, fixedCommand },
    words: wordsFor(parts, volume, sight),
    command: `kubectl delete pvc/${name} -n ${namespace}`,
    choices: offered.map((onDelete) => ({
      onDelete,
      command: commandOf(volume, onDelete),
    })),
    ...(pods ? { pods } : {}),
  };
}

function wordsFor(
  { catalog, clock, early }: Parts,
  volume: PersistentVolume,
  { mayNameOthers }: Pick<EndSight, 'mayNameOthers'>,
  choice?: EndChoice,
): EndWords {
  if (!isOurs(volume, catalog.settings.provisionerNames)) {
    return wordsOfForeign(volume.spec.persistentVolumeReclaimPolicy);
  }
  const { namespace = '', name = '' } = volume.spec.claimRef ?? {};
  const location = locate(volume, catalog.settings.exports);
  const directory = location.kind === 'at' ? location.path.join('/') : '';
  const facts = {
    namespace,
    claim: name,
    volume: volume.metadata.name,
    directory,
    mayNameOthers,
    early,
    now: clock.now(),
  };
  return wordsOfEnd(fateWithoutClaim(catalog, volume, choice), facts);
}

/** Why nothing that the volume says of its end would count, or could be written. */
function fixedBecause({ catalog }: Parts, { volume, state }: Found): Pick<EndAnswer, 'fixed' | 'fixedCommand'> {
  if (!isOurs(volume, catalog.settings.provisionerNames)) {
    return {
      fixed: 'Larder did not make this volume, so it has nothing to say of its end.',
      fixedCommand: '',
    };
  }
  if (state === 'gone') {
    return { fixed: 'The claim is gone already: what the volume said until then counts.', fixedCommand: '' };
  }
  if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') {
    const policy = `kubectl patch pv/${volume.metadata.name} -p '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'`;
    return {
      fixed:
        'The reclaim policy Retain decides first, whatever the volume says of its end. To have the directory archived, let the volume say so, and only then change the policy:',
      fixedCommand: `${commandOf(volume, 'archive')} && ${policy}`,
    };
  }
  if (catalog.settings.finalizers === false) {
    return {
      fixed:
        'The account of this Larder may not patch persistentvolumes: grant it (docs/reference/rbac.yaml) and start the operator again. Or write it with kubectl:',
      fixedCommand: commandOf(volume, 'archive'),
    };
  }
  return { fixed: '', fixedCommand: '' };
}

/** What counts now, by the volume or its class; undefined: nobody says. */
function saysNow({ catalog }: Parts, volume: PersistentVolume): string | undefined {
  const disposition = dispositionOf(volume, catalog.classOf(volume));
  switch (disposition.kind) {
    case 'archive':
      return 'archive';
    case 'trash':
      return 'delete';
    case 'keep':
      return disposition.why === 'on-delete' ? 'retain' : undefined;
    case 'unknown':
      return undefined;
    default:
      return disposition satisfies never;
  }
}

/** Those that have not ended keep a deleted claim; undefined: this operator does not look at pods. */
function podsOf({ catalog: { caches } }: Parts, { namespace, name }: Claim): readonly string[] | undefined {
  if (!caches.pods?.hasSynced()) return undefined;
  const uses = ({ metadata, spec, status }: Pod): boolean =>
    metadata.namespace === namespace &&
    status?.phase !== 'Succeeded' &&
    status?.phase !== 'Failed' &&
    spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name) === true;
  const names = [...caches.pods.list()].filter(uses).map(({ metadata }) => metadata.name);
  const more = names.length - PODS_AT_MOST;
  const first = names.sort().slice(0, PODS_AT_MOST);
  return more > 0 ? [...first, `${more} more`] : first;
}

const commandOf = ({ metadata }: PersistentVolume, choice: EndChoice): string =>
  `kubectl annotate pv/${metadata.name} ${annotation.onDelete}=${choice} --overwrite`;

async function set(parts: Parts, request: EndRequest, signal: AbortSignal): Promise<EndSetAnswer> {
  const { dryRun, onDelete } = request;
  const found = find(parts, request);
  if (!found) throw refusal('the claim has no volume yet: there is nothing that could end');
  const { volume } = found;
  const { name } = volume.metadata;
  if (request.volume !== undefined && request.volume !== name)
    throw refusal(`the claim has another volume now, ${name}: nothing was written, look at it again`);
  const answer = { claim: claimKeyOf(volume), volume: name, command: commandOf(volume, onDelete) };
  const { fixed } = fixedBecause(parts, found);
  if (fixed !== '') throw refusal(fixed);
  if (volume.metadata.annotations?.[annotation.onDelete] === onDelete) {
    return { ...answer, changes: false, message: `volume ${name} says so already` };
  }
  await write(parts, found, request, signal);
  const { says } = wordsFor(parts, volume, { mayNameOthers: false }, onDelete);
  const done = `${dryRun ? 'would write' : 'wrote'} ${annotation.onDelete}: "${onDelete}" on volume ${name}.`;
  return { ...answer, changes: true, message: `${done} When its claim is deleted: ${says}` };
}

/** Only to the volume that was decided upon; also a dry run asks the API server. */
async function write(
  { client }: Parts,
  { volume }: Found,
  { dryRun, onDelete }: EndRequest,
  signal: AbortSignal,
): Promise<void> {
  const { name, resourceVersion } = volume.metadata;
  const value = { metadata: { resourceVersion, annotations: { [annotation.onDelete]: onDelete } } };
  try {
    await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value }, { dryRun, signal });
  } catch (failure) {
    if (isKubeError(failure, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) {
      throw refusal(`volume ${name} was changed at this moment: nothing was written, look at it again`, failure);
    }
    if (isKubeError(failure)) throw refusal(failure.message, failure);
    throw failure;
  }
}

function refusal(message: string, cause?: unknown): HttpError {
  return new HttpError('LARDER_HTTP_REFUSED', 409, message, { cause });
}
