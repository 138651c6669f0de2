/** What a person decides once for all jobs: the policy file of `larder nomad convert`. */
import { z } from 'zod';
import { defaultPolicy } from './default-policy.ts';

const { ingress, secrets, storage, cpu, fetch } = defaultPolicy;
const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a DNS-1123 label: a-z, 0-9 and -, at most 63');

export const policySchema = z
  .strictObject({
    namespace: label
      .default(defaultPolicy.namespace)
      .describe('Namespace of modules whose job names none but `default`.'),
    environment: z.string().default(defaultPolicy.environment).describe('Value of the label `environment`.'),
    mesh: z
      .enum(['cilium', 'linkerd', 'none'])
      .default(defaultPolicy.mesh)
      .describe('What encrypts between pods in place of Consul Connect.'),
    policies: z
      .enum(['kubernetes', 'cilium', 'none'])
      .default(defaultPolicy.policies)
      .describe('Kind of network policy that is written.'),
    scrapers: z
      .array(label)
      .default(defaultPolicy.scrapers)
      .describe('Namespaces from which network policies let anyone in, for metrics.'),
    defaultDeny: z
      .boolean()
      .default(defaultPolicy.defaultDeny)
      .describe('Whether a policy that denies the rest is written too.'),
    ingress: z
      .strictObject({
        class: z.string().default(ingress.class),
        kind: z
          .enum(['auto', 'Ingress', 'IngressRoute'])
          .default(ingress.kind)
          .describe('`auto`: Ingress for a plain host.'),
        namespaces: z
          .array(label)
          .default(ingress.namespaces)
          .describe('Where Traefik may run: network policies let it in from there.'),
      })
      .prefault({}),
    secrets: z
      .strictObject({
        store: z.string().default(secrets.store),
        kind: z.enum(['ClusterSecretStore', 'SecretStore']).default(secrets.kind),
        refresh: z.string().default(secrets.refresh),
        mounts: z
          .array(z.string())
          .default(secrets.mounts)
          .describe('Mounts of KV engines of version 2 whose name a path begins with.'),
      })
      .prefault({}),
    storage: z
      .strictObject({
        class: z.string().default(storage.class),
        annotation: z.string().default(storage.annotation),
        prefix: z
          .string()
          .default(storage.prefix)
          .describe('What the class puts before the name: it is taken off, never written twice.'),
        size: z.string().default(storage.size).describe('Where neither the job nor Terraform says one.'),
        csiDrivers: z
          .record(z.string(), z.string())
          .default(storage.csiDrivers)
          .describe(
            'Plugin of Nomad (`plugin_id`) to the CSI driver of the cluster that knows the same volumes: what Terraform registered becomes a PersistentVolume.',
          ),
      })
      .prefault({}),
    vpa: z.enum(['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'none']).default(defaultPolicy.vpa),
    cpu: z
      .strictObject({
        millicoresPerMhz: z.number().positive().default(cpu.millicoresPerMhz),
        limits: z.boolean().default(cpu.limits).describe('Whether tasks that Nomad lets use idle CPU get a limit.'),
        limitFactor: z
          .number()
          .min(1)
          .default(cpu.limitFactor)
          .describe('The limit is this many times the request, at least 1 core.'),
      })
      .prefault({}),
    liveness: z
      .boolean()
      .default(defaultPolicy.liveness)
      .describe('Whether checks that do not restart become a patient liveness probe too.'),
    architectures: z.array(z.string()).default(defaultPolicy.architectures),
    registries: z
      .record(z.string(), z.string())
      .default(defaultPolicy.registries)
      .describe('Private registry (prefix of the image) to the name of its pull secret.'),
    drivers: z
      .record(z.string(), z.string())
      .default(defaultPolicy.drivers)
      .describe('Driver without an image (exec, java) to a base image.'),
    fetch: z
      .strictObject({
        http: z.string().default(fetch.http).describe('With sh, curl, tar and unzip.'),
        git: z.string().default(fetch.git).describe('With sh and git.'),
      })
      .prefault({})
      .describe('Images of the init containers that fetch artifacts.'),
    nodeLabels: z
      .record(z.string(), z.string())
      .default(defaultPolicy.nodeLabels)
      .describe('Attribute of a Nomad client (`meta.disk`, `node.class`, `attr.x`) to a label of nodes.'),
    hostVolumes: z
      .record(z.string(), z.string())
      .default(defaultPolicy.hostVolumes)
      .describe('Host volume of the clients to its path on the nodes.'),
    stopSignals: z
      .boolean()
      .default(defaultPolicy.stopSignals)
      .describe('Whether the cluster takes stopSignal of a container (Kubernetes 1.33 with ContainerStopSignals).'),
    reloader: z
      .boolean()
      .default(defaultPolicy.reloader)
      .describe('Whether workloads restart when their templates change (Reloader).'),
  })
  .prefault({});

export type Policy = z.infer<typeof policySchema>;
