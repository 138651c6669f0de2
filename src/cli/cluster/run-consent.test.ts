import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { bootstrapPhases } from '../../cluster/run/phase.ts';
import { readSpec } from '../../cluster/spec/read-spec.ts';
import { systemRandom } from '../../telemetry/clock.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { Exit } from '../exit.ts';
import type { Terminal } from '../output.ts';
import { outsideWindows, refuseOutside } from './outside-windows.ts';
import type { Planned } from './run-cluster.ts';
import type { RunOptions } from './run-session.ts';
import { withReboots } from './with-reboots.ts';

/** Nobody sits there. */
const script: Terminal = { out: () => undefined, err: () => undefined, interactive: false, columns: 80, env: {} };
const SATURDAY_3 = Date.parse('2026-11-21T03:00:00Z');
const SUNDAY_3 = Date.parse('2026-11-22T03:00:00Z');

function about(reboot: 'ask' | 'allowed' | 'never', at: number) {
  const text = `name: a
os: {reboot: ${reboot}}
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd, maintenance: {days: [sat], from: '02:00', to: '05:00'}}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}
`;
  const read = readSpec(text, '2026-03-01');
  const spec = read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
  const session: RunSession = {
    ...{ repository: '/nowhere', file: '/nowhere/cluster.yaml', spec, secrets: [], env: {}, random: systemRandom },
    clock: createManualClock(at),
  };
  const planned = (part: Partial<Planned>): Planned => ({
    ...{ nodes: spec.nodes, phases: bootstrapPhases(spec, { kubeconfig: '/k' }), summary: [] },
    ...{ disturbs: [], reboots: [], ...part },
  });
  return { session, planned, nodes: spec.nodes };
}

const options = (accept: readonly string[] = []): RunOptions => ({ file: 'cluster.yaml', yes: true, accept });

test('work is taken from a node in its window, or when somebody has agreed to another time', () => {
  const sunday = about('allowed', SUNDAY_3);
  const upgrade = sunday.planned({ disturbs: sunday.nodes });
  assert.deepEqual(outsideWindows(sunday, upgrade), [
    's.local is outside of its maintenance window, sat 02:00–05:00 Etc/UTC',
  ]);
  const refused = (part: Planned, accept: readonly string[] = []): void =>
    refuseOutside(script, { session: sunday.session, options: options(accept), planned: part });
  assert.throws(
    () => refused(upgrade),
    (cause) =>
      cause instanceof Exit &&
      cause.exitCode === 3 &&
      /s\.local is outside.*nothing was changed \(LARDER_RUN_WINDOW\)/s.test(cause.message),
  );
  assert.throws(() => refused(sunday.planned({ reboots: sunday.nodes })), /LARDER_RUN_WINDOW/, 'a reboot is that, too');
  refused(upgrade, ['LARDER_RUN_WINDOW']);
  refused(sunday.planned({}));
  const [, worker] = sunday.nodes;
  refused(sunday.planned({ disturbs: worker === undefined ? assert.fail() : [worker] }));

  const never = about('never', SUNDAY_3);
  assert.deepEqual(outsideWindows(never, never.planned({ reboots: never.nodes })), [], 'nothing is rebooted');
  const saturday = about('allowed', SATURDAY_3);
  assert.deepEqual(outsideWindows(saturday, saturday.planned({ disturbs: saturday.nodes })), []);
});

test('a reboot that is to be asked for happens only after a yes, which --yes is not', async () => {
  const rebooting = async (reboot: 'ask' | 'allowed' | 'never', accept: readonly string[], some = true) => {
    const { session, planned, nodes } = about(reboot, SATURDAY_3);
    const asked = { session, options: options(accept), planned: planned(some ? { reboots: nodes } : {}) };
    const phases = await withReboots(script, asked);
    return phases
      .filter(({ variables }) => 'larder_os_reboot' in variables)
      .map(({ id, variables }) => ({ id, ...variables }));
  };
  assert.deepEqual(await rebooting('ask', ['LARDER_RUN_REBOOT']), [{ id: 'base-os', larder_os_reboot: 'allowed' }]);
  assert.deepEqual(await rebooting('ask', []), []);
  assert.deepEqual(await rebooting('ask', ['LARDER_RUN_REBOOT'], false), [], 'nobody needs one');
  assert.deepEqual(await rebooting('never', ['LARDER_RUN_REBOOT']), [], 'never is never');
});
