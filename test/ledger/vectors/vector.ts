import type { RuleId } from '../../../src/ledger/rules/meaning.ts';
import { hashOf, minute, type Told, told } from '../teller.ts';

/** A history, one thing that may be said after it, and one that breaks the rule and no other. */
export interface Vector {
  readonly rule: RuleId;
  readonly about: string;
  /** After the opening; 'nothing': not even that. */
  readonly before: readonly Told[] | 'nothing';
  /** Absent where the history is the only thing that differs: another vector keeps it. */
  readonly keeps?: Told;
  readonly breaks: Told;
  /** What the message must name: the object that it is about. */
  readonly names: string;
}

const SHA = hashOf('manifests');

export function change(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { changeId: 'c1', featureBranch: 'main', manifestPaths: ['cluster/base'], status: 'draft' };
  return told('change-created', { ...data, runbookUpdates: ['docs/runbooks/manual-apply.md'], ...more });
}

export function evidence(more: Readonly<Record<string, unknown>> = {}, operator = 'ana'): Told {
  const data = { changeId: 'c1', evidenceId: 'e1', command: 'kubectl diff', outputPath: 'diff.txt' };
  return told('evidence-attached', { ...data, timestamp: minute(1), manifestHash: SHA, ...more }, { operator });
}

export function approval(operator = 'ben', evidenceId = 'e1'): Told {
  return told('change-approved', { changeId: 'c1', evidenceId }, { operator });
}

export function apply(more: Readonly<Record<string, unknown>> = {}): Told {
  return told('change-applied', {
    changeId: 'c1',
    evidenceId: 'e1',
    command: 'larder change apply c1',
    exitCode: 0,
    manifestHash: SHA,
    objects: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', outcome: 'configured' }],
    startedAt: minute(5),
    completedAt: minute(6),
    ...more,
  });
}

export function update(more: Readonly<Record<string, unknown>>): Told {
  return told('change-updated', { changeId: 'c1', ...more });
}

export function incident(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { incidentId: 'i1', title: 'node gone', severity: 'critical', openedAt: minute(1) };
  return told('incident-opened', { ...data, ...more });
}

export function rebuild(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { runId: 'r1', nodeId: 'pi-1', initiatedBy: 'ana', status: 'success' };
  return told('rebuild-recorded', { ...data, startedAt: minute(0), completedAt: minute(40), ...more });
}

export function runStarted(more: Readonly<Record<string, unknown>> = {}): Told {
  const nodes = [{ nodeId: 'pi-1', role: 'worker' }];
  return told('run-started', {
    ...{ runId: 'r2', triggerType: 'rebuild', nodes, startedAt: minute(60), initiatedBy: 'ana' },
    ...more,
  });
}

export function node(name: string, number: number, more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { nodeId: name, hostname: `${name}.local`, role: 'server-agent', ipAddress: `10.0.0.${number}` };
  return told('node-recorded', { ...data, etcdPeer: `10.0.0.${number}:2380`, ...more });
}

export function rotation(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { rotationId: 'rot1', rotationScope: 'cluster token', verificationSteps: [], status: 'scheduled' };
  const due = '2026-05-01T00:00:00Z';
  return told('rotation-recorded', { ...data, initiatedAt: minute(0), nextRotationDue: due, ...more });
}

export function correction(amends: string, data: Told['data'], operator = 'ana'): Told {
  return told('correction', { amends, reason: 'a slip', data }, { operator });
}
