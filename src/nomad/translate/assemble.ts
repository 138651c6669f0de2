import {
  apiVersions,
  type ContainerDraft,
  type ManifestDraft,
  type ModuleDraft,
  type MountDraft,
  type PodDraft,
  type WorkloadDraft,
} from './draft.ts';
import { type Branch, bare, isBranch, type S, type Tree } from './sourced.ts';

/** One file below `manifests/`. */
export interface Manifest {
  /** `deployment.yaml` */
  readonly file: string;
  readonly object: Branch;
}

export interface AssembleInput {
  readonly environment: string;
}

/** The manifests of a module, in the order in which a person reads them: workloads first, then the rest by kind and name. */
export function assemble(module: ModuleDraft, { environment }: AssembleInput): readonly Manifest[] {
  const objects = [
    ...module.workloads.map((workload) => ({
      kind: workload.kind.toLowerCase(),
      name: workload.name,
      object: workloadOf(module, workload),
    })),
    ...module.manifests.toSorted(byKindAndName),
  ];
  const labels = { app: module.name, 'managed-by': 'terraform', environment };
  return objects.map((each) => ({
    file: `${stemOf(each, objects, module.name)}.yaml`,
    object: withCommon(each.object, { labels, namespace: module.namespace }),
  }));
}

/** Kinds that live in no namespace. */
const clusterWide = new Set([
  'Namespace',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
  'CiliumClusterwideNetworkPolicy',
]);

interface Common {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: S<string>;
}

function withCommon(object: Branch, { labels, namespace }: Common): Branch {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { name, ...given } = branch(metadata);
  const own = branch(given['labels']);
  const place = clusterWide.has(String(kind)) ? {} : { namespace: given['namespace'] ?? namespace };
  return { apiVersion, kind, metadata: { name, ...place, ...given, labels: { ...labels, ...own } }, ...rest };
}

/** One of a kind is called by the kind alone; several carry what their names have beyond the module's. */
function stemOf({ kind, name }: ManifestDraft, all: readonly ManifestDraft[], module: string): string {
  if (all.filter((each) => each.kind === kind).length === 1) return kind;
  const rest = name === module ? '' : name.startsWith(`${module}-`) ? name.slice(module.length + 1) : name;
  return rest === '' ? kind : `${kind}-${rest}`;
}

function byKindAndName(left: ManifestDraft, right: ManifestDraft): number {
  return compare(left.kind, right.kind) || compare(left.name, right.name);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** What selects the pods of a workload. */
export function selectorOf(
  module: Pick<ModuleDraft, 'name'>,
  { several, component }: WorkloadDraft,
): Record<string, string> {
  return { app: module.name, ...(several ? { component } : {}) };
}

function workloadOf(module: ModuleDraft, workload: WorkloadDraft): Branch {
  const { kind, name, component, several } = workload;
  return {
    apiVersion: apiVersions[kind],
    kind,
    metadata: { name, labels: several ? { component } : {} },
    spec: specOf(module, workload),
  };
}

function specOf(module: ModuleDraft, workload: WorkloadDraft): Branch {
  const { kind, replicas, strategy, spec, claims } = workload;
  const selector = { matchLabels: selectorOf(module, workload) };
  const template = templateOf(module, workload);
  switch (kind) {
    case 'Deployment':
      return { replicas, selector, strategy, ...spec, template };
    case 'StatefulSet':
      return {
        replicas,
        serviceName: spec['serviceName'] ?? workload.name,
        selector,
        updateStrategy: strategy,
        ...spec,
        template,
        volumeClaimTemplates: unlessEmpty(claims),
      };
    case 'DaemonSet':
      return { selector, updateStrategy: strategy, ...spec, template };
    case 'Job':
      return { ...spec, template };
    case 'CronJob': {
      // what belongs to the schedule stands beside the template of the job, the rest in it
      const { schedule, timeZone, concurrencyPolicy, suspend, jobSpec, ...rest } = spec;
      const { successfulJobsHistoryLimit, failedJobsHistoryLimit, startingDeadlineSeconds, ...job } = rest;
      const kept = { successfulJobsHistoryLimit, failedJobsHistoryLimit, startingDeadlineSeconds };
      const jobTemplate = { spec: { ...job, ...branch(jobSpec), template } };
      return { schedule, timeZone, concurrencyPolicy, suspend, ...kept, jobTemplate };
    }
    default:
      return kind satisfies never;
  }
}

function templateOf(module: ModuleDraft, workload: WorkloadDraft): Branch {
  const { pod } = workload;
  const labels = { ...selectorOf(module, workload), ...pod.labels };
  return { metadata: { labels, annotations: unlessEmptyMap(pod.annotations) }, spec: podOf(pod) };
}

function podOf(pod: PodDraft): Branch {
  const inits = pod.containers.filter(({ role }) => role !== 'main');
  const mains = pod.containers.filter(({ role }) => role === 'main');
  return {
    ...pod.spec,
    imagePullSecrets: unlessEmpty([...pod.pullSecrets].sort().map((name) => ({ name }))),
    securityContext: unlessEmptyMap(pod.securityContext),
    nodeSelector: unlessEmptyMap(pod.nodeSelector),
    affinity: affinityOf(pod),
    tolerations: unlessEmpty(pod.tolerations),
    topologySpreadConstraints: unlessEmpty(pod.spread),
    initContainers: unlessEmpty(inits.map(containerOf)),
    containers: mains.map(containerOf),
    volumes: unlessEmpty([...pod.volumes].map(([name, source]) => ({ name, ...source }))),
  };
}

function affinityOf({ nodeRequired, nodePreferred, apart }: PodDraft): Branch | undefined {
  const required = nodeRequired.length > 0 && {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: nodeRequired }] },
  };
  const preferred = nodePreferred.length > 0 && { preferredDuringSchedulingIgnoredDuringExecution: nodePreferred };
  return unlessEmptyMap({
    nodeAffinity: unlessEmptyMap({ ...(required || {}), ...(preferred || {}) }),
    podAntiAffinity: apart.length > 0 ? { requiredDuringSchedulingIgnoredDuringExecution: apart } : undefined,
  });
}

function containerOf(container: ContainerDraft): Branch {
  const { name, role, image, command, args, env, envFrom, ports, mounts, resources, probes, securityContext, rest } =
    container;
  return {
    name,
    image,
    restartPolicy: role === 'sidecar' ? 'Always' : undefined,
    command,
    args,
    ...rest,
    ports: unlessEmpty(ports.map((port) => ({ ...port }))),
    env: unlessEmpty(env.map((each) => ({ ...each }))),
    envFrom: unlessEmpty(envFrom),
    resources: unlessEmptyMap({
      requests: unlessEmptyMap(resources.requests),
      limits: unlessEmptyMap(resources.limits),
    }),
    ...probes,
    securityContext: unlessEmptyMap(securityContext),
    volumeMounts: unlessEmpty(mounts.map((mount) => mountOf(mount, securityContext))),
  };
}

/**
 * A mount that is not read-only does not say so. What is mounted in a container reaches its node from privileged ones
 * only: the API server refuses any other that asks for it.
 */
function mountOf(
  { readOnly, mountPropagation, ...mount }: MountDraft,
  { privileged }: ContainerDraft['securityContext'],
): Branch {
  const refused = mountPropagation !== undefined && bare(mountPropagation) === 'Bidirectional' && !privileged;
  return {
    ...mount,
    mountPropagation: refused ? undefined : mountPropagation,
    readOnly: readOnly !== undefined && bare(readOnly) ? readOnly : undefined,
  };
}

function unlessEmpty(list: readonly Tree[]): readonly Tree[] | undefined {
  return list.length === 0 ? undefined : list;
}

function unlessEmptyMap(map: Branch): Branch | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}

/** A map, or none where there is something else. */
function branch(tree: Tree | undefined): Branch {
  return isBranch(tree) ? tree : {};
}
