import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { lineWord } from '../nomad/report/shell-word.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import type { RecordingOptions } from './changes.ts';
import { type ConsoleClusterOptions, consoleCluster, showingCluster } from './console-cluster.ts';
import { consoleLedger } from './console-ledger.ts';
import { consoleRecorder } from './console-recorder.ts';
import { Exit, exitCodes } from './exit.ts';
import { type CommandContext, examples, recording } from './program.ts';
import { prometheusSecrets, settings, settingsOptions } from './settings.ts';
import { untilStopped } from './signals.ts';

const DEFAULT_PORT = 7443;
const DEFAULT_CONSOLE_PORT = 7480;
/** A visitor should not wait a minute to see growth. */
const LOCAL_WATCH_INTERVAL = '5s';

interface UpOptions extends RecordingOptions, ConsoleClusterOptions {
  readonly data?: string;
  readonly port: number;
  readonly consolePort: number;
  readonly demo?: boolean;
  readonly logLevel: LogLevel;
}

/** `larder up` (= `npm start`): an embedded Kubernetes API with Larder on it, on real directories. */
export function up(program: Command, context: CommandContext): void {
  const command = program
    .command('up')
    .description('Run Larder with an embedded Kubernetes API, on real directories of this machine')
    .addOption(new Option('--data <folder>', 'where state and directories live').env('LARDER_DATA').default('.larder'))
    .addOption(
      new Option('--port <port>', 'port of the Kubernetes API; 0 = any free one').argParser(port).default(DEFAULT_PORT),
    )
    .addOption(
      new Option('--console-port <port>', 'port of console, health and metrics; 0 = any free one')
        .argParser(port)
        .default(DEFAULT_CONSOLE_PORT),
    )
    .option('--demo', 'make three claims and fill one, to see growth within a minute')
    .addOption(logLevelOption());
  examples(settingsOptions(showingCluster(recording(command))), [
    'larder up',
    'larder up --demo',
    'larder up --data /srv/larder --port 6443',
  ]).action((options: UpOptions & Record<string, unknown>) => run(context, options));
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'what to log to stderr, as JSON lines')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .env('LARDER_LOG_LEVEL')
    .default('warn');
}

export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 65_535) return value;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
}

async function run(context: CommandContext, options: UpOptions & Record<string, unknown>): Promise<void> {
  const { terminal } = context;
  if (process.platform !== 'linux') {
    throw new Exit(
      exitCodes.usage,
      `Larder runs on Linux only (this is ${process.platform}): use a Linux machine or container`,
    );
  }
  const configuration = settings({
    options,
    env: terminal.env,
    defaults: { watchInterval: LOCAL_WATCH_INTERVAL },
    defaultsSource: 'larder up',
  });
  const log = createLog({ level: options.logLevel });
  const recorder = await consoleRecorder(terminal, options);
  const book = consoleLedger(terminal, options, log);
  const sight = consoleCluster(terminal, options, recorder.recorder);
  const { startLocal } = await import('../operator/local.ts');
  await untilStopped(async (signal) => {
    const local = await startLocal(
      {
        data: resolve(options.data ?? '.larder'),
        port: options.port,
        consolePort: options.consolePort,
        demo: options.demo === true,
        ...recorder,
        ...book,
        ...sight,
        configuration,
        prometheusSecrets: prometheusSecrets(terminal.env),
        owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
        pid: process.pid,
        clock: systemClock,
        random: systemRandom,
        log,
      },
      signal,
    );
    if (local.notice !== '') terminal.err(`${local.notice}\n`);
    terminal.out(
      `Kubernetes API  ${local.server}\nexport KUBECONFIG=${lineWord(local.kubeconfig)}\n` +
        `Console  ${local.console}\nExport  ${local.export}\n` +
        `ready in ${process.uptime().toFixed(1)} s\n`,
    );
    await local.stopped;
  });
}
