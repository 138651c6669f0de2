import type { Command } from 'commander';

const help = new Set(['-h', '--help']);

/**
 * The same words without the wish for help where they name no command: commander would answer `larder nonsense --help`
 * with the help of what stands above it, as if that were what was asked for. Without the flag it says what is not known.
 */
export function withoutHelpOfNothing(program: Command, argv: readonly string[]): readonly string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const said = argv.slice(0, end).filter((word) => !help.has(word));
  return isUnknown(program, said) ? [...said, ...argv.slice(end)] : argv;
}

/** Flags end the names of commands; the root alone has a command `help`. */
function isUnknown(command: Command, [word, ...rest]: readonly string[]): boolean {
  if (word === undefined || word.startsWith('-') || command.commands.length === 0) return false;
  if (command.parent === null && word === 'help') return false;
  const verb = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
  return verb === undefined || isUnknown(verb, rest);
}
