/** How a machine runs at this moment, which its files do not show: swap, kernel parameters, services, the clock. */
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import type { HostFacts } from './facts.ts';
import type { DriftFinding, Unknown } from './finding.ts';

export interface HostLook {
  readonly findings: readonly DriftFinding[];
  readonly unknown: readonly Unknown[];
}

type Answer =
  | { readonly kind: 'as-it-should-be' }
  | { readonly kind: 'otherwise'; readonly messages: readonly string[] }
  | { readonly kind: 'not-told'; readonly what: string };

interface Asked {
  readonly spec: ClusterSpec;
  readonly node: NodeSpec;
  readonly facts: HostFacts;
}

export function hostState(asked: Asked): HostLook {
  const object = asked.node.name;
  const answers = questions.map((question) => question(asked));
  return {
    findings: answers.flatMap((answer) =>
      answer.kind === 'otherwise'
        ? answer.messages.map((message) => ({ kind: 'host-state' as const, object, message }))
        : [],
    ),
    unknown: answers.flatMap((answer) =>
      answer.kind === 'not-told' ? [{ kind: 'host-state' as const, object, why: `it did not say ${answer.what}` }] : [],
    ),
  };
}

const questions: readonly ((asked: Asked) => Answer)[] = [
  swap,
  controllers,
  parameters,
  services,
  encryption,
  synchronized,
  skew,
];

/** Beside Nomad swap is left as it is. */
function swap({ spec, node, facts }: Asked): Answer {
  if ((node.coexist ?? spec.coexist) === 'nomad') return { kind: 'as-it-should-be' };
  if (facts.swap === undefined) return { kind: 'not-told', what: 'whether swap is on' };
  return otherwise(facts.swap.map(({ name }) => `swap is on: ${name}`));
}

function controllers({ facts }: Asked): Answer {
  if (facts.cgroup_controllers === undefined) return { kind: 'not-told', what: 'what its kernel can limit' };
  if (facts.cgroup_controllers.includes('memory')) return { kind: 'as-it-should-be' };
  return otherwise(['its kernel runs without a memory controller: reboot it with cgroup_enable=memory']);
}

/** Set by the role for every node. */
const ALWAYS: Readonly<Record<string, string>> = { 'net.ipv4.ip_forward': '1' };

function parameters({ spec, facts }: Asked): Answer {
  if (facts.sysctl === undefined) return { kind: 'not-told', what: 'its kernel parameters' };
  const live = facts.sysctl;
  const wanted = Object.entries({ ...ALWAYS, ...spec.os.sysctl });
  const absent = wanted.find(([name]) => live[name] === undefined);
  if (absent !== undefined) return { kind: 'not-told', what: `the kernel parameter ${absent[0]}` };
  return otherwise(
    wanted
      .filter(([name, value]) => plain(live[name] ?? '') !== plain(String(value)))
      .map(
        ([name, value]) =>
          `kernel parameter ${name} is ${plain(live[name] ?? '')} and should be ${plain(String(value))}`,
      ),
  );
}

/** The kernel puts tabs between the numbers of a list. */
function plain(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

function services({ node, facts }: Asked): Answer {
  if (facts.units === undefined) return { kind: 'not-told', what: 'which services run' };
  const units = facts.units;
  const wanted = [node.role === 'server-agent' ? 'k3s.service' : 'k3s-agent.service', 'chrony.service'];
  return otherwise(
    wanted.flatMap((name) => {
      const unit = units[name];
      if (unit === undefined) return [`${name} is not installed`];
      return [
        ...(unit.active === false ? [`${name} does not run`] : []),
        ...(unit.enabled === false ? [`${name} does not start with the machine`] : []),
      ];
    }),
  );
}

/** No role changes it in a cluster that runs: who mends it by hand reads how. */
function encryption({ spec, node, facts }: Asked): Answer {
  if (node.role !== 'server-agent' || facts.k3s_role !== 'server') return { kind: 'as-it-should-be' };
  if (facts.secrets_encrypted === undefined) return { kind: 'not-told', what: 'whether it encrypts Secrets' };
  const wanted = spec.k3s.secretsEncryption;
  if (facts.secrets_encrypted === wanted) return { kind: 'as-it-should-be' };
  return otherwise([
    wanted
      ? 'Secrets are not encrypted in its database, and cluster.yaml says that they are (k3s.secretsEncryption)'
      : 'Secrets are encrypted in its database, and cluster.yaml says that they are not (k3s.secretsEncryption)',
  ]);
}

function synchronized({ facts }: Asked): Answer {
  if (facts.clock_synchronized === undefined) return { kind: 'not-told', what: 'whether its clock is kept' };
  return otherwise(facts.clock_synchronized ? [] : ['its clock is not synchronized with any server']);
}

/** What certificates, tokens and the order of logs endure. */
const SKEW_SECONDS_AT_MOST = 5;

/** The time of this machine was taken when the question was made; the answer may have been given as late as it arrived. */
function skew({ facts: { time, time_controller: asked, askedForMs = 0 } }: Asked): Answer {
  if (time === undefined || asked === undefined) return { kind: 'not-told', what: 'the time' };
  const [ahead, behind] = [time - (asked + askedForMs / 1000), asked - time];
  if (ahead > SKEW_SECONDS_AT_MOST) return otherwise([`its clock is ${Math.round(ahead)} s ahead`]);
  return otherwise(behind > SKEW_SECONDS_AT_MOST ? [`its clock is ${Math.round(behind)} s behind`] : []);
}

function otherwise(messages: readonly string[]): Answer {
  return messages.length === 0 ? { kind: 'as-it-should-be' } : { kind: 'otherwise', messages };
}
