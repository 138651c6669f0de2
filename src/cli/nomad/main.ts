import { systemRandom } from '../../telemetry/clock.ts';
import { processTerminal } from '../output.ts';
import { group, rootCommand } from '../program.ts';
import { runLine, take } from '../run-line.ts';
import { convert } from './convert.ts';
import { group as nomad } from './group.ts';

/**
 * The whole process of a line that begins with `nomad convert`, which is the one that people wait for again and again: what
 * the `main` of all commands does with it, in a bundle of its own that has nothing of the others.
 */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const terminal = processTerminal(systemRandom);
  process.exitCode = await runLine(argv, terminal, async (context) => {
    const program = rootCommand(terminal);
    convert(group(program, nomad.name, nomad.description), context);
    await take(program, argv, context);
  });
}
