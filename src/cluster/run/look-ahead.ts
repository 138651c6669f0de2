/** What a run would change: each phase in check mode, before anything is asked or begun. */
import { excerpt, playAnsible } from './ansible.ts';
import { playOf, type RunSession } from './carry-out.ts';
import { hostKeyTrouble } from './host-key.ts';
import type { Phase } from './phase.ts';
import type { RunEvent, TaskResult } from './run-event.ts';

export interface Looked {
  /** What Ansible printed, without secrets: the evidence. */
  readonly text: string;
  /** Tasks that would change something, by host. */
  readonly changes: ReadonlyMap<string, number>;
}

export type LookedAhead =
  | ({ readonly kind: 'looked' } & Looked)
  | { readonly kind: 'failed'; readonly host: string; readonly message: string }
  | { readonly kind: 'host-key'; readonly message: string }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'interrupted' };

export interface LookAheadOptions {
  readonly session: RunSession;
  readonly phases: readonly Phase[];
  /** Hosts that do not answer, and that the run goes on without. */
  readonly without: ReadonlySet<string>;
  readonly onPhase: (phase: Phase) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly onPhaseEnd: (phase: Phase) => void;
}

export async function lookAhead(options: LookAheadOptions): Promise<LookedAhead> {
  const { session, without, onPhase, onEvent, onPhaseEnd } = options;
  const text: string[] = [];
  const changes = new Map<string, number>();
  for (const phase of onceEach(options.phases)) {
    const limit = (phase.limit ?? phase.hosts).filter((host) => !without.has(host));
    if (limit.length === 0) continue;
    onPhase(phase);
    const play = { ...playOf(session, phase), limit, check: true, onEvent };
    const played = await playAnsible(play);
    onPhaseEnd(phase);
    if (played.kind === 'unavailable') return played;
    if (played.kind === 'interrupted') return { kind: 'interrupted' };
    text.push(`# ${phase.id}: ${limit.join(', ')}\n${played.log.trim()}\n\n`);
    const trouble = played.results.find(({ outcome }) => outcome === 'failed' || outcome === 'unreachable');
    if (trouble !== undefined) return troubled(session, phase, trouble);
    if (played.code !== 'ok') return { kind: 'unavailable', reason: excerpt(played.log) };
    for (const { host, outcome } of played.results)
      if (outcome === 'changed') changes.set(host, (changes.get(host) ?? 0) + 1);
  }
  return { kind: 'looked', text: text.join(''), changes };
}

/** Of several steps of one node only the first can be looked at: the others begin where it ends. */
function onceEach(phases: readonly Phase[]): readonly Phase[] {
  const keyOf = ({ playbook, hosts }: Phase): string => `${playbook} ${hosts.join(' ')}`;
  return phases.filter((phase, index) => phases.findIndex((each) => keyOf(each) === keyOf(phase)) === index);
}

function troubled({ spec }: RunSession, phase: Phase, { host, task, message = '' }: TaskResult): LookedAhead {
  const strange = hostKeyTrouble(spec, host, message);
  if (strange !== undefined) return { kind: 'host-key', message: strange };
  return { kind: 'failed', host, message: `${host}: ${phase.id}, task "${task}": ${message.trim()}` };
}
