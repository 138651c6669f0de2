/**
 * What the operator can do without, and what each such feature asks of the API. An account with less than the documented
 * roles (that of nfs-subdir-external-provisioner, for example) gets what its roles allow, and is told what is off. Pure.
 */
import { GROUP } from '../expand/api/pvc-policy.ts';
import type { Access, Verb } from '../kube/access.ts';

interface Need {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly Verb[];
}

interface Feature {
  readonly needs: readonly Need[];
  /** What a person notices while it is off. */
  readonly without: string;
  /** It is of no use where no volumes are made. */
  readonly ofProvisioner?: true;
}

const core = (resource: string, ...verbs: readonly Verb[]): Need => ({ group: '', resource, verbs });

const ours = (resource: string, ...verbs: readonly Verb[]): Need => ({ group: GROUP, resource, verbs });

export const features = {
  provisioning: {
    needs: [
      core('persistentvolumeclaims', 'list', 'watch'),
      core('persistentvolumes', 'list', 'watch', 'get', 'create', 'delete'),
      { group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list', 'watch'] },
    ],
    without: 'no volume is made',
    ofProvisioner: true,
  },
  events: {
    needs: [core('events', 'create', 'patch')],
    without: 'nobody is told on a claim why it waits: read the log',
  },
  'event counts': {
    needs: [core('events', 'get')],
    without: 'after a restart an event that repeats is a new one',
  },
  'event history': {
    needs: [core('events', 'list')],
    without: 'the console shows what happened since the operator began; what was before: kubectl describe',
  },
  finalizers: {
    needs: [core('persistentvolumes', 'patch')],
    without:
      'volumes have no finalizer: who deletes one by hand before its claim leaves its directory behind; a claim that is made while `undelete` runs may get an empty volume',
    ofProvisioner: true,
  },
  resizing: {
    needs: [core('persistentvolumes', 'patch'), core('persistentvolumeclaims/status', 'patch')],
    without: 'a raised request has no effect',
    ofProvisioner: true,
  },
  'namespace settings': {
    needs: [core('namespaces', 'list', 'watch')],
    without: 'the annotation larder.dev/adopt on namespaces has no effect',
    ofProvisioner: true,
  },
  'messages on pods': {
    needs: [core('pods', 'list', 'watch')],
    without: 'messages are on claims only',
    ofProvisioner: true,
  },
  growth: {
    needs: [
      core('persistentvolumeclaims', 'list', 'watch', 'get', 'patch'),
      core('persistentvolumes', 'list', 'watch'),
      { group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list', 'watch'] },
      core('namespaces', 'list', 'watch'),
      core('pods', 'list', 'watch'),
      core('resourcequotas', 'list', 'watch'),
    ],
    without: 'no volume grows by itself',
  },
  policies: {
    needs: [ours('pvcpolicies', 'list', 'watch')],
    without: 'PVCPolicy objects have no effect; claims that name one do not grow',
  },
  'policy edits': {
    needs: [ours('pvcpolicies', 'get', 'create', 'patch', 'delete')],
    without: 'PVCPolicy objects are made and changed with kubectl only, not in the console',
  },
  'policy status': {
    needs: [ours('pvcpolicies/status', 'patch')],
    without: 'PVCPolicy objects do not say how many claims they match, nor what is wrong with them',
  },
  groups: {
    needs: [ours('pvcgroups', 'list', 'watch'), ours('pvcgroups/status', 'patch')],
    without: 'PVCGroup objects have no effect',
  },
  'growth conditions': {
    needs: [core('persistentvolumeclaims/status', 'patch')],
    without: 'why a claim does not grow is said in events only',
  },
  'limit ranges': {
    needs: [core('limitranges', 'list', 'watch')],
    without: 'growth that a LimitRange refuses is asked for in vain',
  },
  'storage capacity': {
    needs: [{ group: 'storage.k8s.io', resource: 'csistoragecapacities', verbs: ['list', 'watch'] }],
    without: 'growth for which the storage has no room is asked for in vain',
  },
  'attributes classes': {
    needs: [{ group: 'storage.k8s.io', resource: 'volumeattributesclasses', verbs: ['get'] }],
    without: 'of a claim that names a VolumeAttributesClass the limits of its StorageClass count',
  },
  snapshots: {
    needs: [{ group: 'snapshot.storage.k8s.io', resource: 'volumesnapshots', verbs: ['list', 'watch'] }],
    without: 'growth does not wait for snapshots, and where snapshot-above asks for one nothing grows by so much',
  },
  'console accounts': {
    needs: [
      { group: 'authentication.k8s.io', resource: 'tokenreviews', verbs: ['create'] },
      { group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verbs: ['create'] },
    ],
    without: 'nobody can sign in to the console with an account of the cluster: its own token is the only way in',
  },
  backups: {
    needs: [
      { group: 'velero.io', resource: 'backups', verbs: ['list', 'watch'] },
      { group: 'velero.io', resource: 'podvolumebackups', verbs: ['list', 'watch'] },
    ],
    without: 'growth does not wait for backups of Velero',
  },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof features;

export const featureNames = Object.keys(features).filter(isFeature);

function isFeature(name: string): name is FeatureName {
  return Object.hasOwn(features, name);
}

/** Without a provisioner nobody misses what only it needs. */
export function featuresOf(provisions: boolean): readonly FeatureName[] {
  return featureNames.filter((name) => provisions || !isOfProvisioner(name));
}

function isOfProvisioner(name: FeatureName): boolean {
  const { ofProvisioner }: Feature = features[name];
  return ofProvisioner === true;
}

export interface FeatureOff {
  readonly feature: FeatureName;
  /** As `patch persistentvolumes`. */
  readonly missing: readonly string[];
  readonly without: string;
}

/** How a permission is named here and in messages. */
export const permission = (access: Pick<Access, 'resource'>, verb: Verb): string => `${verb} ${access.resource}`;

/** `refused`: permissions that the API server denied; what it did not answer counts as given. */
export function featuresOff(refused: ReadonlySet<string>, provisions = true): readonly FeatureOff[] {
  return featuresOf(provisions).flatMap((feature) => {
    const { needs, without }: Feature = features[feature];
    const asked = needs.flatMap((need) => need.verbs.map((verb) => permission(need, verb)));
    const missing = asked.filter((each) => refused.has(each));
    return missing.length === 0 ? [] : [{ feature, missing, without }];
  });
}

/** Whether a feature is off, because the account may not, or because no provisioner runs. */
export function lackingOf(
  { off = [] }: { readonly off?: readonly FeatureOff[] },
  provisions: boolean,
): (feature: FeatureName) => boolean {
  return (name) => (!provisions && isOfProvisioner(name)) || off.some(({ feature }) => feature === name);
}

/** For messages: what is missing, and what brings it back. */
export const refusalOf = ({ missing }: FeatureOff): string =>
  `this account may not ${missing.join(', ')}: grant it (docs/reference/rbac.yaml) and restart the operator`;
