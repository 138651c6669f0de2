/** Volumes of Google Cloud: Persistent Disk, Hyperdisk, Filestore. */
import { bytesOf } from '../kube/quantity.ts';
import { type DriverRow, GIB, type TypeRow } from './driver-row.ts';
import type { DriverFailurePattern } from './failure.ts';

const HOUR_MS = 3_600_000;

/** A Hyperdisk volume is changed once in four hours. Source: cloud.google.com/compute/docs/disks/modify-hyperdisks, 2026-11. */
const hyperdiskModifications = { perWindow: 1, windowMs: 4 * HOUR_MS, minIntervalMs: 4 * HOUR_MS } as const;

/** Regional pd-standard too. The text that was read is of about 2021; API agrees with it. */
const PD = 'cloud.google.com/compute/docs/disks, 2026-11';
/**
 * `validDiskSize` of diskTypes.list. As `gcloud compute disk-types list` printed it in europe-west1-b on 2026-04-15 and in
 * europe-west2-a and asia-southeast3-a (transcripts in public repositories); regional disks as of 2025-04.
 */
const API = 'diskTypes of docs.cloud.google.com/compute/docs/reference/rest/v1/diskTypes/list, answered 2026-04';
const API_REGIONAL =
  'diskTypes of docs.cloud.google.com/compute/docs/reference/rest/v1/regionDiskTypes/list, answered 2025-04';
const FILESTORE = 'docs.cloud.google.com/filestore/docs/service-tiers, 2026-11';
const modifications = hyperdiskModifications;
const answered = 'API answer';
const documented = 'documented';

const diskTypes: readonly TypeRow[] = [
  { type: 'pd-standard', minGib: 10n, maxGib: 65_536n, evidence: documented, source: PD },
  { type: 'pd-balanced', minGib: 10n, maxGib: 65_536n, evidence: documented, source: PD },
  { type: 'pd-ssd', minGib: 10n, maxGib: 65_536n, evidence: documented, source: PD },
  { type: 'pd-extreme', minGib: 500n, maxGib: 65_536n, evidence: answered, source: API },
  { type: 'hyperdisk-balanced', minGib: 4n, maxGib: 65_536n, modifications, evidence: answered, source: API },
  {
    type: 'hyperdisk-balanced-high-availability',
    minGib: 4n,
    maxGib: 65_536n,
    modifications,
    evidence: answered,
    source: API_REGIONAL,
  },
  { type: 'hyperdisk-extreme', minGib: 64n, maxGib: 65_536n, modifications, evidence: answered, source: API },
  {
    type: 'hyperdisk-throughput',
    minGib: 2_048n,
    maxGib: 32_768n,
    modifications,
    evidence: answered,
    source: API,
  },
  {
    type: 'hyperdisk-ml',
    minGib: 4n,
    maxGib: 65_536n,
    modifications,
    refused: 'Hyperdisk ML holds data that is read, not written: it grows only where gcp.growHyperdiskMl is set',
    evidence: answered,
    source: API,
  },
];

const RANGE = 'an instance stays in the range of capacity in which it was made';
const lowerZonal = { upToGib: 9_984n, maxGib: 9_984n, stepGib: 256n, why: RANGE } as const;

const filestoreTypes: readonly TypeRow[] = [
  // Instances that the CSI driver makes begin at 100 GiB, not at 1 TiB: growth must not leap there.
  { type: 'standard', minGib: 100n, maxGib: 65_433n, evidence: documented, source: FILESTORE },
  { type: 'basic_hdd', minGib: 100n, maxGib: 65_433n, evidence: documented, source: FILESTORE },
  { type: 'premium', minGib: 2_560n, maxGib: 65_433n, evidence: documented, source: FILESTORE },
  { type: 'basic_ssd', minGib: 2_560n, maxGib: 65_433n, evidence: documented, source: FILESTORE },
  {
    type: 'zonal',
    minGib: 1_024n,
    maxGib: 102_400n,
    stepGib: 2_560n,
    bands: [lowerZonal],
    evidence: documented,
    source: FILESTORE,
  },
  {
    type: 'regional',
    minGib: 100n,
    maxGib: 102_400n,
    stepGib: 2_560n,
    bands: [lowerZonal],
    evidence: documented,
    source: FILESTORE,
  },
  { type: 'enterprise', minGib: 1_024n, maxGib: 10_240n, stepGib: 256n, evidence: documented, source: FILESTORE },
];

/** A regional pd-standard disk is larger than a zonal one. */
function regional(row: TypeRow, parameters: Readonly<Record<string, string>>): TypeRow {
  const isRegional = parameters['replication-type'] === 'regional-pd';
  return isRegional && row.type === 'pd-standard' ? { ...row, minGib: 200n } : row;
}

/** A share of an instance that many claims use. Source: cloud.google.com/filestore/docs/multishares, 2026-11. */
function multishare(row: TypeRow, parameters: Readonly<Record<string, string>>): TypeRow {
  if (parameters['multishare'] !== 'true') return row;
  const most = bytesOf(parameters['max-volume-size']);
  const maxGib = most === undefined ? 1_024n : most / GIB;
  const { type, evidence, source } = row;
  return { type: `${type} multishare`, minGib: 10n, maxGib, evidence, source };
}

const remarks = ['pd-standard with `replication-type: regional-pd` has at least 200 GiB'];

export const gcpDrivers: readonly DriverRow[] = [
  {
    driver: 'pd.csi.storage.gke.io',
    inTree: 'kubernetes.io/gce-pd',
    typeKeys: ['type'],
    defaultType: 'pd-standard',
    types: diskTypes,
    adjusted: regional,
    remarks,
  },
  {
    driver: 'filestore.csi.storage.gke.io',
    typeKeys: ['tier'],
    defaultType: 'standard',
    types: filestoreTypes,
    adjusted: multishare,
    remarks: ['with `multishare: "true"` a share has 10 to 1024 GiB, or at most `max-volume-size`, whatever the tier'],
  },
  {
    driver: 'gcsfuse.csi.storage.gke.io',
    typeKeys: [],
    defaultType: '',
    types: [],
    refused: 'a bucket has no size: the size of the claim means nothing, and no volume fills',
  },
];

/**
 * Words of Compute Engine as pd.csi.storage.gke.io passes them on. Sources: gardener/pvc-autoscaler #293,
 * GoogleCloudPlatform/compute-image-tools #1390, kubernetes-sigs/gcp-compute-persistent-disk-csi-driver #1129 and #1899,
 * read 2026-11.
 */
export const gcpFailures: readonly DriverFailurePattern[] = [
  {
    words: /QUOTA_EXCEEDED|Quota '[A-Z_]+' exceeded|quotaExceeded/,
    reason: 'cloud-quota',
    remedy: 'ask Google for a higher quota of the disk type in this region, or free disks',
  },
  {
    words: /field 'sizeGb'.*Must be less than or equal/i,
    reason: 'too-large',
    remedy: 'lower max-size to what the type allows, or move the data to a larger type',
  },
  {
    words: /rateLimitExceeded|Too many pending operations|RATE_LIMIT_EXCEEDED/i,
    reason: 'throttled',
    remedy: 'look for what asks Compute Engine so often in this project; the driver tries again by itself',
  },
  {
    words: /resourceInUseByAnotherResource|is not ready|operation .* in progress/i,
    reason: 'modification-running',
    remedy: 'it goes on by itself when the other operation on the disk has ended',
  },
  {
    words: /Required '?compute\.disks\.\w+'? permission|googleapi: Error 403/i,
    reason: 'cloud-forbidden',
    remedy: 'give the service account of the driver compute.disks.get and compute.disks.resize',
  },
  {
    words: /googleapi: Error 404|notFound/,
    reason: 'volume-gone',
    remedy: 'the disk was deleted in Google Cloud, or the driver asks the wrong project',
  },
];
