/** Finds out what stores a volume. A new provider is one file and one row here. */

import type { ProvidedVolume, Provider, Providers } from '../expand/provider.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import { awsDrivers, awsFailures, ebsModifications } from './aws.ts';
import { azureDrivers, azureFailures } from './azure.ts';
import { type CloudOptions, cloudProvider } from './cloud.ts';
import { driversOf } from './driver.ts';
import { gcpDrivers, gcpFailures } from './gcp.ts';
import { generic } from './generic.ts';
import { local } from './local.ts';
import type { Lookup } from './lookup.ts';
import { nfs } from './nfs.ts';
import { defaultProviderOptions, type ProviderOptions } from './options.ts';

/** The name of Larder's own provisioner unless it was configured otherwise. */
const LARDER_PROVISIONER = 'larder.dev/directory';

export type CloudName = 'aws' | 'gcp' | 'azure';
/** What asks each cloud; absent: nothing is asked. */
export type Lookups = { readonly [Cloud in CloudName]?: Lookup | undefined };

export interface ProvidersOptions {
  /** All names that Larder's provisioner answers to in this installation. */
  readonly provisioners?: readonly string[];
  readonly options?: ProviderOptions;
  readonly lookups?: Lookups;
}

export function createProviders(given: ProvidersOptions = {}): Providers {
  const { provisioners = [LARDER_PROVISIONER] } = given;
  const nfsProvider = nfs(provisioners);
  const localProvider = local(provisioners);
  const clouds = cloudTables(given).map((table) => ({ table, provider: cloudProvider(table) }));
  const table: readonly Provider[] = [nfsProvider, localProvider, ...clouds.map(({ provider }) => provider), generic];
  const byName = new Map(table.map((provider) => [provider.name, provider]));
  const byDriver = new Map(
    clouds.flatMap(({ table: { drivers }, provider }) =>
      drivers.flatMap(({ driver, inTree }) =>
        [driver, ...(inTree ? [inTree] : [])].map((name) => [name, provider] as const),
      ),
    ),
  );
  const ours = (volume: PersistentVolume | undefined): Provider =>
    volume && !volume.spec.nfs ? localProvider : nfsProvider;
  const providerOf = (driver: string, volume: PersistentVolume | undefined): Provider => {
    if (provisioners.includes(driver)) return ours(volume);
    return byDriver.get(driver) ?? generic;
  };

  return {
    names: table.map(({ name }) => name),
    detect(volume: ProvidedVolume, named) {
      const wanted = named === undefined ? undefined : byName.get(named);
      if (wanted) return { provider: wanted, how: 'setting provider' };
      const aside = named === undefined ? '' : `, because no provider is called ${named}`;
      const [found] = driversOf(volume);
      if (!found) return { provider: generic, how: `nothing is known about it${aside}` };
      return { provider: providerOf(found.driver, volume.volume), how: `${found.how}${aside}` };
    },
  };
}

/** Every driver that some cloud's table has, with its types: what the reference page shows. */
export function cloudTables({
  options = defaultProviderOptions,
  lookups = {},
}: ProvidersOptions): readonly CloudOptions[] {
  const { aws, gcp, azure } = options;
  return [
    {
      name: 'aws',
      drivers: awsDrivers,
      failures: awsFailures,
      lookup: lookups.aws,
      maxSizes: aws.maxSizes,
      modifications: {
        ...ebsModifications,
        perWindow: aws.modificationsPerDay,
        minIntervalMs: aws.modificationIntervalMs,
      },
      defaults: { cooldown: aws.modificationIntervalMs },
    },
    {
      name: 'gcp',
      drivers: gcpDrivers,
      failures: gcpFailures,
      lookup: lookups.gcp,
      maxSizes: gcp.maxSizes,
      modifications: {
        perWindow: 1,
        windowMs: gcp.modificationIntervalMs,
        minIntervalMs: gcp.modificationIntervalMs,
      },
      configured: (row) => {
        if (row.type !== 'hyperdisk-ml' || !gcp.growHyperdiskMl) return row;
        const { refused: _, ...grown } = row;
        return grown;
      },
    },
    {
      name: 'azure',
      drivers: azureDrivers,
      failures: azureFailures,
      lookup: lookups.azure,
      maxSizes: azure.maxSizes,
      configured: (row) => {
        const { tiersGib, bands, ...rest } = row;
        return {
          ...rest,
          ...(tiersGib && azure.roundToTiers ? { tiersGib } : {}),
          ...(bands && !azure.growPast4TiB ? { bands } : {}),
        };
      },
    },
  ];
}
