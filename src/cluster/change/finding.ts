/** What a reader of evidence should know about the objects, beside what changes. */

export interface ChangeFinding {
  readonly check: FindingCheck;
  /** The object that it is about, as `Deployment shop/web`. */
  readonly object: string;
  readonly message: string;
}

interface CheckEntry {
  readonly meaning: string;
  /** A sentence that starts with what to do. */
  readonly remedy: string;
}

/** In the order in which they are told. The documentation of the command has a row for each. */
export const findingChecks = {
  'namespace-missing': {
    meaning: 'An object goes to a namespace that does not exist and is not among the manifests.',
    remedy: 'Add the Namespace to the change, or correct the name.',
  },
  conflict: {
    meaning: 'A field that the manifest sets belongs to another field manager, which set it otherwise.',
    remedy: 'Take the field out of the manifest, or take it over with `--force-conflicts` after asking its owner.',
  },
  'plain-secret': {
    meaning: 'The manifest of a Secret holds its values in plain text, and so does the history of the repository.',
    remedy: 'Rotate the values, and keep them encrypted (SOPS) or in a secret store.',
  },
  'last-applied-secret': {
    meaning: 'A client-side `kubectl apply` left the plain text of a Secret in its last-applied annotation.',
    remedy: 'Remove it: `kubectl annotate secret NAME kubectl.kubernetes.io/last-applied-configuration-`.',
  },
  'local-path': {
    meaning:
      'k3s itself keeps its `local-path` class and provisioner as they were shipped: both would change it back for ever.',
    remedy: 'Give the class another name, or start k3s with `--disable local-storage`.',
  },
  'image-platform': {
    meaning: 'An image has no build for the platform of a node that may run it.',
    remedy: 'Take an image that has one, or keep the pod off these nodes (nodeSelector kubernetes.io/arch).',
  },
  'image-unknown': {
    meaning: 'Nobody could say for which platforms an image is built: this was not looked at.',
    remedy: 'List the image with its platforms in the images file of the repository.',
  },
  'missing-probe': {
    meaning: 'A container that is to run for ever has no readiness or no liveness probe.',
    remedy: 'Add the probe, so that a hung container is noticed.',
  },
  'missing-limit': {
    meaning: 'A container has no request or no memory limit, so that it can take a small node down with it.',
    remedy: 'Set requests for cpu and memory and a memory limit.',
  },
  'helm-hook': {
    meaning: 'A hook of a chart is not applied: it is to run at its time, by helm.',
    remedy: 'Run it by hand where it is needed, or install the chart with helm.',
  },
  'not-committed': {
    meaning: 'The manifests are not as they are committed, so that no commit can bring this state back.',
    remedy: 'Commit them, and take the evidence again.',
  },
} as const satisfies Readonly<Record<string, CheckEntry>>;

export type FindingCheck = keyof typeof findingChecks;
