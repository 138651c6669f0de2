import type { Group, Job, Task } from '../jobspec/job.ts';
import type { Policy } from '../policy.ts';
import type { Accounts } from './accounts.ts';
import type { ContainerDraft, ModuleDraft, WorkloadDraft } from './draft.ts';
import type { Edge } from './edge.ts';
import type { ServiceIndex } from './service-index.ts';

/** What holds for all jobs that are converted together. */
export interface ProjectScope {
  readonly policy: Policy;
  /** What a person answered, by the question's id. */
  readonly answers: ReadonlyMap<string, string>;
  /** Asked so far, in order; the same question twice is one question. */
  readonly questions: Map<string, Question>;
  readonly modules: readonly ModuleDraft[];
  readonly services: ServiceIndex;
  /** What stands beside the jobs: facts of Terraform, Consul's intentions and service defaults. */
  readonly surroundings: Surroundings;
  readonly accounts: Accounts;
  /** Who calls whom, as far as the jobs say so: filled while they are translated, read by the network policies. */
  readonly edges: Edge[];
}

export interface ModuleScope {
  readonly project: ProjectScope;
  readonly module: ModuleDraft;
  readonly job: Job;
}

export interface GroupScope extends ModuleScope {
  readonly group: Group;
  readonly workload: WorkloadDraft;
}

export interface TaskScope extends GroupScope {
  readonly task: Task;
  readonly container: ContainerDraft;
}

/** Something only a person can know. Without an answer the default is written, and reported. */
export interface Question {
  /** `web.volume.data.size`: stable, so that answers can be kept in a file. */
  readonly id: string;
  readonly text: string;
  readonly fallback: string;
  /** A pattern the answer must match, and how a person reads it. */
  readonly accepts: { readonly pattern: RegExp; readonly words: string };
}

export interface Surroundings {
  /** `nomad_csi_volume` and `nomad_csi_volume_registration`, by volume id. */
  readonly volumes: ReadonlyMap<string, TerraformVolume>;
  readonly intentions: readonly Intention[];
  readonly timeouts: readonly CallTimeouts[];
  /** Text of a file beside the jobs, for templates that a job reads from one; relative to the directory that is read. */
  readonly file?: (path: string) => string | undefined;
  /** Terraform files hold more than Larder reads; nothing is made of the rest. */
}

export interface TerraformVolume {
  readonly id: string;
  readonly pluginId: string;
  /** `capacity_min`, as written; absent for a volume that is only registered. */
  readonly size?: string;
  /** What its plugin calls a volume that was only registered: the handle of CSI. */
  readonly externalId?: string;
  readonly mountFlags: readonly string[];
  /** `fs_type` of its mount options. */
  readonly fsType?: string;
  /** `context` of a registration, as its plugin wants it back. Empty or absent: none. */
  readonly context?: Readonly<Record<string, string>>;
  /** Whether its plugin was given secrets, which nothing here reads. */
  readonly hasSecrets?: boolean;
  readonly file: string;
  readonly line: number;
}

/** How long Consul's proxies waited for a service: of its service-defaults or service-resolver. */
export interface CallTimeouts {
  readonly service: string;
  /** As Go and Traefik write it: `250ms`. */
  readonly connect?: string;
  readonly response?: string;
  readonly file: string;
  readonly line: number;
}

/** A service-intentions config entry of Consul, one source a row. */
export interface Intention {
  readonly source: string;
  readonly destination: string;
  /** Absent with permissions. */
  readonly action?: 'allow' | 'deny';
  readonly permissions: readonly IntentionPermission[];
  /** Consul's own: exact names before wildcards. */
  readonly precedence: number;
  readonly file: string;
  readonly line: number;
}

export interface IntentionPermission {
  readonly action: 'allow' | 'deny';
  readonly path?: { readonly kind: 'exact' | 'prefix' | 'regex'; readonly value: string };
  readonly methods: readonly string[];
  readonly headers: readonly {
    readonly name: string;
    readonly kind: string;
    readonly value?: string;
    readonly invert: boolean;
  }[];
}

/** The answer, or the default. An answer that does not fit is refused where answers are read. */
export function ask(
  { answers, questions }: ProjectScope,
  question: Question,
): { readonly value: string; readonly answered: boolean } {
  questions.set(question.id, question);
  const answer = answers.get(question.id);
  return answer === undefined ? { value: question.fallback, answered: false } : { value: answer, answered: true };
}
