/** PersistentVolumeClaim (pkg/apis/core/validation and pkg/registry/core/persistentvolumeclaim, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, notSupported, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, objectAt, textAt, textsAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isTerminating } from '../metadata.ts';
import { isSubdomain } from '../names.ts';
import type { Cells } from '../row.ts';
import { accessModeProblems, accessModesText, VOLUME_MODES } from './access-modes.ts';
import { amount, nonnegativeProblems, positiveProblems } from './amount.ts';
import { claimSpecDifference } from './difference.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

export function claimClass(claim: JsonObject): string {
  return textAt(claim, 'metadata', 'annotations', BETA_CLASS) ?? textAt(claim, 'spec', 'storageClassName') ?? '';
}

/** Whether a class was asked for, be it the empty one. */
export function hasClass(claim: JsonObject): boolean {
  return (
    textAt(claim, 'metadata', 'annotations', BETA_CLASS) !== undefined ||
    textAt(claim, 'spec', 'storageClassName') !== undefined
  );
}

export function requestOf(claim: JsonObject): string | undefined {
  return textAt(claim, 'spec', 'resources', 'requests', 'storage');
}

export const claimRules: Rules = {
  defaults: (claim) => {
    const filled = withSources(claim);
    const mode = textAt(filled, 'spec', 'volumeMode') ?? 'Filesystem';
    return withAt(withAt(filled, ['spec', 'volumeMode'], mode), ['status'], defaultStatus(filled));
  },
  create: (claim) => withAt(claim, ['status'], { phase: 'Pending' }),
  problems: claimProblems,
  updateProblems: claimUpdateProblems,
  statusProblems: claimStatusProblems,
};

function defaultStatus(claim: JsonObject): JsonObject {
  return { phase: 'Pending', ...objectAt(claim, 'status') };
}

/** A source given in one of the two members is copied to the other. */
function withSources(claim: JsonObject): JsonObject {
  const source = at(claim, 'spec', 'dataSource');
  const reference = at(claim, 'spec', 'dataSourceRef');
  if (isObject(source) && reference === undefined) return withAt(claim, ['spec', 'dataSourceRef'], source);
  const local = isObject(reference) && !textAt(reference, 'namespace');
  return local && source === undefined ? withAt(claim, ['spec', 'dataSource'], reference) : claim;
}

function claimProblems(claim: JsonObject): readonly FieldProblem[] {
  return [
    ...accessModeProblems(claim, 'at least 1 access mode is required'),
    ...requestProblems(requestOf(claim)),
    ...classNameProblems(textAt(claim, 'spec', 'storageClassName') ?? '', 'spec.storageClassName'),
    ...modeProblems(textAt(claim, 'spec', 'volumeMode')),
    ...sourceProblems(at(claim, 'spec', 'dataSource'), 'spec.dataSource'),
    ...sourceProblems(at(claim, 'spec', 'dataSourceRef'), 'spec.dataSourceRef'),
    ...classNameProblems(textAt(claim, 'spec', 'volumeAttributesClassName') ?? '', 'spec.volumeAttributesClassName'),
  ];
}

function requestProblems(request: string | undefined): readonly FieldProblem[] {
  const field = 'spec.resources[storage]';
  if (request === undefined) return [required(field)];
  const problems = positiveProblems(request, field);
  return problems.length > 0 ? problems : nonnegativeProblems(request, field, true);
}

export function classNameProblems(name: string, field: string): readonly FieldProblem[] {
  return name === '' ? [] : isSubdomain(name).map((text) => invalidValue(field, name, text));
}

export function modeProblems(mode: string | undefined): readonly FieldProblem[] {
  if (mode === undefined || VOLUME_MODES.includes(mode)) return [];
  return [notSupported('spec.volumeMode', mode, VOLUME_MODES)];
}

function sourceProblems(source: Json | undefined, field: string): readonly FieldProblem[] {
  if (!isObject(source)) return [];
  const missing = ['name', 'kind'].filter((name) => !textAt(source, name)).map((name) => required(`${field}.${name}`));
  const kind = textAt(source, 'kind') ?? '';
  if (textAt(source, 'apiGroup') || kind === 'PersistentVolumeClaim') return missing;
  const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [...missing, invalidValue(field, kind, text)];
}

function claimUpdateProblems(claim: JsonObject, current: JsonObject): readonly FieldProblem[] {
  return [
    ...annotationProblems(claim, current),
    ...specProblems(claim, current),
    ...shrinkProblems(claim, current),
    ...(sameJson(at(claim, 'spec', 'volumeMode'), at(current, 'spec', 'volumeMode'))
      ? []
      : [invalidValue('volumeMode', at(claim, 'spec', 'volumeMode') ?? null, IMMUTABLE)]),
  ];
}

function annotationProblems(claim: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const value = textAt(claim, 'metadata', 'annotations', BETA_CLASS) ?? '';
  const before = textAt(current, 'metadata', 'annotations', BETA_CLASS) ?? '';
  return value === before ? [] : [invalidValue(`metadata.annotations.${BETA_CLASS}`, value, IMMUTABLE)];
}

const SPEC_TEXT =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** The volume's name can be set once, a class given later once; a bound claim's request and attributes class may change. */
function specProblems(claim: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const before = objectAt(current, 'spec');
  let wanted = objectAt(claim, 'spec');
  if (!textAt(before, 'volumeName')) wanted = keep(wanted, before, ['volumeName']);
  const hadClass = textAt(before, 'storageClassName') !== undefined;
  if (
    !hadClass &&
    textAt(wanted, 'storageClassName') !== undefined &&
    !textAt(current, 'metadata', 'annotations', BETA_CLASS)
  ) {
    wanted = keep(wanted, before, ['storageClassName']);
  }
  if (textAt(current, 'status', 'phase') === 'Bound') {
    wanted = keep(wanted, before, ['resources', 'requests', 'storage']);
    wanted = keep(wanted, before, ['volumeAttributesClassName']);
  }
  if (sameJson(wanted, before)) return [];
  return [forbiddenField('spec', `${SPEC_TEXT}\n${claimSpecDifference(before, wanted)}`)];
}

function keep(object: JsonObject, source: JsonObject, path: readonly string[]): JsonObject {
  return withAt(object, path, at(source, ...path));
}

/** A request may fall again after an expansion that did not come about, but never to what the volume has or below. */
function shrinkProblems(claim: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const size = amount(requestOf(claim));
  if (size >= amount(requestOf(current))) return [];
  if (size > amount(textAt(current, 'status', 'capacity', 'storage'))) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

function claimStatusProblems(claim: JsonObject): readonly FieldProblem[] {
  const capacity = Object.entries(objectAt(claim, 'status', 'capacity')).flatMap(([name, value]) =>
    amount(String(value)) < 0n
      ? [invalidValue(`status.capacity[${name}]`, String(value), 'must be a valid resource quantity')]
      : [],
  );
  const statuses = Object.entries(objectAt(claim, 'status', 'allocatedResourceStatuses')).flatMap(([name, value]) =>
    RESIZE_STATUSES.includes(String(value))
      ? []
      : [notSupported('status.allocatedResourceStatuses', name, RESIZE_STATUSES)],
  );
  const allocated = Object.entries(objectAt(claim, 'status', 'allocatedResources')).flatMap(([name, value]) =>
    nonnegativeProblems(String(value), `status.allocatedResources[${name}]`, true),
  );
  return [...capacity, ...statuses, ...allocated];
}

export const claimCells: Cells = {
  Status: (claim) => (isTerminating(claim) ? 'Terminating' : (textAt(claim, 'status', 'phase') ?? '')),
  Volume: (claim) => textAt(claim, 'spec', 'volumeName') ?? '',
  Capacity: (claim) => (isPlaced(claim) ? (textAt(claim, 'status', 'capacity', 'storage') ?? '0') : ''),
  'Access Modes': (claim) => (isPlaced(claim) ? accessModesText(textsAt(claim, 'status', 'accessModes')) : ''),
  StorageClass: claimClass,
  VolumeAttributesClass: (claim) => textAt(claim, 'spec', 'volumeAttributesClassName') ?? '<unset>',
};

export const claimWideCells: Cells = {
  VolumeMode: (claim) => textAt(claim, 'spec', 'volumeMode') ?? '<unset>',
};

function isPlaced(claim: JsonObject): boolean {
  return Boolean(textAt(claim, 'spec', 'volumeName'));
}
