/** Finds out what stores a volume. A new provider is one file and one row here. */

import type { ProvidedVolume, Provider, Providers } from '../expand/provider.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import { generic } from './generic.ts';
import { local } from './local.ts';
import { nfs } from './nfs.ts';

/** The name of Larder's own provisioner unless it was configured otherwise. */
const LARDER_PROVISIONER = 'larder.dev/directory';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** `provisioners`: all names that Larder's provisioner answers to in this installation. */
export function createProviders(provisioners: readonly string[] = [LARDER_PROVISIONER]): Providers {
  const table: readonly Provider[] = [nfs(provisioners), local(provisioners), generic];
  const byName = new Map(table.map((provider) => [provider.name, provider]));
  const nfsProvider = byName.get('nfs') ?? generic;
  const localProvider = byName.get('local') ?? generic;

  const ours = (volume: PersistentVolume): Provider => (volume.spec.nfs ? nfsProvider : localProvider);

  return {
    detect({ volume, storageClass }: ProvidedVolume, named) {
      const wanted = named === undefined ? undefined : byName.get(named);
      if (wanted) return { provider: wanted, how: 'setting provider' };
      const csi = volume?.spec.csi?.driver;
      if (csi !== undefined) return { provider: generic, how: `CSI driver ${csi}` };
      const provisionedBy = volume?.metadata.annotations?.[PROVISIONED_BY];
      if (volume && provisionedBy !== undefined && provisioners.includes(provisionedBy)) {
        return { provider: ours(volume), how: `volume provisioned by ${provisionedBy}` };
      }
      const provisioner = storageClass?.provisioner ?? '';
      if (provisioners.includes(provisioner)) {
        return { provider: volume ? ours(volume) : nfsProvider, how: `class provisioner ${provisioner}` };
      }
      return {
        provider: generic,
        how: provisioner === '' ? 'nothing is known about it' : `class provisioner ${provisioner}`,
      };
    },
  };
}
