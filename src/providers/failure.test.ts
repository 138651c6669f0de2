import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriverReason } from '../expand/provider.ts';
import { createProviders } from './index.ts';
import { provided } from './providers.fixture.ts';

/** Messages as drivers wrote them on claims; names and numbers of others are replaced. */
const messages: readonly (readonly [string, string, DriverReason])[] = [
  [
    'ebs.csi.aws.com',
    'failed to expand pvc with rpc error: code = Internal desc = Could not resize volume "vol-0a": rpc error: code = Internal desc = Could not modify volume "vol-0a": operation error EC2: ModifyVolume, https response error StatusCode: 400, RequestID: r, api error VolumeModificationRateExceeded: You\'ve reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.',
    'modification-rate',
  ],
  [
    'ebs.csi.aws.com',
    'could not modify AWS volume "vol-0a": IncorrectModificationState: Volume vol-0a cannot be modified in modification state OPTIMIZING status code: 400',
    'modification-running',
  ],
  ['ebs.csi.aws.com', 'rpc error: code = Internal desc = RequestLimitExceeded: Request limit exceeded.', 'throttled'],
  [
    'ebs.csi.aws.com',
    'Could not modify volume "vol-0a": operation error EC2: ModifyVolume, https response error StatusCode: 400, api error VolumeLimitExceeded: You have exceeded your maximum gp3 storage limit of 50 TiB in this region.',
    'cloud-quota',
  ],
  [
    'ebs.csi.aws.com',
    'api error UnauthorizedOperation: You are not authorized to perform this operation.',
    'cloud-forbidden',
  ],
  ['ebs.csi.aws.com', "api error InvalidVolume.NotFound: The volume 'vol-0a' does not exist.", 'volume-gone'],
  [
    'pd.csi.storage.gke.io',
    'rpc error: code = InvalidArgument desc = ControllerExpandVolume failed to resize disk: failed to resize zonal volume Key{"pv", zone: "z"}: googleapi: Error 400: Invalid value for field \'sizeGb\': \'1024000\'. Must be less than or equal to 65536, invalid',
    'too-large',
  ],
  [
    'pd.csi.storage.gke.io',
    "googleapi: Error 403: Quota 'SSD_TOTAL_GB' exceeded.  Limit: 250.0 in region us-east1., quotaExceeded",
    'cloud-quota',
  ],
  [
    'pd.csi.storage.gke.io',
    'googleapi: Error 403: Too many pending operations on a resource., rateLimitExceeded',
    'throttled',
  ],
  [
    'pd.csi.storage.gke.io',
    "googleapi: Error 403: Required 'compute.disks.resize' permission for 'projects/p/zones/z/disks/d', forbidden",
    'cloud-forbidden',
  ],
  [
    'disk.csi.azure.com',
    'failed to resize disk(/subscriptions/s) with error(PATCH http://localhost RESPONSE 409: "code": "OperationNotAllowed", "message": "Cannot resize disk d while it is attached to running VM /subscriptions/s/vm. Resizing a disk of an Azure Virtual Machine requires the virtual machine to be deallocated."',
    'detach-needed',
  ],
  [
    'disk.csi.azure.com',
    "RESPONSE 400: 400 Bad Request ERROR CODE: BadRequest { 'error': { 'message': 'Only Disk CachingType 'None' is supported for disk with size greater than 4095 GB.' } }",
    'detach-needed',
  ],
  [
    'disk.csi.azure.com',
    'RESPONSE 403: ERROR CODE: AuthorizationFailed does not have authorization to perform action',
    'cloud-forbidden',
  ],
  ['csi.hetzner.cloud', 'rpc error: code = ResourceExhausted desc = volume size limit', 'cloud-quota'],
  ['cinder.csi.openstack.org', 'rpc error: code = OutOfRange desc = too much', 'too-large'],
  ['topolvm.io', 'rpc error: code = OutOfRange desc = x', 'too-large'],
  ['driver.longhorn.io', 'rpc error: code = Internal desc = no space left on device', 'no-space'],
];

test('the words of drivers are read as what they mean, with what to do', () => {
  const providers = createProviders();
  for (const [driver, message, reason] of messages) {
    const { provider } = providers.detect(provided({ provisioner: driver }), undefined);
    const failure = provider.failureOf?.(message);
    assert.equal(failure?.reason, reason, message);
    assert.ok(failure.remedy.length > 20, message);
  }
  const { provider } = providers.detect(provided({ provisioner: 'ebs.csi.aws.com' }), undefined);
  assert.equal(provider.failureOf?.('rpc error: code = DeadlineExceeded desc = context deadline exceeded'), undefined);
});
