import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { constraintsOf, situationInput } from '../expand/decide.fixture.ts';
import { planSize } from '../expand/size.ts';
import { directoryRows } from './directory.ts';
import { GIB } from './driver-row.ts';
import { genericDrivers } from './generic.ts';
import { cloudTables, createProviders } from './index.ts';
import type { LookedUp, Lookup } from './lookup.ts';
import { parseProviderOptions } from './options.ts';
import { csi, provided, volumeOf } from './providers.fixture.ts';

const TIB = 1024n;

interface Vector {
  readonly driver: string;
  readonly type: string;
  readonly min: bigint;
  readonly max: bigint;
  readonly step?: bigint;
  /** `4/24h, 6h apart` */
  readonly often?: string;
}

const ebs = (driver: string): readonly Vector[] => {
  const often = '4/24h, 6h apart';
  return [
    { driver, type: 'gp2', min: 1n, max: 16n * TIB, often },
    { driver, type: 'gp3', min: 1n, max: 64n * TIB, often },
    { driver, type: 'io1', min: 4n, max: 16n * TIB, often },
    { driver, type: 'io2', min: 4n, max: 64n * TIB, often },
    { driver, type: 'st1', min: 125n, max: 16n * TIB, often },
    { driver, type: 'sc1', min: 125n, max: 16n * TIB, often },
    { driver, type: 'standard', min: 1n, max: TIB, often },
  ];
};
const pd = 'pd.csi.storage.gke.io';
const filestore = 'filestore.csi.storage.gke.io';
const hyper = '1/4h, 4h apart';
const azureDisk = (driver: string): readonly Vector[] => [
  { driver, type: 'Standard_LRS', min: 1n, max: 4_095n },
  { driver, type: 'StandardSSD_LRS', min: 1n, max: 4_095n },
  { driver, type: 'StandardSSD_ZRS', min: 1n, max: 4_095n },
  { driver, type: 'Premium_LRS', min: 1n, max: 4_095n },
  { driver, type: 'Premium_ZRS', min: 1n, max: 4_095n },
  { driver, type: 'UltraSSD_LRS', min: 4n, max: 64n * TIB },
  { driver, type: 'PremiumV2_LRS', min: 1n, max: 64n * TIB },
];
const azureFile = 'file.csi.azure.com';

const vectors: readonly Vector[] = [
  ...ebs('ebs.csi.aws.com'),
  ...ebs('kubernetes.io/aws-ebs'),
  ...ebs('ebs.csi.eks.amazonaws.com'),
  { driver: pd, type: 'pd-standard', min: 10n, max: 64n * TIB },
  { driver: pd, type: 'pd-balanced', min: 10n, max: 64n * TIB },
  { driver: pd, type: 'pd-ssd', min: 10n, max: 64n * TIB },
  { driver: pd, type: 'pd-extreme', min: 500n, max: 64n * TIB },
  { driver: pd, type: 'hyperdisk-balanced', min: 4n, max: 64n * TIB, often: hyper },
  { driver: pd, type: 'hyperdisk-balanced-high-availability', min: 4n, max: 64n * TIB, often: hyper },
  { driver: pd, type: 'hyperdisk-extreme', min: 64n, max: 64n * TIB, often: hyper },
  { driver: pd, type: 'hyperdisk-throughput', min: 2n * TIB, max: 32n * TIB, often: hyper },
  { driver: pd, type: 'hyperdisk-ml', min: 4n, max: 64n * TIB, often: hyper },
  { driver: filestore, type: 'standard', min: 100n, max: 65_433n },
  { driver: filestore, type: 'basic_hdd', min: 100n, max: 65_433n },
  { driver: filestore, type: 'premium', min: 2_560n, max: 65_433n },
  { driver: filestore, type: 'basic_ssd', min: 2_560n, max: 65_433n },
  { driver: filestore, type: 'zonal', min: TIB, max: 9_984n, step: 256n },
  { driver: filestore, type: 'regional', min: 256n, max: 9_984n, step: 256n },
  { driver: filestore, type: 'enterprise', min: TIB, max: 10n * TIB, step: 256n },
  ...azureDisk('disk.csi.azure.com'),
  ...azureDisk('kubernetes.io/azure-disk'),
  ...['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS'].map((type) => ({
    driver: azureFile,
    type,
    min: 1n,
    max: 100n * TIB,
  })),
  { driver: azureFile, type: 'Premium_LRS', min: 100n, max: 100n * TIB },
  { driver: azureFile, type: 'Premium_ZRS', min: 100n, max: 100n * TIB },
];

/** The key of a class under which each driver reads the type. */
function classOf(driver: string, type: string) {
  const key = driver.includes('azure') ? 'skuName' : driver === filestore ? 'tier' : 'type';
  return { provisioner: driver, parameters: { [key]: type } };
}

test('every row of every table, at both ends: a size that is allowed, and the next one that is not', async () => {
  const providers = createProviders();
  for (const { driver, type, min, max, step = 1n, often } of vectors) {
    const volume = provided({ ...classOf(driver, type), size: `${min}Gi` });
    const { provider } = providers.detect(volume, undefined);
    const limits = await provider.getVolumeConstraints(volume);
    assert.equal(limits.volumeType, type, driver);
    assert.equal(limits.stepSize, step * GIB, `${driver} ${type}`);
    const said = limits.modifications;
    const hours = (ms: number): string => `${ms / 3_600_000}h`;
    assert.equal(
      said && `${said.perWindow}/${hours(said.windowMs)}, ${hours(said.minIntervalMs)} apart`,
      often,
      `${driver} ${type}`,
    );
    const accepts = async (gib: bigint): Promise<string> => (await provider.validateExpansion(volume, gib * GIB)).kind;
    const ends = [await accepts(min - step), await accepts(min), await accepts(max), await accepts(max + step)];
    assert.deepEqual(ends, ['no', 'yes', 'yes', 'no'], `${driver} ${type}`);
    assert.equal((await provider.validateExpansion(volume, min * GIB + GIB / 2n)).kind, 'no');
  }
  const inTables = cloudTables({}).flatMap(({ drivers }) => drivers.flatMap(({ types }) => types));
  assert.equal(vectors.length, inTables.length, 'a row without a vector');
});

test('every driver is found by its volume, by its class and by the name it had before CSI', () => {
  const providers = createProviders();
  const found = (volume: Parameters<typeof provided>[0]) => providers.detect(provided(volume), undefined).provider.name;
  for (const { name, drivers } of cloudTables({})) {
    for (const { driver, inTree } of drivers) {
      assert.equal(found({ provisioner: driver }), name);
      assert.equal(found({ provisioner: 'something.else', volume: csi(driver) }), name);
      assert.equal(found({ provisioner: undefined, volume: volumeOf({}, driver) }), name);
      if (inTree) assert.equal(found({ provisioner: inTree }), name);
    }
  }
  const byKind = (spec: Parameters<typeof volumeOf>[0]) => found({ provisioner: undefined, volume: volumeOf(spec) });
  assert.equal(byKind({ awsElasticBlockStore: { volumeID: 'aws://eu-west-1a/vol-0a' } }), 'aws');
  assert.equal(byKind({ gcePersistentDisk: { pdName: 'disk' } }), 'gcp');
  assert.equal(byKind({ azureDisk: { diskURI: '/subscriptions/s/disks/d' } }), 'azure');
  assert.equal(byKind({ azureFile: { shareName: 's' } }), 'azure');
});

test('the type is what a person says, then what the claim was modified to, then the volume, then the class', async () => {
  const providers = createProviders();
  const typed = async (given: Parameters<typeof provided>[0]): Promise<readonly (string | undefined)[]> => {
    const volume = provided(given);
    const limits = await providers.detect(volume, undefined).provider.getVolumeConstraints(volume);
    return [limits.volumeType, limits.typeFrom];
  };
  const ebsClass = { provisioner: 'ebs.csi.aws.com', parameters: { Type: 'gp2' } };
  const attributes = { name: 'silver', parameters: { type: 'io2' } };
  assert.deepEqual(await typed({ ...ebsClass, volumeType: 'st1', attributes }), ['st1', 'setting aws-volume-type']);
  assert.deepEqual(await typed({ ...ebsClass, attributes }), ['io2', 'VolumeAttributesClass silver type']);
  assert.deepEqual(await typed({ ...ebsClass, attributes: { name: 's', parameters: { iops: '4000' } } }), [
    'gp2',
    'class parameter type',
  ]);
  const azure = { provisioner: 'disk.csi.azure.com', parameters: { storageAccountType: 'Premium_LRS' } };
  assert.deepEqual(await typed({ ...azure, volume: csi('disk.csi.azure.com', { skuName: 'UltraSSD_LRS' }) }), [
    'UltraSSD_LRS',
    'volume attribute skuname',
  ]);
  assert.deepEqual(await typed({ ...azure, volume: csi('disk.csi.azure.com') }), [
    'Premium_LRS',
    'class parameter storageaccounttype',
  ]);
  assert.deepEqual(await typed({ provisioner: 'ebs.csi.aws.com' }), ['gp3', 'the default of ebs.csi.aws.com']);
  assert.deepEqual(await typed({ provisioner: 'kubernetes.io/aws-ebs' }), [
    'gp2',
    'the default of kubernetes.io/aws-ebs',
  ]);
});

test('a type that nobody knows gets the strictest limits, and a note', async () => {
  const volume = provided({ provisioner: 'ebs.csi.aws.com', parameters: { type: 'gp9' } });
  const limits = await createProviders().detect(volume, undefined).provider.getVolumeConstraints(volume);
  assert.equal(limits.maxSize, 1_024n * GIB);
  assert.equal(limits.modifications?.perWindow, 4);
  assert.deepEqual(limits.notes, [
    'type "gp9" is not in the table of ebs.csi.aws.com: the strictest limits of its types hold',
  ]);
});

test('what does not grow says why', async () => {
  const providers = createProviders();
  const refusal = async (given: Parameters<typeof provided>[0]): Promise<string> => {
    const volume = provided(given);
    const answer = await providers.detect(volume, undefined).provider.canExpand(volume);
    return answer.kind === 'no' ? answer.reason : 'grows';
  };
  assert.match(
    await refusal({ provisioner: 'efs.csi.aws.com' }),
    /^efs\.csi\.aws\.com does not grow it: EFS is elastic/,
  );
  assert.match(await refusal({ provisioner: 'gcsfuse.csi.storage.gke.io' }), /a bucket has no size/);
  assert.match(await refusal({ provisioner: 'blob.csi.azure.com' }), /no size/);
  assert.match(await refusal({ provisioner: pd, parameters: { type: 'hyperdisk-ml' } }), /gcp\.growHyperdiskMl/);
  const shared = { provisioner: 'disk.csi.azure.com', parameters: { skuName: 'Premium_LRS', maxShares: '2' } };
  assert.match(await refusal(shared), /a shared disk \(maxShares 2\) grows only while it is attached nowhere/);
  assert.equal(await refusal({ ...shared, parameters: { skuName: 'Premium_LRS', maxShares: '1' } }), 'grows');
  assert.equal(await refusal({ provisioner: 'ebs.csi.aws.com' }), 'grows');
});

test('a regional disk, a share of many and an instance above its range have limits of their own', async () => {
  const providers = createProviders();
  const limits = async (given: Parameters<typeof provided>[0]) => {
    const volume = provided(given);
    return providers.detect(volume, undefined).provider.getVolumeConstraints(volume);
  };
  const regional = { type: 'pd-standard', 'replication-type': 'regional-pd' };
  assert.equal((await limits({ provisioner: pd, parameters: regional })).minSize, 200n * GIB);
  const share = { tier: 'enterprise', multishare: 'true', 'max-volume-size': '128Gi' };
  const many = await limits({ provisioner: filestore, parameters: share });
  assert.deepEqual([many.minSize, many.maxSize, many.stepSize], [10n * GIB, 128n * GIB, GIB]);
  const large = await limits({ provisioner: filestore, parameters: { tier: 'zonal' }, size: '10Ti' });
  assert.deepEqual([large.maxSize, large.stepSize], [100n * TIB * GIB, 2_560n * GIB]);
  const azure = { provisioner: 'disk.csi.azure.com', parameters: { skuName: 'Premium_LRS' } };
  const below = await limits({ ...azure, size: '4Ti' });
  assert.equal(below.maxSize, 4_095n * GIB);
  assert.match(below.maxSizeWhy ?? '', /past 4 TiB a disk must be detached/);
  assert.equal((await limits({ ...azure, size: '5Ti' })).maxSize, 32_767n * GIB);
});

test('configuration changes how often, how large and in which steps', async () => {
  const parsed = parseProviderOptions({
    'aws.modificationsPerDay': '2',
    'aws.modificationInterval': '12h',
    'aws.maxSize.GP3': '16Ti',
    'gcp.growHyperdiskMl': 'true',
    'gcp.modificationInterval': '1h',
    'azure.roundToTiers': 'false',
    'azure.growPast4TiB': 'true',
  });
  assert.equal(parsed.kind, 'options');
  const providers = createProviders(parsed.kind === 'options' ? { options: parsed.options } : {});
  const limits = async (driver: string, type: string) => {
    const volume = provided(classOf(driver, type));
    const { provider } = providers.detect(volume, undefined);
    return { ...(await provider.getVolumeConstraints(volume)), can: (await provider.canExpand(volume)).kind };
  };
  const gp3 = await limits('ebs.csi.aws.com', 'gp3');
  assert.deepEqual([gp3.maxSize, gp3.maxSizeWhy], [16n * TIB * GIB, 'providerConfig aws.maxSize']);
  assert.deepEqual(gp3.modifications, { perWindow: 2, windowMs: 86_400_000, minIntervalMs: 43_200_000 });
  assert.equal((await limits('ebs.csi.aws.com', 'standard')).maxSize, TIB * GIB);
  const ml = await limits(pd, 'hyperdisk-ml');
  assert.deepEqual([ml.can, ml.modifications?.minIntervalMs], ['yes', 3_600_000]);
  assert.equal((await limits(pd, 'pd-ssd')).modifications, undefined);
  const premium = await limits('disk.csi.azure.com', 'Premium_LRS');
  assert.deepEqual([premium.tiers, premium.maxSize], [undefined, 32_767n * GIB]);
  const { provider } = providers.detect(provided({ provisioner: 'ebs.csi.aws.com' }), undefined);
  assert.deepEqual(provider.defaultConfiguration(), { cooldown: 43_200_000 });
});

test('whatever the size and the settings, a planned size is one that the provider takes', async () => {
  const providers = createProviders();
  const rows = cloudTables({}).flatMap(({ drivers }) =>
    drivers.flatMap(({ driver, types }) => types.map(({ type }) => ({ driver, type }))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...rows),
      fc.bigInt(1n, 70_000n * 1024n),
      fc.constantFrom('1%', '10%', '100%', '1Ki', '1Gi', '700Gi'),
      fc.option(fc.constantFrom('1Mi', '5Gi', '3Ti'), { nil: undefined }),
      fc.constantFrom('100Gi', '999.5Gi', '4Ti', '60Ti'),
      async ({ driver, type }, mib, increase, maxStep, maxSize) => {
        const request = `${mib}Mi`;
        const volume = provided({ ...classOf(driver, type), size: request });
        const { provider } = providers.detect(volume, undefined);
        const limits = await provider.getVolumeConstraints(volume);
        const annotations = {
          'pvc-chonker.io/increase': increase,
          'pvc-chonker.io/max-size': maxSize,
          ...(maxStep ? { 'pvc-chonker.io/max-step': maxStep } : {}),
        };
        const { claim, resolution } = situationInput({ request, annotations });
        const { targetBytes, baseBytes } = planSize(claim, resolution.settings, constraintsOf({ volume: limits }));
        if (targetBytes === undefined) return;
        assert.ok(targetBytes > baseBytes);
        assert.deepEqual(await provider.validateExpansion(volume, targetBytes), { kind: 'yes' });
      },
    ),
    { numRuns: 500 },
  );
});

test('what the cloud said comes before the class, and a failed question changes nothing but the notes', async () => {
  const facts = {
    type: 'io2',
    sizeBytes: 10n * GIB,
    modification: { at: 1_000, state: 'optimizing', settled: false, source: 'ec2:DescribeVolumesModifications' },
    shared: false,
  };
  const answers = new Map<string, LookedUp>([
    ['vol-1', { kind: 'known', facts, at: 2_000 }],
    ['vol-2', { kind: 'failed', reason: 'the role lacks ec2:DescribeVolumes', facts: undefined }],
    ['vol-3', { kind: 'asked' }],
    ['vol-4', { kind: 'known', facts: { ...facts, shared: true }, at: 2_000 }],
  ]);
  const asked: string[] = [];
  const lookup: Lookup = {
    latest(handle) {
      asked.push(handle);
      return answers.get(handle) ?? { kind: 'asked' };
    },
  };
  const providers = createProviders({ lookups: { aws: lookup } });
  const volume = (volumeHandle: string) =>
    provided({
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3' },
      volume: volumeOf({ csi: { driver: 'ebs.csi.aws.com', volumeHandle } }),
    });
  const limits = (handle: string) =>
    providers.detect(volume(handle), undefined).provider.getVolumeConstraints(volume(handle));
  const known = await limits('vol-1');
  assert.deepEqual([known.volumeType, known.typeFrom], ['io2', 'the cloud']);
  assert.equal(known.lastModification?.state, 'optimizing');
  const failed = await limits('vol-2');
  assert.equal(failed.volumeType, 'gp3');
  assert.deepEqual(failed.notes, ['the cloud was not asked: the role lacks ec2:DescribeVolumes; the tables hold']);
  assert.deepEqual([(await limits('vol-3')).volumeType, (await limits('vol-3')).notes], ['gp3', undefined]);
  const { provider } = providers.detect(volume('vol-4'), undefined);
  assert.equal((await provider.canExpand(volume('vol-4'))).kind, 'no');
  const inTree = provided({
    provisioner: undefined,
    volume: volumeOf({ awsElasticBlockStore: { volumeID: 'aws://eu-west-1a/vol-0abc' } }),
  });
  await providers.detect(inTree, undefined).provider.getVolumeConstraints(inTree);
  assert.ok(asked.includes('vol-0abc'));
});

test('every row of every table says how sure it is, where from and when', () => {
  const rows = [...cloudTables({}).flatMap(({ drivers }) => drivers.flatMap(({ types }) => types)), ...genericDrivers];
  assert.ok(rows.length > 60, `${rows.length} rows`);
  for (const { evidence, source } of rows) {
    assert.match(source, /[\w-]+\.\w+\/\S+.* 20\d\d-\d\d$/);
    assert.notEqual(evidence, 'derived', source);
  }
  for (const { source } of directoryRows) assert.ok(existsSync(join(import.meta.dirname, '../..', source)), source);
});

test('nothing grows into a size that costs for nothing: an Ultra disk has no tiers, a small Filestore no leap to a TiB', async () => {
  const providers = createProviders();
  const limits = async (given: Parameters<typeof provided>[0]) => {
    const volume = provided(given);
    return providers.detect(volume, undefined).provider.getVolumeConstraints(volume);
  };
  const ultra = { provisioner: 'disk.csi.azure.com', parameters: { skuName: 'UltraSSD_LRS' } };
  assert.equal((await limits(ultra)).tiers, undefined);
  assert.notEqual((await limits({ ...ultra, parameters: { skuName: 'Premium_LRS' } })).tiers, undefined);
  const small = await limits({ provisioner: filestore, parameters: { tier: 'standard' }, size: '100Gi' });
  assert.equal(small.minSize, 100n * GIB);
});
