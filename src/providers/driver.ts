/** Which driver has a volume, and by which name its cloud knows it. */
import type { ProvidedVolume } from '../expand/provider.ts';
import type { PersistentVolume } from '../kube/kinds.ts';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

interface InTreeRow {
  readonly driver: string;
  /** Undefined: not of this kind. Empty: of this kind, without a name that a cloud would know. */
  idIn(spec: PersistentVolume['spec']): string | undefined;
}

/** Kinds of volumes from before CSI; the API still has them for volumes that CSI drivers serve. */
const inTree: readonly InTreeRow[] = [
  {
    driver: 'kubernetes.io/aws-ebs',
    idIn: ({ awsElasticBlockStore: disk }) => disk && (/vol-[0-9a-f]+$/.exec(disk.volumeID)?.[0] ?? ''),
  },
  { driver: 'kubernetes.io/gce-pd', idIn: ({ gcePersistentDisk: disk }) => disk && '' },
  { driver: 'kubernetes.io/azure-disk', idIn: ({ azureDisk: disk }) => disk?.diskURI },
  { driver: 'kubernetes.io/azure-file', idIn: ({ azureFile: share }) => share && '' },
];

/** How the driver was found; most telling first. */
export function driversOf({
  volume,
  storageClass,
}: ProvidedVolume): readonly { readonly driver: string; readonly how: string }[] {
  const csi = volume?.spec.csi?.driver;
  const kind = volume && inTree.find(({ idIn }) => idIn(volume.spec) !== undefined)?.driver;
  const by = volume?.metadata.annotations?.[PROVISIONED_BY];
  const provisioner = storageClass?.provisioner;
  return [
    { driver: csi, how: `CSI driver ${csi}` },
    { driver: kind, how: `kind of volume, ${kind}` },
    { driver: by, how: `volume provisioned by ${by}` },
    { driver: provisioner, how: `class provisioner ${provisioner}` },
  ].flatMap(({ driver, how }) => (driver ? [{ driver, how }] : []));
}

/** Empty: nothing says. */
export function driverOf(volume: ProvidedVolume): string {
  return driversOf(volume)[0]?.driver ?? '';
}

/** The name in the cloud; undefined: there is none to ask for. */
export function handleOf({ volume }: ProvidedVolume): string | undefined {
  if (!volume) return undefined;
  const handle = volume.spec.csi?.volumeHandle ?? inTree.flatMap(({ idIn }) => idIn(volume.spec) ?? [])[0];
  return handle === '' ? undefined : handle;
}
