/** Why a StatefulSet must not be deleted and made again: whoever owns it would undo it, or something would be lost. */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { isObject } from '../../kube/reader.ts';
import type { Drift } from './drift.ts';
import { claimsOf, type Raw, recordIn, type StatefulSet, templateName, templatesIn } from './stateful-set.ts';

/** A closed set: each has its entry in docs/guides/statefulsets.md. */
export const objectionReasons = [
  'owned',
  'helm',
  'argocd',
  'flux',
  'managed-by',
  'field-manager',
  'claims-follow',
  'being-deleted',
  'finalizers',
  'rollout',
  'limit',
] as const;

export interface Objection {
  readonly reason: (typeof objectionReasons)[number];
  /** What is the matter, and what to do instead. */
  readonly message: string;
}

interface Asked {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly drifts: readonly Drift[];
  /** Field managers that a person vouches for. */
  readonly accepted?: readonly string[];
}

/** Empty: nothing speaks against it. */
export function objectionsTo(set: StatefulSet, asked: Asked): readonly Objection[] {
  const owners = [...ownerOf(set), ...toolOf(set)];
  return [
    ...owners,
    // The tool that is named already is the one that writes.
    ...(owners.length > 0 ? [] : writersOf(set, asked.accepted ?? [])),
    ...claimsThatFollow(set, asked.claims),
    ...unsettled(set),
    ...limited(set, asked.drifts),
  ];
}

function ownerOf({ metadata }: StatefulSet): readonly Objection[] {
  const [owner] = metadata.ownerReferences ?? [];
  if (!owner) return [];
  const message = `${owner.kind} ${owner.name} (${owner.apiVersion}) made it and would make it anew as it has it: set the size of its storage there`;
  return [{ reason: 'owned', message }];
}

const orphanDelete = ({ metadata }: StatefulSet): string =>
  `kubectl delete statefulset ${metadata.name} -n ${metadata.namespace} --cascade=orphan`;

function toolOf(set: StatefulSet): readonly Objection[] {
  const { labels = {}, annotations = {} } = set.metadata;
  const argo = annotations['argocd.argoproj.io/tracking-id'] ?? labels['argocd.argoproj.io/instance'];
  if (argo !== undefined) {
    const [application = argo] = argo.split(':');
    const message = `the Argo CD Application ${application} has it: write the size in its repository (larder gitops PATH --write), push, then ${orphanDelete(set)}, and Argo CD makes it again with the new size`;
    return [{ reason: 'argocd', message }];
  }
  const flux = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name'];
  if (flux !== undefined) {
    const message = `Flux has it (${flux}): write the size in its repository (larder gitops PATH --write, or the values of the HelmRelease), push, then ${orphanDelete(set)}, and Flux makes it again with the new size`;
    return [{ reason: 'flux', message }];
  }
  const release = annotations['meta.helm.sh/release-name'];
  const by = labels['app.kubernetes.io/managed-by'];
  if (release !== undefined || by === 'Helm') {
    const message = `it belongs to the Helm release ${release ?? labels['app.kubernetes.io/instance'] ?? '(of unknown name)'}: set the size in its values, then ${orphanDelete(set)}, and helm upgrade makes it again with the new size`;
    return [{ reason: 'helm', message }];
  }
  if (by === undefined || by === '') return [];
  const message = `label app.kubernetes.io/managed-by says that ${by} has it: set the size of its storage there`;
  return [{ reason: 'managed-by', message }];
}

/** People's own tools; what else wrote the templates may write them again. */
const BY_HAND = /^(kubectl(-.*)?|larder(-.*)?)$/;

function writersOf({ whole }: StatefulSet, accepted: readonly string[]): readonly Objection[] {
  const entries = recordIn(whole, 'metadata')['managedFields'];
  const writers = (Array.isArray(entries) ? entries.filter(isObject) : [])
    .filter((entry) => 'f:volumeClaimTemplates' in recordIn(entry, 'fieldsV1', 'f:spec'))
    .map((entry) => String(entry['manager'] ?? ''))
    .filter((manager) => !BY_HAND.test(manager) && !accepted.includes(manager));
  return [...new Set(writers)].map((manager) => ({
    reason: 'field-manager',
    message: `its templates were written by "${manager}": if that writes them again, set the size there; if it was a person's tool, say --accept-manager "${manager}"`,
  }));
}

/** Deleting such a set is what deletes its claims. */
function claimsThatFollow(set: StatefulSet, claims: readonly PersistentVolumeClaim[]): readonly Objection[] {
  const { name, namespace } = set.metadata;
  const policy = recordIn(set.whole, 'spec', 'persistentVolumeClaimRetentionPolicy')['whenDeleted'];
  if (policy === 'Delete') {
    const patch = '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain"}}}';
    const message = `its claims go when it is deleted (persistentVolumeClaimRetentionPolicy.whenDeleted is Delete): kubectl patch statefulset ${name} -n ${namespace} -p '${patch}', repeat this, and set it back afterwards`;
    return [{ reason: 'claims-follow', message }];
  }
  const own = templatesIn(set.whole).flatMap((template) => claimsOf(set, templateName(template), claims));
  const following = own.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === set.metadata.uid),
  );
  if (following.length === 0) return [];
  const names = following.map(({ metadata }) => metadata.name).join(', ');
  const message = `${names} would go with it (an owner reference says so): wait until kube-controller-manager has taken the reference away, or take it away yourself`;
  return [{ reason: 'claims-follow', message }];
}

function unsettled({ metadata, whole }: StatefulSet): readonly Objection[] {
  if (metadata.deletionTimestamp !== undefined) {
    return [{ reason: 'being-deleted', message: 'it is being deleted already: look again when it is gone' }];
  }
  const found: Objection[] = [];
  const finalizers = metadata.finalizers ?? [];
  if (finalizers.length > 0) {
    const message = `${finalizers.join(', ')} would hold up its deletion: whoever set that has to agree first`;
    found.push({ reason: 'finalizers', message });
  }
  const status = recordIn(whole, 'status');
  const { currentRevision, updateRevision, observedGeneration } = status;
  const seen = observedGeneration === undefined || observedGeneration === metadata.generation;
  if (!seen || currentRevision !== updateRevision) {
    const message = `a rollout is under way (kubectl rollout status statefulset ${metadata.name} -n ${metadata.namespace}): made again, it would forget which pods keep the old revision; wait for its end`;
    found.push({ reason: 'rollout', message });
  }
  return found;
}

function limited({ whole }: StatefulSet, drifts: readonly Drift[]): readonly Objection[] {
  return templatesIn(whole).flatMap((template): readonly Objection[] => {
    const drift = drifts.find((each) => each.outgrown && each.template === templateName(template));
    const limit = limitOf(template);
    const bytes = bytesOf(limit);
    if (!drift || bytes === undefined || bytes >= (bytesOf(drift.live) ?? 0n)) return [];
    const message = `template ${drift.template} has the limit ${limit}, which is less than ${drift.live}: no claim could be made from it`;
    return [{ reason: 'limit', message }];
  });
}

function limitOf(template: Raw): string | undefined {
  const limit = recordIn(template, 'spec', 'resources', 'limits')['storage'];
  return limit === undefined ? undefined : String(limit);
}
