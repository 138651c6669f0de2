/** PersistentVolume (pkg/apis/core/validation and pkg/registry/core/persistentvolume, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, notSupported, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt, textsAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isTerminating, timestamp } from '../metadata.ts';
import { isSubdomain } from '../names.ts';
import type { Cells } from '../row.ts';
import { accessModeProblems, accessModesText } from './access-modes.ts';
import { positiveProblems } from './amount.ts';
import { classNameProblems, modeProblems } from './claim.ts';
import { volumeSourceDifference } from './difference.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const POLICIES = ['Delete', 'Recycle', 'Retain'];

/** Each is a member of the spec; a volume has exactly one. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
];

export const volumeRules: Rules = {
  defaults: (volume) => {
    const { persistentVolumeReclaimPolicy = 'Retain', volumeMode = 'Filesystem', ...given } = objectAt(volume, 'spec');
    const { storageClassName, ...others } = given;
    const named = storageClassName === '' ? others : given; // an empty one is not kept, other than that of a claim
    const spec = { ...named, persistentVolumeReclaimPolicy, volumeMode };
    const filled = { ...volume, spec, status: { phase: 'Pending', ...objectAt(volume, 'status') } };
    return at(spec, 'hostPath') === undefined
      ? filled
      : withAt(filled, ['spec', 'hostPath', 'type'], textAt(spec, 'hostPath', 'type') ?? '');
  },
  create: (volume, nowMs) =>
    withAt(volume, ['status'], { phase: 'Pending', lastPhaseTransitionTime: timestamp(nowMs) }),
  updateStatus: withTransitionTime,
  problems: volumeProblems,
  updateProblems: volumeUpdateProblems,
};

function withTransitionTime(volume: JsonObject, current: JsonObject, nowMs: number): JsonObject {
  const path = ['status', 'lastPhaseTransitionTime'];
  const time = at(volume, ...path);
  const before = at(current, ...path);
  if (textAt(volume, 'status', 'phase') === textAt(current, 'status', 'phase')) {
    return time === undefined ? withAt(volume, path, before) : volume;
  }
  return time === undefined || time === before ? withAt(volume, path, timestamp(nowMs)) : volume;
}

function volumeProblems(volume: JsonObject): readonly FieldProblem[] {
  const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') ?? '';
  return [
    ...accessModeProblems(volume, ''),
    ...capacityProblems(objectAt(volume, 'spec', 'capacity')),
    ...(policy === '' || POLICIES.includes(policy)
      ? []
      : [notSupported('spec.persistentVolumeReclaimPolicy', policy, POLICIES)]),
    ...affinityProblems(at(volume, 'spec', 'nodeAffinity')),
    ...sourceProblems(objectAt(volume, 'spec')),
    ...classNameProblems(textAt(volume, 'spec', 'storageClassName') ?? '', 'spec.storageClassName'),
    ...modeProblems(textAt(volume, 'spec', 'volumeMode')),
  ];
}

function capacityProblems(capacity: JsonObject): readonly FieldProblem[] {
  const field = 'spec.capacity';
  const names = Object.keys(capacity);
  const problems: FieldProblem[] = names.length === 0 ? [required(field)] : [];
  if (names.length !== 1 || names[0] !== 'storage') problems.push(notSupported(field, capacity, ['storage']));
  return [
    ...problems,
    ...Object.entries(capacity).flatMap(([name, value]) => positiveProblems(String(value), `${field}[${name}]`)),
  ];
}

function affinityProblems(affinity: Json | undefined): readonly FieldProblem[] {
  if (affinity === undefined) return [];
  const field = 'spec.nodeAffinity.required';
  if (!isObject(at(affinity, 'required'))) return [required(field, 'must specify required node constraints')];
  if (listAt(affinity, 'required', 'nodeSelectorTerms').length > 0) return [];
  return [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')];
}

function sourceProblems(spec: JsonObject): readonly FieldProblem[] {
  const [first, ...more] = SOURCES.filter((name) => at(spec, name) !== undefined);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const extra = more.map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'));
  const checks = SOURCE_PROBLEMS[first]?.(objectAt(spec, first), spec) ?? [];
  return [...checks, ...extra];
}

const SOURCE_PROBLEMS: Readonly<Record<string, (source: JsonObject, spec: JsonObject) => readonly FieldProblem[]>> = {
  nfs: (nfs) => [
    ...missing(nfs, 'spec.nfs', ['server', 'path']),
    ...((textAt(nfs, 'path') ?? '').startsWith('/')
      ? []
      : [invalidValue('spec.nfs.path', textAt(nfs, 'path') ?? '', 'must be an absolute path')]),
  ],
  local: (local, spec) => [
    ...pathProblems(local, 'spec.local'),
    ...(at(spec, 'nodeAffinity') === undefined
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
  ],
  hostPath: (hostPath, spec) => [
    ...pathProblems(hostPath, 'spec.hostPath'),
    ...(textAt(hostPath, 'path') === '/' && textAt(spec, 'persistentVolumeReclaimPolicy') === 'Recycle'
      ? [forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
  ],
  csi: (csi) => [
    ...missing(csi, 'spec.csi', ['driver', 'volumeHandle']),
    ...driverProblems(textAt(csi, 'driver') ?? ''),
  ],
};

function driverProblems(driver: string): readonly FieldProblem[] {
  if (driver === '') return [];
  return isSubdomain(driver.toLowerCase()).map((text) => invalidValue('spec.csi.driver', driver, text));
}

function pathProblems(source: JsonObject, field: string): readonly FieldProblem[] {
  const path = textAt(source, 'path') ?? '';
  if (path === '') return [required(`${field}.path`)];
  return path.split('/').includes('..') ? [invalidValue(`${field}.path`, path, "must not contain '..'")] : [];
}

function missing(source: JsonObject, field: string, names: readonly string[]): readonly FieldProblem[] {
  return names.filter((name) => !textAt(source, name)).map((name) => required(`${field}.${name}`));
}

const SOURCE_TEXT = 'spec.persistentvolumesource is immutable after creation';

function volumeUpdateProblems(volume: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const changed = SOURCES.filter((name) => !sameJson(at(volume, 'spec', name), at(current, 'spec', name)));
  if (changed.length > 0) {
    const shown = volumeSourceDifference(objectAt(current, 'spec'), objectAt(volume, 'spec'));
    problems.push(forbiddenField('spec.persistentvolumesource', `${SOURCE_TEXT}\n${shown}`));
  }
  if (textAt(volume, 'spec', 'volumeMode') !== textAt(current, 'spec', 'volumeMode')) {
    problems.push(invalidValue('volumeMode', at(volume, 'spec', 'volumeMode') ?? null, IMMUTABLE));
  }
  const affinity = at(volume, 'spec', 'nodeAffinity');
  const before = at(current, 'spec', 'nodeAffinity');
  if (before !== undefined && !sameJson(affinity, before)) {
    const text = `${IMMUTABLE}, except for updating from beta label to GA`;
    problems.push(invalidValue('nodeAffinity', affinity ?? null, text));
  }
  return problems;
}

function volumeClass(volume: JsonObject): string {
  return textAt(volume, 'metadata', 'annotations', BETA_CLASS) ?? textAt(volume, 'spec', 'storageClassName') ?? '';
}

export const volumeCells: Cells = {
  Capacity: (volume) => textAt(volume, 'spec', 'capacity', 'storage') ?? '0',
  'Access Modes': (volume) => accessModesText(textsAt(volume, 'spec', 'accessModes')),
  'Reclaim Policy': (volume) => textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') ?? '',
  Status: (volume) => (isTerminating(volume) ? 'Terminating' : (textAt(volume, 'status', 'phase') ?? '')),
  Claim: (volume) =>
    isObject(at(volume, 'spec', 'claimRef'))
      ? `${textAt(volume, 'spec', 'claimRef', 'namespace') ?? ''}/${textAt(volume, 'spec', 'claimRef', 'name') ?? ''}`
      : '',
  StorageClass: volumeClass,
  VolumeAttributesClass: (volume) => textAt(volume, 'spec', 'volumeAttributesClassName') ?? '<unset>',
  Reason: (volume) => textAt(volume, 'status', 'reason') ?? '',
};

export const volumeWideCells: Cells = {
  VolumeMode: (volume) => textAt(volume, 'spec', 'volumeMode') ?? '<unset>',
};
