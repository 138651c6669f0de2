/**
 * Specs as the API server holds them (pkg/apis/core/types.go, read in 1.36): Go's names in Go's order, and nothing is
 * absent. Some refusals show a difference of two of them.
 */
import { type Json, type JsonObject, member, objectAt, sortedByName } from '../json.ts';
import { unifiedDiff } from '../unified-diff.ts';

interface Member {
  readonly name: string;
  readonly from: string;
  /** What stands there when the object has none. */
  readonly zero: Json;
  /** Of a struct; of anything else as it is. */
  readonly members?: readonly Member[];
}

const plain = (name: string, zero: Json = null, from = lower(name)): Member => ({ name, from, zero });
const struct = (name: string, members: readonly Member[], from = lower(name)): Member => ({
  name,
  from,
  zero: null,
  members,
});

const LOCAL_REFERENCE = [plain('APIGroup', null, 'apiGroup'), plain('Kind', ''), plain('Name', '')];
const SECRET = [plain('Name', ''), plain('Namespace', '')];

const CLAIM_SPEC: readonly Member[] = [
  plain('AccessModes'),
  plain('Selector'),
  { ...struct('Resources', [plain('Limits'), plain('Requests')]), zero: { Limits: null, Requests: null } },
  plain('VolumeName', ''),
  plain('StorageClassName'),
  plain('VolumeMode'),
  struct('DataSource', LOCAL_REFERENCE),
  struct('DataSourceRef', [...LOCAL_REFERENCE, plain('Namespace')]),
  plain('VolumeAttributesClassName'),
];

const VOLUME_SOURCE: readonly Member[] = [
  plain('GCEPersistentDisk', null, 'gcePersistentDisk'),
  plain('AWSElasticBlockStore', null, 'awsElasticBlockStore'),
  struct('HostPath', [plain('Path', ''), plain('Type')]),
  plain('Glusterfs'),
  struct('NFS', [plain('Server', ''), plain('Path', ''), plain('ReadOnly', false)], 'nfs'),
  plain('RBD', null, 'rbd'),
  plain('Quobyte'),
  plain('ISCSI', null, 'iscsi'),
  plain('FlexVolume'),
  plain('Cinder'),
  plain('CephFS', null, 'cephfs'),
  plain('FC', null, 'fc'),
  plain('Flocker'),
  plain('AzureFile'),
  plain('VsphereVolume'),
  plain('AzureDisk'),
  plain('PhotonPersistentDisk'),
  plain('PortworxVolume'),
  plain('ScaleIO', null, 'scaleIO'),
  struct('Local', [plain('Path', ''), plain('FSType', null, 'fsType')]),
  plain('StorageOS', null, 'storageos'),
  struct(
    'CSI',
    [
      plain('Driver', ''),
      plain('VolumeHandle', ''),
      plain('ReadOnly', false),
      plain('FSType', '', 'fsType'),
      plain('VolumeAttributes'),
      struct('ControllerPublishSecretRef', SECRET),
      struct('NodeStageSecretRef', SECRET),
      struct('NodePublishSecretRef', SECRET),
      struct('ControllerExpandSecretRef', SECRET),
      struct('NodeExpandSecretRef', SECRET),
    ],
    'csi',
  ),
];

/** Of two specs of claims. */
export function claimSpecDifference(before: JsonObject, after: JsonObject): string {
  return difference(CLAIM_SPEC, before, after);
}

/** Of the sources in two specs of volumes. */
export function volumeSourceDifference(before: JsonObject, after: JsonObject): string {
  return difference(VOLUME_SOURCE, before, after);
}

function difference(members: readonly Member[], before: JsonObject, after: JsonObject): string {
  const [one, other] = [internal(members, before), internal(members, after)];
  return unifiedDiff(JSON.stringify(one, null, 1), JSON.stringify(other, null, 1));
}

function internal(members: readonly Member[], object: JsonObject): JsonObject {
  return Object.fromEntries(
    members.map(({ name, from, zero, members: inner }) => {
      const value = member(object, from);
      if (value === undefined || value === null) return [name, zero];
      return [name, inner ? internal(inner, objectAt(object, from)) : sortedByName(value)];
    }),
  );
}

function lower(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
