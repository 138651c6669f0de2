/** The page of the command line: what `--help` says of every command. */
import type { Command } from 'commander';
import { larder } from '../../../src/cli/larder.ts';
import { loadGroups } from '../../../src/cli/lazy-groups.ts';
import { page } from './markdown.ts';

const COLUMNS = 100;
const hidden = new Set(['help']);

const nowhere = (): void => undefined;

export async function commandPage(): Promise<string> {
  const program = larder(
    { out: nowhere, err: nowhere, interactive: false, columns: COLUMNS, env: {} },
    await loadGroups(['help']),
  );
  const commands = [...walk(program, [])];
  if (commands.length < 8) throw new Error(`only ${commands.length} commands found`);
  return page(
    'Command line',
    'One binary. `-o table|json|yaml` where something is listed; a claim is written `pvc/NAME -n NAMESPACE` or `NAMESPACE/NAME`; stdout is data, stderr is talk; `NO_COLOR` is honoured. Exit codes: 0 done, 1 a finding or a failure, 2 wrong usage or cannot tell, 3 needs approval or there is an incident.',
    ...commands.map(({ words, help }) => `## ${words.join(' ')}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``),
  );
}

interface Entry {
  readonly words: readonly string[];
  readonly help: string;
}

function* walk(command: Command, above: readonly string[]): Generator<Entry> {
  const words = [...above, command.name()];
  yield { words, help: helpOf(command) };
  for (const child of command.commands) if (!hidden.has(child.name())) yield* walk(child, words);
}

/** With the examples, which `helpInformation` leaves out. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}
