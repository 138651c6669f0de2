/**
 * The journeys of the suite on a cluster of the user's: `npm run test:cluster -- --kubeconfig FILE [--context NAME]
 * [--report FOLDER] [--only PATTERN] [--yes]`. Exit codes: 0 passed, 1 not, 2 nothing was tried (usage, or the cluster is not for it).
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Client, connect, createClient } from '../../src/kube/index.ts';
import { version } from '../../src/operator/version.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { killChildren, runChild } from '../tools/child.ts';
import type { ReportLine } from '../tools/reporter.ts';
import { makeDefinitions, removeDefinitions, survey } from './ground.ts';
import { HELD_BACK } from './place.ts';
import { type Outcome, type Report, succeeded, textOf } from './report.ts';
import { ANY_RUN, remainsOf, sweep } from './sweep.ts';
import { isForTrials, readTarget, type Target } from './target.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 20 * 60_000;
const USAGE =
  'usage: npm run test:cluster -- --kubeconfig FILE [--context NAME] [--report FOLDER] [--only PATTERN] [--yes]';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function refuse(reason: string): number {
  process.stderr.write(`test:cluster: ${reason}\n`);
  return 2;
}

interface Order {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly report: string | undefined;
  /** Journeys whose name matches this; undefined: all. */
  readonly only: string | undefined;
  readonly yes: boolean;
}

async function main(argv: readonly string[]): Promise<number> {
  const order = orderOf(argv);
  if (typeof order === 'string') return refuse(order);
  const found = readTarget(order.kubeconfig, order.context);
  if (found.kind === 'unusable') return refuse(found.reason);
  const { target } = found;
  const run = `larder-test-${randomBytes(3).toString('hex')}`;
  const { transport } = await connect({ kubeconfig: target.textIn('default'), clock: systemClock });
  const client = createClient({ transport, clock: systemClock, random: systemRandom });
  try {
    const ground = await survey(client, AbortSignal.timeout(60_000));
    for (const name of ground.leftovers) say(`left by an earlier run: namespace ${name} (see CONTRIBUTING.md)`);
    if (ground.objections.length > 0) return refuse(ground.objections.join('\n'));
    if (!order.yes && !isForTrials(target.context)) return refuse(question(target, run));
    return await carryOut({ order, target, client, run, kubernetes: ground.version });
  } catch (failure) {
    return refuse(`${target.context} (${target.server}): ${failure instanceof Error ? failure.message : failure}`);
  } finally {
    await transport.close();
  }
}

function orderOf(argv: readonly string[]): Order | string {
  try {
    const options = {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      report: { type: 'string' },
      only: { type: 'string' },
      yes: { type: 'boolean' },
    } as const;
    const { kubeconfig, context, report, only, yes = false } = parseArgs({ args: [...argv], options }).values;
    return kubeconfig === undefined ? USAGE : { kubeconfig, context, report, only, yes };
  } catch (failure) {
    return `${failure instanceof Error ? failure.message : failure}\n${USAGE}`;
  }
}

function question({ context, server }: Target, run: string): string {
  return [
    `context ${context} (${server}) may be a cluster that somebody needs. The run makes and removes there:`,
    `  namespaces, StorageClasses and volumes named ${run}-…, claims and their events in those namespaces,`,
    '  and the definitions of PVCPolicy and PVCGroup where they are missing.',
    'What is not of the run is read and never changed. Say --yes if that is all right.',
  ].join('\n');
}

interface Work {
  readonly order: Order;
  readonly target: Target;
  readonly client: Client;
  readonly run: string;
  readonly kubernetes: string;
}

async function carryOut(work: Work): Promise<number> {
  const { order, target, client, run, kubernetes } = work;
  const begun = new Date(systemClock.now()).toISOString();
  const folder = order.report ?? mkdtempSync(join(tmpdir(), 'larder-cluster-report-'));
  mkdirSync(folder, { recursive: true });
  say(`${run} on ${target.context}, Kubernetes ${kubernetes} …`);
  const made = await makeDefinitions(client, run);
  const lines = await journeys(order, run, folder);
  const left = await tidy(client, run, made);
  const report: Report = {
    run,
    context: target.context,
    kubernetes,
    larder: version,
    begun,
    outcomes: lines.flatMap(outcomeOf),
    heldBack: [...new Set(lines.flatMap(heldBackIn))],
    left,
  };
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(folder, 'report.txt'), textOf(report));
  say(textOf(report));
  say(`report: ${join(folder, 'report.txt')}, report.json`);
  return succeeded(report) ? 0 : 1;
}

async function journeys(order: Order, run: string, folder: string): Promise<readonly ReportLine[]> {
  const destination = join(folder, 'tests.jsonl');
  const child = await runChild({
    command: process.execPath,
    args: [
      ...['--disable-warning=ExperimentalWarning', '--test', '--test-isolation=none'],
      ...(order.only === undefined ? [] : [`--test-name-pattern=${order.only}`]),
      `--test-reporter=${join(ROOT, 'test/tools/reporter.ts')}`,
      `--test-reporter-destination=${destination}`,
      relative(ROOT, join(import.meta.dirname, 'suite.ts')),
    ],
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined, // set inside a test of this runner, where it would run nothing
      LARDER_CLUSTER_KUBECONFIG: resolve(order.kubeconfig),
      ...(order.context === undefined ? {} : { LARDER_CLUSTER_CONTEXT: order.context }),
      LARDER_CLUSTER_RUN: run,
    },
    limitMs: LIMIT_MS,
  });
  const text = existsSync(destination) ? readFileSync(destination, 'utf8') : '';
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line): ReportLine => JSON.parse(line));
  if (lines.some((line) => line.kind === 'summary')) return lines;
  const detail = `ended with ${child.code} before all journeys were made\n${child.output.slice(-2000)}`;
  const whole = { kind: 'test', outcome: 'failed', name: 'the journeys', file: '', line: 0, ms: 0, detail } as const;
  return [...lines, whole];
}

function outcomeOf(line: ReportLine): readonly Outcome[] {
  if (line.kind !== 'test') return [];
  const { name, outcome, detail, ms } = line;
  const known = outcome === 'todo' ? 'failed' : outcome;
  return [{ name, outcome: known, detail: known === 'passed' ? '' : detail, seconds: ms / 1000 }];
}

const heldBackIn = (line: ReportLine): readonly string[] =>
  line.kind === 'note' && line.text.startsWith(HELD_BACK) ? [line.text.slice(HELD_BACK.length)] : [];

/** Also what a journey that was cut short left; says what it could not remove. */
async function tidy(client: Client, run: string, made: readonly string[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const attempt = async (work: () => Promise<readonly string[]>): Promise<void> => {
    await work().then(
      (kept) => problems.push(...kept),
      (failure: unknown) => problems.push(failure instanceof Error ? failure.message : String(failure)),
    );
  };
  await attempt(async () => {
    await sweep(client, `${run}-`);
    return [];
  });
  await attempt(() => remainsOf(client, `${run}-`));
  await attempt(() => removeDefinitions(client, made));
  return problems;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The journeys end; what they made is removed and reported as after any other run.
  process.once(signal, () => {
    process.stderr.write(`test:cluster: ${signal}: removing what was made (label ${ANY_RUN})\n`);
    killChildren();
  });
}
process.exitCode = await main(process.argv.slice(2));
