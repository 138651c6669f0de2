/** What to do about a claim: an ordered list of gates, then the design of its volume. */

import type { Namespace, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import { annotation } from './annotation.ts';
import type { ClassOptions, Override } from './class.ts';
import { type CloneSource, dataSourceOf } from './clone/data-source.ts';
import { type Holder, ownershipOf } from './conflict.ts';
import { existingOf, isAdoptable } from './directory/existing.ts';
import { accessModesOf, type VolumeDesign, volumeNameOf } from './draft.ts';
import { misfitOf, shortfallOf } from './misfit.ts';
import { parseId, parseMode } from './parameter.ts';
import { quote, renderPattern } from './pattern.ts';
import { placeOf } from './place.ts';
import { isPledge } from './pledge.ts';
import { beyondBudget } from './quota/budget.ts';
import { readClass } from './read-class.ts';
import type { DirectoryPath, EnsureRequest, ExportDescription } from './storage.ts';
import { unsupportedOf } from './support.ts';

/** Everything that the decision depends on. */
export interface PlanInput {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass | undefined;
  readonly namespace: Namespace | undefined;
  readonly settings: PlanSettings;
  readonly volumes: VolumeLookup;
  /** The binder has had time to choose a ready volume for the claim and did not. */
  readonly binderPassed: boolean;
  /** The volume that the claim's last refusal named. */
  readonly blamed?: string | undefined;
  /** The claim that is to be cloned, as far as there is one. */
  readonly source?: PersistentVolumeClaim | undefined;
  /** What a copy that is complete was made from. */
  readonly copied?: CloneSource | undefined;
}

export interface PlanSettings {
  readonly provisionerNames: readonly string[];
  /** The first is the default. */
  readonly exports: readonly ExportDescription[];
  /** Whom directories belong to where the class does not say: the ids of this process, 0:0 as root. */
  readonly defaultOwner: { readonly uid: number; readonly gid: number };
  /** The node of `local` exports, as its hostname label has it. */
  readonly nodeName: string;
  /** Whether NFS exports may be plain folders of this host (`npm start`). */
  readonly allowLocal: boolean;
  /** False where volumes may not be patched, and a finalizer could never be taken off. Default true. */
  readonly finalizers?: boolean;
}

/** Volumes as far as the plan asks for them: saved ones and those that other claims are about to save. */
export interface VolumeLookup {
  named(name: string): PersistentVolume | undefined;
  /** Volumes whose claimRef names this claim without a uid, or with its uid. */
  meantFor(claim: PersistentVolumeClaim): readonly PersistentVolume[];
  /** Whether the class has volumes without any claim, which the binder may choose first. */
  hasAvailable(className: string): boolean;
  holders(description: ExportDescription, path: DirectoryPath): readonly Holder[];
  /** What live volumes of the namespace on the export request in all, without the volume of that name. */
  requestedBy(namespace: string, description: ExportDescription, except: string): bigint;
}

export type Plan =
  | ProvisionPlan
  | {
      readonly kind: 'refuse';
      readonly reason: RefusalReason;
      readonly message: string;
      readonly until:
        | 'claim-or-class-changes'
        | { readonly volumeGoes: string }
        /** Another volume of the namespace goes, or the namespace changes. */
        | { readonly roomIn: string };
    }
  /** As `refuse`, but most likely over in a moment: the message is for when it is not. */
  | {
      readonly kind: 'wait';
      readonly message: string;
      readonly until:
        | { readonly volumeGoes: string }
        /** The volume of that name, which is kept for the claim, is opened or goes. */
        | { readonly pledge: string }
        | 'source-changes';
    }
  | { readonly kind: 'ignore'; readonly reason: IgnoreReason }
  | { readonly kind: 'done'; readonly volume: PersistentVolume };

export interface ProvisionPlan {
  readonly kind: 'provision';
  /** Complete but for `adopted` and `identity`, which the directory tells. */
  readonly design: VolumeDesign;
  readonly ensure: EnsureRequest;
  /** A non-empty directory is not adopted but taken again: a volume of the namespace knew it. */
  readonly known: boolean;
  readonly warnings: readonly string[];
}

export type IgnoreReason =
  | 'deleting'
  | 'bound'
  | 'no-class'
  | 'class-unknown'
  | 'other-provisioner'
  | 'waits-for-consumer'
  | 'prebound'
  | 'binder-first';

export type RefusalReason =
  | 'class-invalid'
  | 'unsupported'
  | 'export-unknown'
  | 'override-refused'
  | 'missing-value'
  | 'bad-name'
  | 'source-refused'
  | 'kept-volume-misfits'
  | 'held'
  | 'over-budget'
  | 'name-taken';

/** The annotation wins, as in Kubernetes. Empty: none. */
export const classNameOf = (claim: PersistentVolumeClaim): string =>
  claim.metadata.annotations?.[annotation.betaClass] ?? claim.spec.storageClassName ?? '';

export function plan(input: PlanInput): Plan {
  const reason = ignoreReasonOf(input);
  if (reason) return { kind: 'ignore', reason };
  const own = ownVolume(input);
  if (own) return own;
  const { claim, storageClass, settings } = input;
  const bystander = bystanderOf(input);
  if (bystander || !storageClass) return { kind: 'ignore', reason: bystander ?? 'class-unknown' };
  const misfit = misfitOf(claim, input.volumes);
  if (misfit) return misfit;
  const parsed = readClass(storageClass);
  if (parsed.kind === 'invalid') return refuse('class-invalid', parsed.problems.join('; '));
  const { options } = parsed;
  const unsupported = unsupportedOf(claim, options, settings);
  if (unsupported) return refuse('unsupported', unsupported);
  const place = placeOf(options, settings, claim);
  if (typeof place === 'string') return refuse('export-unknown', place);
  const owner = ownerOf(claim, options, settings);
  if (typeof owner === 'string') return refuse('override-refused', owner);
  const rendered = renderPattern(options.pattern, valuesOf(claim), options);
  if (rendered.kind === 'refused') return refuse(rendered.reason, rendered.message);
  const { path } = rendered;
  const volume = input.volumes.named(input.source?.spec.volumeName ?? '');
  const origin = dataSourceOf({ ...input, source: input.source, volume, export: place, path });
  if (origin.kind === 'waiting') return { kind: 'wait', message: origin.message, until: 'source-changes' };
  if (origin.kind === 'refused') return refuse('source-refused', origin.message);
  const clonedFrom = origin.kind === 'source' ? origin.source : undefined;
  return planDirectory(input, { storageClass, options, place, owner, path, clonedFrom, warnings: parsed.warnings });
}

const refuse = (reason: RefusalReason, message: string): Plan => ({
  kind: 'refuse',
  reason,
  message,
  until: 'claim-or-class-changes',
});

function ignoreReasonOf({ claim, storageClass, settings }: PlanInput): IgnoreReason | undefined {
  if (claim.metadata.deletionTimestamp !== undefined) return 'deleting';
  if (claim.spec.volumeName) return 'bound';
  if (classNameOf(claim) === '') return 'no-class';
  if (!storageClass) return 'class-unknown';
  if (!settings.provisionerNames.includes(storageClass.provisioner)) return 'other-provisioner';
  return undefined;
}

function ownVolume({ claim, volumes }: PlanInput): Plan | undefined {
  const name = volumeNameOf(claim);
  const volume = volumes.named(name);
  if (!volume) return undefined;
  if (volume.spec.claimRef?.uid === claim.metadata.uid) return { kind: 'done', volume };
  return {
    kind: 'refuse',
    reason: 'name-taken',
    message: `PersistentVolume ${name} exists and is not this claim's: delete that volume, or delete the claim and make it again`,
    until: { volumeGoes: name },
  };
}

/** Reasons to leave the claim to the scheduler or to the binder for now. */
function bystanderOf({ claim, storageClass, volumes, binderPassed }: PlanInput): IgnoreReason | undefined {
  const notes = claim.metadata.annotations ?? {};
  if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !notes[annotation.selectedNode]) {
    return 'waits-for-consumer';
  }
  const isReady = (volume: PersistentVolume): boolean => !isPledge(volume) && shortfallOf(claim, volume) === '';
  if (volumes.meantFor(claim).some(isReady)) return 'prebound';
  // The trigger says that the binder looked for a ready volume and found none. Waiting for it costs time under load,
  // so it is asked for only where the binder has something to choose from.
  const triggered = notes[annotation.trigger] ?? notes[annotation.betaTrigger];
  if (triggered !== undefined || binderPassed) return undefined;
  return volumes.hasAvailable(classNameOf(claim)) ? 'binder-first' : undefined;
}

interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const overrides: readonly { readonly what: Override; readonly read: (text: string) => number | undefined }[] = [
  { what: 'mode', read: parseMode },
  { what: 'uid', read: parseId },
  { what: 'gid', read: parseId },
];

/** A string is the message of a refusal: an override that is not allowed must not be passed over in silence. */
function ownerOf(claim: PersistentVolumeClaim, options: ClassOptions, settings: PlanSettings): Owner | string {
  const owner = {
    mode: options.dirMode,
    uid: options.dirUid ?? settings.defaultOwner.uid,
    gid: options.dirGid ?? settings.defaultOwner.gid,
  };
  for (const { what, read } of overrides) {
    const text = claim.metadata.annotations?.[annotation[what]];
    if (text === undefined) continue;
    if (!options.allowOverrides.includes(what)) {
      return `annotation ${annotation[what]} is not allowed by the class: remove it, or list "${what}" in the class parameter allowOverrides`;
    }
    const value = read(text);
    if (value === undefined) return `annotation ${annotation[what]} is ${quote(text)}: correct the value`;
    owner[what] = value;
  }
  return owner;
}

const valuesOf = (claim: PersistentVolumeClaim) => ({
  name: claim.metadata.name,
  namespace: claim.metadata.namespace ?? '',
  uid: claim.metadata.uid,
  volumeName: volumeNameOf(claim),
  labels: claim.metadata.labels ?? {},
  annotations: claim.metadata.annotations ?? {},
});

interface Choice {
  readonly storageClass: StorageClass;
  readonly options: ClassOptions;
  readonly place: ExportDescription;
  readonly owner: Owner;
  readonly path: DirectoryPath;
  readonly clonedFrom: CloneSource | undefined;
  readonly warnings: readonly string[];
}

function planDirectory({ claim, namespace, settings, volumes, blamed }: PlanInput, choice: Choice): Plan {
  const { options, place, path } = choice;
  const directory = path.join('/');
  const claimant = {
    uid: claim.metadata.uid,
    namespace: claim.metadata.namespace ?? '',
    name: claim.metadata.name,
    accessModes: accessModesOf(claim),
    onConflict: choice.clonedFrom ? ('fail' as const) : options.onConflict, // nothing is copied where others write
    directory,
    blamed,
  };
  const ownership = ownershipOf(claimant, volumes.holders(place, path));
  if (ownership.kind === 'held') {
    return { kind: 'refuse', reason: 'held', message: ownership.message, until: { volumeGoes: ownership.by } };
  }
  if (ownership.kind === 'leaving') {
    return { kind: 'wait', message: ownership.message, until: { volumeGoes: ownership.by } };
  }
  const tooMuch = beyondBudget({ claim, options, export: place, namespace, volumes });
  if (tooMuch !== undefined) {
    return { kind: 'refuse', reason: 'over-budget', message: tooMuch, until: { roomIn: claimant.namespace } };
  }
  const { known, adoptedBefore: adopted } = ownership;
  const mayAdopt = known || isAdoptable(options, claimant.namespace, directory, namespace);
  return {
    kind: 'provision',
    design: {
      claim,
      storageClass: choice.storageClass,
      options,
      export: place,
      path,
      nodeName: settings.nodeName,
      adopted,
      identity: '',
      ...(choice.clonedFrom ? { clonedFrom: choice.clonedFrom } : {}),
      ...(settings.finalizers === false ? { finalizer: false } : {}),
    },
    ensure: {
      path,
      ...choice.owner,
      adoption: mayAdopt ? 'allowed' : 'empty-only',
      existing: existingOf(options, known),
      minFreeBytes: options.minFreeBytes,
      minFreeInodes: options.minFreeInodes,
    },
    known,
    warnings: choice.warnings,
  };
}
