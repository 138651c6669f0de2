/** Machines: what the roles would change (check mode), and how they run. Nothing is changed. */
import type { Clock } from '../../telemetry/clock.ts';
import { type AnsiblePlay, type Played, playAnsible } from '../run/ansible.ts';
import type { SecretValues } from '../secrets/secrets-of.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { certificateFindings, type SeenCertificate } from './certificates.ts';
import { type HostFacts, hostFacts } from './facts.ts';
import { blind, type DriftKind, type Looked, nothing, together } from './finding.ts';
import { hostFindings } from './host-findings.ts';
import { hostState } from './host-state.ts';

export interface HostsOptions {
  /** The folder of cluster.yaml. */
  readonly repository: string;
  readonly spec: ClusterSpec;
  readonly file: string;
  readonly secrets: SecretValues;
  readonly privateKey?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly kinds: readonly DriftKind[];
  /** One line per step, for people. */
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** In check mode: what all roles would change, and how the machines run. */
const LOOKS = 'drift.yml';
/** Only how they run, which needs no secret and a tenth of the time. */
const FACTS = 'facts.yml';

export async function lookAtHosts(options: HostsOptions): Promise<Looked> {
  const { kinds, secrets, spec } = options;
  if (!kinds.includes('host')) return state(options, await play(options, FACTS));
  // The roles would be played without the token, and what they show could hold secrets that nobody masks.
  if (secrets.kind === 'refused') {
    const why = `the secrets cannot be opened: ${secrets.message}`;
    const unseen = spec.nodes.map(({ name }) => blind('host', name, why));
    return together([state(options, await play(options, FACTS)), ...unseen]);
  }
  const played = await play(options, LOOKS);
  const hosts = spec.nodes.map(({ name }) => name);
  return together([state(options, played), hostFindings(LOOKS, played, hosts)]);
}

function state({ spec, clock }: HostsOptions, played: Played): Looked {
  return together(
    spec.nodes.map((node) => {
      const facts = factsOf(played, node.name);
      if (typeof facts === 'string')
        return together([blind('host-state', node.name, facts), blind('certificate', node.name, facts)]);
      return together([{ ...nothing, ...hostState({ spec, node, facts }) }, certificatesOf(node.name, facts, clock)]);
    }),
  );
}

function certificatesOf(name: string, { certificates }: HostFacts, clock: Clock): Looked {
  if (certificates === undefined) return blind('certificate', name, 'it did not say when its certificates end');
  const seen = certificates.map(
    (each): SeenCertificate => ({ object: `${name} ${each.name}`, endsAt: Date.parse(each.not_after) }),
  );
  const unread = seen.filter(({ endsAt }) => Number.isNaN(endsAt));
  const findings = certificateFindings(
    seen.filter(({ endsAt }) => !Number.isNaN(endsAt)),
    clock.now(),
  );
  const unknown = unread.map(({ object }) => ({ kind: 'certificate' as const, object, why: 'its end cannot be read' }));
  return { ...nothing, findings, unknown };
}

/** A text says why there are none. */
function factsOf(played: Played, host: string): HostFacts | string {
  switch (played.kind) {
    case 'unavailable':
      return played.reason;
    case 'interrupted':
      return 'the look was interrupted';
    case 'played': {
      const own = played.results.filter((each) => each.host === host);
      const said = own.findLast(({ facts }) => facts !== undefined)?.facts;
      // The role asks in one task and tells in another: the slowest of the machine's tasks before that bounds both.
      const told = own.findIndex(({ facts }) => facts !== undefined);
      if (said !== undefined)
        return { ...hostFacts(said), askedForMs: Math.max(0, ...own.slice(0, told).map(({ elapsedMs }) => elapsedMs)) };
      const failure = own.find(({ outcome }) => outcome === 'failed' || outcome === 'unreachable');
      if (failure === undefined) return 'it said nothing of itself';
      const what = failure.outcome === 'unreachable' ? 'cannot be reached' : `the task "${failure.task}" failed`;
      return `${what}${failure.message ? `: ${failure.message}` : ''}`;
    }
    default:
      return played satisfies never;
  }
}

function play(options: HostsOptions, playbook: string): Promise<Played> {
  const { repository, spec, file, privateKey, env, clock, signal, say } = options;
  const secrets = options.secrets.kind === 'secrets' ? options.secrets.values : [];
  say(`looking at ${spec.nodes.map(({ name }) => name).join(', ')} (${playbook})`);
  const wanted: AnsiblePlay = {
    ...{ repository, spec, file, playbook, secrets, env, clock },
    // Facts are gathered, not rehearsed.
    check: playbook === LOOKS,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(signal === undefined ? {} : { signal }),
  };
  return playAnsible(wanted);
}
