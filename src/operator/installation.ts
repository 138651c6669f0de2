/** A Deployment that provisions directories: nfs-subdir-external-provisioner, or Larder in its place. Pure. */
import { z } from 'zod';

const variable = z.object({ name: z.string(), value: z.string().optional() });
const volume = z.object({
  name: z.string(),
  nfs: z.object({ server: z.string(), path: z.string() }).optional(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
});
const container = z.object({
  name: z.string(),
  image: z.string().default(''),
  env: z.array(variable).default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
});

/** As the API has it, as far as it is read. */
export const deployment = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().default('') }),
  spec: z.object({
    replicas: z.number().default(1),
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string().default('default'),
        containers: z.array(container),
        volumes: z.array(volume).default([]),
      }),
    }),
  }),
  status: z.object({ replicas: z.number().default(0) }).default({ replicas: 0 }),
});
export type Deployment = z.infer<typeof deployment>;

export interface Installation {
  readonly namespace: string;
  readonly name: string;
  readonly product: 'nfs-subdir' | 'larder';
  readonly image: string;
  /** Wanted, and there now. */
  readonly replicas: number;
  readonly running: number;
  readonly account: string;
  /** PROVISIONER_NAME; empty when it is not written there in plain. */
  readonly provisioner: string;
  /** NFS_SERVER and NFS_PATH; empty as above. */
  readonly server: string;
  readonly path: string;
  /** What is mounted where it works: the same export, another one, or a claim whose volume says. */
  readonly mounted:
    | { readonly kind: 'nfs'; readonly server: string; readonly path: string }
    | { readonly kind: 'claim'; readonly name: string }
    | { readonly kind: 'other' };
}

/** Where both mount their export. */
const MOUNT = '/persistentvolumes';
const PEER_IMAGE = /(^|\/)(nfs-subdir-external-provisioner|nfs-client-provisioner)([:@]|$)/;
const LARDER_IMAGE = /(^|\/)larder([:@]|$)/;

/** Undefined: it provisions nothing. An image of another name with the same environment is taken for the peer. */
export function installationOf({ metadata, spec, status }: Deployment): Installation | undefined {
  const { containers, serviceAccountName, volumes } = spec.template.spec;
  for (const { env, image, volumeMounts } of containers) {
    const value = (name: string): string => plain(env.find((each) => each.name === name)?.value ?? '');
    const names = new Set(env.map((each) => each.name));
    const alike = names.has('PROVISIONER_NAME') && (names.has('NFS_SERVER') || names.has('NFS_PATH'));
    if (!alike && !PEER_IMAGE.test(image)) continue;
    const mount = volumeMounts.find(({ mountPath }) => mountPath.replace(/\/+$/, '') === MOUNT);
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      product: LARDER_IMAGE.test(image) ? 'larder' : 'nfs-subdir',
      image: plain(image),
      replicas: spec.replicas,
      running: status.replicas,
      account: serviceAccountName,
      provisioner: value('PROVISIONER_NAME'),
      server: value('NFS_SERVER'),
      path: value('NFS_PATH').replace(/(.)\/+$/, '$1'),
      mounted: mountedAs(volumes.find(({ name }) => name === mount?.name)),
    };
  }
  return undefined;
}

/** Whoever may make Deployments writes this, and it ends on a terminal: what is not plain text counts as not given. */
const plain = (text: string): string => (/^[\x21-\x7e]{1,512}$/.test(text) ? text : '');

function mountedAs(found: z.infer<typeof volume> | undefined): Installation['mounted'] {
  if (found?.nfs) return { kind: 'nfs', server: found.nfs.server, path: found.nfs.path.replace(/(.)\/+$/, '$1') };
  if (found?.persistentVolumeClaim) return { kind: 'claim', name: found.persistentVolumeClaim.claimName };
  return { kind: 'other' };
}
