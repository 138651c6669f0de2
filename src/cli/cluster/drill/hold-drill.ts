/** What all drills share: the look before, the questions, the record, the last word. */
import type { Command } from 'commander';
import { type Hands, look } from '../../../cluster/drill/cluster-hands.ts';
import { type Course, type Held, type HeldStep, holdCourse } from '../../../cluster/drill/course.ts';
import { type DrillCode, drillErrors } from '../../../cluster/drill/drill-error.ts';
import { drillEvent, drillToCome } from '../../../cluster/drill/drill-event.ts';
import { type DrillKind, gate, type Seen } from '../../../cluster/drill/gate.ts';
import { nodeShell } from '../../../cluster/drill/node-shell.ts';
import { now, type RunSession } from '../../../cluster/run/carry-out.ts';
import { oneRun } from '../../../cluster/run/one-run.ts';
import type { NodeSpec } from '../../../cluster/spec/cluster-spec.ts';
import { shortName } from '../../../cluster/spec/rules/rule.ts';
import { canAsk, confirm } from '../../confirm.ts';
import { Exit, type ExitCode, exitCodes } from '../../exit.ts';
import { humanDuration, paint, type Terminal } from '../../output.ts';
import { recording } from '../../program.ts';
import { checkRecord, record, recorderOf } from '../record-events.ts';
import { initiator } from '../run-records.ts';
import { openSession, type SessionOptions, sessioning, stoppable } from '../run-session.ts';

export interface DrillOptions extends SessionOptions {
  readonly yes?: true;
  readonly check?: true;
  readonly ledger?: string;
  readonly ledgerKey?: string;
}

export function drilling(command: Command): Command {
  return questioning(sessioning(command));
}

/** Without those of whom it is about. */
export function questioning(command: Command): Command {
  return recording(command)
    .option('--check', 'only look whether it could be held now, and say what it would do')
    .option('--yes', 'without asking');
}

/** Throws Exit where there is no such node. The last is most often a worker. */
export function drillNode({ spec }: RunSession, wanted: string | undefined): NodeSpec {
  const isIt = ({ name, aliases }: NodeSpec): boolean =>
    wanted === undefined || [name, shortName(name), ...aliases].includes(wanted);
  const node = spec.nodes.findLast(isIt);
  if (node !== undefined) return node;
  const known = spec.nodes.map(({ name }) => name).join(', ');
  throw new Exit(exitCodes.usage, `cluster.yaml has no node ${wanted}: it has ${known}`);
}

export interface Before {
  readonly session: RunSession;
  readonly hands: Hands;
  readonly seen: readonly Seen[];
  readonly drillId: string;
}

export interface Drill {
  readonly kind: DrillKind;
  /** Throws Exit where it cannot be held in this cluster. */
  course(before: Before): Course | Promise<Course>;
  /** It takes the lock of the cluster itself, as a run does. */
  readonly locksItself?: true;
  /** What Ctrl-C does, where it is not that everything is put back. */
  readonly stopWords?: string;
}

export function holdDrill(terminal: Terminal, options: DrillOptions, drill: Drill): Promise<void> {
  return stoppable(
    terminal,
    async (signal) => {
      const session = await openSession(terminal, options, signal);
      using shell = nodeShell(session);
      const hands: Hands = { spec: session.spec, shell, clock: session.clock };
      const work = (): Promise<void> => hold(terminal, options, { session, hands, drill, signal });
      await (drill.locksItself ? work() : oneRun(session, work));
    },
    drill.stopWords ?? 'the drill is given up, and what it did is put back',
  );
}

interface Task {
  readonly session: RunSession;
  readonly hands: Hands;
  readonly drill: Drill;
  readonly signal: AbortSignal;
}

async function hold(terminal: Terminal, options: DrillOptions, { session, hands, drill, signal }: Task): Promise<void> {
  const seen = await look(hands);
  refuseUnwell(session, drill, seen);
  const before: Before = { session, hands, seen, drillId: session.random.uuid() };
  const course = await drill.course(before);
  if (options.check) return terminal.out(plan(course));
  askable(terminal, options, drill);
  const recorder = await recorderOf(terminal, { ...options, knownSecrets: session.secrets }, session.repository);
  const initiatedBy = recorder === undefined ? '' : await initiator({ session, terminal, options });
  const about = { drillId: before.drillId, initiatedBy, course };
  await checkRecord(recorder, drillToCome(about, now(session)));
  const held = await holdCourse(course, {
    clock: session.clock,
    agree: (question) => agreed(terminal, options, question),
    onStep: (name) => terminal.err(`${name} …\n`),
    onStepEnd: (step) => terminal.err(stepText(terminal, step)),
    signal,
  });
  const recorded = await record(terminal, recorder, { id: before.drillId, event: drillEvent(about, held) });
  conclude(terminal, { course, held, recorded });
}

/** Throws Exit 3, or 2 where no server can be asked at all. */
function refuseUnwell({ spec }: RunSession, { kind }: Drill, seen: readonly Seen[]): void {
  const reasons = gate(spec, kind, seen);
  if (reasons.length === 0) return;
  const blind = seen.every(({ view }) => typeof view === 'string');
  const list = reasons.map((reason) => `  ${reason}\n`).join('');
  throw blind
    ? failed('LARDER_DRILL_BLIND', `the drill ${kind} was not begun:\n${list}`, exitCodes.usage)
    : failed('LARDER_DRILL_REFUSED', `the drill ${kind} was not begun:\n${list}`, exitCodes.approval);
}

function failed(code: DrillCode, message: string, exitCode: ExitCode = exitCodes.finding): Exit {
  return new Exit(exitCode, `${message.trimEnd()} (${code})\nNext: ${drillErrors[code].remedy}`);
}

function plan({ kind, steps, back }: Course): string {
  const lines = [
    `The drill ${kind} could be held now. It would go like this:`,
    ...steps.map(({ name, asks }) => `  ${asks === undefined ? ' ' : '?'} ${name}`),
    ...back.map(({ name }) => `    ${name}`),
    'Before each step with a ? somebody is asked. Nothing was changed.',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Before anything is begun, because in the middle of it nobody could be told. */
function askable(terminal: Terminal, { yes }: DrillOptions, { kind }: Drill): void {
  if (yes || canAsk(terminal)) return;
  const message = `the drill ${kind} stops parts of the cluster, and nobody can be asked here: look at it with --check, then say --yes`;
  throw new Exit(exitCodes.approval, message);
}

/** However the question ends, the way back is gone. */
async function agreed(terminal: Terminal, { yes }: DrillOptions, question: string): Promise<boolean> {
  try {
    await confirm(terminal, question, yes === true);
    return true;
  } catch {
    return false; // said no, or stopped while asked: both are told as "nobody agreed"
  }
}

function stepText(terminal: Terminal, { result, step, note, startedAt, completedAt }: HeldStep): string {
  const word = result === 'success' ? paint(terminal, 'green', 'done') : paint(terminal, 'red', result);
  const took = humanDuration(Date.parse(completedAt) - Date.parse(startedAt));
  return `  ${word} in ${took}: ${step}${note === undefined ? '' : ` (${note})`}\n`;
}

interface Conclusion {
  readonly course: Course;
  readonly held: Held;
  readonly recorded: boolean;
}

function conclude(terminal: Terminal, { course: { kind }, held, recorded }: Conclusion): void {
  const took = humanDuration(Date.parse(held.completedAt) - Date.parse(held.startedAt));
  if (held.left.length > 0)
    throw failed('LARDER_DRILL_NOT_BACK', `the drill ${kind} is over, and not all is back: ${held.left.join('; ')}`);
  switch (held.result) {
    case 'success':
      terminal.out(`The drill ${kind} was held in ${took}.\n`);
      if (!recorded) throw new Exit(exitCodes.finding, 'the drill was held, and is not in the ledger');
      return;
    case 'failed':
      throw failed('LARDER_DRILL_FAILED', `the drill ${kind} failed after ${took}: ${held.why}`);
    case 'aborted':
      throw failed('LARDER_DRILL_ABORTED', `the drill ${kind} was given up after ${took}: ${held.why}`);
    default:
      held.result satisfies never;
  }
}
