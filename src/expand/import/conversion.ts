/** What a peer's settings become here, and where the two do not mean the same. */
import { isObject } from '../../kube/reader.ts';

/** An object as it is applied: only what Larder needs of it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

export interface Difference {
  /** What it is about: `namespace/name` of a claim, or empty for all of them. */
  readonly about: string;
  readonly message: string;
}

export interface Conversion {
  readonly manifests: readonly Manifest[];
  /** Settings of the installation, as in the configuration file. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly differences: readonly Difference[];
}

/** As it was read from a file or a cluster. */
export type Raw = Readonly<Record<string, unknown>>;

export const peers = ['autoresizer', 'gardener', 'volume-autoscaler', 'pvc-chonker'] as const;
export type Peer = (typeof peers)[number];

export interface Claim {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly className: string;
  /** Quantity; empty: none. */
  readonly request: string;
}

export function claimsIn(objects: readonly Raw[]): readonly Claim[] {
  return ofKind(objects, 'PersistentVolumeClaim').map((object) => {
    const { metadata, spec } = partsOf(object);
    const requests = path(spec, 'resources', 'requests');
    return {
      ...nameIn(metadata),
      annotations: texts(metadata['annotations']),
      labels: texts(metadata['labels']),
      className: textOf(spec['storageClassName']),
      request: textOf(isObject(requests) ? requests['storage'] : undefined),
    };
  });
}

export function ofKind(objects: readonly Raw[], kind: string): readonly Raw[] {
  return objects.filter((object) => object['kind'] === kind);
}

export function partsOf(object: Raw): { readonly metadata: Raw; readonly spec: Raw } {
  const { metadata, spec } = object;
  return { metadata: isObject(metadata) ? metadata : {}, spec: isObject(spec) ? spec : {} };
}

export function nameIn(metadata: Raw): { readonly namespace: string; readonly name: string } {
  return { namespace: textOf(metadata['namespace']) || 'default', name: textOf(metadata['name']) };
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Members that are texts; an annotation is nothing else. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function path(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

/** The claim with annotations, keys without the prefix; undefined values are left out. */
export function annotated(
  { namespace, name }: Pick<Claim, 'namespace' | 'name'>,
  settings: Readonly<Record<string, string | undefined>>,
): Manifest {
  const given = Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[full(key), value]]));
  const annotations: Readonly<Record<string, string>> = Object.fromEntries(given);
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, annotations } };
}

function full(key: string): string {
  return key.includes('/') ? key : `pvc-chonker.io/${key}`;
}

export function keyOf({ namespace, name }: Pick<Claim, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** What holds for every claim that comes from any of them. */
export const everywhere: readonly Difference[] = [
  {
    about: '',
    message:
      'Larder grows a claim when two measurements in a row are at its threshold (one from 97 % on); setting breaches',
  },
  {
    about: '',
    message:
      'sizes are rounded up to the step of the storage (1Gi for most drivers); the last part of less than a step below the largest size is not used',
  },
  {
    about: '',
    message:
      'the limits of the storage count as well: how large, how often (EBS: at most four times in 24 hours and six hours apart)',
  },
];
