/** Volumes of Azure: managed disks, file shares. */

import type { DriverRow, Parameters, TypeRow } from './driver-row.ts';
import type { DriverFailurePattern } from './failure.ts';

const TYPES = 'learn.microsoft.com/azure/virtual-machines/disks-types (of 2026-08), 2026-11';
const evidence = 'documented';

/** Sizes at which the price changes; up to the next one growth costs nothing. Source: TYPES. */
const largeTiers = [32n, 64n, 128n, 256n, 512n, 1_024n, 2_048n, 4_096n, 8_192n, 16_384n, 32_767n] as const;
const ssdTiers = [4n, 8n, 16n, ...largeTiers] as const;
/**
 * A disk of at most 4 TiB must be detached before it grows past that, and a host cache stops at 4095 GiB. Sources:
 * learn.microsoft.com/azure/virtual-machines/linux/expand-disks; kubernetes-sigs/azuredisk-csi-driver #3072; 2026-11.
 */
const bands = [
  {
    upToGib: 4_096n,
    maxGib: 4_095n,
    why: 'past 4 TiB a disk must be detached first, and have cachingMode None: grow it by hand once, or set azure.growPast4TiB',
  },
] as const;

const ssd = { minGib: 1n, maxGib: 32_767n, tiersGib: ssdTiers, bands, evidence, source: TYPES } as const;

const diskTypes: readonly TypeRow[] = [
  { type: 'Standard_LRS', minGib: 1n, maxGib: 32_767n, tiersGib: largeTiers, bands, evidence, source: TYPES },
  { ...ssd, type: 'StandardSSD_LRS' },
  { ...ssd, type: 'StandardSSD_ZRS' },
  { ...ssd, type: 'Premium_LRS' },
  { ...ssd, type: 'Premium_ZRS' },
  // In whole GiB and billed by the GiB, like Premium v2: there are no tiers to fill.
  { type: 'UltraSSD_LRS', minGib: 4n, maxGib: 65_536n, evidence, source: TYPES },
  { type: 'PremiumV2_LRS', minGib: 1n, maxGib: 65_536n, evidence, source: TYPES },
];

/** The quota of a standard share is above 0 by the reference of its API (FileShareData.ShareQuota, learn.microsoft.com). */
const SHARES = 'learn.microsoft.com/azure/storage/files/storage-files-scale-targets (of 2021-10), 2026-11';
/** Premium shares are provisioned from 100 GiB on. Source: SHARES; kubernetes/kubernetes #99122. */
const share = (type: string, minGib: bigint): TypeRow => ({ type, minGib, maxGib: 102_400n, evidence, source: SHARES });

/** Microsoft Learn, "Share an Azure managed disk": expanding one needs all its nodes to let go of it. 2026-11. */
function shared({ maxshares }: Parameters): string | undefined {
  if (maxshares === undefined || !/^[0-9]+$/.test(maxshares) || Number(maxshares) <= 1) return undefined;
  return `a shared disk (maxShares ${maxshares}) grows only while it is attached nowhere: stop its pods and raise the request by hand`;
}

const disks = {
  typeKeys: ['skuname', 'storageaccounttype'],
  types: diskTypes,
  refusedWith: shared,
  remarks: [
    'a shared disk (`maxShares` above 1) is not grown: it would have to be detached from every node',
    'growth goes up to the next tier where max-step and every limit allow it, because that costs nothing; `azure.roundToTiers: "false"` turns it off',
    'the documentation of Standard, Standard SSD and Premium names what a disk is billed as, and no least size: 1 GiB is the least whole one',
  ],
} as const;

export const azureDrivers: readonly DriverRow[] = [
  { ...disks, driver: 'disk.csi.azure.com', defaultType: 'StandardSSD_LRS' },
  { ...disks, driver: 'kubernetes.io/azure-disk', defaultType: 'Standard_LRS' },
  {
    driver: 'file.csi.azure.com',
    inTree: 'kubernetes.io/azure-file',
    typeKeys: ['skuname', 'storageaccounttype'],
    defaultType: 'Standard_LRS',
    types: [
      share('Standard_LRS', 1n),
      share('Standard_ZRS', 1n),
      share('Standard_GRS', 1n),
      share('Standard_RAGRS', 1n),
      share('Premium_LRS', 100n),
      share('Premium_ZRS', 100n),
    ],
    remarks: ['a share of an account without large file shares has at most 5120 GiB: set `azure.maxSize`'],
  },
  {
    driver: 'blob.csi.azure.com',
    typeKeys: [],
    defaultType: '',
    types: [],
    refused: 'a container of blobs has no size: the size of the claim means nothing, and no volume fills',
  },
];

/**
 * Words of Azure as disk.csi.azure.com passes them on. Sources: kubernetes/kubernetes #96706, Azure/AKS #1477,
 * kubernetes-sigs/azuredisk-csi-driver #3072, and Microsoft Learn, "Troubleshoot Azure VM disk resize errors"; 2026-11.
 */
export const azureFailures: readonly DriverFailurePattern[] = [
  {
    words:
      /ChangeDiskSizeWhileAttachedNotAllowed|Cannot resize disk .* while it is attached|LiveDiskPropertyChangeOfVMOfSizeNotSupported|LiveResizeSharedDiskNotAllowed/i,
    reason: 'detach-needed',
    remedy: 'stop the pods that use the claim; the driver grows the disk when no node has it attached',
  },
  {
    words: /Only Disk CachingType 'None' is supported/i,
    reason: 'detach-needed',
    remedy: 'set the host cache of the disk to None while it is detached, then let it grow past 4095 GiB',
  },
  {
    words: /QuotaExceeded|exceeding (?:approved )?quota|exceeds quota/i,
    reason: 'cloud-quota',
    remedy: 'ask Microsoft for a higher quota of the disk type in this region, or free disks',
  },
  {
    words: /TooManyRequests|OperationNotAllowed.*rate limit|HTTP ?(?:status code )?429/i,
    reason: 'throttled',
    remedy: 'look for what asks Azure Resource Manager so often in this subscription; the driver tries again by itself',
  },
  {
    words: /AuthorizationFailed|LinkedAuthorizationFailed/i,
    reason: 'cloud-forbidden',
    remedy: 'give the identity of the driver Microsoft.Compute/disks/read and Microsoft.Compute/disks/write',
  },
  {
    words: /\bResourceNotFound\b/i,
    reason: 'volume-gone',
    remedy: 'the disk was deleted in Azure, or the driver asks the wrong subscription',
  },
  {
    words: /\bAnotherOperationInProgress\b|\bConflictingServerOperation\b/i,
    reason: 'modification-running',
    remedy: 'it goes on by itself when the other operation on the disk has ended',
  },
];
