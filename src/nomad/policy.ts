/** What a person decides once for all jobs: the policy file of `larder nomad convert`. */
import { z } from 'zod';

const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a DNS-1123 label: a-z, 0-9 and -, at most 63');

export const policySchema = z
  .strictObject({
    namespace: label.default('default').describe('Namespace of modules whose job names none but `default`.'),
    environment: z.string().default('production').describe('Value of the label `environment`.'),
    mesh: z
      .enum(['cilium', 'linkerd', 'none'])
      .default('cilium')
      .describe('What encrypts between pods in place of Consul Connect.'),
    policies: z
      .enum(['kubernetes', 'cilium', 'none'])
      .default('kubernetes')
      .describe('Kind of network policy that is written.'),
    scrapers: z
      .array(label)
      .default(['monitoring'])
      .describe('Namespaces from which network policies let anyone in, for metrics.'),
    defaultDeny: z.boolean().default(false).describe('Whether a policy that denies the rest is written too.'),
    ingress: z
      .strictObject({
        class: z.string().default('traefik'),
        kind: z.enum(['auto', 'Ingress', 'IngressRoute']).default('auto').describe('`auto`: Ingress for a plain host.'),
        namespaces: z
          .array(label)
          .default(['traefik', 'kube-system'])
          .describe('Where Traefik may run: network policies let it in from there.'),
      })
      .prefault({}),
    secrets: z
      .strictObject({
        store: z.string().default('vault-backend'),
        kind: z.enum(['ClusterSecretStore', 'SecretStore']).default('ClusterSecretStore'),
        refresh: z.string().default('1h'),
        mounts: z
          .array(z.string())
          .default(['secret', 'nomad', 'kv'])
          .describe('Mounts of KV engines of version 2 whose name a path begins with.'),
      })
      .prefault({}),
    storage: z
      .strictObject({
        class: z.string().default('glusterfs-nfs'),
        annotation: z.string().default('volume-name'),
        prefix: z
          .string()
          .default('glusterfs_')
          .describe('What the class puts before the name: it is taken off, never written twice.'),
        size: z.string().default('1Gi').describe('Where neither the job nor Terraform says one.'),
        csiDrivers: z
          .record(z.string(), z.string())
          .default({})
          .describe(
            'Plugin of Nomad (`plugin_id`) to the CSI driver of the cluster that knows the same volumes: what Terraform registered becomes a PersistentVolume.',
          ),
      })
      .prefault({}),
    vpa: z.enum(['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'none']).default('Off'),
    cpu: z
      .strictObject({
        millicoresPerMhz: z.number().positive().default(1),
        limits: z.boolean().default(true).describe('Whether tasks that Nomad lets use idle CPU get a limit.'),
        limitFactor: z
          .number()
          .min(1)
          .default(4)
          .describe('The limit is this many times the request, at least 1 core.'),
      })
      .prefault({}),
    liveness: z
      .boolean()
      .default(true)
      .describe('Whether checks that do not restart become a patient liveness probe too.'),
    architectures: z.array(z.string()).default(['amd64', 'arm64']),
    registries: z
      .record(z.string(), z.string())
      .default({})
      .describe('Private registry (prefix of the image) to the name of its pull secret.'),
    drivers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Driver without an image (exec, java) to a base image.'),
    fetch: z
      .strictObject({
        http: z.string().default('docker.io/curlimages/curl:8.11.1').describe('With sh, curl, tar and unzip.'),
        git: z.string().default('docker.io/alpine/git:2.47.2').describe('With sh and git.'),
      })
      .prefault({})
      .describe('Images of the init containers that fetch artifacts.'),
    nodeLabels: z
      .record(z.string(), z.string())
      .default({})
      .describe('Attribute of a Nomad client (`meta.disk`, `node.class`, `attr.x`) to a label of nodes.'),
    hostVolumes: z
      .record(z.string(), z.string())
      .default({})
      .describe('Host volume of the clients to its path on the nodes.'),
    stopSignals: z
      .boolean()
      .default(false)
      .describe('Whether the cluster takes stopSignal of a container (Kubernetes 1.33 with ContainerStopSignals).'),
    reloader: z.boolean().default(true).describe('Whether workloads restart when their templates change (Reloader).'),
  })
  .prefault({});

export type Policy = z.infer<typeof policySchema>;
