import { closeSync, openSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { parseDuration } from '../expand/settings/settings.ts';
import { recordingAnswer, seriesAnswer } from '../operator/record-api.ts';
import { systemClock } from '../telemetry/clock.ts';
import { addressOf } from './address-of.ts';
import { Exit, exitCodes } from './exit.ts';
import { type AskOptions, asking, type CommandContext, examples } from './program.ts';
import { askOperator } from './reach.ts';
import { written } from './written.ts';

interface RecordOptions extends AskOptions {
  readonly since: string;
  readonly file?: string;
}

/** `larder record`: what was measured, and what governs it, in a file that `larder simulate` plays again. */
export function record(program: Command, context: CommandContext): void {
  const verb = asking(
    program.command('record').description('Write the usage of the claims to a file that `larder simulate` replays'),
    { output: false },
  )
    .option('--since <duration>', 'how far back', '7d')
    .option('-f, --file <file>', 'where to (default: standard output)');
  examples(verb, ['larder record -f usage.jsonl', 'larder record --since 30d -n production -f usage.jsonl']).action(
    (options: RecordOptions) => run(context, options),
  );
}

async function run(context: CommandContext, options: RecordOptions): Promise<void> {
  const since = parseDuration(options.since);
  if (!since.ok || since.value === 0) {
    throw new Exit(
      exitCodes.usage,
      `--since "${options.since}" ${since.ok ? 'must be more than nothing' : since.reason}`,
    );
  }
  const address = addressOf(context, options);
  const to = systemClock.now();
  const span = `from=${to - since.value}&to=${to}`;
  const { head, objects, claims } = await askOperator(address, recordingAnswer, { path: `/api/recording?${span}` });
  const wanted = claims.filter(({ namespace }) => options.namespace === undefined || namespace === options.namespace);
  const { file: name } = options;
  const file = name === undefined ? undefined : written(name, () => openSync(name, 'w', 0o600));
  const write = (line: object): void => {
    const text = `${JSON.stringify(line)}\n`;
    if (file === undefined) context.terminal.out(text);
    else writeSync(file, text);
  };
  let points = 0;
  const notes = new Set<string>();
  try {
    write(head);
    for (const object of objects) write({ object });
    for (const claim of wanted) {
      const path = `/api/claims/${encodeURIComponent(claim.namespace)}/${encodeURIComponent(claim.name)}/series?${span}`;
      const series = await askOperator(address, seriesAnswer, { path });
      for (const note of series.notes) notes.add(note);
      points += series.points.length;
      if (series.points.length > 0) write({ claim, points: series.points });
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
  for (const note of notes) context.terminal.err(`${note}\n`);
  const where = options.file === undefined ? '' : ` in ${options.file}`;
  context.terminal.err(`${points} measurements of ${wanted.length} claims${where}\n`);
}
