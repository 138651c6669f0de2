/** Volumes of AWS. EBS grows in place and online; how often is limited, and both texts of that limit are in circulation. */

import type { DriverRow, TypeRow } from './driver-row.ts';
import type { DriverFailurePattern } from './failure.ts';

const HOUR_MS = 3_600_000;

/**
 * Until January 2026 a volume could be modified once in six hours; since then four times in any 24 hours, each time after
 * the modification before has completed. Regional documentation lags, so both hold here unless configured otherwise.
 * Sources: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html and awslabs/data-on-eks #1106, both read
 * 2026-11.
 */
export const ebsModifications = { perWindow: 4, windowMs: 24 * HOUR_MS, minIntervalMs: 6 * HOUR_MS } as const;

const evidence = 'documented';
const LIMITS = 'docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html, 2026-11';
const modifications = ebsModifications;

const ebsTypes: readonly TypeRow[] = [
  { type: 'gp2', minGib: 1n, maxGib: 16_384n, modifications, evidence, source: LIMITS },
  {
    type: 'gp3',
    minGib: 1n,
    maxGib: 65_536n, // 16,384 in older documentation and in some regions: `aws.maxSize`
    modifications,
    evidence,
    source: 'docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html, 2026-11',
  },
  { type: 'io1', minGib: 4n, maxGib: 16_384n, modifications, evidence, source: LIMITS },
  { type: 'io2', minGib: 4n, maxGib: 65_536n, modifications, evidence, source: LIMITS },
  { type: 'st1', minGib: 125n, maxGib: 16_384n, modifications, evidence, source: LIMITS },
  { type: 'sc1', minGib: 125n, maxGib: 16_384n, modifications, evidence, source: LIMITS },
  { type: 'standard', minGib: 1n, maxGib: 1_024n, modifications, evidence, source: LIMITS },
];

export const awsDrivers: readonly DriverRow[] = [
  {
    driver: 'ebs.csi.aws.com',
    typeKeys: ['type'],
    defaultType: 'gp3',
    types: ebsTypes,
    remarks: ['io2 on hosts without Block Express has at most 16384 GiB: set `aws.maxSize`'],
  },
  {
    driver: 'kubernetes.io/aws-ebs',
    typeKeys: ['type'],
    defaultType: 'gp2',
    types: ebsTypes,
  },
  {
    driver: 'ebs.csi.eks.amazonaws.com',
    typeKeys: ['type'],
    defaultType: 'gp3',
    types: ebsTypes,
    remarks: ['EKS Auto Mode: its volumes cannot be modified by other means than their claim'],
  },
  {
    driver: 'efs.csi.aws.com',
    typeKeys: [],
    defaultType: '',
    types: [],
    refused: 'EFS is elastic: the size of the claim means nothing, and no volume fills',
  },
];

/**
 * Words of EC2 as ebs.csi.aws.com passes them on. Sources: kubernetes/kubernetes #131397 and #69434,
 * kubernetes-sigs/aws-ebs-csi-driver #1148 and #2545, gardener/pvc-autoscaler #293, read 2026-11.
 */
export const awsFailures: readonly DriverFailurePattern[] = [
  {
    words: /VolumeModificationRateExceeded|maximum modification rate per volume/i,
    reason: 'modification-rate',
    remedy: 'it goes on by itself when the volume may be modified again; a larger increase needs fewer modifications',
  },
  {
    words: /IncorrectModificationState|cannot be modified in modification state/i,
    reason: 'modification-running',
    remedy:
      'it goes on by itself when EC2 calls the earlier modification completed, which can take a day for a large volume',
  },
  {
    words: /RequestLimitExceeded|api error Throttling/i,
    reason: 'throttled',
    remedy: 'look for what asks EC2 so often in this account and region; the driver tries again by itself',
  },
  {
    words: /VolumeLimitExceeded|MaxIOPSLimitExceeded/i,
    reason: 'cloud-quota',
    remedy: 'ask AWS for a higher EBS limit in this region, or free volumes',
  },
  {
    words: /UnauthorizedOperation|AccessDenied/i,
    reason: 'cloud-forbidden',
    remedy: 'give the role of the EBS driver ec2:ModifyVolume and ec2:DescribeVolumesModifications',
  },
  {
    words: /InvalidVolume\.NotFound/i,
    reason: 'volume-gone',
    remedy: 'the volume was deleted in AWS, or the driver asks the wrong region or account',
  },
  {
    words: /Volume of \d+ ?GiB is too large/i,
    reason: 'too-large',
    remedy: 'lower max-size to what the type allows, or move the data to a larger type',
  },
];
