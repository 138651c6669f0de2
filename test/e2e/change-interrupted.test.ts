/** An apply that is killed or stopped in its middle: what it did is recorded, and nothing that it did not do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { oneApply } from '../../src/cluster/change/one-apply.ts';
import { kinds } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { configMap, endsWith, governance, namespace, shown } from './change-world.ts';
import { startCluster } from './cluster.ts';
import { eventually, temporaryFolder } from './larder.ts';
import { type Operators, operatorsFor, succeed } from './operators.ts';

const cluster = await startCluster(
  temporaryFolder((remove) =>
    after(async () => {
      await cluster.close();
      remove();
    }),
  ),
  { node: false },
);

const OBJECTS = 150;
const journalOf = ({ root }: Operators): string => join(root, '.git/larder/change-apply.jsonl');

/** A change of many objects, with its evidence. */
async function prepared(operators: Operators, space: string): Promise<void> {
  const maps = Array.from({ length: OBJECTS }, (_, index) =>
    configMap(`map-${index}`, space, { index: String(index) }),
  );
  operators.write('cluster/all.yaml', [namespace(space), ...maps]);
  await succeed(
    operators.larder('change', 'new', space, '--manifests', 'cluster/all.yaml', '--runbook', 'docs/runbooks/web.md'),
  );
  endsWith(await operators.larder('change', 'diff', space), 1);
}

/** Begins an apply in a process of its own, and sends the signal when some objects were applied. */
async function interrupt(operators: Operators, space: string, signal: NodeJS.Signals): Promise<number | string> {
  const start = resolve(import.meta.dirname, '../../bin/start.js');
  const args = [
    '--disable-warning=ExperimentalWarning',
    start,
    'change',
    'apply',
    space,
    '--yes',
    '--key',
    operators.keyOfAna,
  ];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: operators.env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const ended = new Promise<number | string>((done) => child.on('close', (code, by) => done(code ?? by ?? '')));
  const journal = journalOf(operators);
  const begun = new Promise<void>((done) => {
    const look = (): void => {
      const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length : 0;
      if (lines > 20 || child.exitCode !== null) done();
      else setImmediate(look);
    };
    look();
  });
  await begun;
  child.kill(signal);
  return ended;
}

async function existing({ client }: Operators, space: string): Promise<ReadonlySet<string>> {
  const { items } = await client.list(kinds.ConfigMap, { namespace: space });
  return new Set(items.map(({ metadata }) => metadata.name));
}

test('kill -9 in the middle of an apply: the next command records what is known of each object', async (t) => {
  const operators = await operatorsFor(t, cluster);
  await prepared(operators, 'killed');
  assert.equal(await interrupt(operators, 'killed', 'SIGKILL'), 'SIGKILL');
  assert.equal((await shown(operators, 'killed')).applies.length, 0, 'nobody was there to record it');
  const next = endsWith(await operators.larder('change', 'apply', 'killed', '--yes'), 3);
  assert.match(next.stderr, /recorded: the apply of killed that began at .* and was cut off/);
  assert.match(
    next.stderr,
    /Namespace killed was changed by the apply of this evidence that began at .* and was interrupted/,
  );
  assert.doesNotMatch(next.stderr, /somebody|LIVE_DIFFERS/);
  assert.match(next.stderr, /Next: Run `larder change diff ID`: it shows what is left/);
  endsWith(await operators.larder('change', 'diff', 'killed'), 1);
  assert.ok(!existsSync(journalOf(operators)), 'it is recorded once');
  const change = await shown(operators, 'killed');
  assert.equal(change.status, 'pending-review');
  const [apply] = change.applies;
  assert.equal(apply?.exitCode, 1);
  const there = await eventually('what was under way to be over', () => existing(operators, 'killed'));
  for (const { kind, name, outcome, message } of apply?.objects ?? []) {
    if (kind !== 'ConfigMap') continue;
    if (outcome === 'failed') assert.match(message ?? '', /whether it was applied is not known/);
    else assert.equal(there.has(name), outcome === 'created', `${name} ${outcome}`);
  }
  const outcomes = new Set(apply?.objects.map(({ outcome }) => outcome));
  assert.ok(outcomes.has('created') && outcomes.has('not-tried'), [...outcomes].join());
  await succeed(operators.larder('change', 'apply', 'killed', '--yes'));
  assert.equal((await existing(operators, 'killed')).size, OBJECTS);
  await succeed(operators.larder('ledger', 'verify'));
});

test('Ctrl-C lets the object that is under way come to its end, and records the rest as not tried', async (t) => {
  const operators = await operatorsFor(t, cluster);
  await prepared(operators, 'stopped');
  assert.equal(await interrupt(operators, 'stopped', 'SIGINT'), 1);
  assert.ok(!existsSync(journalOf(operators)), 'nothing is left to be recorded');
  const [apply] = (await shown(operators, 'stopped')).applies;
  const there = await existing(operators, 'stopped');
  for (const { kind, name, outcome } of apply?.objects ?? []) {
    if (kind === 'ConfigMap') assert.equal(there.has(name), outcome === 'created', `${name} ${outcome}`);
  }
  assert.equal(apply?.exitCode, 1);
  assert.ok(apply?.objects.some(({ outcome }) => outcome === 'not-tried'));
});

test('an apply that cannot be recorded as one any more, because newer evidence came, is recorded as what was done', async (t) => {
  const operators = await operatorsFor(t, cluster);
  const { larder, root, write } = operators;
  write('cluster/one.yaml', [namespace('late'), configMap('one', 'late', {})]);
  await succeed(
    larder('change', 'new', 'late', '--manifests', 'cluster/one.yaml', '--runbook', 'docs/runbooks/web.md'),
  );
  endsWith(await larder('change', 'diff', 'late'), 1);
  endsWith(await larder('change', 'diff', 'late'), 1);
  const { stdout } = await succeed(larder('change', 'show', 'late', '-o', 'json'));
  const [older] = JSON.parse(stdout).evidence;
  const id = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'late', name: 'one' };
  const at = '2026-03-01T12:00:00.000Z';
  const head = { changeId: 'late', evidenceId: older.evidenceId, command: 'larder change apply late', startedAt: at };
  const lines = [
    { ...head, manifestHash: older.manifestHash, objects: [id] },
    { step: 'sent', index: 0, at },
    { step: 'answered', index: 0, at, outcome: 'created' },
  ];
  writeFileSync(journalOf(operators), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  endsWith(await larder('change', 'diff', 'late'), 1);
  assert.ok(!existsSync(journalOf(operators)));
  assert.match(governance(root), /"message": "not recorded as an apply: the newest evidence of change late is/);
  assert.equal((await shown(operators, 'late')).applies.length, 0);
});

test('two applies from one clone: the second is refused, and goes on when the first has ended', async (t) => {
  const operators = await operatorsFor(t, cluster);
  const { larder, root, write } = operators;
  write('cluster/one.yaml', [namespace('twice'), configMap('one', 'twice', {})]);
  await succeed(
    larder('change', 'new', 'twice', '--manifests', 'cluster/one.yaml', '--runbook', 'docs/runbooks/web.md'),
  );
  endsWith(await larder('change', 'diff', 'twice'), 1);
  const session = { own: join(root, '.git/larder'), clock: systemClock, random: systemRandom };
  await oneApply(session, async () => {
    const { stderr } = endsWith(await larder('change', 'apply', 'twice', '--yes'), 3);
    assert.match(stderr, /LARDER_CHANGE_RUNNING/);
    endsWith(await larder('change', 'diff', 'twice'), 1);
  });
  await succeed(larder('change', 'apply', 'twice', '--yes'));
});
