import { type Command, Option } from 'commander';
import { type Client, isKubeError } from '../../kube/index.ts';
import { bytesOf, nanosOf } from '../../kube/quantity.ts';
import { type VerticalPodAutoscaler, verticalPodAutoscalers } from '../../nomad/rightsize/recommendation.ts';
import { type Change, type Floor, type Sized, rightsize as sizes } from '../../nomad/rightsize/rightsize.ts';
import { containersIn, spliced } from '../../nomad/rightsize/written-container.ts';
import { type ClusterOptions, cluster } from '../cluster.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import { manifestsIn, replaceManifest } from '../manifest-files.ts';
import type { OutputFormat } from '../output.ts';
import { type Column, print } from '../print.ts';
import { type CommandContext, examples, outputOption, recording } from '../program.ts';

interface RightsizeOptions extends ClusterOptions {
  readonly output: OutputFormat;
  readonly write?: boolean;
  readonly minCpu: string;
  readonly minMemory: string;
}

interface Row {
  readonly file: string;
  readonly line: number;
  readonly workload: string;
  readonly container: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'WHERE', value: ({ file, line }) => `${file}:${line}`, cut: 'start' },
  { title: 'WORKLOAD', value: ({ workload }) => workload },
  { title: 'CONTAINER', value: ({ container }) => container },
  { title: 'FIELD', value: ({ field }) => field },
  { title: 'WRITTEN', value: ({ before }) => before },
  { title: 'BECOMES', value: ({ after }) => after },
  { title: 'WHY', value: ({ why }) => why },
];

/** `larder nomad rightsize`: requests that were guessed become those that were measured. */
export function rightsize(parent: Command, context: CommandContext): void {
  const command = parent
    .command('rightsize')
    .description(
      'Write what VerticalPodAutoscalers recommend into the requests of manifests; limits are never below them',
    )
    .argument('<path...>', 'manifests, or folders with them')
    .addOption(new Option('--write', 'write into the files; without it only shown. Comments and order stay'))
    .addOption(new Option('--min-cpu <quantity>', 'requests never go below').default('10m'))
    .addOption(new Option('--min-memory <quantity>', 'requests never go below').default('32Mi'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'))
    .addOption(outputOption());
  recording(command).action((paths: readonly string[], options: RightsizeOptions) => run(context, paths, options));
  examples(command, [
    'larder nomad rightsize modules-k8s',
    'larder nomad rightsize modules-k8s --write --min-memory 64Mi',
  ]);
}

async function run(context: CommandContext, paths: readonly string[], options: RightsizeOptions): Promise<void> {
  const { terminal } = context;
  const floor = floorOf(options);
  const files = paths.flatMap(manifestsIn);
  const autoscalers = await cluster(context, options, (client, signal) => autoscalersOf(context, client, signal));
  const sized = files.map((file) => ({ file, ...sizedFile(file, autoscalers, floor) }));
  print(
    terminal,
    options.output,
    sized.flatMap(({ file, found }) => found.flatMap((each) => rowsOf(file, each))),
    columns,
  );
  for (const { file, found } of sized) for (const each of found) tellUnknown(context, file, each);
  const changes = sized.reduce((sum, { found }) => sum + found.flatMap(changesOf).length, 0);
  if (options.write) {
    const files = sized.filter(({ found }) => found.some((each) => changesOf(each).length > 0));
    if (files.length > 0)
      await context.changes.begin(files.map(({ file }) => ({ kind: 'File', name: file, verb: 'write' })));
    for (const { file, text, found } of sized) {
      const own = found.flatMap(changesOf);
      if (own.length > 0) replaceManifest(file, spliced(text, own));
    }
    terminal.err(`${changes} values written; look at them with git diff, then apply.\n`);
  } else if (changes > 0) throw new Exit(exitCodes.finding, `${changes} values would be written with --write`);
  else terminal.err('Every request is what is recommended, as far as there is a recommendation.\n');
}

async function autoscalersOf(
  { terminal }: CommandContext,
  client: Client,
  signal: AbortSignal,
): Promise<readonly VerticalPodAutoscaler[]> {
  const onMalformed = ({ message }: Error): void => terminal.err(`${message}; it is passed over\n`);
  try {
    return (await client.list(verticalPodAutoscalers, { signal, onMalformed })).items;
  } catch (cause) {
    if (!isKubeError(cause, 'KUBE_NOT_FOUND')) throw cause;
    const message =
      'the cluster knows no VerticalPodAutoscaler: `larder nomad core` writes what installs its recommender';
    throw new Exit(exitCodes.usage, message, { cause });
  }
}

function floorOf({ minCpu, minMemory }: RightsizeOptions): Floor {
  if (nanosOf(minCpu) === undefined) throw new Exit(exitCodes.usage, `--min-cpu ${minCpu} is no quantity, such as 10m`);
  if (bytesOf(minMemory) === undefined)
    throw new Exit(exitCodes.usage, `--min-memory ${minMemory} is no quantity, such as 32Mi`);
  return { cpu: minCpu, memory: minMemory };
}

function sizedFile(
  file: string,
  autoscalers: readonly VerticalPodAutoscaler[],
  floor: Floor,
): { readonly text: string; readonly found: readonly Sized[] } {
  const text = inputText(file);
  return { text, found: sizes(containersIn(text), autoscalers, floor) };
}

function changesOf(sized: Sized): readonly Change[] {
  return sized.kind === 'changed' ? sized.changes : [];
}

function rowsOf(file: string, sized: Sized): readonly Row[] {
  return changesOf(sized).map(({ container, amount, value, why }) => ({
    file,
    line: amount.line,
    workload: `${container.kind}/${container.workload}`,
    container: container.name,
    field: `${amount.of}.${amount.resource}`,
    before: amount.text,
    after: value,
    why: why === 'measured' ? 'recommended' : 'below the request',
  }));
}

function tellUnknown({ terminal }: CommandContext, file: string, sized: Sized): void {
  if (sized.kind !== 'unknown') return;
  const { line, kind, workload, name } = sized.container;
  terminal.err(`${file}:${line} ${kind}/${workload} ${name}: ${sized.why}\n`);
}
