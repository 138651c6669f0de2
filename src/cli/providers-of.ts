import type { Providers } from '../expand/provider.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { configuredProviders } from '../providers/configured.ts';
import { Exit, exitCodes } from './exit.ts';

interface Place {
  /** Where the configuration was read, for what is wrong with it. */
  readonly at: string;
  /** Absent: the name that Larder's provisioner has unless somebody gave it another. */
  readonly provisioners?: readonly string[] | undefined;
}

/** The providers that a configuration describes. Throws Exit 2 with a line for each key of `providerConfig` that is wrong. */
export function providersOf(configuration: ResolvedConfiguration, { at, provisioners }: Place): Providers {
  const made = configuredProviders(configuration, provisioners);
  if (made.kind === 'providers') return made.providers;
  throw new Exit(exitCodes.usage, made.problems.map((each) => `${at}: ${each}`).join('\n'));
}
