import { type Command, Option } from 'commander';
import { type Client, isKubeError, kinds } from '../kube/index.ts';
import type { Finding } from '../operator/api.ts';
import type { Installation } from '../operator/installation.ts';
import { silentVolumes } from '../operator/silent-volumes.ts';
import { type Step, stepsBack, stepsForward, volumes } from '../operator/steps.ts';
import { surroundings } from '../operator/surroundings.ts';
import { takeover as findingsOf, larderAtWork, type Surroundings } from '../operator/takeover.ts';
import { heldVolumes, wayBack } from '../operator/way-back.ts';
import { FINALIZER } from '../provision/annotation.ts';
import { systemClock } from '../telemetry/clock.ts';
import type { ChangedObject, ChangeLog } from './changes.ts';
import { type ClusterOptions, cluster } from './cluster.ts';
import { findingLine } from './doctor.ts';
import { Exit, exitCodes } from './exit.ts';
import { type OutputFormat, type Terminal, wrap } from './output.ts';
import { printOne } from './print.ts';
import { type CommandContext, examples, outputOption, recording } from './program.ts';

interface TakeoverOptions extends ClusterOptions {
  readonly output: OutputFormat;
  readonly namespace?: string;
  readonly deployment?: string;
  readonly larderNamespace: string;
  readonly undo?: boolean;
  readonly yes?: boolean;
}

interface Report {
  readonly installation: Installation;
  readonly findings: readonly Finding[];
  readonly steps: readonly Step[];
  /** Volumes that `--yes` wrote on. */
  readonly written: number;
}

/** `larder takeover`: looks at an nfs-subdir-external-provisioner and says how Larder takes its place. */
export function takeover(program: Command, context: CommandContext): void {
  const command = program
    .command('takeover')
    .description('Check an nfs-subdir-external-provisioner and print the steps by which Larder takes its place')
    .addOption(outputOption())
    .addOption(new Option('-n, --namespace <namespace>', 'namespace of its Deployment (default: wherever it is)'))
    .addOption(new Option('--deployment <name>', 'its name, where there are several'))
    .addOption(new Option('--larder-namespace <namespace>', 'where Larder is or will be').default('larder-system'))
    .addOption(new Option('--undo', 'the way back: check and print the steps to the peer'))
    .addOption(new Option('--dry-run', 'check and print, change nothing (the default)').conflicts('yes'))
    .addOption(new Option('--yes', "carry out the steps marked as Larder's; the others stay yours"))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'));
  examples(recording(command), [
    'larder takeover',
    'larder takeover -n storage -o yaml',
    'larder takeover --undo',
  ]).action((options: TakeoverOptions) => run(context, options));
}

async function run(context: CommandContext, options: TakeoverOptions): Promise<void> {
  const { terminal } = context;
  const report = await cluster(context, options, async (client, signal) => {
    const search = { client, clock: systemClock, namespace: options.namespace, name: options.deployment };
    const result = await surroundings(search, signal);
    if (result.kind === 'choose') throw notOne(result.installations, options);
    const asked = { client, options, changes: context.changes };
    return options.undo ? back(asked, result.at) : forward(asked, result.at);
  });
  printOne(terminal, options.output, report, () => describe(terminal, report, options));
  if (blocks(report.findings)) throw new Exit(exitCodes.finding, '');
}

function notOne(installations: readonly Installation[], { namespace, deployment }: TakeoverOptions): Exit {
  if (installations.length === 0) {
    const named = deployment === undefined ? '' : ` ${deployment}`;
    const where = namespace === undefined ? 'in any namespace' : `in namespace ${namespace}`;
    return new Exit(
      exitCodes.finding,
      `no Deployment${named} with PROVISIONER_NAME and NFS_SERVER in its environment was found ${where}: ` +
        'look at `kubectl get deploy -A`, and name another with -n and --deployment',
    );
  }
  const names = installations.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
  return new Exit(exitCodes.usage, `there are several: ${names}; name one with -n and --deployment`);
}

const blocks = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');

interface Asked {
  readonly client: Client;
  readonly options: TakeoverOptions;
  readonly changes: ChangeLog;
}

async function forward({ client, options, changes }: Asked, at: Surroundings): Promise<Report> {
  const findings = findingsOf(at);
  const silent = silentVolumes(at);
  let written = 0;
  if (options.yes && !blocks(findings)) {
    if (silent.length > 0) await changes.begin(silent.map(({ volume }) => volumeOf(volume.metadata.name)));
    for (const { volume, annotations } of silent) {
      const { name, resourceVersion } = volume.metadata;
      written += await patched(client, name, { metadata: { resourceVersion, annotations } });
    }
  }
  const left = { peer: at.peer, namespace: options.larderNamespace, silent: silent.length - written, held: 0 };
  return { installation: at.peer, findings, steps: stepsForward(left), written };
}

async function back({ client, options, changes }: Asked, at: Surroundings): Promise<Report> {
  const { peer, others } = at;
  const running = others.filter(
    ({ product, provisioner, replicas, running: there }) =>
      product === 'larder' && provisioner === peer.provisioner && replicas + there > 0,
  );
  const findings = [
    ...running.map(
      ({ namespace, name }): Finding => ({
        check: 'one provisioner',
        level: 'error',
        message: `Larder (deployment ${namespace}/${name}) still works for ${peer.provisioner}`,
        fix: `kubectl -n ${namespace} scale deployment/${name} --replicas=0`,
      }),
    ),
    ...larderAtWork(at.leases, peer.provisioner),
    ...wayBack(peer.provisioner, at.volumes),
  ];
  const held = heldVolumes(peer.provisioner, at.volumes);
  let written = 0;
  if (options.yes && !blocks(findings)) {
    if (held.length > 0) await changes.begin(held.map(({ metadata }) => volumeOf(metadata.name)));
    for (const { metadata } of held) {
      const finalizers = metadata.finalizers?.filter((each) => each !== FINALIZER) ?? [];
      const { name, resourceVersion } = metadata;
      written += await patched(client, name, { metadata: { resourceVersion, finalizers } });
    }
  }
  const left = { peer, namespace: options.larderNamespace, silent: 0, held: held.length - written };
  return { installation: peer, findings, steps: stepsBack(left), written };
}

function volumeOf(name: string): ChangedObject {
  return { apiVersion: 'v1', kind: 'PersistentVolume', name, verb: 'takeover' };
}

/** 0 when the volume changed meanwhile: the next run sees it as it is then. */
async function patched(client: Client, name: string, value: object): Promise<0 | 1> {
  try {
    await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value });
    return 1;
  } catch (failure) {
    if (isKubeError(failure, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) return 0;
    throw failure;
  }
}

/** Commands stay on one line, whatever their length, because people copy them. */
const indented = (text: string, { columns }: Terminal): string => wrap(text, columns - 3).replaceAll('\n', '\n   ');

function describe(terminal: Terminal, { findings, steps, written }: Report, options: TakeoverOptions): string {
  const blocked = blocks(findings);
  const text = steps.map(
    ({ by, what, command }, index) =>
      `${index + 1}. ${indented(`${what}${by === 'larder' ? " (Larder's)" : ''}`, terminal)}\n     ${command}\n`,
  );
  const verdict = blocked
    ? 'Blocked: clear the errors above, then run this again.'
    : options.yes
      ? `${volumes(written)} written. What is left is yours:`
      : 'Nothing was changed. The steps, in order:';
  return `${findings.map((each) => findingLine(terminal, each)).join('')}\n${verdict}\n${blocked ? '' : text.join('')}`;
}
