/** The providers of storage as they were configured, with what asks clouds and the API for them. */
import { readFile } from 'node:fs/promises';
import type { Providers } from '../expand/provider.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import type { Client } from '../kube/client.ts';
import { createProviders } from '../providers/index.ts';
import { startLookups } from '../providers/lookup/start.ts';
import type { LookupState } from '../providers/lookup.ts';
import { parseProviderOptions } from '../providers/options.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { createAttributesReader } from './attributes.ts';
import { OperatorError } from './registry.ts';

export interface StorageProviders {
  readonly providers: Providers;
  readonly attributes: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Asks clouds until aborted, where that is configured; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** One for each cloud that is asked. */
  lookupStates(): readonly LookupState[];
}

export interface StorageProvidersOptions {
  readonly client: Client;
  readonly configuration: ResolvedConfiguration;
  readonly provisionerNames: readonly string[];
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly log: Log;
}

/** @throws OperatorError LARDER_CONFIGURATION for a `providerConfig` that cannot be read. */
export function storageProviders(given: StorageProvidersOptions): StorageProviders {
  const { clock, log, metrics, provisionerNames: provisioners } = given;
  const parsed = parseProviderOptions(given.configuration.values.providerConfig);
  if (parsed.kind === 'invalid') throw new OperatorError('LARDER_CONFIGURATION', parsed.problems.join('\n'));
  const { options } = parsed;
  const world = {
    clock,
    env: process.env,
    readFile: (path: string) => readFile(path, 'utf8'),
    fetch: (url: string, init: RequestInit) => fetch(url, init),
  };
  const started = startLookups({ options, world, log, metrics });
  return {
    providers: createProviders({ provisioners, options, lookups: started.lookups }),
    attributes: createAttributesReader(given).parameters,
    run: started.run,
    lookupStates: started.states,
  };
}
