/**
 * What the operator can do without, and what each such feature asks of the API. An account with less than the documented
 * roles (that of nfs-subdir-external-provisioner, for example) gets what its roles allow, and is told what is off. Pure.
 */
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
}

const core = (resource: string, ...verbs: readonly Verb[]): Need => ({ group: '', resource, verbs });

export const features = {
  provisioning: {
    needs: [
      core('persistentvolumeclaims', 'list', 'watch'),
      core('persistentvolumes', 'list', 'watch', 'get', 'create', 'delete'),
      { group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list', 'watch'] },
    ],
    without: 'no volume is made',
  },
  events: {
    needs: [core('events', 'create', 'patch')],
    without: 'nobody is told on a claim why it waits: read the log',
  },
  'event counts': {
    needs: [core('events', 'get')],
    without: 'after a restart an event that repeats is a new one',
  },
  finalizers: {
    needs: [core('persistentvolumes', 'patch')],
    without: 'volumes have no finalizer: who deletes one by hand before its claim leaves its directory behind',
  },
  resizing: {
    needs: [core('persistentvolumes', 'patch'), core('persistentvolumeclaims/status', 'patch')],
    without: 'a raised request has no effect',
  },
  'namespace settings': {
    needs: [core('namespaces', 'list', 'watch')],
    without: 'the annotation larder.dev/adopt on namespaces has no effect',
  },
  'messages on pods': {
    needs: [core('pods', 'list', 'watch')],
    without: 'messages are on claims only',
  },
  growth: {
    needs: [
      core('persistentvolumeclaims', 'get', 'patch'),
      core('namespaces', 'list', 'watch'),
      core('pods', 'list', 'watch'),
      core('resourcequotas', 'list', 'watch'),
    ],
    without: 'no volume grows by itself',
  },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof features;

export const featureNames = Object.keys(features).filter(isFeature);

function isFeature(name: string): name is FeatureName {
  return Object.hasOwn(features, name);
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
export function featuresOff(refused: ReadonlySet<string>): readonly FeatureOff[] {
  return featureNames.flatMap((feature) => {
    const { needs, without }: Feature = features[feature];
    const asked = needs.flatMap((need) => need.verbs.map((verb) => permission(need, verb)));
    const missing = asked.filter((each) => refused.has(each));
    return missing.length === 0 ? [] : [{ feature, missing, without }];
  });
}

/** For messages: what is missing, and what brings it back. */
export const refusalOf = ({ missing }: FeatureOff): string =>
  `this account may not ${missing.join(', ')}: grant it (docs/reference/rbac.yaml) and restart the operator`;
