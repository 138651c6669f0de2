import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { workingTree } from '../../cluster/change/tree.ts';
import { type DriftKind, driftKindNames } from '../../cluster/drift/finding.ts';
import { IGNORE_FILE, type IgnoreRule } from '../../cluster/drift/ignore.ts';
import { readIgnore } from '../../cluster/drift/ignore-file.ts';
import { look } from '../../cluster/drift/look.ts';
import { textfile } from '../../cluster/drift/render/textfile.ts';
import { type DriftReport, driftEvent, driftReport } from '../../cluster/drift/report.ts';
import { writeTextfile } from '../../cluster/drift/write-textfile.ts';
import { WatchError } from '../../cluster/registry.ts';
import { secretsOf } from '../../cluster/secrets/secrets-of.ts';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { maskText } from '../../ledger/secret/scan.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import type { RecordingOptions } from '../changes.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples, recording } from '../program.ts';
import { type DriftFormat, driftFormats, showDrift } from './drift-text.ts';
import { type ApiOptions, reachingApi, withApi } from './reach-api.ts';
import { readLedgerOf, record, recorderOf } from './record-events.ts';
import { SPEC_FILE, specOf } from './spec-file.ts';

interface DriftOptions extends ApiOptions, RecordingOptions {
  readonly file: string;
  readonly output: DriftFormat;
  readonly only?: readonly DriftKind[];
  readonly ignore?: string;
  readonly textfile?: string;
  readonly privateKey?: string;
  readonly record: boolean;
}

/** `larder cluster drift`: looks, and changes nothing. */
export function drift(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('drift')
    .description(
      'Compare machines and objects with what cluster.yaml, the manifests and the ledger say. 0 none, 1 drift, 2 could not tell',
    )
    .option('-f, --file <file>', 'the cluster', SPEC_FILE)
    .addOption(
      new Option('--only <kinds...>', 'look at these kinds alone; such a report is not recorded').choices([
        ...driftKindNames,
      ]),
    )
    .option('--ignore <file>', `findings to leave out (default: ${IGNORE_FILE} beside cluster.yaml)`)
    .option(
      '--textfile <file>',
      "write metrics for node-exporter's textfile collector, as /var/lib/node_exporter/drift.prom",
    )
    .option('--private-key <file>', 'ssh key for the machines (default: as ssh chooses)')
    .option('--no-record', 'only show it')
    .addOption(new Option('-o, --output <format>', 'how to print').choices([...driftFormats]).default('table'));
  examples(recording(reachingApi(verb)), [
    'larder cluster drift',
    'larder cluster drift --only manifest node -o json',
    'larder cluster drift --textfile /var/lib/node_exporter/drift.prom',
  ]).action((options: DriftOptions) => run(context, options));
}

async function run({ terminal }: CommandContext, options: DriftOptions): Promise<void> {
  const spec = specOf(terminal, options.file);
  const repository = resolve(dirname(options.file));
  const rules = rulesOf(options, repository);
  const kinds = options.only ?? driftKindNames;
  const secrets = await secretsOf(spec, { repository, env: terminal.env });
  const knownSecrets = secrets.kind === 'secrets' ? secrets.values : [];
  const isWhole = kinds.length === driftKindNames.length;
  // Who may not record it is told before, not after minutes of looking.
  const recorder =
    options.record && isWhole ? await recorderOf(terminal, { ...options, knownSecrets }, repository) : undefined;
  const startedAt = systemClock.now();
  const begun = systemClock.monotonic();
  const ledger = await readLedgerOf(options, repository);
  const { privateKey } = options;
  const looked = await withApi(terminal, { ...options, name: spec.name }, (api) =>
    look({
      ...{ spec, kinds, api, ledger, clock: systemClock, tree: workingTree(repository) },
      hosts: {
        ...{ repository, file: resolve(options.file), secrets, env: terminal.env },
        say: (line) => terminal.err(`${line}\n`),
        ...(privateKey === undefined ? {} : { privateKey: resolve(privateKey) }),
      },
    }),
  );
  const report = driftReport({
    reportId: systemRandom.uuid(),
    cluster: spec.name,
    startedAt,
    endedAt: startedAt + Math.round(systemClock.monotonic() - begun),
    ...{ looked, rules, kinds },
    mask: (text) => maskText(text, knownSecrets),
  });
  showDrift(terminal, options.output, report);
  if (options.textfile !== undefined) writeTextfile(options.textfile, textfile(report));
  const event = { type: 'drift-reported' as const, data: driftEvent(report) };
  const isRecorded = await record(terminal, recorder, { id: report.reportId, event });
  end(report, isRecorded, spec);
}

/** A list that cannot be read is not passed over: what it leaves out would be told as drift, or the other way round. */
function rulesOf({ ignore }: DriftOptions, repository: string): readonly IgnoreRule[] {
  const file = ignore ?? join(repository, IGNORE_FILE);
  if (ignore === undefined && !existsSync(file)) return [];
  const read = readIgnore(textOf(file), ignore ?? IGNORE_FILE);
  if (read.kind === 'rules') return read.rules;
  throw new WatchError('LARDER_DRIFT_IGNORE', read.problems.join('\n'));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WatchError('LARDER_DRIFT_IGNORE', `${file} cannot be read: ${why}`, { cause });
  }
}

function end({ verdict }: DriftReport, isRecorded: boolean, { name }: ClusterSpec): void {
  switch (verdict) {
    case 'drift':
      throw new Exit(exitCodes.finding, '');
    case 'unknown':
      throw new Exit(exitCodes.usage, '');
    case 'none':
      if (!isRecorded) throw new Exit(exitCodes.usage, `that ${name} has no drift is not recorded`);
      return;
    default:
      verdict satisfies never;
  }
}
