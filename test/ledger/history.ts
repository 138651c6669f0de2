/**
 * Random histories of a ledger: from one number the same things are said every time. They use few ids, people and moments, so
 * that much of what is said breaks a rule and much does not. Who plays one appends what the rules let through.
 */
import { hashOf, idOf, keyOf, minute, recordedAt, type Told, told } from './teller.ts';

/** Uniform in [0, 1): mulberry32. */
type Dice = () => number;

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<Value>(dice: Dice, first: Value, ...values: readonly Value[]): Value {
  return [first, ...values][Math.floor(dice() * (values.length + 1))] ?? first;
}

/** `value` in that share of the cases, else nothing. */
function maybe<Value>(dice: Dice, share: number, value: Value): Value | undefined {
  return dice() < share ? value : undefined;
}

const moment = (dice: Dice, last = 200): string => minute(Math.floor(dice() * last));
/** Of an operator: some end while the history goes on. */
const term = (dice: Dice): string => recordedAt(Math.floor(dice() * 200));
const change = (dice: Dice): string => pick(dice, 'c1', 'c2', 'c3');
const evidence = (dice: Dice): string => pick(dice, 'e1', 'e2', 'e3', 'e4');
const run = (dice: Dice): string => pick(dice, 'r1', 'r2', 'r3', 'r4', 'r5');
const incident = (dice: Dice): string => pick(dice, 'i1', 'i2', 'i3');
const operator = (dice: Dice): string => pick(dice, 'ana', 'ben', 'bot', 'cleo');
const node = (dice: Dice): string => `pi-${1 + Math.floor(dice() * 12)}`;
const key = (dice: Dice): string => keyOf(pick(dice, 'ana', 'ben', 'bot', 'k1', 'k2', 'k3', 'k4'));
const hash = (dice: Dice): string => hashOf(pick(dice, 'm1', 'm1', 'm2'));

function runNodes(dice: Dice): readonly unknown[] {
  return Array.from({ length: 1 + Math.floor(dice() * 2) }, () => ({ nodeId: node(dice), role: 'worker' }));
}

type Sayer = (dice: Dice) => Told;

const people: readonly Sayer[] = [
  (dice) =>
    told('operator-added', {
      operatorId: operator(dice),
      role: pick(dice, 'admin', 'operator', 'server'),
      keys: [key(dice)],
      expiresAt: maybe(dice, 0.3, term(dice)),
    }),
  (dice) =>
    told('operator-changed', {
      operatorId: operator(dice),
      role: maybe(dice, 0.5, pick(dice, 'admin', 'operator', 'server')),
      expiresAt: pick(dice, undefined, null, term(dice)),
    }),
  (dice) => told('operator-removed', { operatorId: operator(dice), reason: 'left' }),
  (dice) => told('key-rotated', { operatorId: operator(dice), oldKey: key(dice), newKey: key(dice) }),
  (dice) => told('key-revoked', { operatorId: operator(dice), key: key(dice), reason: 'lost' }),
];

const changes: readonly Sayer[] = [
  (dice) =>
    told('change-created', {
      changeId: change(dice),
      featureBranch: 'main',
      manifestPaths: ['cluster/base'],
      status: pick(dice, 'draft', 'draft', 'pending-review', 'applied'),
      critical: maybe(dice, 0.4, true),
      runbookUpdates: maybe(dice, 0.8, ['docs/runbooks/a.md']),
    }),
  (dice) =>
    told('change-updated', {
      changeId: change(dice),
      status: pick(dice, undefined, 'pending-review', 'applied', 'rolled-back'),
      appliedAt: maybe(dice, 0.2, moment(dice)),
      critical: pick(dice, undefined, undefined, true, false),
      runbookUpdates: pick(dice, undefined, [], ['docs/runbooks/b.md']),
      incidentId: maybe(dice, 0.4, incident(dice)),
    }),
  (dice) =>
    told('evidence-attached', {
      changeId: change(dice),
      evidenceId: evidence(dice),
      command: 'kubectl diff',
      outputPath: 'diff.txt',
      timestamp: moment(dice, 100),
      manifestHash: maybe(dice, 0.9, hash(dice)),
      operatorId: maybe(dice, 0.2, operator(dice)),
    }),
  (dice) => told('change-approved', { changeId: change(dice), evidenceId: evidence(dice) }),
  (dice) => {
    const startedAt = moment(dice);
    return told('change-applied', {
      changeId: change(dice),
      evidenceId: evidence(dice),
      command: 'apply',
      exitCode: pick(dice, 0, 0, 1),
      manifestHash: hash(dice),
      objects: [],
      startedAt,
      completedAt: dice() < 0.9 ? startedAt : moment(dice),
      rollback: maybe(dice, 0.3, true),
    });
  },
];

const runs: readonly Sayer[] = [
  (dice) => {
    const number = 1 + Math.floor(dice() * 12);
    const role = pick(dice, 'server-agent', 'worker');
    return told('node-recorded', {
      nodeId: node(dice),
      hostname: `host-${number}`,
      role,
      ipAddress: `10.0.0.${number}`,
      etcdPeer: role === 'worker' ? maybe(dice, 0.1, 'x:2380') : `10.0.0.${number}`,
    });
  },
  (dice) => told('node-removed', { nodeId: node(dice), reason: 'broken' }),
  (dice) => told('deviation-recorded', { deviationId: pick(dice, 'd1', 'd2'), rule: 'node-count', reason: 'lab' }),
  (dice) => {
    const times = { startedAt: moment(dice, 100), completedAt: moment(dice) };
    const said = { runId: run(dice), nodeId: node(dice), initiatedBy: 'ana' };
    return told('rebuild-recorded', { ...said, ...times, status: pick(dice, 'success', 'failed') });
  },
  (dice) =>
    told('run-started', {
      runId: run(dice),
      triggerType: pick(dice, 'bootstrap', 'rebuild', 'upgrade'),
      nodes: runNodes(dice),
      startedAt: moment(dice, 100),
      initiatedBy: 'ana',
      incidentId: maybe(dice, 0.3, incident(dice)),
    }),
  (dice) =>
    told('run-finished', { runId: run(dice), completedAt: moment(dice), status: pick(dice, 'success', 'failed') }),
];

const upkeep: readonly Sayer[] = [
  (dice) =>
    told('rotation-recorded', {
      rotationId: pick(dice, 'rot1', 'rot2'),
      rotationScope: 'token',
      initiatedAt: moment(dice, 50),
      completedAt: maybe(dice, 0.5, moment(dice)),
      verificationSteps: pick(dice, [], ['seen']),
      nextRotationDue: pick(dice, '2026-05-01T00:00:00Z', '2026-07-01T00:00:00Z'),
      status: pick(dice, 'scheduled', 'in-progress', 'verified'),
    }),
  (dice) =>
    told('incident-opened', {
      incidentId: incident(dice),
      title: 'a',
      severity: 'critical',
      openedAt: moment(dice, 50),
      runIds: maybe(dice, 0.5, [run(dice)]),
      changeIds: maybe(dice, 0.3, [change(dice)]),
      remediation: maybe(dice, 0.5, 'a new card'),
    }),
  (dice) =>
    told('incident-updated', {
      incidentId: incident(dice),
      status: pick(dice, undefined, 'mitigated', 'closed'),
      remediation: maybe(dice, 0.5, 'a new card'),
      closedAt: maybe(dice, 0.2, moment(dice)),
    }),
  (dice) => {
    const verdict = pick(dice, 'none', 'drift', 'unknown');
    const finding = { kind: 'manifest', object: 'a', message: 'differs' };
    const findings = dice() < 0.5 ? [finding] : [];
    return told('drift-reported', {
      reportId: `d${Math.floor(dice() * 30)}`,
      observedAt: moment(dice),
      verdict,
      findings,
    });
  },
  (dice) => {
    const times = { startedAt: moment(dice, 100), completedAt: moment(dice) };
    return told('alert-tested', {
      routeId: pick(dice, 'pager', 'mail'),
      initiatedBy: 'ana',
      ...times,
      result: 'success',
    });
  },
];

const groups = [people, changes, changes, changes, runs, runs, upkeep] as const;

/** A correction is of a record that may be there: ids are those of `teller`. The data is that of some other thing said. */
function correction(dice: Dice, said: readonly Told[]): Told {
  const target = Math.floor(dice() * (said.length + 1));
  const other = said[target - 1] ?? said[0];
  const again = sayerOf(dice)(dice);
  const data = again.type === other?.type ? { ...again.data, ...identityOf(other.data) } : other?.data;
  return told('correction', { amends: idOf(target + 1), reason: 'a slip', data: withoutUndefined(data ?? {}) });
}

function identityOf(data: Told['data']): Told['data'] {
  return Object.fromEntries(
    Object.entries(data).filter(([name]) => /^(run|change|incident|node|rotation|report|route)Id$/.test(name)),
  );
}

function withoutUndefined(data: Told['data']): Told['data'] {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}

function sayerOf(dice: Dice): Sayer {
  const group = pick(dice, groups[0], ...groups);
  const [first, ...others] = group;
  return first === undefined ? sayerOf(dice) : pick(dice, first, ...others);
}

type Story = (dice: Dice) => readonly Told[];

/** One change from its beginning to its apply, and sometimes back. */
const changeStory: Story = (dice) => {
  const changeId = change(dice);
  const author = pick(dice, 'ana', 'ben');
  const others = { operator: author === 'ana' ? 'ben' : 'ana' };
  const manifestHash = hash(dice);
  const evidenceId = evidence(dice);
  const about = { changeId, evidenceId, manifestHash };
  const applied = { ...about, command: 'apply', objects: [], startedAt: minute(100), completedAt: minute(101) };
  const taken = { command: 'kubectl diff', outputPath: 'diff.txt', timestamp: moment(dice, 102) };
  const created = { changeId, featureBranch: 'main', manifestPaths: ['a'], status: 'draft' };
  const runbookUpdates = maybe(dice, 0.9, ['docs/runbooks/a.md']);
  const incidentId = incident(dice);
  return [
    told('change-created', { ...created, critical: maybe(dice, 0.5, true), runbookUpdates }, { operator: author }),
    ...repeat(dice, 0.2, told('evidence-attached', { ...about, ...taken, evidenceId: evidence(dice) })),
    told('evidence-attached', { ...about, ...taken }, { operator: author }),
    ...repeat(dice, 0.8, told('change-approved', { changeId, evidenceId }, others)),
    told('change-applied', { ...applied, exitCode: pick(dice, 0, 0, 0, 1) }),
    ...repeat(dice, 0.3, told('change-updated', { changeId, runbookUpdates: pick(dice, [], ['b.md']) })),
    ...repeat(dice, 0.4, told('incident-opened', { ...opened(incidentId), changeIds: [changeId] })),
    ...repeat(dice, 0.4, told('change-applied', { ...applied, exitCode: 0, rollback: true })),
    ...repeat(dice, 0.2, told('change-updated', { changeId, status: 'rolled-back', incidentId })),
  ];
};

/** A run that fails, what is done about it, and the next one. */
const runStory: Story = (dice) => {
  const [runId, next, incidentId] = [run(dice), run(dice), incident(dice)];
  const nodes = runNodes(dice);
  const started = { triggerType: 'rebuild', nodes, startedAt: minute(10), initiatedBy: 'ana' };
  const status = pick(dice, 'failed', 'failed', 'success');
  return [
    told('run-started', { runId, ...started }),
    told('run-finished', { runId, completedAt: minute(40), status }),
    ...repeat(dice, 0.7, told('incident-opened', { ...opened(incidentId), runIds: maybe(dice, 0.7, [runId]) })),
    ...repeat(dice, 0.7, told('incident-updated', { incidentId, remediation: 'a new card' })),
    told('run-started', { runId: next, ...started, incidentId: maybe(dice, 0.3, incidentId) }),
    told('run-finished', { runId: next, completedAt: minute(90), status: 'success' }),
  ];
};

/** Somebody comes, changes the key, and goes. */
const peopleStory: Story = (dice) => {
  const [operatorId, newKey, other] = ['cleo', keyOf('k1'), keyOf('k2')];
  const role = pick(dice, 'admin', 'operator', 'server');
  return [
    told('operator-added', { operatorId, role, keys: [newKey], expiresAt: maybe(dice, 0.2, recordedAt(15)) }),
    ...repeat(dice, 0.3, told('operator-removed', { operatorId: 'ana', reason: 'left' }, { operator: 'cleo' })),
    told('key-rotated', { operatorId, oldKey: newKey, newKey: other }, { operator: operatorId }),
    told('operator-removed', { operatorId, reason: 'left' }),
  ];
};

function opened(incidentId: string): Told['data'] {
  return { incidentId, title: 'a', severity: 'critical', openedAt: minute(1) };
}

function repeat(dice: Dice, share: number, said: Told): readonly Told[] {
  return dice() < share ? [said] : [];
}

/** `length` things said after the opening: stories told at the same time, with noise between, and now and then by somebody else. */
export function randomHistory(seed: number, length: number): readonly Told[] {
  const dice = diceOf(seed);
  const stories = Array.from({ length: 3 }, () => [
    ...pick(dice, changeStory, changeStory, runStory, peopleStory)(dice),
  ]);
  const said: Told[] = [];
  while (said.length < length) {
    const told = dice() < 0.25 ? undefined : pick(dice, stories[0], ...stories)?.shift();
    const each = told ?? (dice() < 0.2 ? correction(dice, said) : sayerOf(dice)(dice));
    const operator = dice() < 0.85 ? (each.operator ?? 'ana') : pick(dice, 'ana', 'ben', 'cleo', 'bot');
    said.push({ ...each, operator });
  }
  return said;
}
