/** The providers of an installation from its configuration alone: for what is played or looked back on, nothing is asked. */
import type { Providers } from '../expand/provider.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { createProviders } from './index.ts';
import { parseProviderOptions } from './options.ts';

export type ConfiguredProviders =
  | { readonly kind: 'providers'; readonly providers: Providers }
  /** One sentence each: the key of `providerConfig`, and what is accepted. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** `provisioners`: names of Larder's own provisioner there; absent: the one that it has unless somebody gave it another. */
export function configuredProviders(
  { values }: Pick<ResolvedConfiguration, 'values'>,
  provisioners?: readonly string[],
): ConfiguredProviders {
  const parsed = parseProviderOptions(values.providerConfig);
  if (parsed.kind === 'invalid') return parsed;
  const { options } = parsed;
  return { kind: 'providers', providers: createProviders({ options, ...(provisioners ? { provisioners } : {}) }) };
}
