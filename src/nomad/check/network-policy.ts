import { dig, maps } from './dig.ts';
import type { Finding } from './finding.ts';
import { type PodIndex, podIndex } from './pod-index.ts';
import { edgeFindings } from './policy-edge.ts';
import { ownSelector, policiesByWorkload, policiesOf, specsOf } from './policy-peer.ts';
import type { Check } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { labelOf, type Workload } from './workload.ts';

/** C13: policies let in whom intentions and the calls of the jobs let in and nobody else, their selectors find pods, and none cuts off DNS. */
export const networkPolicy: Check = {
  id: 'C13',
  title: 'network policies',
  run: (subject) => {
    const all = policiesOf(subject);
    const pods = podIndex(subject.workloads);
    const policies = policiesByWorkload(all, pods);
    return [
      ...all.flatMap((policy) => strangers(pods, policy)),
      ...[...policies].flatMap(([workload, own]) => withoutDns(own, workload)),
      ...edgeFindings(subject, { pods, policies }),
    ];
  },
};

function strangers(pods: PodIndex, policy: WrittenManifest): readonly Finding[] {
  const { file, kind, name, namespace } = policy;
  return specsOf(policy).flatMap((spec): readonly Finding[] => {
    if (pods(namespace, ownSelector(spec)).length > 0) return [];
    const line = policy.lineOf('spec');
    const message = 'its selector finds no pods of this tree: it protects nothing';
    return [
      { check: 'C13', severity: 'error', file, line, object: `${kind}/${name}`, message, todo: 'Correct its labels.' },
    ];
  });
}

const DNS = 53;

/** Policies add up: pods reach what any of theirs allows. Those that may reach nothing at all are meant to be alone. */
function withoutDns(own: readonly WrittenManifest[], workload: Workload): readonly Finding[] {
  const limiting = own.filter((policy) => specsOf(policy).some(limitsEgress));
  const rules = own.flatMap((policy) => specsOf(policy).flatMap((spec) => maps(dig(spec, 'egress'))));
  const [first] = limiting;
  if (!first || rules.length === 0 || rules.some(allowsDns)) return [];
  const message = `what ${labelOf(workload)} may reach is limited, and DNS is not among it: no name would resolve`;
  const todo = 'Allow UDP and TCP port 53 to kube-system.';
  const where = { file: first.file, line: first.lineOf('spec', 'egress'), object: `${first.kind}/${first.name}` };
  return [{ check: 'C13', severity: 'error', ...where, message, todo }];
}

function limitsEgress(spec: unknown): boolean {
  const types = dig(spec, 'policyTypes');
  return Array.isArray(types) ? types.includes('Egress') : maps(dig(spec, 'egress')).length > 0;
}

/** A rule without ports allows all of them. */
function allowsDns(rule: Readonly<Record<string, unknown>>): boolean {
  const ports = [...maps(rule['ports']), ...maps(rule['toPorts']).flatMap((each) => maps(each['ports']))];
  if (ports.length === 0) return rule['toPorts'] === undefined;
  return ports.some(({ port }) => Number(port) === DNS || port === 'dns');
}
