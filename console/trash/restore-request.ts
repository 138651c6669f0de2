/** What somebody filled in to restore a directory, as it is asked and as a command. Pure. */
import { shellWord } from '../../src/nomad/report/shell-word.ts';

export interface RestoreFields {
  readonly to?: string;
  /** `namespace/name`. */
  readonly claim?: string;
  readonly size?: string;
  readonly className?: string;
}

export interface RestoreBody extends RestoreFields {
  readonly entry: string;
  /** Where it lies: another export may have one of that name. */
  readonly export: string;
}

const options: readonly (readonly [keyof RestoreFields, string])[] = [
  ['to', '--to'],
  ['claim', '--claim'],
  ['size', '--size'],
  ['className', '--class'],
];

/** What is empty is not asked for. */
export function restoreRequestOf(
  { entry, export: address }: Pick<RestoreBody, 'entry' | 'export'>,
  typed: RestoreFields,
): RestoreBody {
  const given = options.flatMap(([key]) => {
    const value = typed[key]?.trim() ?? '';
    return value === '' ? [] : [[key, value] as const];
  });
  return { entry, export: address, ...Object.fromEntries(given) };
}

export function restoreCommand(request: RestoreBody): string {
  const words = options.flatMap(([key, option]) => {
    const value = request[key];
    return value === undefined ? [] : [option, shellWord(value)];
  });
  const which = [shellWord(request.entry), '--export', shellWord(request.export)];
  return ['larder volumes restore', ...which, ...words].join(' ');
}
