/**
 * The settings of the whole installation: the requirement's ChonkerConfig and the numbers of the rules. One table gives
 * the schema, the defaults, the names of flags and environment variables, and the reference page.
 */
import { z } from 'zod';
import { compatSettings } from '../compat/compat-setting.ts';
import type { Rules, Sourced } from '../facts.ts';
import { forecastSettings } from '../forecast/forecast-settings.ts';
import { nearest } from '../policy/nearest.ts';
import type { Layer } from '../policy/policy.ts';
import { prometheusSettings } from '../usage/prometheus-settings.ts';
import {
  parseCount,
  parseEarly,
  parseFree,
  parseInterval,
  parseLargest,
  parseOvercommit,
  parseProvider,
  parseShare,
} from './configuration-value.ts';
import { priceSettings } from './price-setting.ts';
import { providerConfig } from './provider-config.ts';
import { safetySettings } from './safety-settings.ts';
import { setting } from './setting.ts';
import {
  type Fields,
  type Increase,
  parseDuration,
  parseIncrease,
  parsePercentage,
  parseSize,
  parseSwitch,
} from './settings.ts';
import { webhookSettings } from './webhook-settings.ts';

export const configurationSchema = z.strictObject({
  watchInterval: setting(parseInterval, '60s', 'Time between two looks at all volumes.'),
  defaultThreshold: setting(parsePercentage, '80%', 'Used share of the capacity at which a claim grows.'),
  defaultInodesThreshold: setting(parsePercentage, '80%', 'Used share of the inodes at which a claim grows.'),
  defaultIncrease: setting<Increase>(
    parseIncrease,
    '10%',
    'How much a claim grows at once: share of its size, or a size.',
  ),
  minScaleUp: setting(parseSize, '1Gi', 'The least by which a claim grows at once.'),
  defaultMaxSize: setting(
    parseLargest,
    '1000Gi',
    'Largest size of a claim that names none; `unlimited` must be written.',
  ),
  defaultCooldown: setting(
    parseDuration,
    '15m',
    'Least time between two expansions of a claim; a provider may ask for more.',
  ),
  provider: setting(parseProvider, '', 'Provider of all volumes; empty = found out for each volume.'),
  providerConfig: providerConfig(
    'What is known about clouds beyond the tables, by key (the reference of providers lists them): a mapping, or `aws.region=eu-west-1,aws.lookups=true`.',
  ),
  enableMetrics: setting(parseSwitch, 'true', 'Whether the metrics of growth are kept.'),
  ...compatSettings,
  dryRun: setting(parseSwitch, 'false', 'Decide and announce (`WouldExpand`), but change nothing.'),
  paused: setting(parseSwitch, 'false', 'Stop all growth; measuring and explaining go on.'),
  maxParallel: setting(parseCount(1, 64), '4', 'Claims that are worked on at the same time.'),
  patchesPerSecond: setting(parseCount(1, 1_000), '5', 'Requests for more storage per second, on average.'),
  patchBurst: setting(parseCount(1, 10_000), '20', 'Requests for more storage that may be sent at once.'),
  breaches: setting(parseCount(1, 10), '2', 'Measurements in a row that must be at the threshold.'),
  urgentThreshold: setting(parsePercentage, '97%', 'From this share on a single measurement is enough.'),
  expansionsPerDay: setting(parseCount(1, 20), '6', 'Expansions of one claim within 24 hours.'),
  stuckAfter: setting(parseInterval, '30m', 'Time without progress after which a growth is called stuck.'),
  kubeletTimeout: setting(parseInterval, '10s', 'How long one node may take to answer.'),
  kubeletInterval: setting(
    parseInterval,
    '60s',
    'How often kubelets measure volumes (their `volumeStatsAggPeriod`); none is asked more often.',
  ),
  usageShare: setting(
    parseShare,
    '5%',
    'Share of the time of one processor that measuring directories may take, for each export.',
  ),
  kubeletVolumeStats: setting(
    parseSwitch,
    'false',
    'Publish the usage of directories also as `kubelet_volume_stats_*`, for tools that read those.',
  ),
  cleanBelowFree: setting(
    parseFree,
    '',
    'Remove what may go from trash and archives while an export has less free than this, a size or a share of it; empty = never.',
  ),
  cleanEarly: setting(
    parseEarly,
    'none',
    'What may then go before its retention has ended: `none`, `trash`, or `all` (archives with a retention too).',
  ),
  overcommitWarning: setting(
    parseOvercommit,
    '',
    'From this share of an export that volumes request together on `larder doctor` warns; empty = never.',
  ),
  ...priceSettings,
  ...prometheusSettings,
  ...forecastSettings,
  ...safetySettings,
  ...webhookSettings,
});
type Configuration = z.output<typeof configurationSchema>;
type ConfigurationKey = keyof Configuration;

export interface ConfigurationRow {
  readonly key: ConfigurationKey;
  /** Without the dashes. */
  readonly flag: string;
  readonly environment: readonly string[];
  readonly fallback: string;
  readonly description: string;
}

function isKey(name: string): name is ConfigurationKey {
  return Object.hasOwn(configurationSchema.shape, name);
}

const keys: readonly ConfigurationKey[] = Object.keys(configurationSchema.shape).filter(isKey);

/** The table of all settings, as `config show` and the reference page need it. */
export const configurationRows: readonly ConfigurationRow[] = keys.map((key) => {
  const { description = '', fallback } = configurationSchema.shape[key].meta() ?? {};
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return {
    key,
    flag: words.toLowerCase().replaceAll('_', '-'),
    environment: [`LARDER_${words}`, `PVC_CHONKER_${words}`],
    fallback: typeof fallback === 'string' ? fallback : '',
    description,
  };
});

export interface ConfigurationInput {
  /** By key (`watchInterval`); undefined values were not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed YAML or its section for growth; undefined or null = no file. `WatchInterval` and `watchInterval` are one key. */
  readonly file: unknown;
}

export interface ConfigurationProblem {
  /** A sentence that names the key, its source, the value and what is accepted. */
  readonly message: string;
}

interface ConfigurationOrigin {
  readonly key: ConfigurationKey;
  /** As it was written. */
  readonly text: string;
  /** For example `flag --dry-run`, `environment LARDER_DRY_RUN`, `file` or `built-in`. */
  readonly source: string;
}

export interface ResolvedConfiguration {
  readonly kind: 'resolved';
  readonly values: Configuration;
  /** One row per key, in the order of the reference page: what `config show` prints. */
  readonly origins: readonly ConfigurationOrigin[];
}

const BUILT_IN = 'built-in';

/** Flags are stronger than the environment, which is stronger than the file. All problems are reported at once. */
export function resolveConfiguration(
  input: ConfigurationInput,
): ResolvedConfiguration | { readonly kind: 'invalid'; readonly problems: readonly ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [];
  const file = readFile(input.file, problems);
  for (const flag of Object.keys(input.flags)) if (!isKey(flag)) problems.push(unknown(flag, 'flag'));
  const given = new Map<ConfigurationKey, Given>();
  for (const row of configurationRows) {
    const value = fromFlag(row, input) ?? fromEnvironment(row, input) ?? file.get(row.key);
    given.set(row.key, value ?? { raw: row.fallback, source: BUILT_IN });
  }
  const raws = Object.fromEntries([...given].map(([key, { raw }]) => [key, raw]));
  const parsed = configurationSchema.safeParse(raws);
  if (parsed.success && problems.length === 0) {
    const origins = [...given].map(([key, { raw, source }]) => ({ key, text: textOf(raw), source }));
    return { kind: 'resolved', values: parsed.data, origins };
  }
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    const one = isKey(name) ? given.get(name) : undefined;
    problems.push({ message: `${name} (${one?.source ?? 'file'}) is ${JSON.stringify(one?.raw)} and ${message}` });
  }
  return { kind: 'invalid', problems };
}

/** As one line, also of a mapping. */
function textOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null ? JSON.stringify(raw) : String(raw);
}

interface Given {
  readonly raw: unknown;
  readonly source: string;
}

function fromFlag({ key, flag }: ConfigurationRow, { flags }: ConfigurationInput): Given | undefined {
  const raw = Object.hasOwn(flags, key) ? flags[key] : undefined;
  return raw === undefined ? undefined : { raw, source: `flag --${flag}` };
}

function fromEnvironment({ environment }: ConfigurationRow, { env }: ConfigurationInput): Given | undefined {
  for (const name of environment) {
    const raw = env[name];
    if (raw !== undefined) return { raw, source: `environment ${name}` };
  }
  return undefined;
}

function readFile(file: unknown, problems: ConfigurationProblem[]): ReadonlyMap<ConfigurationKey, Given> {
  const given = new Map<ConfigurationKey, Given>();
  if (file === undefined || file === null) return given;
  if (typeof file !== 'object' || Array.isArray(file)) {
    problems.push({ message: 'the configuration file must hold keys with values, for example "watchInterval: 60s"' });
    return given;
  }
  for (const [name, raw] of Object.entries(file)) {
    const key = keys.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (!key) problems.push(unknown(name, 'file'));
    else if (given.has(key)) problems.push({ message: `${name} is in the file twice, in two spellings` });
    else given.set(key, { raw, source: 'file' });
  }
  return given;
}

function unknown(name: string, source: string): ConfigurationProblem {
  return { message: `unknown key "${name}" (${source}): did you mean "${nearest(name, keys) ?? ''}"?` };
}

/** Asked for with each decision on each claim, of the one configuration that there is. */
const layersOfConfiguration = new WeakMap<ResolvedConfiguration, readonly [Layer, Layer]>();

/** The two weakest layers of every claim's settings: what somebody configured, and what is built in. */
export function configurationLayers(configuration: ResolvedConfiguration): readonly [Layer, Layer] {
  const known = layersOfConfiguration.get(configuration) ?? layersIn(configuration);
  layersOfConfiguration.set(configuration, known);
  return known;
}

function layersIn({ values, origins }: ResolvedConfiguration): readonly [Layer, Layer] {
  const builtIn = new Set(origins.filter(({ source }) => source === BUILT_IN).map(({ key }) => key));
  return [
    {
      source: { level: 'configuration', label: 'configuration' },
      fields: fieldsFrom(values, (key) => !builtIn.has(key)),
    },
    { source: { level: 'built-in', label: BUILT_IN }, fields: fieldsFrom(values, (key) => builtIn.has(key)) },
  ];
}

function fieldsFrom(values: Configuration, has: (key: ConfigurationKey) => boolean): Fields {
  const field = <T>(key: ConfigurationKey, value: T | undefined) =>
    value !== undefined && has(key) ? ({ ok: true, value, text: '' } as const) : undefined;
  return {
    threshold: field('defaultThreshold', values.defaultThreshold),
    inodesThreshold: field('defaultInodesThreshold', values.defaultInodesThreshold),
    increase: field('defaultIncrease', values.defaultIncrease),
    minScaleUp: field('minScaleUp', values.minScaleUp),
    maxSize: field('defaultMaxSize', values.defaultMaxSize),
    cooldown: field('defaultCooldown', values.defaultCooldown),
    window: field('defaultWindow', values.defaultWindow),
    approvalAbove: field('approvalAbove', values.approvalAbove),
    snapshotAbove: field('snapshotAbove', values.snapshotAbove),
    provider: values.provider === '' ? undefined : field('provider', values.provider),
  };
}

/** The numbers of the rules, each with its source. */
export function rulesOf({ values, origins }: ResolvedConfiguration): Rules {
  const from = <T>(key: ConfigurationKey, value: T): Sourced<T> => ({
    value,
    source: origins.find((origin) => origin.key === key)?.source ?? BUILT_IN,
  });
  return {
    breaches: from('breaches', values.breaches),
    urgentRatio: from('urgentThreshold', values.urgentThreshold),
    watchInterval: from('watchInterval', values.watchInterval),
    stuckAfter: from('stuckAfter', values.stuckAfter),
    expansionsPerDay: from('expansionsPerDay', values.expansionsPerDay),
    snapshotAge: from('snapshotAge', values.snapshotAge),
    backupPatience: from('backupPatience', values.backupPatience),
    dryRun: from('dryRun', values.dryRun),
    targetUse: from('targetUse', values.targetUse),
    forecastSamples: from('forecastSamples', values.forecastSamples),
    forecastSpan: from('forecastSpan', values.forecastSpan),
    forecastWindow: from('forecastWindow', values.forecastWindow),
    forecastSafety: from('forecastSafety', values.forecastSafety),
  };
}
