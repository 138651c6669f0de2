/** A process that asks EC2 about the volume of a claim, as a user sees it: explain, doctor and the metrics. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { type Asked, cloudFor, type Reply, signatureProblem } from '../../src/providers/lookup/cloud.fixture.ts';
import { bound, clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const DRIVER = 'ebs.csi.aws.com';

function ec2({ form }: Asked): Reply {
  const row =
    form.get('Action') === 'DescribeVolumes'
      ? '<volumeSet><item><volumeId>vol-0a</volumeId><size>100</size><volumeType>io2</volumeType></item></volumeSet>'
      : '<volumeModificationSet><item><volumeId>vol-0a</volumeId><modificationState>optimizing</modificationState><progress>40</progress><startTime>2026-01-19T23:58:04.922Z</startTime></item></volumeModificationSet>';
  return { body: `<${form.get('Action')}Response><requestId>r</requestId>${row}</${form.get('Action')}Response>` };
}

async function makeVolume(client: Client): Promise<void> {
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'ebs' },
    provisioner: DRIVER,
    parameters: { type: 'gp3' },
    allowVolumeExpansion: true,
  });
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv-0a' },
    spec: {
      capacity: { storage: '100Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'ebs',
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: DRIVER, volumeHandle: 'vol-0a' },
    },
  });
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name: 'data', annotations: { 'pvc-chonker.io/enabled': 'true' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'ebs',
      volumeName: 'pv-0a',
      resources: { requests: { storage: '100Gi' } },
    },
  });
}

test('what EC2 says of a volume is in explain and in the findings of doctor, and no secret is in the log', async (t) => {
  let denied = false;
  const refusal: Reply = {
    status: 403,
    body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>not authorized</Message></Error></Errors></Response>',
  };
  const cloud = await cloudFor(t, (asked) => (denied ? refusal : ec2(asked)));
  const data = temporaryFolder((remove) => t.after(remove));
  const config = `aws.lookups=true,aws.region=eu-west-1,aws.ec2Endpoint=${cloud.url},lookups.maxAge=1s,lookups.perSecond=20`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET };
  const larder = await startLarder(data, ['--provider-config', config], keys);
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  await makeVolume(client);
  await bound(client, 'default', 'data');

  const env = { KUBECONFIG: larder.kubeconfig };
  const explained = async () => JSON.parse((await runLarder(['explain', 'pvc/data', '-o', 'json'], env)).stdout);
  const known = await eventually('what EC2 says', async () => {
    const { constraints } = await explained();
    return constraints.volume.typeFrom === 'the cloud' ? constraints : undefined;
  });
  assert.equal(known.provider, 'aws');
  assert.equal(known.volume.volumeType, 'io2');
  assert.equal(known.volume.lastModification.state, 'optimizing, 40 %');
  assert.equal(signatureProblem(cloud.asked[0] ?? assert.fail(), SECRET), '');
  const text = (await runLarder(['explain', 'pvc/data'], env)).stdout;
  assert.match(text, /^Provider: {2}aws io2 \(CSI driver ebs\.csi\.aws\.com; the cloud\)$/m);
  assert.match((await runLarder(['doctor'], env)).stdout, /look-ups of aws.*1 volume known/);

  denied = true;
  const refused = await eventually('what is missing', async () => {
    const { notes, constraints } = await explained();
    return notes.length > 0 ? { notes, constraints } : undefined;
  });
  assert.match(refused.notes[0], /^the cloud was not asked: the role lacks ec2:DescribeVolumes/);
  assert.equal(refused.constraints.volume.volumeType, 'io2', 'what was known stays');
  assert.match((await runLarder(['doctor'], env)).stdout, /look-ups of aws.*the role lacks ec2:DescribeVolumes/s);
  const metrics = await (await fetch(new URL('/metrics', larder.console))).text();
  assert.match(metrics, /larder_cloud_lookups_total\{cloud="aws",outcome="denied"\} [1-9]/);
  assert.ok(!larder.stderr().includes(SECRET) && !larder.lines.join('\n').includes(SECRET));
});
