/** StorageClass (pkg/apis/storage/validation, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, IMMUTABLE, invalidValue, notSupported, required, tooLong } from '../field.ts';
import { at, type JsonObject, objectAt, textAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isQualifiedName } from '../names.ts';
import type { Cell, Cells } from '../row.ts';

const POLICIES = ['Delete', 'Retain'];
const MODES = ['Immediate', 'WaitForFirstConsumer'];
const MOST_PARAMETERS = 512;
const LARGEST_PARAMETERS = 256 * 1024;
const DEFAULT_MARKS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export function isDefaultClass(storageClass: JsonObject): boolean {
  return DEFAULT_MARKS.some((mark) => textAt(storageClass, 'metadata', 'annotations', mark) === 'true');
}

export const storageClassRules: Rules = {
  defaults: (storageClass) => ({
    ...storageClass,
    reclaimPolicy: textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
    volumeBindingMode: textAt(storageClass, 'volumeBindingMode') ?? 'Immediate',
  }),
  problems: (storageClass) => [
    ...provisionerProblems(textAt(storageClass, 'provisioner') ?? ''),
    ...parameterProblems(objectAt(storageClass, 'parameters')),
    ...oneOf('reclaimPolicy', textAt(storageClass, 'reclaimPolicy'), POLICIES),
    ...oneOf('volumeBindingMode', textAt(storageClass, 'volumeBindingMode'), MODES),
  ],
  updateProblems: (storageClass, current) =>
    ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']
      .filter((name) => !sameJson(at(storageClass, name), at(current, name)))
      .map((name) => invalidValue(name, at(storageClass, name) ?? null, IMMUTABLE)),
};

function provisionerProblems(provisioner: string): readonly FieldProblem[] {
  if (provisioner === '') return [required('provisioner')];
  const name = provisioner.toLowerCase();
  return isQualifiedName(name).map((text) => invalidValue('provisioner', name, text));
}

function parameterProblems(parameters: JsonObject): readonly FieldProblem[] {
  const entries = Object.entries(parameters);
  if (entries.length > MOST_PARAMETERS) return [tooLong('parameters', MOST_PARAMETERS)];
  const problems = entries
    .filter(([name]) => name === '')
    .map(([name]) => invalidValue('parameters', name, 'field can not be empty.'));
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + String(value)), 0);
  return bytes > LARGEST_PARAMETERS ? [...problems, tooLong('parameters', LARGEST_PARAMETERS)] : problems;
}

function oneOf(field: string, value: string | undefined, supported: readonly string[]): readonly FieldProblem[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** The class that claims get which ask for none says so behind its name. */
export const classNameText: Cell = (storageClass) =>
  `${textAt(storageClass, 'metadata', 'name') ?? ''}${isDefaultClass(storageClass) ? ' (default)' : ''}`;

export const storageClassCells: Cells = {
  Provisioner: (storageClass) => textAt(storageClass, 'provisioner') ?? '',
  ReclaimPolicy: (storageClass) => textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
  VolumeBindingMode: (storageClass) => textAt(storageClass, 'volumeBindingMode') ?? 'Immediate',
  AllowVolumeExpansion: (storageClass) => at(storageClass, 'allowVolumeExpansion') === true,
};
