import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { continueJournal, readRuns, runOfId, startJournal } from './journal.ts';
import { bootstrapPhases, rebuildPhases, upgradePhases } from './phase.ts';
import { beginProgress, median, nextProgress } from './progress.ts';
import { type RunHeader, remaining } from './run-state.ts';

const at = '2026-03-01T09:00:00.000Z';

function specOf(servers: number) {
  const nodes = [...Array(servers).keys(), servers].map(
    (index) =>
      `  - {name: n${index}.local, address: 192.0.2.${index + 1}, role: ${index < servers ? 'server-agent' : 'worker'}, storage: ssd}`,
  );
  const read = readSpec(`name: a\nnodes:\n${nodes.join('\n')}\n`, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

function headerOf(runId: string): RunHeader {
  const phases = bootstrapPhases(specOf(3), { kubeconfig: '/k' }).map((phase) => ({
    ...phase,
    hosts: [...phase.hosts],
    limit: phase.limit && [...phase.limit],
  }));
  return {
    ...{ line: 'run', runId, kind: 'bootstrap', cluster: 'a', nodes: [], specSha256: 'f', startedAt: at },
    phases,
  };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-journal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the phases of each kind, and who stops whom', () => {
  const place = { kubeconfig: '/k' };
  const ids = (phases: readonly { id: string; stops: string }[]): readonly string[] =>
    phases.map(({ id, stops }) => `${id} ${stops}`);
  assert.deepEqual(ids(bootstrapPhases(specOf(3), place)), [
    'base-os none',
    'k3s-first-server any',
    'k3s-servers failed',
    'k3s-agents none',
    'post-bootstrap failed',
  ]);
  assert.deepEqual(ids(bootstrapPhases(specOf(1), place)), [
    'base-os none',
    'k3s-first-server any',
    'k3s-agents none',
    'post-bootstrap failed',
  ]);
  const spec = specOf(3);
  const [first, , , worker] = spec.nodes;
  const rebuilt = rebuildPhases(spec, first ?? assert.fail(), place);
  assert.deepEqual(
    rebuilt.map(({ id }) => id),
    ['rebuild-remove', 'rebuild-wipe', 'base-os', 'k3s-servers', 'post-bootstrap'],
  );
  assert.ok(
    rebuilt.every(({ hosts }) => hosts.length === 1 && hosts[0] === 'n0.local'),
    'another host would be touched',
  );
  assert.ok(rebuildPhases(spec, worker ?? assert.fail(), place).some(({ id }) => id === 'k3s-agents'));
  const steps = [{ node: 'n0.local', from: 'v1.34.1+k3s1', to: 'v1.35.1+k3s1' }];
  assert.deepEqual(upgradePhases(spec, [], place), []);
  assert.deepEqual(upgradePhases(spec, steps, place)[0], {
    id: 'upgrade n0.local to v1.35.1+k3s1',
    playbook: 'upgrade.yml',
    hosts: ['n0.local'],
    variables: { larder_k3s_version: 'v1.35.1+k3s1' },
    stops: 'any',
  });
});

test('a journal that was cut off in the middle of a line goes on from the last whole one', (t) => {
  const repository = folderOf(t);
  const header = headerOf('6f1c2a9e-0000-4000-8000-000000000001');
  {
    using journal = startJournal(repository, header);
    journal.write({ line: 'attempt', at, ledgerRunId: 'l1' });
    journal.write({ line: 'host', phase: 'base-os', host: 'n0.local', outcome: 'done', at });
    journal.write({ line: 'host', phase: 'base-os', host: 'n1.local', outcome: 'unreachable', message: 'gone', at });
  }
  const path = join(repository, '.larder', 'runs', `${header.runId}.jsonl`);
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"line":"host","phase":"base-os","host":"n2.lo`);
  const state = runOfId(repository, '6f1c');
  const [first] = state.header.phases;
  assert.deepEqual(remaining(state, first ?? assert.fail()), ['n1.local', 'n2.local', 'n3.local']);
  assert.deepEqual([...state.troubles.keys()], ['n1.local']);
  {
    using journal = continueJournal(repository, header.runId);
    journal.write({ line: 'host', phase: 'base-os', host: 'n1.local', outcome: 'done', at });
    journal.write({ line: 'over', status: 'failed', message: 'm', at });
  }
  const after = runOfId(repository, header.runId);
  assert.deepEqual(
    [after.over?.status, after.ledgerRunId, after.troubles.size, after.attempts],
    ['failed', 'l1', 0, 1],
  );
  {
    using journal = continueJournal(repository, header.runId);
    journal.write({ line: 'attempt', at, ledgerRunId: 'l2', specSha256: 'g' });
  }
  const again = runOfId(repository, header.runId);
  assert.deepEqual([again.over, again.ledgerRunId, again.specSha256, again.attempts], [undefined, 'l2', 'g', 2]);
  assert.equal(readFileSync(join(repository, '.larder', '.gitignore'), 'utf8'), '*\n');
});

test('a run that is not there, or not the only one that begins so, is named', (t) => {
  const repository = folderOf(t);
  assert.deepEqual(readRuns(repository), []);
  assert.throws(() => runOfId(repository, 'x'), /no run was begun from here/);
  for (const end of ['1', '2']) startJournal(repository, headerOf(`6f1c-${end}`))[Symbol.dispose]();
  assert.throws(() => runOfId(repository, '6f1c'), /2 runs begin with 6f1c/);
  assert.throws(() => startJournal(repository, headerOf('6f1c-1')), /cannot be written: EEXIST/);
  writeFileSync(join(repository, '.larder', 'runs', 'broken.jsonl'), '{"line":"ru');
  assert.equal(readRuns(repository).length, 2);
});

test('progress follows the events of each host, and what it takes comes from earlier runs', () => {
  const [phase] = headerOf('r').phases;
  const begun = beginProgress({
    phase: phase ?? assert.fail(),
    hosts: ['a', 'b'],
    number: 1,
    of: 5,
    startedAt: 0,
    leftMs: 9,
  });
  const task = { task: 'Install', path: '' };
  const events = [
    { event: 'begin' as const, host: 'a', ...task },
    { event: 'result' as const, host: 'a', ...task, outcome: 'changed' as const, elapsedMs: 1 },
    { event: 'result' as const, host: 'b', ...task, outcome: 'unreachable' as const, elapsedMs: 1 },
    { event: 'begin' as const, host: 'stranger', ...task },
    { event: 'recap' as const, hosts: {} },
  ];
  assert.deepEqual(events.reduce(nextProgress, begun).hosts, [
    { host: 'a', changed: 1, state: 'done' },
    { host: 'b', changed: 0, state: 'unreachable', task: 'Install' },
  ]);
  assert.deepEqual([median([]), median([3]), median([4, 1]), median([9, 1, 2])], [undefined, 3, 2.5, 2]);
});
