/** Shows a run while it goes: lines that are rewritten on a terminal, a line per phase elsewhere. */
import { clearScreenDown, moveCursor } from 'node:readline';
import type { Phase } from '../../cluster/run/phase.ts';
import { beginProgress, type HostProgress, median, nextProgress, type Progress } from '../../cluster/run/progress.ts';
import type { RunEvent } from '../../cluster/run/run-event.ts';
import type { RunState } from '../../cluster/run/run-state.ts';
import type { Clock, Timer } from '../../telemetry/clock.ts';
import { humanDuration, paint, type Terminal, visible } from '../output.ts';

const REFRESH_MS = 500;

export interface RunView extends Disposable {
  onPhase(phase: Phase, hosts: readonly string[]): void;
  onEvent(event: RunEvent): void;
  onPhaseEnd(phase: Phase): void;
}

interface ViewOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** As `dry run`. */
  readonly word: string;
  readonly phases: readonly Phase[];
  /** What phases took before. */
  readonly earlier: readonly RunState[];
  /** Where lines are rewritten, where that is a terminal. Default: stderr. */
  readonly screen?: Screen;
}

type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

export function runView(options: ViewOptions): RunView {
  const { terminal, clock, phases, earlier, screen = process.stderr } = options;
  const isLive = terminal.interactive && screen.isTTY === true;
  let progress: Progress | undefined;
  let drawn = 0;
  let timer: Timer | undefined;
  const wipe = (): void => {
    if (drawn > 0) moveCursor(screen, -1000, -drawn);
    if (drawn > 0) clearScreenDown(screen);
    drawn = 0;
  };
  const draw = (): void => {
    if (progress === undefined) return;
    wipe();
    const lines = progressLines(progress, options);
    screen.write(lines.map((line) => `${visible(line).slice(0, terminal.columns - 1)}\n`).join(''));
    drawn = lines.length;
    timer = clock.after(REFRESH_MS, draw);
  };
  const stop = (): void => {
    timer?.cancel();
    wipe();
  };
  return {
    onPhase(phase, hosts) {
      const number = phases.findIndex(({ id }) => id === phase.id) + 1;
      const leftMs = median(earlier.flatMap(({ elapsedMs }) => elapsedMs.get(phase.id) ?? []));
      progress = beginProgress({ phase, hosts, number, of: phases.length, startedAt: clock.monotonic(), leftMs });
      if (isLive) draw();
      else terminal.err(`${headOf(progress, options)}: ${hosts.join(', ')}\n`);
    },
    onEvent(event) {
      if (progress !== undefined) progress = nextProgress(progress, event);
    },
    onPhaseEnd() {
      stop();
      if (progress === undefined) return;
      const took = humanDuration(clock.monotonic() - progress.startedAt);
      terminal.err(
        `${headOf(progress, options)}: ${took}; ${progress.hosts.map((each) => ended(terminal, each)).join(', ')}\n`,
      );
      progress = undefined;
    },
    [Symbol.dispose]: stop,
  };
}

function headOf({ number, of, phase }: Progress, { word }: ViewOptions): string {
  return `[${number}/${of}] ${word}${phase}`;
}

function progressLines(progress: Progress, options: ViewOptions): readonly string[] {
  const { startedAt, leftMs, hosts } = progress;
  const elapsed = options.clock.monotonic() - startedAt;
  const left = leftMs === undefined ? '' : `, about ${humanDuration(Math.max(0, leftMs - elapsed))} left`;
  const width = Math.max(...hosts.map(({ host }) => host.length));
  return [
    `${headOf(progress, options)} ${humanDuration(elapsed)}${left}`,
    ...hosts.map(({ host, state, task = '', changed }) =>
      `  ${host.padEnd(width)}  ${state.padEnd(11)} ${changed > 0 ? `${changed} changed  ` : ''}${task}`.trimEnd(),
    ),
  ];
}

function ended(terminal: Terminal, { host, state, changed, task = '' }: HostProgress): string {
  if (state === 'failed' || state === 'unreachable') return `${host} ${paint(terminal, 'red', state)} at "${task}"`;
  return `${host} ${changed === 0 ? 'unchanged' : `${changed} changed`}`;
}
