import { minute, type Told, told } from '../teller.ts';
import { apply, change, evidence, incident, rebuild, rotation, runStarted, type Vector } from './vector.ts';

const started = rotation({ status: 'in-progress' });
const verified = { status: 'verified', completedAt: minute(10), verificationSteps: ['pods restarted'] };

function test(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { routeId: 'pager', initiatedBy: 'ana', result: 'success' };
  return told('alert-tested', { ...data, startedAt: minute(0), completedAt: minute(2), ...more });
}
function route(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { routeId: 'pager', alertName: 'NodeDown', severity: 'critical', channel: 'pager' };
  return told('alert-route-recorded', { ...data, ...more });
}
function drift(more: Readonly<Record<string, unknown>> = {}): Told {
  return told('drift-reported', { reportId: 'd1', observedAt: minute(0), verdict: 'none', findings: [], ...more });
}
function finding(expiresAt?: string): Readonly<Record<string, unknown>> {
  const found = { kind: 'manifest', object: 'ConfigMap a', message: 'differs' };
  return expiresAt === undefined ? found : { ...found, ignored: { reason: 'known', expiresAt } };
}
function drill(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { drillId: 'dr1', kind: 'rebuild', initiatedBy: 'ana', result: 'success' };
  return told('drill-recorded', { ...data, startedAt: minute(0), completedAt: minute(30), ...more });
}
function drillStep(result: string, completedAt = minute(2)): Readonly<Record<string, unknown>> {
  return { step: 'drain', startedAt: minute(1), completedAt, result };
}
function updated(more: Readonly<Record<string, unknown>>): Told {
  return told('incident-updated', { incidentId: 'i1', ...more });
}
function acknowledged(expiresAt: string): Told {
  return told(
    'alert-acknowledged',
    { fingerprint: 'f1', acknowledgedBy: 'ana', expiresAt },
    { at: '2026-03-01T12:00:00.000Z' },
  );
}
function action(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { actionId: 'a1', command: 'larder grow pvc/data', surface: 'cli', result: 'success', objects: [] };
  return told('action-recorded', { ...data, startedAt: minute(0), completedAt: minute(1), ...more });
}
function delivered(deliveredAt: string): Told {
  const data = { fingerprint: 'f1', alertName: 'NodeDown', severity: 'critical', firedAt: minute(1) };
  return told('alert-delivered', { ...data, deliveredAt });
}
const deviation = told('deviation-recorded', { deviationId: 'd1', rule: 'node-count', reason: 'lab' });
function upgrade(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { runId: 'u1', nodes: [{ nodeId: 'pi-1', role: 'worker' }], fromVersion: 'v1', toVersion: 'v2' };
  const times = { startedAt: minute(1), completedAt: minute(9) };
  return told('upgrade-recorded', { ...data, ...times, initiatedBy: 'ana', status: 'success', ...more });
}

export const upkeepVectors: readonly Vector[] = [
  {
    rule: 'rotation-order',
    about: 'verified at once',
    before: [],
    keeps: started,
    breaks: rotation(verified),
    names: 'rot1',
  },
  {
    rule: 'rotation-order',
    about: 'verified without having begun; one that began may be',
    before: [rotation()],
    keeps: started,
    breaks: rotation(verified),
    names: 'rot1',
  },
  {
    rule: 'rotation-order',
    about: 'verified after it ended unverified and so is scheduled again',
    before: [started, rotation({ status: 'in-progress', completedAt: minute(5) })],
    keeps: rotation({ status: 'in-progress' }),
    breaks: rotation(verified),
    names: 'scheduled',
  },
  {
    rule: 'rotation-order',
    about: 'anything after it was verified',
    before: [started, rotation(verified)],
    keeps: rotation({ rotationId: 'rot2' }),
    breaks: rotation(),
    names: 'verified',
  },
  {
    rule: 'rotation-verified',
    about: 'verified without a step that shows it',
    before: [started],
    keeps: rotation(verified),
    breaks: rotation({ ...verified, verificationSteps: [' '] }),
    names: 'verificationSteps',
  },
  {
    rule: 'rotation-verified',
    about: 'verified without an end',
    before: [started],
    keeps: rotation(verified),
    breaks: rotation({ ...verified, completedAt: undefined }),
    names: 'completedAt',
  },
  {
    rule: 'rotation-verified',
    about: 'scheduled and completed',
    before: [],
    keeps: rotation(),
    breaks: rotation({ completedAt: minute(3) }),
    names: 'rot1',
  },
  {
    rule: 'rotation-due',
    about: 'ninety days and no millisecond more',
    before: [],
    keeps: rotation({ nextRotationDue: '2026-05-30T00:00:00Z' }),
    breaks: rotation({ nextRotationDue: '2026-05-30T00:00:00.001Z' }),
    names: 'rot1',
  },
  {
    rule: 'rotation-due',
    about: 'the next one is not after this one',
    before: [started],
    keeps: rotation({ ...verified, nextRotationDue: minute(11) }),
    breaks: rotation({ ...verified, nextRotationDue: minute(10) }),
    names: 'rot1',
  },
  {
    rule: 'route-archived',
    about: 'a test of an archived route; one that nobody recorded is tested',
    before: [route({ archived: true })],
    keeps: test({ routeId: 'other' }),
    breaks: test(),
    names: 'pager',
  },
  {
    rule: 'acknowledgement-ends',
    about: 'the end is now',
    before: [],
    keeps: acknowledged('2026-03-01T12:00:00.001Z'),
    breaks: acknowledged('2026-03-01T12:00:00.000Z'),
    names: 'f1',
  },
  {
    rule: 'drift-verdict',
    about: 'none with a finding',
    before: [],
    keeps: drift({ verdict: 'drift', findings: [finding()] }),
    breaks: drift({ findings: [finding()] }),
    names: 'd1',
  },
  {
    rule: 'drift-verdict',
    about: 'none with a finding whose pardon is over; one that is not yet over does not count',
    before: [],
    keeps: drift({ findings: [finding(minute(1))] }),
    breaks: drift({ findings: [finding(minute(0))] }),
    names: 'd1',
  },
  {
    rule: 'drift-verdict',
    about: 'none though something was not looked at',
    before: [],
    keeps: drift({ verdict: 'unknown', unknown: ['pi-4'] }),
    breaks: drift({ unknown: ['pi-4'] }),
    names: 'd1',
  },
  {
    rule: 'drift-verdict',
    about: 'drift without a finding',
    before: [],
    keeps: drift({ verdict: 'unknown' }),
    breaks: drift({ verdict: 'drift' }),
    names: 'd1',
  },
  {
    rule: 'incident-order',
    about: 'a closed incident opens again',
    before: [incident(), updated({ status: 'closed' })],
    keeps: updated({ notes: 'it was the card' }),
    breaks: updated({ status: 'mitigated' }),
    names: 'i1',
  },
  {
    rule: 'incident-closed-at',
    about: 'closed and not closed',
    before: [incident()],
    keeps: updated({ status: 'closed', closedAt: minute(9) }),
    breaks: updated({ status: 'mitigated', closedAt: minute(9) }),
    names: 'i1',
  },
  {
    rule: 'drill-result',
    about: 'a step failed',
    before: [],
    keeps: drill({ steps: [drillStep('success'), drillStep('skipped')] }),
    breaks: drill({ steps: [drillStep('success'), drillStep('failed')] }),
    names: 'drain',
  },
  ...timeVectors(),
  ...idVectors(),
];

function timeVectors(): readonly Vector[] {
  const rows: readonly (Pick<Vector, 'about' | 'breaks' | 'names'> & Partial<Vector>)[] = [
    {
      about: 'a rebuild',
      keeps: rebuild({ completedAt: minute(0) }),
      breaks: rebuild({ startedAt: minute(41) }),
      names: 'r1',
    },
    { about: 'an upgrade', keeps: upgrade(), breaks: upgrade({ completedAt: minute(0) }), names: 'u1' },
    {
      about: 'a run that ends before it started',
      before: [runStarted()],
      keeps: told('run-finished', { runId: 'r2', completedAt: minute(60), status: 'failed' }),
      breaks: told('run-finished', { runId: 'r2', completedAt: minute(59), status: 'failed' }),
      names: 'r2',
    },
    {
      about: 'an apply',
      before: [change(), evidence()],
      keeps: apply({ completedAt: minute(5) }),
      breaks: apply({ completedAt: minute(4) }),
      names: 'c1',
    },
    { about: 'a test', keeps: test(), breaks: test({ startedAt: minute(3) }), names: 'pager' },
    { about: 'an action', keeps: action(), breaks: action({ startedAt: minute(2) }), names: 'a1' },
    { about: 'a drill', keeps: drill(), breaks: drill({ startedAt: minute(31) }), names: 'dr1' },
    {
      about: 'a step of a drill',
      keeps: drill({ steps: [drillStep('success')] }),
      breaks: drill({ steps: [drillStep('success', minute(0))] }),
      names: 'drain',
    },
    { about: 'a delivery', keeps: delivered(minute(1)), breaks: delivered(minute(0)), names: 'NodeDown' },
    {
      about: 'a rotation',
      before: [started],
      keeps: rotation(verified),
      breaks: rotation({ ...verified, initiatedAt: minute(11) }),
      names: 'rot1',
    },
    {
      about: 'an incident',
      before: [incident()],
      keeps: updated({ status: 'closed', closedAt: minute(1) }),
      breaks: updated({ status: 'closed', closedAt: minute(0) }),
      names: 'i1',
    },
  ];
  return rows.map((row) => ({ rule: 'times-in-order' as const, before: [], ...row }));
}

function idVectors(): readonly Vector[] {
  const twice: readonly (readonly [string, Told])[] = [
    ['r1', rebuild()],
    ['r2', runStarted()],
    ['i1', incident()],
    ['dr1', drill()],
    ['d1', drift()],
    ['a1', action()],
    ['d1', deviation],
  ];
  const missing: readonly (readonly [string, Told])[] = [
    ['i1', updated({ status: 'closed' })],
    ['r9', told('run-finished', { runId: 'r9', completedAt: minute(1), status: 'success' })],
    ['i9', runStarted({ incidentId: 'i9' })],
    ['r9', incident({ runIds: ['r9'] })],
    ['c9', incident({ changeIds: ['c9'] })],
  ];
  return [
    ...twice.map(
      ([names, said]): Vector => ({ rule: 'id-new', about: said.type, before: [said], breaks: said, names }),
    ),
    ...missing.map(([names, breaks]): Vector => ({ rule: 'id-known', about: breaks.type, before: [], breaks, names })),
  ];
}
