import type { Command } from 'commander';
import { z } from 'zod';
import { type Finding, finding } from '../operator/api.ts';
import { acrossContexts, type ContextsOptions, type FromContext, gather } from './contexts.ts';
import { Exit, exitCodes } from './exit.ts';
import { paint, type Terminal, wrap } from './output.ts';
import { print } from './print.ts';
import { asking, type CommandContext, examples } from './program.ts';
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
  const verb = acrossContexts(
    asking(program.command('doctor').description('Check the whole installation; each finding names its fix')),
  );
  examples(verb, ['larder doctor', 'larder doctor -o json']).action(async (options: ContextsOptions) => {
    const { rows: findings, settle } = await gather(context, options, (address) =>
      askOperator(address, z.array(finding), { path: '/api/doctor' }),
    );
    if (options.output === 'table') table(context.terminal, findings);
    else print(context.terminal, options.output, findings, []);
    settle();
    const levels = new Set(findings.map((each) => each.level));
    if (levels.has('error')) throw new Exit(exitCodes.finding, '');
    if (levels.has('unknown')) throw new Exit(exitCodes.usage, '');
  });
}

/** Several clusters one after the other, each below its name. */
function table(terminal: Terminal, findings: readonly FromContext<Finding>[]): void {
  for (const [name, own] of Map.groupBy(findings, ({ context }) => context)) {
    if (name !== undefined) terminal.out(`${paint(terminal, 'bold', name)}\n`);
    for (const each of own) terminal.out(findingLine(terminal, each));
  }
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
