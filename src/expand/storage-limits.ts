/** What the storage behind a claim allows, in the words of its provider; gathered before a decision. */
import { type Claim, claimOf } from './claim.ts';
import type { Constraints } from './constraints.ts';
import { type Layer, type Resolution, resolvePolicy } from './policy/policy.ts';
import type { Expandability, ProvidedVolume, Provider, Providers } from './provider.ts';
import type { Field, Fields, Settings } from './settings/settings.ts';

export interface StorageLimits {
  readonly constraints: Pick<Constraints, 'provider' | 'detectedBy' | 'volume' | 'expandable' | 'failure'>;
  /** With what suits this storage, below everything that somebody wrote. */
  readonly layers: readonly Layer[];
  readonly resolution: Resolution;
  readonly notes: readonly string[];
  /** Asked once more before the write: whether the storage would take this size (bytes). */
  readonly validate: (newSize: bigint, signal?: AbortSignal) => Promise<Expandability>;
}

/** `layers` and `resolution` without the provider, which they may name. */
export async function storageLimits(
  providers: Providers,
  given: ProvidedVolume,
  { layers, resolution }: Pick<StorageLimits, 'layers' | 'resolution'>,
  signal?: AbortSignal,
): Promise<StorageLimits> {
  const { provider, how } = providers.detect(given, resolution.settings.provider?.value);
  const volume: ProvidedVolume = { ...given, volumeType: resolution.settings.volumeType?.value };
  const limits = await provider.getVolumeConstraints(volume, signal);
  const fuller = withDefaults(layers, provider);
  return {
    constraints: {
      provider: provider.name,
      detectedBy: how,
      volume: limits,
      expandable: await provider.canExpand(volume, signal),
      failure: failureOf(provider, claimOf(given.claim)),
    },
    layers: fuller,
    resolution: fuller === layers ? resolution : resolvePolicy(fuller),
    notes: limits.notes ?? [],
    validate: (newSize, end) => provider.validateExpansion(volume, newSize, end),
  };
}

/** The last layer is what is built in; only that is weaker than what the provider suggests. */
function withDefaults(layers: readonly Layer[], provider: Provider): readonly Layer[] {
  const defaults = provider.defaultConfiguration();
  if (Object.keys(defaults).length === 0) return layers;
  const suggested: Layer = {
    source: { level: 'built-in', label: `provider ${provider.name}` },
    fields: fieldsOfDefaults(defaults),
  };
  return [...layers.slice(0, -1), suggested, ...layers.slice(-1)];
}

function fieldsOfDefaults({ cooldown, increase, minScaleUp, maxStep }: Partial<Settings>): Fields {
  const field = <T>(value: T | undefined): Field<T> | undefined =>
    value === undefined ? undefined : { ok: true, value, text: '' };
  return {
    cooldown: field(cooldown),
    increase: field(increase),
    minScaleUp: field(minScaleUp),
    maxStep: field(maxStep),
  };
}

const ERRORS = ['ControllerResizeError', 'NodeResizeError', 'ModifyVolumeError'];

/** Of all that the claim's conditions say, the first that the provider knows. */
function failureOf(provider: Provider, { conditions }: Claim): Constraints['failure'] {
  for (const { type, status, message } of conditions) {
    if (status !== 'True' || !ERRORS.includes(type) || !message) continue;
    const failure = provider.failureOf?.(message);
    if (failure) return failure;
  }
  return undefined;
}
