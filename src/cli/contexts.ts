import { type Command, Option } from 'commander';
import { messageOf } from '../kube/error.ts';
import { addressOf } from './address-of.ts';
import { Exit, exitCodes } from './exit.ts';
import type { Column } from './print.ts';
import type { AskOptions, CommandContext } from './program.ts';
import { contextAddress, type OperatorAddress } from './reach.ts';

/** Options of a verb that reads from one cluster, or from several at once. */
export interface ContextsOptions extends AskOptions {
  readonly contexts?: string;
}

/** Adds `--contexts` to a verb that asks the operator and changes nothing. */
export function acrossContexts(command: Command): Command {
  return command.addOption(
    new Option(
      '--contexts <names>',
      "several clusters: the kubeconfig's contexts, with commas between; each row says whose it is",
    ).conflicts(['operator', 'context']),
  );
}

/** A row, with the context that it came from where several were asked for. */
export type FromContext<Row> = Row & { readonly context?: string };

export interface Gathered<Row> {
  readonly rows: readonly FromContext<Row>[];
  /** Throws Exit 2 where a cluster gave no answer: what the others said is printed before. */
  settle(): void;
}

/** Asks the cluster of the command, or each of `--contexts`, all at once. Throws Exit where nobody answered. */
export async function gather<Row extends object>(
  context: CommandContext,
  options: ContextsOptions,
  ask: (address: OperatorAddress) => Promise<readonly Row[]>,
): Promise<Gathered<Row>> {
  const names = namesIn(options.contexts);
  if (names === undefined) return { rows: await ask(addressOf(context, options)), settle: () => undefined };
  const addresses = names.map((name) => contextAddress(name, { ...options, env: context.terminal.env }));
  const answers = await Promise.allSettled(addresses.map(ask));
  const failures = answers.flatMap((answer, index) =>
    answer.status === 'rejected' ? [`${names[index]}: ${messageOf(answer.reason)}`] : [],
  );
  const silent = new Exit(exitCodes.usage, failures.join('\n'));
  if (failures.length === names.length) throw silent;
  const rows = answers.flatMap((answer, index) =>
    answer.status === 'fulfilled' ? answer.value.map((row) => ({ context: names[index] ?? '', ...row })) : [],
  );
  return {
    rows,
    settle: () => {
      if (failures.length > 0) throw silent;
    },
  };
}

/** The columns of a table, after one that names the cluster where several were asked. */
export function withContext<Row>(
  { contexts }: ContextsOptions,
  columns: readonly Column<Row>[],
): readonly Column<FromContext<Row>>[] {
  return contexts === undefined ? columns : [{ title: 'CONTEXT', value: ({ context = '' }) => context }, ...columns];
}

function namesIn(written: string | undefined): readonly string[] | undefined {
  if (written === undefined) return undefined;
  const names = [...new Set(written.split(',').map((name) => name.trim()))];
  if (!names.includes('')) return names;
  throw new Exit(
    exitCodes.usage,
    `--contexts "${written}" names no context at one of its places: write names with commas between`,
  );
}
