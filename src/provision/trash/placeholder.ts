/** The empty directory that keeps a name for what is moved there next. Its mode is one that no class would give. */
import type { DirectoryState, StorageProblem } from '../storage.ts';

export const PLACEHOLDER_MODE = 0o400;

/** A directory may inherit a bit above the permissions from the one it is in. */
export const isPlaceholderMode = (mode: number): boolean => (mode & 0o777) === PLACEHOLDER_MODE;

/** Left by an attempt that went no further; a name that only this has is free. */
export const isPlaceholder = (there: DirectoryState | StorageProblem): boolean =>
  there.kind === 'directory' && there.empty && isPlaceholderMode(there.mode);
