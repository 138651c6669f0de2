import type { Command } from 'commander';
import { explainAnswer } from '../operator/api.ts';
import { addressOf, namespaceOption } from './address-of.ts';
import { claim } from './claim.ts';
import { printOne } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples } from './program.ts';
import { askOperator } from './reach.ts';

/** `larder explain`: why a claim grows, or does not, and when next. Works on claims that are not managed, too. */
export function explain(program: Command, context: CommandContext): void {
  examples(
    asking(program.command('explain <claim>').description('Why a claim grows or does not, and when it will next')),
    ['larder explain pvc/myapp-data -n default', 'larder explain default/myapp-data -o json'],
  ).action(async (text: string, options: AskOptions) => {
    const wanted = claim(text, namespaceOption(context, options));
    const path = `/api/claims/${encodeURIComponent(wanted.namespace)}/${encodeURIComponent(wanted.name)}/explain`;
    const answer = await askOperator(addressOf(context, options), explainAnswer, { path });
    printOne(context.terminal, options.output, answer.decision, () => ensureNewline(answer.text));
  });
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
