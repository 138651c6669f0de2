import type { Command } from 'commander';
import { z } from 'zod';
import { type Finding, finding } from '../operator/api.ts';
import { Exit, exitCodes } from './exit.ts';
import { paint, print, type Terminal, wrap } from './output.ts';
import { type AskOptions, addressOf, asking, type CommandContext, examples } from './program.ts';
import { askOperator } from './reach.ts';

const marks: Readonly<Record<Finding['level'], { readonly text: string; readonly style: 'green' | 'yellow' | 'red' }>> =
  {
    ok: { text: 'ok     ', style: 'green' },
    warning: { text: 'warning', style: 'yellow' },
    error: { text: 'error  ', style: 'red' },
    unknown: { text: 'unknown', style: 'yellow' },
  };

/** `larder doctor`: one line per check, each finding with its fix; exit 1 on an error, 2 when it cannot tell. */
export function doctor(program: Command, context: CommandContext): void {
  examples(asking(program.command('doctor').description('Check the whole installation; each finding names its fix')), [
    'larder doctor',
    'larder doctor -o json',
  ]).action(async (options: AskOptions) => {
    const findings = await askOperator(addressOf(context, options), z.array(finding), { path: '/api/doctor' });
    if (options.output === 'table')
      for (const each of findings) context.terminal.out(findingLine(context.terminal, each));
    else print(context.terminal, options.output, findings, []);
    const levels = new Set(findings.map((each) => each.level));
    if (levels.has('error')) throw new Exit(exitCodes.finding, '');
    if (levels.has('unknown')) throw new Exit(exitCodes.usage, '');
  });
}

/** As wide as the marks and their gap. */
const INDENT = '         ';

/** `takeover` says what it finds in the same way. */
export function findingLine(terminal: Terminal, each: Finding): string {
  const mark = marks[each.level];
  const width = terminal.columns - INDENT.length;
  const said = [`${each.check}: ${each.message}`, ...(each.fix === '' ? [] : [`fix: ${each.fix}`])];
  const lines = said.flatMap((text) => wrap(text, width).split('\n'));
  return `${paint(terminal, mark.style, mark.text)}  ${lines.join(`\n${INDENT}`)}\n`;
}
