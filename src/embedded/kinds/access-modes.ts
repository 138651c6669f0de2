/** How volumes may be mounted: the rules that claims and volumes share. */
import { type FieldProblem, forbiddenField, notSupported, required } from '../field.ts';
import { type JsonObject, textsAt } from '../json.ts';

const SUPPORTED = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** `missing` is what is said when there is none. */
export function accessModeProblems(object: JsonObject, missing: string): readonly FieldProblem[] {
  const field = 'spec.accessModes';
  const modes = textsAt(object, 'spec', 'accessModes');
  if (modes.length === 0) return [required(field, missing)];
  const problems = modes
    .filter((mode) => !SUPPORTED.includes(mode))
    .map((mode) => notSupported(field, mode, SUPPORTED));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && SUPPORTED.includes(mode));
  if (!modes.includes('ReadWriteOncePod') || !others) return problems;
  return [...problems, forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')];
}

const SHORT: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,RWX`, always in the same order. */
export function accessModesText(modes: readonly string[]): string {
  return SHORT.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}
