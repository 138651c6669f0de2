const { existsSync, lstatSync, mkdirSync, statSync } = process.getBuiltinModule('node:fs');
const { isAbsolute, join } = process.getBuiltinModule('node:path');

/**
 * Where compiled code of this user is kept: `larder/compiled` in the folder for caches. Who can write there decides what
 * runs, so that it must be the user's own, and so must the home that it lies in: with `sudo` that is often somebody else's.
 * Undefined where there is no such folder, and none can be made; then each start compiles anew.
 */
export function compiledFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { XDG_CACHE_HOME: named, HOME: home } = env;
  const base = named || home;
  if (!base || !isAbsolute(base)) return undefined;
  try {
    if (!isOwn(statSync(base))) return undefined;
    const above = named ? base : join(base, '.cache');
    const folder = join(above, 'larder', 'compiled');
    return [above, join(above, 'larder'), folder].every(isOwnFolder) ? folder : undefined;
  } catch {
    // a home that is read-only or missing, as in an image: a slower start is all that it costs
    return undefined;
  }
}

function isOwnFolder(path: string): boolean {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
  return isOwn(lstatSync(path));
}

function isOwn(found: { readonly uid: number; readonly mode: number; isDirectory(): boolean }): boolean {
  return found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}
