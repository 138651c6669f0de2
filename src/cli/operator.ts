import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import type { RecordingOptions } from './changes.ts';
import { type ConsoleClusterOptions, consoleCluster, showingCluster } from './console-cluster.ts';
import { consoleLedger } from './console-ledger.ts';
import { consoleRecorder } from './console-recorder.ts';
import { type ConsoleSignInOptions, signInOf, signingIn } from './console-sign-in.ts';
import { type CommandContext, examples, recording } from './program.ts';
import { prometheusSecrets, settings, settingsOptions } from './settings.ts';
import { untilStopped } from './signals.ts';
import { logLevelOption, port } from './up.ts';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const DEFAULT_LISTEN_PORT = 8080;

interface OperatorOptions extends RecordingOptions, ConsoleClusterOptions, ConsoleSignInOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly export: readonly string[];
  /** False: `--no-provisioner`. */
  readonly provisioner: boolean;
  readonly allowLocal?: boolean;
  readonly provisionerName: string;
  readonly leaderElection: string;
  readonly leaseNamespace: string;
  readonly nodeName: string;
  readonly kubelet: 'direct' | 'proxy' | 'off';
  readonly kubeletCa?: string;
  readonly kubeletTokenFile: string;
  readonly kubeletInsecureTls?: boolean;
  readonly host: string;
  readonly port: number;
  readonly webhookCertificate?: string;
  readonly token?: string;
  readonly samples?: string;
  readonly history?: string;
  readonly usageFolder?: string;
  readonly logLevel: LogLevel;
}

const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

/** `larder operator`: provisions and grows on the cluster of a kubeconfig, or of the pod it runs in. */
export function operator(program: Command, context: CommandContext): void {
  const command = program
    .command('operator')
    .description('Run Larder against the cluster of a kubeconfig, or of the pod it runs in')
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: the pod, else KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'))
    .addOption(
      new Option('--export <export>', 'SERVER:/PATH, SERVER:/PATH=/MOUNTED/AT or local:/PATH; may be repeated')
        .argParser(collect)
        .default([], 'NFS_SERVER and NFS_PATH'),
    )
    .addOption(new Option('--no-provisioner', 'make no volumes, only grow those of other drivers: needs no export'))
    .addOption(new Option('--allow-local', 'accept an export that is not a mount (for trials on one machine)'))
    .addOption(
      new Option('--provisioner-name <names>', "names of our StorageClasses' provisioner, comma-separated")
        .env('PROVISIONER_NAME')
        .default('larder.dev/directory'),
    )
    .addOption(
      new Option('--leader-election <switch>', 'stand for election before working')
        .choices(['true', 'false'])
        .env('ENABLE_LEADER_ELECTION')
        .default('true'),
    )
    .addOption(
      new Option('--lease-namespace <namespace>', 'where the Lease is').env('POD_NAMESPACE').default('larder-system'),
    )
    .addOption(
      new Option('--node-name <name>', 'node of local exports').env('NODE_NAME').default(hostname(), 'host name'),
    )
    .addOption(
      new Option('--kubelet <mode>', 'how usage of volumes that are not ours is read')
        .choices(['direct', 'proxy', 'off'])
        .default('off'),
    )
    .addOption(new Option('--kubelet-ca <file>', "CA of the kubelets' serving certificates (for direct)"))
    .addOption(
      new Option('--kubelet-token-file <file>', 'bearer token that kubelets accept (for direct)').default(
        SERVICE_ACCOUNT_TOKEN,
        "the pod's own",
      ),
    )
    .addOption(new Option('--kubelet-insecure-tls', 'send the token to kubelets that cannot be verified'))
    .addOption(new Option('--host <address>', 'address of health, metrics and console').default('127.0.0.1'))
    .addOption(new Option('--port <port>', 'its port').argParser(port).default(DEFAULT_LISTEN_PORT))
    .addOption(
      new Option(
        '--webhook-certificate <folder>',
        'tls.crt and tls.key of the webhook, kept by somebody else (default: Larder makes its own)',
      ),
    )
    .addOption(new Option('--token <token>', 'bearer token of the console (default: a new one)').env('LARDER_TOKEN'))
    .addOption(new Option('--samples <file>', 'keep recent measurements in this file across restarts'))
    .addOption(
      new Option('--history <file>', 'remember the usage of volumes in this file (default: two days, in memory)'),
    )
    .addOption(
      new Option('--usage-folder <folder>', 'remember measured directories in this folder of this machine').env(
        'LARDER_USAGE_FOLDER',
      ),
    )
    .addOption(logLevelOption());
  examples(settingsOptions(showingCluster(signingIn(recording(command)))), [
    'larder operator --export 127.0.0.1:/storage/v --kubeconfig ~/.kube/config',
    'larder operator --export local:/srv/volumes --leader-election false',
    'larder operator --no-provisioner --kubelet direct --kubelet-ca ca.crt',
  ]).action((options: OperatorOptions & Record<string, unknown>) => run(context, options));
}

async function run({ terminal }: CommandContext, options: OperatorOptions & Record<string, unknown>): Promise<void> {
  const configuration = settings({ options, env: terminal.env });
  const log = createLog({ level: options.logLevel });
  const [{ exportsOf, withoutExports }, { startOnCluster }] = await Promise.all([
    import('../operator/exports.ts'),
    import('../operator/cluster.ts'),
  ]);
  const recorder = await consoleRecorder(terminal, options);
  const book = consoleLedger(terminal, options, log);
  const sight = consoleCluster(terminal, options, recorder.recorder);
  const exports = options.provisioner
    ? exportsOf(options.export, terminal.env, options.nodeName)
    : withoutExports(options.export, terminal.env);
  const token = options.token ?? systemRandom.uuid() + systemRandom.uuid();
  await untilStopped(async (signal) => {
    const running = await startOnCluster(
      {
        ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
        ...(options.context === undefined ? {} : { context: options.context }),
        exports,
        allowLocal: options.allowLocal === true,
        provisionerNames: options.provisioner ? options.provisionerName.split(',').map((name) => name.trim()) : [],
        nodeName: options.nodeName,
        leaderElection: options.leaderElection === 'true',
        leaseNamespace: options.leaseNamespace,
        kubelet: {
          mode: options.kubelet,
          tokenFile: options.kubeletTokenFile,
          ...(options.kubeletCa === undefined ? {} : { caFile: options.kubeletCa }),
          insecureTls: options.kubeletInsecureTls === true,
        },
        prometheusSecrets: prometheusSecrets(terminal.env),
        listen: { host: options.host, port: options.port },
        ...(options.webhookCertificate === undefined
          ? {}
          : { webhookCertificate: resolve(options.webhookCertificate) }),
        token,
        signIn: signInOf(options),
        ...(options.samples === undefined ? {} : { samplesFile: options.samples }),
        ...(options.history === undefined ? {} : { historyFile: options.history }),
        ...(options.usageFolder === undefined ? {} : { usageFolder: resolve(options.usageFolder) }),
        ...recorder,
        ...book,
        ...sight,
        configuration,
        owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
        clock: systemClock,
        random: systemRandom,
        log,
      },
      signal,
    );
    // A token that somebody chose is known to them, and this line goes into the log of the pod.
    const query = options.token === undefined && options.consoleSignIn !== 'cluster' ? `?token=${token}` : '';
    terminal.out(
      `Kubernetes API  ${running.server}\nConsole  http://${options.host}:${running.port}/${query}\n` +
        `Serves  ${running.serves}\n${running.webhook === '' ? '' : `Webhook  ${running.webhook}\n`}${running.off.length === 0 ? '' : `Off  ${running.off.join(', ')}: \`larder doctor\` says why\n`}`,
    );
    running.ready.then(
      () => terminal.out(`ready in ${process.uptime().toFixed(1)} s\n`),
      () => undefined, // stopped before
    );
    await running.stopped;
  });
}
