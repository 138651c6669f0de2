import type { Providers } from '../expand/provider.ts';
import { type ResolvedConfiguration, resolveConfiguration } from '../expand/settings/configuration.ts';
import type { RecordingHead } from '../expand/simulate/recording.ts';
import { Exit, exitCodes } from './exit.ts';
import { providersOf } from './providers-of.ts';

export interface RecordedSettings {
  readonly configuration: ResolvedConfiguration;
  readonly providers: Providers;
}

/** The settings of the installation that was recorded. `at`: where they were read. Throws Exit 2 with a line for each that cannot be read. */
export function recordedSettings(head: RecordingHead, at: string): RecordedSettings {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: head.configuration });
  if (resolved.kind === 'invalid') {
    throw new Exit(exitCodes.usage, resolved.problems.map(({ message }) => `${at}: ${message}`).join('\n'));
  }
  return { configuration: resolved, providers: providersOf(resolved, { at, provisioners: head.provisioners }) };
}
