/** Plays the phases of a run that are left, and remembers each host's before the next begins. */
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { type AnsiblePlay, excerpt, type Played, playAnsible } from './ansible.ts';
import { hostKeyTrouble } from './host-key.ts';
import type { Journal } from './journal.ts';
import type { Phase } from './phase.ts';
import type { RunEvent } from './run-event.ts';
import { type HostOutcome, type RunState, remaining } from './run-state.ts';

export interface RunSession {
  /** The folder of cluster.yaml. */
  readonly repository: string;
  /** cluster.yaml. */
  readonly file: string;
  readonly spec: ClusterSpec;
  readonly secrets: readonly string[];
  readonly privateKey?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

export interface Watching {
  onPhase(phase: Phase, hosts: readonly string[]): void;
  onEvent(event: RunEvent): void;
  onPhaseEnd(phase: Phase): void;
}

export interface Trouble {
  readonly host: string;
  readonly phase: string;
  readonly outcome: Exclude<HostOutcome, 'done'>;
  /** What went wrong, where, without secrets. */
  readonly message: string;
}

export type CarriedOut = { readonly log: string } & (
  | { readonly kind: 'complete' }
  /** Some hosts did not come through; the worst of what they met. */
  | { readonly kind: 'failed' | 'unreachable'; readonly troubles: readonly Trouble[] }
  | { readonly kind: 'host-key'; readonly message: string }
  | { readonly kind: 'interrupted'; readonly troubles: readonly Trouble[] }
  | { readonly kind: 'unavailable'; readonly reason: string }
);

export interface Work {
  readonly session: RunSession;
  readonly state: RunState;
  readonly journal: Journal;
  readonly watching: Watching;
}

export async function carryOut(work: Work): Promise<CarriedOut> {
  const { session, state } = work;
  const lost = new Map<string, Trouble>();
  const log: string[] = [];
  for (const phase of state.header.phases) {
    const hosts = remaining(state, phase).filter((host) => !lost.has(host));
    if (hosts.length === 0) {
      if (phase.stops !== 'none' && remaining(state, phase).length > 0) break;
      continue;
    }
    const played = await playPhase(work, phase, { hosts, lost });
    if (played.kind === 'unavailable') return { kind: 'unavailable', reason: played.reason, log: log.join('') };
    log.push(`\n# ${phase.id}: ${hosts.join(', ')}\n${played.log}`);
    const troubles = troublesOf(phase, hosts, played);
    for (const trouble of troubles) lost.set(trouble.host, trouble);
    remember(work, phase, { hosts, troubles, played });
    const strange = troubles.flatMap(({ host, message }) => hostKeyTrouble(session.spec, host, message) ?? [])[0];
    if (strange !== undefined) return { kind: 'host-key', message: strange, log: log.join('') };
    if (played.kind === 'interrupted') return { kind: 'interrupted', troubles, log: log.join('') };
    if (endsRun(phase, troubles)) break;
  }
  const troubles = [...lost.values()];
  if (troubles.length === 0) return { kind: 'complete', log: log.join('') };
  const failed = troubles.some(({ outcome }) => outcome === 'failed');
  return { kind: failed ? 'failed' : 'unreachable', troubles, log: log.join('') };
}

interface Round {
  readonly hosts: readonly string[];
  readonly lost: ReadonlyMap<string, Trouble>;
}

async function playPhase({ session, journal, watching }: Work, phase: Phase, { hosts, lost }: Round): Promise<Played> {
  const begun = session.clock.monotonic();
  journal.write({ line: 'begun', phase: phase.id, hosts: [...hosts], at: now(session) });
  watching.onPhase(phase, hosts);
  const limit = (phase.limit ?? hosts).filter((host) => !lost.has(host));
  const played = await playAnsible({ ...playOf(session, phase), limit, onEvent: (event) => watching.onEvent(event) });
  watching.onPhaseEnd(phase);
  const elapsedMs = Math.round(session.clock.monotonic() - begun);
  if (played.kind === 'played' && played.code === 'ok')
    journal.write({ line: 'ended', phase: phase.id, elapsedMs, at: now(session) });
  return played;
}

/** What is the same for a look ahead and for the run. */
export function playOf(session: RunSession, { playbook, variables }: Phase): AnsiblePlay {
  const { repository, file, spec, secrets, privateKey, env, clock, signal } = session;
  return { repository, file, spec, secrets, privateKey, env, clock, signal, playbook, variables };
}

interface Outcome {
  readonly hosts: readonly string[];
  readonly troubles: readonly Trouble[];
  readonly played: Exclude<Played, { kind: 'unavailable' }>;
}

/** A host that a play did not come to, because another one stopped it, is neither done nor in trouble. */
function remember({ session, journal, state }: Work, phase: Phase, { hosts, troubles, played }: Outcome): void {
  const all = played.kind === 'played' && played.code === 'ok';
  const at = now(session);
  for (const host of hosts) {
    const trouble = troubles.find((each) => each.host === host);
    if (trouble !== undefined) {
      const { outcome, message } = trouble;
      journal.write({ line: 'host', phase: phase.id, host, outcome, message, at });
      continue;
    }
    if (played.kind !== 'played') continue;
    // Without a recap in a play that failed the host was not its turn yet.
    const cameThrough = all || (phase.stops === 'none' && played.code !== 'error' && host in played.hosts);
    if (cameThrough || isServed(phase, host, played)) {
      journal.write({ line: 'host', phase: phase.id, host, outcome: 'done', at });
      state.done.set(phase.id, new Set([...(state.done.get(phase.id) ?? []), host]));
    }
  }
}

/** One after the other: who came before the one that stopped the play has come through. */
function isServed({ id }: Phase, host: string, { hosts }: Pick<Outcome['played'], 'hosts'>): boolean {
  const recap = hosts[host];
  return id === 'k3s-servers' && recap !== undefined && recap.failed === 0 && recap.unreachable === 0;
}

function endsRun({ stops }: Phase, troubles: readonly Trouble[]): boolean {
  if (stops === 'any') return troubles.length > 0;
  return stops === 'failed' && troubles.some(({ outcome }) => outcome === 'failed');
}

function troublesOf(phase: Phase, hosts: readonly string[], played: Outcome['played']): readonly Trouble[] {
  if (played.kind === 'interrupted') {
    return hosts.map((host) => ({ host, phase: phase.id, outcome: 'interrupted', message: 'the run was stopped' }));
  }
  if (played.code === 'error') {
    const message = excerpt(played.log);
    return hosts.map((host) => ({ host, phase: phase.id, outcome: 'failed', message }));
  }
  const met = hosts.flatMap((host): readonly Trouble[] => {
    const recap = played.hosts[host];
    const outcome = recap !== undefined && recap.unreachable > 0 ? 'unreachable' : 'failed';
    if (recap === undefined || recap.unreachable + recap.failed === 0) return [];
    return [{ host, phase: phase.id, outcome, message: reason(host, played) }];
  });
  if (met.length > 0 || played.code === 'ok') return met;
  // It failed where it was played, and that is not one of those for whom it was.
  const elsewhere = played.results.find(({ outcome }) => outcome === 'failed' || outcome === 'unreachable');
  const message = elsewhere === undefined ? excerpt(played.log) : reason(elsewhere.host, played);
  return hosts
    .filter(() => phase.stops === 'any')
    .map((host) => ({ host, phase: phase.id, outcome: 'failed', message }));
}

/** `n1: task "Start k3s" (roles/k3s_server/tasks/main.yml:12): …`. */
function reason(host: string, { results }: Pick<Outcome['played'], 'results'>): string {
  const result = results.findLast(
    (each) => each.host === host && (each.outcome === 'failed' || each.outcome === 'unreachable'),
  );
  if (result === undefined) return `${host} did not come through, and Ansible does not say why`;
  const { task, path, message, noLog } = result;
  const place = path.replace(/^.*\/(?=(roles|playbooks)\/)/, '');
  const words = noLog ? 'its words are not logged, for they may hold a secret' : (message ?? 'without a word');
  return `${host}: task "${task}" (${place}): ${words}`;
}

export function now({ clock }: Pick<RunSession, 'clock'>): string {
  return new Date(clock.now()).toISOString();
}
