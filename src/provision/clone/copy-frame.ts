/** A directory that is being copied, open on both sides. */

import { closeDescriptor, type Facts, factsOf, mountOf, namesOf } from '../directory/descriptor.ts';
import type { OpenRoot } from '../export/root.ts';
import { copyAttributes } from './attributes.ts';
import { onAnotherFilesystem } from './copy-stopped.ts';

export interface Frame {
  readonly source: number;
  readonly target: number;
  readonly facts: Facts;
  /** Below the top of the tree, for messages. */
  readonly path: string;
  names: Buffer[];
  /** Large files and those with several names: one after the other. */
  readonly files: Buffer[];
  readonly subdirectories: Buffer[];
  settled: boolean;
}

/** Takes both descriptors over, also when it throws. */
export async function openFrame(
  root: OpenRoot,
  { source, target }: { readonly source: number; readonly target: number },
  path: string,
): Promise<Frame> {
  const frame = { source, target, path, files: [], subdirectories: [], settled: false };
  try {
    const facts = await factsOf(source);
    if (facts.dev !== root.device || mountOf(source) !== root.mount) throw onAnotherFilesystem();
    return { ...frame, facts, names: await namesOf(source) };
  } catch (cause) {
    await closeFrame(frame);
    throw cause;
  }
}

/**
 * When all its entries are made: owner, mode and times. False: it belongs to this process. Its names need no
 * synchronisation of their own: journals keep the order, and the last rename is synchronised.
 */
export async function settleFrame(frame: Frame, as: number): Promise<boolean> {
  const kept = await copyAttributes(frame.target, frame.facts, as);
  frame.settled = true;
  return kept;
}

export async function closeFrame({ source, target }: Pick<Frame, 'source' | 'target'>): Promise<void> {
  await closeDescriptor(source);
  await closeDescriptor(target);
}
