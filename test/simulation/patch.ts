/** A change of one exact place of the product, made while the product is loaded (see hooks.ts). */
export interface Patch {
  /** Relative to the repository, for example `src/provision/attempt.ts`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Environment variable with the patch as JSON, for processes that load hooks.ts. */
export const PATCH_VARIABLE = 'LARDER_SIMULATION_PATCH';

/** @throws Error when the place is not there, or more than once: the mutant is stale. */
export function applyPatch(source: string, { file, find, replace }: Patch): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`stale mutant: ${JSON.stringify(find)} occurs ${count} times in ${file}, not once`);
  return source.replace(find, () => replace);
}
