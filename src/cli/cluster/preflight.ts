import type { Command } from 'commander';
import type { PreflightFinding } from '../../cluster/preflight/judge.ts';
import { preflight as look } from '../../cluster/preflight/look.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { OutputFormat } from '../output.ts';
import { print } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { findingsText } from './preflight-text.ts';
import { failure } from './run-failure.ts';
import { openSession, type SessionOptions, sessioning, stoppable } from './run-session.ts';

interface Options extends SessionOptions {
  readonly node?: readonly string[];
  readonly output: OutputFormat;
}

/** `larder cluster preflight`: whether the machines are what a run needs. */
export function preflight(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('preflight')
    .description('Ask every machine what a run must know, and judge it. 1 a finding, 2 something could not be told')
    .option('--node <name...>', 'only these')
    .addOption(outputOption());
  examples(sessioning(verb), [
    'larder cluster preflight',
    'larder cluster preflight --node pi-cluster-1.local -o json',
  ]).action((options: Options) =>
    stoppable(terminal, async (signal) => {
      const session = await openSession(terminal, options, signal);
      const hosts = chosen(
        session.spec.nodes.map(({ name }) => name),
        options.node,
      );
      const looked = await look({ session, hosts, measure: true });
      if (looked.kind === 'unavailable') throw failure('LARDER_RUN_ANSIBLE', looked.reason, exitCodes.usage);
      if (looked.kind === 'interrupted') throw new Exit(exitCodes.usage, 'stopped before every host had answered');
      const { findings } = looked;
      if (options.output === 'table') terminal.out(findingsText(terminal, findings));
      else print(terminal, options.output, findings, []);
      end(findings, hosts.length);
    }),
  );
}

function chosen(all: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  const strange = wanted?.find((name) => !all.includes(name));
  if (strange !== undefined)
    throw new Exit(exitCodes.usage, `cluster.yaml has no node ${strange}: it has ${all.join(', ')}`);
  return wanted ?? all;
}

/** What could not be told is never well. */
function end(findings: readonly PreflightFinding[], hosts: number): void {
  const told = `${hosts} hosts, ${findings.length} findings`;
  if (findings.some(({ severity }) => severity === 'unknown')) throw new Exit(exitCodes.usage, told);
  if (findings.length > 0) throw new Exit(exitCodes.finding, told);
}
