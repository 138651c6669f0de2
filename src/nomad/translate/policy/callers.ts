import type { Group } from '../../jobspec/job.ts';
import type { ModuleDraft, WorkloadDraft } from '../draft.ts';
import type { Edge } from '../edge.ts';
import { ask, type Intention, type ProjectScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Branch } from '../sourced.ts';
import { decide } from './decision.ts';
import { httpRules } from './http-rules.ts';

/** Where a workload belongs. */
export interface Place {
  readonly module: ModuleDraft;
  readonly workload: WorkloadDraft;
}

/** Who may call a service. */
export interface Callers {
  readonly allowed: readonly Caller[];
  /** Every pod of the cluster may (an intention of `*`). */
  readonly everybody: boolean;
  readonly traefik: boolean;
  /** Called it, and is not let in. */
  readonly refused: readonly { readonly place: Place; readonly why: string }[];
  /** Sources of intentions that no converted job is. */
  readonly strangers: readonly string[];
  readonly intentions: readonly Intention[];
}

export interface Caller extends Place {
  readonly why: string;
  /** Requests of HTTP that it may make; absent: all. */
  readonly http?: readonly Branch[];
}

/** All workloads with their modules. */
function placesOf({ modules }: ProjectScope): readonly Place[] {
  return modules.flatMap((module) => module.workloads.map((workload) => ({ module, workload })));
}

/** What all questions about callers look into, made once for all of them. */
export interface Ledger {
  readonly project: ProjectScope;
  readonly places: readonly Place[];
  readonly targets: ReadonlyMap<Group, readonly ServiceTarget[]>;
  readonly edges: ReadonlyMap<ServiceTarget, readonly Edge[]>;
  /** By destination, `*` among them. */
  readonly intentions: ReadonlyMap<string, readonly Intention[]>;
  readonly known: ReadonlySet<string>;
}

export function ledgerOf(project: ProjectScope): Ledger {
  const { targets } = project.services;
  return {
    project,
    places: placesOf(project),
    targets: Map.groupBy(targets, ({ group }) => group),
    edges: Map.groupBy(project.edges, ({ to }) => to),
    intentions: Map.groupBy(project.surroundings.intentions, ({ destination }) => destination),
    known: new Set(targets.map(({ known }) => known.toLowerCase())),
  };
}

/** Whether intentions say who may call it, or the mesh did, or all else is denied: then it gets a policy of its own. */
export function guarded({ project, intentions }: Ledger, target: ServiceTarget): boolean {
  if (target.ports.length === 0) return false;
  return project.policy.defaultDeny || target.mesh || intentions.has(target.known);
}

/** Consul denies or allows by default, as its ACLs do; the jobs do not say which. */
function deniedByDefault(project: ProjectScope): boolean {
  const { value } = ask(project, {
    id: 'consul.intentions.default',
    text: 'What did Consul do with calls in the mesh that no intention speaks of? (ACL default_policy)',
    fallback: 'deny',
    accepts: { pattern: /^(deny|allow)$/, words: 'deny, allow' },
  });
  return value === 'deny';
}

export function intentionsFor({ intentions }: Ledger, { known }: ServiceTarget): readonly Intention[] {
  return [...(intentions.get(known) ?? []), ...(intentions.get('*') ?? [])];
}

export function callersOf(ledger: Ledger, target: ServiceTarget): Callers {
  const own = intentionsFor(ledger, target);
  const denied = deniedByDefault(ledger.project);
  const edges = ledger.edges.get(target) ?? [];
  const judged = ledger.places
    .filter(({ workload }) => workload.group !== target.group)
    .map((place) => judge(ledger, { target, own, edges }, place));
  const strangers = own.filter(({ source }) => source !== '*' && !ledger.known.has(source.toLowerCase()));
  const wild = decide(own, NOBODY, target.known);
  const someDenied = own.some(({ source, action }) => source !== '*' && action !== 'allow');
  return {
    allowed: judged.flatMap((each) => (each.kind === 'allowed' ? each.caller : [])),
    everybody: !someDenied && (wild.kind === 'allow' || (wild.kind === 'unsaid' && !denied)),
    traefik: edges.some(({ from }) => from === 'traefik'),
    refused: judged.flatMap((each) => (each.kind === 'refused' ? each : [])),
    strangers: strangers.map(({ source }) => source),
    intentions: own,
  };
}

/** No service is called so: only an intention of `*` is about it, as about a job without a service. */
const NOBODY = ' ';

interface Called {
  readonly target: ServiceTarget;
  readonly own: readonly Intention[];
  readonly edges: readonly Edge[];
}

type Judged =
  | { readonly kind: 'allowed'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly place: Place; readonly why: string }
  | { readonly kind: 'none' };

/** An intention's word counts; where there is none, a call that the jobs speak of is let in. */
function judge({ project, targets }: Ledger, { target, own, edges }: Called, place: Place): Judged {
  const edge = edges.find(({ from }) => from === place.workload);
  const called = targets.get(place.workload.group)?.map(({ known }) => known) ?? [NOBODY];
  const decisions = called.map((name) => decide(own, name, target.known));
  const allow = decisions.find(({ kind }) => kind === 'allow');
  if (allow?.kind === 'allow') return { kind: 'allowed', caller: { ...place, why: `intention at ${spot(allow.by)}` } };
  const permitted = decisions.find((each) => each.kind === 'permissions');
  if (permitted?.kind === 'permissions') return judgePermissions(project, place, permitted.by);
  const deny = decisions.find(({ kind }) => kind === 'deny');
  if (deny?.kind === 'deny') {
    return edge ? { kind: 'refused', place, why: `the intention at ${spot(deny.by)} denies it` } : { kind: 'none' };
  }
  return edge ? { kind: 'allowed', caller: { ...place, why: edge.why } } : { kind: 'none' };
}

function judgePermissions({ policy }: ProjectScope, place: Place, by: Intention): Judged {
  if (policy.policies !== 'cilium') {
    const why = `the intention at ${spot(by)} allows certain requests, which only policies of Cilium can (--policies cilium)`;
    return { kind: 'refused', place, why };
  }
  const http = httpRules(by);
  if (http.kind === 'refused') return { kind: 'refused', place, why: `${http.why} (intention at ${spot(by)})` };
  if (http.rules.length === 0) return { kind: 'none' };
  return { kind: 'allowed', caller: { ...place, why: `requests of the intention at ${spot(by)}`, http: http.rules } };
}

function spot({ file, line }: Intention): string {
  return `${file}:${line}`;
}
