import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Drift, driftOf } from '../expand/stateful-set/drift.ts';
import { manifestOf, sizesIn } from '../expand/stateful-set/manifest.ts';
import { objectionsTo } from '../expand/stateful-set/objection.ts';
import { type Raw, recordIn } from '../expand/stateful-set/stateful-set.ts';
import { isKubeError, type KubeError } from '../kube/index.ts';
import {
  aftermath,
  isGone,
  recreate,
  removeAlone,
  type SetName,
  type Surveyed,
  savedManifest,
  survey,
  tryOut,
  type World,
} from '../operator/recreate.ts';
import { systemClock } from '../telemetry/clock.ts';
import type { ChangedObject } from './changes.ts';
import { claim } from './claim.ts';
import { type ClusterOptions, cluster } from './cluster.ts';
import { confirm } from './confirm.ts';
import { Exit, exitCodes } from './exit.ts';
import type { OutputFormat } from './output.ts';
import { type Column, print } from './print.ts';
import { type CommandContext, examples, group, outputOption, recording } from './program.ts';
import { namespaceOf } from './reach.ts';

interface ReconcileOptions extends ClusterOptions {
  readonly output: OutputFormat;
  readonly namespace?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly save?: string;
  readonly resume?: string;
  readonly acceptManager?: readonly string[];
}

const columns: readonly Column<Drift>[] = [
  { title: 'TEMPLATE', value: ({ template }) => template },
  { title: 'WRITTEN', value: ({ written }) => written },
  { title: 'CLAIMS', value: ({ claims }) => String(claims), align: 'right' },
  { title: 'LARGEST', value: ({ live, outgrown }) => (outgrown ? live : '-') },
  { title: 'OF', value: ({ largest }) => largest || '-', cut: 'end' },
];

/** `larder statefulset reconcile`: templates that its claims have outgrown, and making the StatefulSet again with larger ones. */
export function statefulSet(program: Command, context: CommandContext): void {
  const sets = group(program, 'statefulset', 'StatefulSets whose claims have grown');
  const verb = sets
    .command('reconcile <name>')
    .description('Compare the volume templates of a StatefulSet with its claims, and make it again with larger ones')
    .addOption(outputOption())
    .addOption(new Option('-n, --namespace <namespace>', "namespace (default: the kubeconfig context's)"))
    .addOption(new Option('--dry-run', 'only say what would be done'))
    .addOption(new Option('--yes', 'do not ask'))
    .addOption(new Option('--save <file>', 'where the manifest is kept before anything is deleted'))
    .addOption(new Option('--resume <file>', 'go on from such a file after an interruption').conflicts('dryRun'))
    .addOption(new Option('--accept-manager <name...>', 'clients that wrote the templates and will not do so again'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'));
  examples(recording(verb), [
    'larder statefulset reconcile db -n shop --dry-run',
    'larder statefulset reconcile db -n shop --yes',
  ]).action(async (text: string, options: ReconcileOptions) => {
    const bare = text.replace(/^(sts|statefulsets?)\//, '');
    const name = claim(bare, namespaceOf({ ...options, env: context.terminal.env }));
    await cluster(context, options, async (client, signal) => {
      const run = { context, options, name, world: { client, clock: systemClock, signal } };
      await (options.resume === undefined ? reconcile(run) : resume(run, options.resume));
    });
  });
}

interface Run {
  readonly context: CommandContext;
  readonly options: ReconcileOptions;
  readonly name: SetName;
  readonly world: World;
}

async function reconcile(run: Run): Promise<void> {
  const { context, options, name, world } = run;
  const surveyed = await found(run);
  const drifts = driftOf(surveyed.set, surveyed.claims);
  print(context.terminal, options.output, drifts, columns);
  const larger = drifts.filter(({ outgrown }) => outgrown);
  if (larger.length === 0) {
    context.terminal.err(`No claim of StatefulSet ${keyOf(name)} has outgrown its template.\n`);
    return;
  }
  const accepted = options.acceptManager ?? [];
  const objections = objectionsTo(surveyed.set, { claims: surveyed.claims, drifts, accepted });
  if (objections.length > 0) {
    const lines = objections.map(({ reason, message }) => `\n- ${reason}: ${message}`).join('');
    throw new Exit(exitCodes.finding, `StatefulSet ${keyOf(name)} is left as it is:${lines}`);
  }
  const manifest = manifestOf(surveyed.set.whole, drifts);
  await tryOut(world, manifest).catch((failure: unknown) => {
    if (!isKubeError(failure)) throw failure;
    const message = `StatefulSet ${keyOf(name)} is left as it is: it would not be accepted again: ${failure.message}`;
    throw new Exit(exitCodes.finding, message, { cause: failure });
  });
  const sizes = larger.map(({ template, written, live }) => `${template} ${written} → ${live}`).join(', ');
  const plan = `StatefulSet ${keyOf(name)} is deleted without its ${surveyed.pods.length} pods and its claims, which stay, and made again with ${sizes}.`;
  if (options.dryRun) throw new Exit(exitCodes.finding, `would be done: ${plan}`);
  await confirm(context.terminal, plan, options.yes === true, '--dry-run');
  await replace(run, surveyed, manifest);
}

async function found({ name, world }: Run): Promise<Surveyed> {
  const answer = await survey(world.client, name, world.signal);
  switch (answer.kind) {
    case 'found':
      return answer.surveyed;
    case 'absent':
      throw new Exit(exitCodes.usage, `there is no StatefulSet ${keyOf(name)}: kubectl get statefulsets -A shows all`);
    case 'not-served':
      throw new Exit(exitCodes.usage, 'this API server has no StatefulSets (apps/v1): is it that of your cluster?');
    default:
      return answer satisfies never;
  }
}

async function replace(run: Run, surveyed: Surveyed, manifest: Raw): Promise<void> {
  const { context, options, name, world } = run;
  const file = options.save ?? fileFor(name);
  await context.changes.begin([setOf(name)]);
  save(file, manifest);
  context.terminal.err(`The manifest is in ${file}. If this is interrupted: ${resumeLine(run, file)}\n`);
  let gone: boolean;
  try {
    gone = await removeAlone(world, surveyed);
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_CONFLICT')) throw failure;
    const message = `StatefulSet ${keyOf(name)} was changed in this moment and is left as it is: run the command again`;
    throw new Exit(exitCodes.finding, message, { cause: failure });
  }
  if (!gone) throw lingering(run, file);
  await make(run, { manifest, file, before: surveyed });
}

interface Making {
  readonly manifest: Raw;
  readonly file: string;
  /** Unknown after an interruption. */
  readonly before?: Surveyed;
}

async function make(run: Run, { manifest, file, before }: Making): Promise<void> {
  const { context, name, world } = run;
  const made = await recreate(world, manifest).catch((failure: unknown) => {
    throw isKubeError(failure) ? notMade(run, file, failure) : failure;
  });
  const sizes = [...sizesIn(manifest)].map(([template, size]) => `${template} ${size}`).join(', ');
  context.terminal.err(`StatefulSet ${keyOf(name)} is made again: ${sizes}.\n`);
  if (!before) return;
  const { lost, adopted, pods } = await aftermath(world, before, made);
  if (lost.length > 0) {
    throw new Exit(
      exitCodes.finding,
      `no longer there since: ${lost.join(', ')}; kubectl get events -n ${name.namespace}`,
    );
  }
  context.terminal.err(`Its claims are the same as before; ${adopted} of its ${pods} pods are its own again.\n`);
  context.terminal.err('Write the size into your manifest, too: larder gitops PATH --write\n');
}

function notMade(run: Run, file: string, failure: KubeError): Exit {
  const key = keyOf(run.name);
  const message =
    failure.code === 'KUBE_ALREADY_EXISTS'
      ? `StatefulSet ${key} was made by somebody else in this moment: find out by whom (kubectl get statefulset ${run.name.name} -n ${run.name.namespace} --show-managed-fields -o yaml) and set the size there; the one with the larger size is in ${file}`
      : `StatefulSet ${key} is deleted and was NOT made again: ${failure.message}\nIts pods and claims are there. Its manifest is in ${file}: ${resumeLine(run, file)}, or kubectl create -f ${file}`;
  return new Exit(exitCodes.finding, message, { cause: failure });
}

/** After a kill at any moment: still there, half gone, gone, or made again. */
async function resume(run: Run, file: string): Promise<void> {
  const { context, name, world } = run;
  const manifest = read(file);
  const metadata = recordIn(manifest, 'metadata');
  const meant = `${String(metadata['namespace'])}/${String(metadata['name'])}`;
  if (meant !== keyOf(name)) {
    throw new Exit(exitCodes.usage, `${file} is of StatefulSet ${meant}, and ${keyOf(name)} was named`);
  }
  const answer = await survey(world.client, name, world.signal);
  if (answer.kind === 'not-served') await found(run);
  if (answer.kind === 'found' && answer.surveyed.set.metadata.deletionTimestamp === undefined) {
    const now = sizesIn(answer.surveyed.set.whole);
    if ([...sizesIn(manifest)].every(([template, size]) => now.get(template) === size)) {
      context.terminal.err(`StatefulSet ${keyOf(name)} is there with these sizes: nothing to do.\n`);
      return;
    }
    const message = `StatefulSet ${keyOf(name)} was not deleted, or was made by somebody else since: look at it without --resume`;
    throw new Exit(exitCodes.finding, message);
  }
  if (answer.kind === 'found' && !(await isGone(world, name, answer.surveyed.set.metadata.uid)))
    throw lingering(run, file);
  await context.changes.begin([setOf(name)]);
  await make(run, { manifest, file });
}

function setOf({ namespace, name }: SetName): ChangedObject {
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name, verb: 'replace' };
}

function lingering(run: Run, file: string): Exit {
  return new Exit(
    exitCodes.finding,
    `StatefulSet ${keyOf(run.name)} is being deleted, and still there after a minute: does kube-controller-manager run? Then ${resumeLine(run, file)}`,
  );
}

function keyOf({ namespace, name }: SetName): string {
  return `${namespace}/${name}`;
}

function resumeLine({ name: { namespace, name } }: Run, file: string): string {
  return `larder statefulset reconcile ${name} -n ${namespace} --resume ${file}`;
}

function fileFor({ namespace, name }: SetName): string {
  const time = new Date(systemClock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${namespace}-${name}-${time}.statefulset.json`;
}

/** On the disk before anything is deleted; a file that is there is never replaced, because it may be the only copy. */
function save(file: string, manifest: Raw): void {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify(manifest, null, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `nothing was deleted, because the manifest cannot be kept: ${why}`, { cause });
  }
}

function read(file: string): Raw {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `${file} cannot be read: ${why}`, { cause });
  }
  const saved = savedManifest(text);
  if (saved.kind === 'invalid') throw new Exit(exitCodes.usage, `${file}: ${saved.reason}`);
  return saved.manifest;
}
