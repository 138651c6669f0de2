import type { Group, Job, Task } from '../jobspec/job.ts';
import type { Branch, S, Tree } from './sourced.ts';
import type { Render } from './template/render.ts';

/** A module in the making: what the rules add to, in Kubernetes' own shapes. */
export interface ModuleDraft {
  readonly job: Job;
  /** The job's name folded to DNS-1123: directory, `app` label, and name of what belongs to the whole job. */
  readonly name: string;
  /** Where the job stands. */
  readonly file: string;
  namespace: S<string>;
  readonly workloads: WorkloadDraft[];
  /** Services, claims, secrets, routes, policies: all but the workloads. */
  readonly manifests: ManifestDraft[];
  /** The ExternalSecret of the module, from the first secret on. */
  secrets?: SecretsDraft;
  /** Data of the ConfigMap of the module, from the first file on. */
  config?: ConfigDraft;
}

/** What the module fetches from stores; `src/nomad/translate/secret/secret-key.ts` writes it. */
export interface SecretsDraft {
  /** Of the ExternalSecret and of the Secret that it makes. */
  readonly name: string;
  readonly data: Branch[];
  /** Key in the Secret, by store, path and property. */
  readonly keys: Map<string, string>;
  readonly templates: Record<string, S<string>>;
  readonly target: Record<string, Tree | undefined>;
}

export interface ConfigDraft {
  /** Of the ConfigMap. */
  readonly name: string;
  readonly data: Record<string, S<string>>;
}

/** A file that a template renders. */
export interface FileDraft {
  /** As the container sees it: `/local/app.yml`; `/task/x` for what lies beside `local` and is seen by no container. */
  readonly path: string;
  readonly from: 'config' | 'secret';
  readonly key: S<string>;
  /** As bits; 0644 where the template says nothing. */
  readonly mode: S<number>;
  /** Whether only variables are made of it, so that nobody needs to see the file. */
  readonly variables: boolean;
}

export interface ManifestDraft {
  /** `service`, `ingress`: the stem of the file; several of one kind get the rest of their names behind it. */
  readonly kind: string;
  /** metadata.name */
  readonly name: string;
  /** apiVersion, kind, metadata and all; namespace and the common labels are added where it is written. */
  readonly object: Branch;
  /** What it was made of, where two of one are one. */
  readonly of?: string;
}

/** Of the kinds that a group may become. */
export const apiVersions = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
} as const;

export type WorkloadKind = keyof typeof apiVersions;

export interface WorkloadDraft {
  readonly group: Group;
  /** The group's name, folded. */
  readonly component: string;
  /** `<service>`, or `<service>-<component>` where a job has several workloads. */
  readonly name: string;
  /** Whether the labels carry `component`: with several workloads in the module every selector needs it. */
  readonly several: boolean;
  kind: WorkloadKind;
  replicas?: S<number>;
  /** Deployment strategy, or updateStrategy. */
  strategy?: Branch;
  /** Why two pods of it must never run at once (a writer's volume, a GPU, a host's port), as a person reads it. */
  readonly alone: string[];
  /** Further keys of the workload's spec: minReadySeconds, backoffLimit, schedule, … */
  readonly spec: Record<string, Tree | undefined>;
  /** volumeClaimTemplates. */
  readonly claims: Branch[];
  readonly pod: PodDraft;
}

export interface PodDraft {
  readonly labels: Record<string, S<string>>;
  readonly annotations: Record<string, S<string>>;
  /** Further keys of the pod's spec: hostNetwork, dnsConfig, terminationGracePeriodSeconds, runtimeClassName, … */
  readonly spec: Record<string, Tree | undefined>;
  readonly securityContext: Record<string, Tree | undefined>;
  readonly nodeSelector: Record<string, S<string>>;
  /** matchExpressions that every node must satisfy. */
  readonly nodeRequired: Branch[];
  /** preferredDuringSchedulingIgnoredDuringExecution of nodeAffinity. */
  readonly nodePreferred: Branch[];
  /** podAntiAffinity terms. */
  readonly apart: Branch[];
  readonly spread: Branch[];
  readonly tolerations: Branch[];
  /** By name, without it: `{ emptyDir: {} }`. */
  readonly volumes: Map<string, Branch>;
  readonly pullSecrets: Set<string>;
  readonly containers: ContainerDraft[];
}

/**
 * `init`: before the others, to its end. `sidecar`: an init container that goes on. `main`: a container; what a
 * poststart task with `sidecar` becomes is one too.
 */
export type Role = 'init' | 'sidecar' | 'main';

export interface ContainerDraft {
  /** Absent where the container is Larder's own (a restore, a fetch). */
  readonly task?: Task;
  readonly name: string;
  role: Role;
  image: S<string>;
  command?: readonly S<string>[];
  args?: readonly S<string>[];
  /** In the order in which `$(NAME)` may refer back. */
  readonly env: EnvDraft[];
  readonly envFrom: Branch[];
  readonly ports: PortDraft[];
  readonly mounts: MountDraft[];
  readonly resources: { readonly requests: Record<string, S<string>>; readonly limits: Record<string, S<string>> };
  readonly probes: { startupProbe?: Branch; readinessProbe?: Branch; livenessProbe?: Branch };
  readonly securityContext: Record<string, Tree | undefined>;
  /** Further keys: workingDir, lifecycle, imagePullPolicy, tty, volumeDevices, … */
  readonly rest: Record<string, Tree | undefined>;
  /** What its templates render. */
  files?: FileDraft[];
  /** Its templates, evaluated once. */
  renders?: readonly Render[];
}

export interface EnvDraft {
  readonly name: string;
  readonly value?: S<string>;
  readonly valueFrom?: Branch;
}

export interface PortDraft {
  /** ≤ 15 characters, DNS label; absent where the input has no label for it. */
  readonly name?: string;
  readonly containerPort: S<number>;
  readonly protocol?: 'TCP' | 'UDP';
  readonly hostPort?: S<number>;
}

export interface MountDraft {
  /** Of the volume. */
  readonly name: string;
  readonly mountPath: S<string>;
  readonly subPath?: S<string>;
  readonly subPathExpr?: S<string>;
  readonly readOnly?: S<boolean>;
  readonly mountPropagation?: S<string>;
}
