/** What a new cluster holds from its first day: applied as a change with its evidence, once, and never where nobody could tell what it does. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { applyBase } from '../../src/cli/cluster/base-manifests.ts';
import type { RunOptions } from '../../src/cli/cluster/run-session.ts';
import { Exit } from '../../src/cli/exit.ts';
import type { Terminal } from '../../src/cli/output.ts';
import type { RunSession } from '../../src/cluster/run/carry-out.ts';
import { readSpec } from '../../src/cluster/spec/read-spec.ts';
import { kinds } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { namespace } from './change-world.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { temporaryFolder } from './larder.ts';
import { operatorsFor } from './operators.ts';

const cluster: Cluster = await startCluster(
  temporaryFolder((remove) =>
    after(async () => {
      await cluster.close();
      remove();
    }),
  ),
  { node: false },
);

const NODE = 'name: a\nnodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n';

function sessionAt(repository: string, env: NodeJS.ProcessEnv): RunSession {
  const read = readSpec(NODE, '2026-03-01');
  const spec = read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
  return {
    ...{ repository, file: join(repository, 'cluster.yaml'), spec, secrets: [], env },
    ...{ clock: systemClock, random: systemRandom },
  };
}

interface Base {
  readonly session: RunSession;
  readonly options?: Partial<RunOptions>;
  readonly kubeconfig: string;
  readonly runId: string;
}

/** What it said; throws as the command would. */
async function apply({ session, options = {}, kubeconfig, runId }: Base): Promise<string> {
  const said: string[] = [];
  const terminal: Terminal = {
    ...{ out: (text) => void said.push(text), err: (text) => void said.push(text) },
    ...{ interactive: false, columns: 80, env: { ...session.env } },
  };
  const given: RunOptions = { file: session.file, accept: [], ...options };
  await applyBase(terminal, { session, options: given, kubeconfig, runId });
  return said.join('');
}

test('the base comes onto the cluster once, as a change with its evidence', async (t) => {
  const operators = await operatorsFor(t, cluster);
  operators.write('cluster/base/namespaces.yaml', [namespace('base-apps'), namespace('base-monitoring')]);
  operators.write('docs/runbooks/bootstrap.md', '# Bootstrap\n');
  operators.commit('a base');
  const session = sessionAt(operators.root, { ...process.env, ...operators.env });
  const base = { session, options: { ledgerKey: operators.keyOfAna }, kubeconfig: cluster.kubeconfig };
  assert.equal(await apply({ ...base, runId: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001' }), '');
  for (const name of ['base-apps', 'base-monitoring'])
    assert.ok(await operators.client.get(kinds.Namespace, { name }), `${name} is not there`);
  const { stdout } = await operators.larder('change', 'show', 'base-6f1c2a9e', '-o', 'json');
  const { status, evidence } = JSON.parse(stdout);
  assert.equal(status, 'applied');
  assert.ok(evidence.length > 0, 'it has no evidence');

  const before = operators.git('rev-list', '--count', 'HEAD');
  operators.write('cluster/base/more.yaml', [namespace('base-more')]);
  assert.equal(await apply({ ...base, runId: '7f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001' }), '');
  assert.equal(operators.git('rev-list', '--count', 'HEAD'), before, 'a second change was made');
  assert.equal(await operators.client.get(kinds.Namespace, { name: 'base-more' }).catch(() => undefined), undefined);
});

test('where nobody can tell what it would change it is not applied, and the way on is said', async (t) => {
  const operators = await operatorsFor(t, cluster);
  operators.write('cluster/base/namespaces.yaml', namespace('base-unknown'));
  operators.write('docs/runbooks/bootstrap.md', '# Bootstrap\n');
  operators.commit('a base');
  const session = sessionAt(operators.root, { ...process.env, ...operators.env });
  await assert.rejects(
    apply({
      ...{ session, options: { ledgerKey: operators.keyOfAna }, runId: '6f1c2a9e' },
      kubeconfig: join(operators.root, 'nowhere'),
    }),
    (cause) => {
      assert.ok(cause instanceof Exit);
      assert.equal(cause.exitCode, 1);
      assert.match(
        cause.message,
        /^the cluster is there, and cluster\/base was not applied: nobody can tell what it would change/,
      );
      assert.match(
        cause.message,
        /^ {2}larder change diff base-6f1c2a9e --kubeconfig \S+\n {2}larder change apply base-6f1c2a9e /m,
      );
      return true;
    },
  );
  assert.equal(await operators.client.get(kinds.Namespace, { name: 'base-unknown' }).catch(() => undefined), undefined);
});

test('without a ledger of its own nothing is applied, and the three commands are printed', async (t) => {
  const root = temporaryFolder((remove) => t.after(remove), 'larder-base-');
  const session = sessionAt(root, process.env);
  const base = { session, kubeconfig: cluster.kubeconfig, runId: '6f1c2a9e' };
  assert.equal(await apply(base), '', 'no base, nothing to say');
  mkdirSync(join(root, 'cluster/base'), { recursive: true });
  writeFileSync(join(root, 'cluster/base/namespaces.yaml'), JSON.stringify(namespace('base-unrecorded')));
  const without = await apply(base);
  assert.match(without, /^cluster\/base was not applied: there is no ledger\./);
  assert.deepEqual(
    without.match(/^ {2}larder change \w+ base-6f1c2a9e/gm)?.map((line) => line.split(' ')[4]),
    ['new', 'diff', 'apply'],
  );
  const served = await apply({ ...base, options: { ledger: 'https://ledger.example.org' } });
  assert.match(served, /^cluster\/base was not applied: its evidence needs a clone of the ledger\./);
});
