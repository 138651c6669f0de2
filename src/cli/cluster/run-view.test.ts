import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Phase } from '../../cluster/run/phase.ts';
import type { RunEvent } from '../../cluster/run/run-event.ts';
import type { RunState } from '../../cluster/run/run-state.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import type { Terminal } from '../output.ts';
import { runView } from './run-view.ts';

const HOSTS = ['pi-1.local', 'pi-10.local'];
const phase = (id: string): Phase => ({ id, playbook: `${id}.yml`, hosts: HOSTS, variables: {}, stops: 'none' });
const phases = [phase('base-os'), phase('k3s-agents')];
const [first, second] = phases;

/** An earlier run that took that long for its first phase. */
const took = (ms: number): RunState => ({
  header: {
    ...{ line: 'run', runId: 'r', kind: 'bootstrap', cluster: 'a', nodes: [], phases: [] },
    ...{ specSha256: '', startedAt: '2026-03-01T09:00:00.000Z' },
  },
  ...{ done: new Map(), troubles: new Map(), attempts: 1, specSha256: '', elapsedMs: new Map([['base-os', ms]]) },
  ...{ ledgerRunId: undefined, over: undefined },
});

const task = { task: 'Set kernel parameters', path: 'roles/base_os/tasks/kernel.yml:1' };
const result = (host: string, outcome: 'changed' | 'failed'): RunEvent => ({
  ...{ event: 'result', host, outcome, elapsedMs: 1 },
  ...task,
});

function view(isTTY: boolean) {
  const screen = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const lines: string[] = [];
  const terminal: Terminal = {
    ...{ out: () => undefined, err: (text) => void lines.push(text), interactive: isTTY, columns: 60, env: {} },
  };
  const clock = createManualClock();
  const shown = runView({
    terminal,
    clock,
    word: '',
    phases,
    earlier: [took(60_000), took(90_000), took(120_000)],
    screen,
  });
  return {
    ...{ clock, shown },
    /** What was drawn since the last look. */
    drawn: (): string =>
      String(screen.read() ?? '')
        .replaceAll('\u001b[1000D\u001b[3A', '<up>')
        .replaceAll('\u001b[0J', '<clear>'),
    said: (): string => lines.splice(0).join(''),
  };
}

test('on a terminal a phase shows its number, how long it goes on, what is left of the median, and each host', async () => {
  assert.ok(first !== undefined && second !== undefined);
  const { clock, shown, drawn, said } = view(true);
  shown.onPhase(first, HOSTS);
  assert.equal(drawn(), '[1/2] base-os 0s, about 90s left\n  pi-1.local   waiting\n  pi-10.local  waiting\n');
  shown.onEvent({ event: 'begin', host: 'pi-1.local', ...task });
  shown.onEvent(result('pi-10.local', 'changed'));
  assert.equal(drawn(), '', 'it is drawn by the clock, not by each event');
  await clock.advance(30_000);
  const frames = drawn().split('<clear>');
  assert.equal(frames.length, 61, 'twice a second');
  assert.equal(
    frames.at(-1),
    '[1/2] base-os 30s, about 60s left\n  pi-1.local   working     Set kernel parameters\n  pi-10.local  waiting     1 changed\n',
  );
  await clock.advance(120_000);
  assert.match(
    drawn(),
    /about 0s left\n[^<]*$/,
    'what takes longer than before has nothing left, and no negative time',
  );
  shown.onEvent(result('pi-1.local', 'failed'));
  shown.onEvent({ event: 'recap', hosts: {} });
  shown.onPhaseEnd(first);
  assert.ok(drawn().endsWith('<up><clear>'), 'the lines are taken away again');
  assert.match(
    said(),
    /^\[1\/2\] base-os: 2m30s; pi-1\.local .*failed.* at "Set kernel parameters", pi-10\.local 1 changed\n$/,
  );
  shown.onPhase(second, HOSTS);
  assert.match(drawn(), /^\[2\/2\] k3s-agents 0s\n/, 'of a phase that was never played nobody knows how long it takes');
  shown[Symbol.dispose]();
  assert.equal(clock.pending(), 0, 'a timer is left');
});

test('elsewhere a phase is a line when it begins and one when it ends', async () => {
  assert.ok(first !== undefined);
  const { clock, shown, drawn, said } = view(false);
  shown.onPhase(first, HOSTS);
  assert.equal(said(), '[1/2] base-os: pi-1.local, pi-10.local\n');
  await clock.advance(61_000);
  shown.onPhaseEnd(first);
  assert.equal(said(), '[1/2] base-os: 61s; pi-1.local unchanged, pi-10.local unchanged\n');
  assert.equal(drawn(), '');
});

test('a line is never longer than the terminal is wide', () => {
  assert.ok(first !== undefined);
  const { shown, clock, drawn } = view(true);
  shown.onPhase(first, HOSTS);
  shown.onEvent({ event: 'begin', host: 'pi-1.local', ...task, task: 'x'.repeat(200) });
  return clock.advance(500).then(() => {
    shown[Symbol.dispose]();
    const longest = Math.max(
      ...drawn()
        .split(/\n|<up>|<clear>/)
        .map((line) => line.length),
    );
    assert.equal(longest, 59);
  });
});
