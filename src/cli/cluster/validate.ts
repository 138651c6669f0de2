import type { Command } from 'commander';
import type { PlacedFinding } from '../../cluster/spec/read-spec.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { OutputFormat, Terminal } from '../output.ts';
import { print } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { findingLine, readSpecFile, SPEC_FILE } from './spec-file.ts';

interface Options {
  readonly output: OutputFormat;
  readonly file?: string;
}

/** `larder cluster validate`: what is wrong with a cluster.yaml, without touching a machine. */
export function validate(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('validate')
    .description('Check a cluster.yaml: every value and every rule, each finding at its line. No network.')
    .argument('[file]', `the file (default: "${SPEC_FILE}")`)
    .option('-f, --file <file>', 'the same, as the other verbs have it')
    .addOption(outputOption())
    .action((named: string | undefined, { file, output }: Options) => {
      if (named !== undefined && file !== undefined && named !== file)
        throw new Exit(exitCodes.usage, `name one file: ${named}, or --file ${file}`);
      check(terminal, named ?? file ?? SPEC_FILE, output);
    });
  examples(command, [
    'larder cluster validate',
    'larder cluster validate examples/cluster/cluster.example.yaml -o json',
  ]);
}

function check(terminal: Terminal, file: string, output: OutputFormat): void {
  const read = readSpecFile(file);
  const findings = read.kind === 'spec' ? read.warnings : read.findings;
  if (output === 'table') for (const finding of findings) terminal.out(`${findingLine(terminal, file, finding)}\n`);
  else
    print(
      terminal,
      output,
      findings.map((finding) => ({ file, ...finding })),
      [],
    );
  const errors = counted(findings, 'error');
  const warnings = counted(findings, 'warning');
  const told = warnings === undefined ? '' : `, ${warnings}`;
  if (errors !== undefined) throw new Exit(exitCodes.finding, `${file}: ${errors}${told}`);
  if (read.kind === 'spec') terminal.err(`${file}: ${read.spec.nodes.length} nodes, no error${told}\n`);
}

/** `2 errors`; undefined: there is none. */
function counted(findings: readonly PlacedFinding[], severity: PlacedFinding['severity']): string | undefined {
  const count = findings.filter((each) => each.severity === severity).length;
  return count === 0 ? undefined : `${count} ${severity}${count === 1 ? '' : 's'}`;
}
