import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import {
  configurationRows,
  type ResolvedConfiguration,
  resolveConfiguration,
} from '../expand/settings/configuration.ts';
import { parseProviderOptions } from '../providers/options.ts';
import { Exit, exitCodes } from './exit.ts';

/** Adds one flag per setting of the reference page, and `--config FILE`. */
export function settingsOptions(command: Command): Command {
  command.addOption(new Option('--config <file>', 'YAML file with settings (flags and environment are stronger)'));
  for (const { flag, description, fallback } of configurationRows) {
    const value = fallback === 'true' || fallback === 'false' ? '[switch]' : '<value>';
    command.addOption(
      new Option(`--${flag} ${value}`, `${description} Default: ${fallback === '' ? 'none' : fallback}.`).preset(
        'true',
      ),
    );
  }
  return command;
}

export interface SettingsInput {
  readonly options: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stronger than the built-in values, weaker than everything that is given: `larder up` looks more often than a cluster should. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** What `config show` says of a value that came from `defaults`. */
  readonly defaultsSource?: string;
}

/** The settings from flags, environment and file, each with its source. Throws Exit 2 with one line per problem. */
export function settings({ options, env, defaults = {}, defaultsSource = '' }: SettingsInput): ResolvedConfiguration {
  const flags = Object.fromEntries(configurationRows.map(({ key }) => [key, options[key]]));
  const file = typeof options['config'] === 'string' ? readFile(options['config']) : {};
  const added = missingIn(file, defaults);
  const resolved = resolveConfiguration({ flags, env, file: isMapping(file) ? { ...added, ...file } : file });
  if (resolved.kind !== 'resolved') {
    throw new Exit(exitCodes.usage, resolved.problems.map((problem) => problem.message).join('\n'));
  }
  const cloud = parseProviderOptions(resolved.values.providerConfig);
  if (cloud.kind === 'invalid') throw new Exit(exitCodes.usage, cloud.problems.join('\n'));
  const origins = resolved.origins.map((origin) =>
    origin.source === 'file' && Object.hasOwn(added, origin.key) ? { ...origin, source: defaultsSource } : origin,
  );
  return { ...resolved, origins };
}

/** Never settings: those are printed. */
export const prometheusSecrets = (env: SettingsInput['env']) => ({
  token: env['LARDER_PROMETHEUS_TOKEN'],
  password: env['LARDER_PROMETHEUS_PASSWORD'],
});

function missingIn(file: unknown, defaults: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = new Set(isMapping(file) ? Object.keys(file).map((key) => key.toLowerCase()) : []);
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !named.has(key.toLowerCase())));
}

/** What is none is left for `resolveConfiguration` to refuse. */
function isMapping(file: unknown): file is Readonly<Record<string, unknown>> {
  return typeof file === 'object' && file !== null && !Array.isArray(file);
}

function readFile(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8')) ?? {};
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `--config ${path} cannot be read: ${why}`, { cause });
  }
}
