import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostFacts, readHostFacts } from '../../cluster/preflight/host-facts.ts';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { readSpec } from '../../cluster/spec/read-spec.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Planned } from './run-cluster.ts';
import { rebuildRequest } from './run-requests.ts';

const node = (name: string, last: number, role = 'server-agent'): string =>
  `  - {name: ${name}.local, aliases: [old-${name}], address: 192.0.2.${last}, role: ${role}, storage: ssd}\n`;
const three = [node('s1', 1), node('s2', 2), node('s3', 3), node('w1', 4, 'worker')].join('');

function sessionOf(nodes: string): RunSession {
  const read = readSpec(`name: a\nnodes:\n${nodes}`, '2026-03-01');
  if (read.kind !== 'spec') assert.fail(JSON.stringify(read.findings));
  const place = { repository: '/nowhere', file: '/nowhere/cluster.yaml', env: { HOME: '/nowhere' } };
  return { ...place, spec: read.spec, secrets: [], clock: systemClock, random: systemRandom };
}

const factsOf = (active: boolean): HostFacts => readHostFacts({ k3s_active: active }) ?? assert.fail();

/** `running`: who says that k3s runs there; `stopped`: who says that it does not. Everybody else is silent. */
function asked(wanted: string, running: readonly string[], stopped: readonly string[] = [], nodes = three) {
  const session = sessionOf(nodes);
  const facts = new Map<string, HostFacts>([
    ...running.map((name) => [`${name}.local`, factsOf(true)] as const),
    ...stopped.map((name) => [`${name}.local`, factsOf(false)] as const),
  ]);
  const silent = new Set<string>(session.spec.nodes.map(({ name }) => name).filter((name) => !facts.has(name)));
  return rebuildRequest(wanted).plan(session, { facts, silent });
}

function refusal(act: () => Planned | Promise<Planned>): { readonly exitCode: number; readonly message: string } {
  try {
    const planned = act();
    return assert.fail(`it was planned: ${JSON.stringify(planned)}`);
  } catch (cause) {
    assert.ok(cause instanceof Exit, String(cause));
    return cause;
  }
}

test('a server is rebuilt where every other one runs k3s, by its name, the first part of it, or an alias', async () => {
  for (const wanted of ['s2.local', 's2', 'old-s2']) {
    const { nodes } = await asked(wanted, ['s1', 's3']);
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['s2.local'],
    );
  }
});

test('a server is not rebuilt where one of the others is stopped or silent', () => {
  for (const [running, stopped, who] of [
    [['s1', 's2', 'w1'], ['s3'], 's3.local does'],
    [['s1', 's2', 'w1'], [], 's3.local does'],
    [['w1'], ['s2'], 's2.local, s3.local do'],
  ] as const) {
    // What the node that goes says of itself, s1, does not count.
    const wanted = running.length === 3 ? 's2' : 's1';
    const { exitCode, message } = refusal(() => asked(wanted, running, stopped));
    assert.equal(exitCode, exitCodes.approval);
    assert.ok(message.startsWith(`${who} not run k3s: etcd could lose its quorum. Bring `), message);
    assert.match(message, /\(LARDER_RUN_REFUSED\)\nNext: /);
  }
});

test('the only server is not rebuilt', () => {
  const one = `${node('s1', 1)}${node('w1', 4, 'worker')}`;
  const { exitCode, message } = refusal(() => asked('s1', ['s1', 'w1'], [], one));
  assert.equal(exitCode, exitCodes.approval);
  assert.match(message, /^s1\.local is the only server: .* Restore a snapshot instead \(LARDER_RUN_REFUSED\)/);
});

test('a worker is rebuilt as long as one server runs k3s', async () => {
  const { nodes } = await asked('w1', ['s2'], ['s1']);
  assert.deepEqual(
    nodes.map(({ name }) => name),
    ['w1.local'],
  );
  const { exitCode, message } = refusal(() => asked('w1', ['w1'], ['s1', 's2']));
  assert.equal(exitCode, exitCodes.approval);
  assert.match(message, /^s1\.local, s2\.local, s3\.local do not run k3s: nobody can take the node out/);
});

test('a node that cluster.yaml does not have is wrong usage', () => {
  const { exitCode, message } = refusal(() => asked('s9', ['s1', 's2', 's3']));
  assert.equal(exitCode, exitCodes.usage);
  assert.match(message, /^cluster\.yaml has no node s9: it has s1\.local, s2\.local, s3\.local, w1\.local$/);
});
