/** Verbs that run something on a cluster, where there is nothing to run it with: what they say, and that nothing is begun. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { withLock } from '../../src/ledger/lock.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const SPEC = `name: a
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}
`;
const at = '2026-03-01T09:00:00.000Z';
const RUN = '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001';

function repositoryOf(t: TestContext): { readonly file: string; readonly runs: string } {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-run-');
  writeFileSync(join(folder, 'cluster.yaml'), SPEC);
  return { file: join(folder, 'cluster.yaml'), runs: join(folder, '.larder', 'runs') };
}

/** As a run leaves it that lost its power in the second phase. */
function unfinished(runs: string): void {
  const phase = { id: 'base-os', playbook: 'base-os.yml', hosts: ['s.local', 'w.local'], variables: {}, stops: 'none' };
  const header = {
    ...{ line: 'run', runId: RUN, kind: 'bootstrap', cluster: 'a', specSha256: 'f'.repeat(64), startedAt: at },
    nodes: [{ nodeId: 's.local', role: 'server-agent' }],
    phases: [phase, { ...phase, id: 'k3s-first-server', hosts: ['s.local'] }],
  };
  const done = (host: string) => ({ line: 'host', phase: 'base-os', host, outcome: 'done', at });
  const lines = [header, { line: 'attempt', at }, done('s.local'), done('w.local')];
  mkdirSync(runs, { recursive: true });
  writeFileSync(join(runs, `${RUN}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const env = { PATH: '/nowhere', LARDER_LEDGER: '' };

test('without Ansible nothing is begun, and it is said how to get it', async (t) => {
  const { file, runs } = repositoryOf(t);
  for (const verb of [['bootstrap', '--yes'], ['preflight'], ['rebuild', 'w', '--yes']]) {
    const { code, stderr } = await runLarder(['cluster', ...verb, '--file', file], env);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /ansible-playbook is neither in .*\.venv\/bin nor on PATH: install it.*\(LARDER_RUN_ANSIBLE\)/s,
    );
  }
  assert.equal(existsSync(join(runs, `${RUN}.jsonl`)), false);
});

test('a run that was cut off: it is listed, keeps others away, and is given up only by somebody who says so', async (t) => {
  const { file, runs } = repositoryOf(t);
  unfinished(runs);
  const listed = await runLarder(['cluster', 'runs', 'list', '--file', file], env);
  assert.match(listed.stdout, new RegExp(`^${RUN} +bootstrap +${at} +unfinished +s.local$`, 'm'));
  const shown = await runLarder(['cluster', 'runs', 'show', '6f1c', '--file', file], env);
  assert.match(shown.stdout, /base-os: 2 of 2 hosts\n {2}k3s-first-server: 0 of 1 hosts/);
  const second = await runLarder(['cluster', 'bootstrap', '--yes', '--file', file], env);
  assert.deepEqual(
    [second.code, /did not come to its end \(LARDER_RUN_UNFINISHED\)/.test(second.stderr)],
    [3, true],
    second.stderr,
  );
  const changed = await runLarder(['cluster', 'resume', '--yes', '--file', file], env);
  assert.deepEqual([changed.code, /LARDER_RUN_CHANGED/.test(changed.stderr)], [3, true], changed.stderr);
  const silent = await runLarder(['cluster', 'resume', '--accept-changes', '--file', file], env);
  assert.deepEqual([silent.code, /Nobody can be asked here/.test(silent.stderr)], [3, true], silent.stderr);
  assert.match(silent.stderr, /what is left:\n {2}k3s-first-server: s\.local\n/);
  const alone = { folder: join(runs, '..'), clock: systemClock, random: systemRandom, name: 'cluster.lock' };
  const beside = await withLock(alone, () =>
    runLarder(['cluster', 'runs', 'abandon', RUN, '--yes', '--file', file], env),
  );
  assert.match(beside.stderr, /another run works on .*: process \d+ .*\(LARDER_RUN_LOCKED\)\nNext: Wait for it/);
  assert.equal(beside.code, 3);
  const given = await runLarder(['cluster', 'runs', 'abandon', RUN, '--yes', '--file', file], env);
  assert.equal(given.code, 0, given.stderr);
  const over = await runLarder(['cluster', 'resume', RUN, '--yes', '--file', file], env);
  assert.deepEqual([over.code, /was given up at .*\(LARDER_RUN_OVER\)/.test(over.stderr)], [2, true], over.stderr);
  const none = await runLarder(['cluster', 'resume', '--file', file], env);
  assert.deepEqual([none.code, /no run waits for its rest/.test(none.stderr)], [2, true], none.stderr);
});
