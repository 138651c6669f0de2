import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readableDuration } from '../expand/readable.ts';
import { chart, type Drawn, money, totalText } from '../expand/simulate/chart.ts';
import {
  added,
  byTrouble,
  nothingYet,
  type Outcome,
  outcomeOf,
  type Prices,
  type Total,
} from '../expand/simulate/outcome.ts';
import { play, type Script } from '../expand/simulate/play.ts';
import { scriptOf } from '../expand/simulate/script.ts';
import { Exit, exitCodes } from './exit.ts';
import { inputText } from './input.ts';
import { humanBytes, type OutputFormat } from './output.ts';
import { PRICES_FILE, pricesFile } from './prices-file.ts';
import { type Column, print, printOne } from './print.ts';
import { type CommandContext, examples, outputOption } from './program.ts';
import { providersOf } from './providers-of.ts';
import { readScenario } from './read-scenario.ts';
import { replayOf } from './replay.ts';
import { written } from './written.ts';

interface SimulateOptions {
  readonly output: OutputFormat;
  readonly html?: string;
  readonly all?: boolean;
  readonly prices?: string;
}

/** Rows of the table, and drawings of the page, unless all are asked for. */
const SHOWN = 20;

/** `larder simulate`: how claims would fare under policies and limits, by the function that decides on a cluster. */
export function simulate(program: Command, context: CommandContext): void {
  const verb = program
    .command('simulate <file>')
    .description('Play how claims of a scenario or a recording fill and grow, under policies and limits')
    .addOption(outputOption())
    .option('--html <file>', 'also write a page with a drawing per claim')
    .option('--prices <file>', `${PRICES_FILE} (default: those of the scenario, or of the settings that were recorded)`)
    .option('--all', `print and draw all claims, not only the ${SHOWN} that fare worst`);
  examples(verb, [
    'larder simulate examples/simulate/databases.yaml',
    'larder simulate examples/simulate/databases.yaml --html growth.html',
    'larder simulate usage.jsonl --prices prices.yaml',
  ]).action((path: string, options: SimulateOptions) => run(context, path, options));
}

async function run({ terminal }: CommandContext, path: string, options: SimulateOptions): Promise<void> {
  const given = options.prices === undefined ? undefined : pricesFile(options.prices);
  const read = readPlay(path);
  const play = given ? { ...read, prices: given } : read;
  const { from, to, prices } = play;
  const { currency } = prices;
  const most = options.all ? Number.POSITIVE_INFINITY : SHOWN;
  const { outcomes, drawn, total } = await playAll(play, path, most);
  const { html } = options;
  if (html !== undefined) {
    written(html, () => writeFileSync(html, chart(drawn, { title: path, from, to, total, currency })));
  }
  if (options.output !== 'table') {
    printOne(terminal, options.output, { total, claims: outcomes }, () => '');
    return;
  }
  print(terminal, options.output, outcomes, columnsFor(total, currency));
  if (outcomes.length < total.claims)
    terminal.err(`… the ${outcomes.length} of them that fare worst; --all shows all\n`);
  terminal.err(`${readableDuration(to - from)}: ${totalText({ total, currency })}\n`);
  if (options.html !== undefined) terminal.err(`drawn in ${options.html}\n`);
}

interface Play {
  readonly script: Script;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly prices: Prices;
}

/** A recording says so in its first line; anything else is a scenario. */
function readPlay(path: string): Play {
  const replay = replayOf(path);
  if (replay) {
    const { from, to } = replay.head;
    return { script: replay.script, from, to, prices: replay.script.configuration.values.prices };
  }
  const scenario = readScenario(path, inputText(path));
  const made = scriptOf(scenario, (configuration) => providersOf(configuration, { at: path }));
  if (made.kind === 'invalid')
    throw new Exit(exitCodes.usage, made.problems.map((each) => `${path}: ${each}`).join('\n'));
  const { start, duration, prices, currency } = scenario;
  const configured = made.script.configuration.values.prices;
  const own = Object.keys(prices).length > 0 ? { perType: prices, currency } : configured;
  return { script: made.script, from: start, to: start + duration, prices: own };
}

function columnsFor({ cost }: Total, currency: string): readonly Column<Outcome>[] {
  const right = { align: 'right' } as const;
  return [
    { title: 'CLAIM', value: ({ claim }) => claim, cut: 'start' },
    { title: 'FROM', value: ({ startBytes }) => humanBytes(startBytes), ...right },
    { title: 'TO', value: ({ endBytes }) => humanBytes(endBytes), ...right },
    { title: 'STEPS', value: ({ steps }) => String(steps), ...right },
    { title: '> 95 %', value: ({ above95Ms }) => lasting(above95Ms), ...right },
    { title: 'FULL', value: ({ fullMs }) => lasting(fullMs), ...right },
    { title: 'UNUSED', value: ({ unusedBytes }) => humanBytes(unusedBytes), ...right },
    ...(cost === undefined
      ? []
      : [
          {
            title: `COST ${currency}`.trim(),
            value: (row: Outcome) => (row.cost === undefined ? '-' : money(row.cost, '')),
            ...right,
          },
        ]),
    { title: 'END', value: ({ verdict }) => verdict },
  ];
}

function lasting(ms: number): string {
  return ms === 0 ? '-' : readableDuration(ms).replaceAll(' ', '');
}

interface Playback {
  /** The worst first. */
  readonly outcomes: readonly Outcome[];
  readonly drawn: readonly Drawn[];
  readonly total: Total;
}

async function playAll({ script, prices, from, to }: Play, path: string, most: number): Promise<Playback> {
  let total = nothingYet;
  let kept: Drawn[] = [];
  try {
    for await (const { course, curve, situation } of play(script)) {
      const outcome = outcomeOf(course, situation, to - from, prices);
      total = added(total, outcome, course.decisions);
      kept.push({ course, outcome, curve });
      // Sorted now and then, so that a hundred thousand claims need the room of a few.
      if (kept.length >= 4 * most + 100) kept = worst(kept, most);
    }
  } catch (failure) {
    if (failure instanceof TypeError)
      throw new Exit(exitCodes.usage, `${path}: ${failure.message}`, { cause: failure });
    throw failure;
  }
  const drawn = worst(kept, most);
  return { outcomes: drawn.map(({ outcome }) => outcome), drawn, total };
}

function worst(drawn: readonly Drawn[], most: number): Drawn[] {
  return drawn.toSorted((one, other) => byTrouble(one.outcome, other.outcome)).slice(0, most);
}
