import { isOutputPath, membersOf, type OutputPlan } from './output-files.ts';

export interface Move {
  readonly from: string;
  readonly to: string;
  /** Hash of the file that it replaces. */
  readonly before?: string;
}

/** What a run was about to do with what it had staged, and does again when it was ended in between. */
export interface Journal {
  readonly moves: readonly Move[];
  readonly remove: OutputPlan['remove'];
}

/** What is written in one. Throws on what no run has written. */
export function journal(value: unknown): Journal {
  const members = membersOf(value);
  return { moves: listOf(members?.get('moves')).map(moveOf), remove: listOf(members?.get('remove')).map(removalOf) };
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('it has no list of moves and of removals');
  return value;
}

function moveOf(value: unknown): Move {
  const members = membersOf(value);
  const [from, to, before] = [members?.get('from'), members?.get('to'), members?.get('before')];
  if (!isOutputPath(from) || !isOutputPath(to)) throw new Error('a move leads out of the output');
  if (before === undefined) return { from, to };
  if (typeof before !== 'string') throw new Error(`the hash of ${to} is no text`);
  return { from, to, before };
}

function removalOf(value: unknown): Journal['remove'][number] {
  const members = membersOf(value);
  const [path, hash] = [members?.get('path'), members?.get('hash')];
  if (!isOutputPath(path) || typeof hash !== 'string') throw new Error('a removal is none of a file of the output');
  return { path, hash };
}
