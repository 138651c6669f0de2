import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { MODULES } from '../../nomad/output/render.ts';
import { NomadError } from '../../nomad/registry.ts';

/**
 * What `larder nomad` promises of its input, before anything is read or written: no file of the output has a place in a
 * folder of jobs. Links are resolved, so that no other name of such a folder gets around it. Throws NomadError.
 */
export function keepApart(names: readonly string[], out: string): void {
  const target = settled(resolve(out));
  for (const name of names) {
    const input = inputAt(name);
    if (!input) continue;
    const { path, folder } = input;
    // of a file, what lies below its folder is not read
    if (target === folder || (path === folder && isInside(folder, target))) throw refusal(name, folder, target);
    if (isInside(join(target, MODULES), path)) {
      const message = `${name} lies in ${join(target, MODULES)}, where modules would be written, and the input is never changed: name another folder with --out. Nothing was written`;
      throw new NomadError('LARDER_NOMAD_INPUT', message);
    }
  }
}

function refusal(name: string, folder: string, target: string): NomadError {
  const what = target === folder ? 'is the folder of' : 'lies in';
  const beside = join(dirname(folder), `${basename(folder) || 'jobs'}-kubernetes`);
  const message = `--out ${target} ${what} the input ${name}, which is never changed: name a folder that holds it or lies beside it, such as ${beside}. Nothing was written`;
  return new NomadError('LARDER_NOMAD_INPUT', message);
}

/** Undefined for what is not there; reading it says so. */
function inputAt(name: string): { readonly path: string; readonly folder: string } | undefined {
  try {
    const path = realpathSync(name);
    return { path, folder: statSync(path).isDirectory() ? path : dirname(path) };
  } catch {
    // reading it tells why, and nothing is written before that
    return undefined;
  }
}

/** The place of a folder that need not be there yet. */
function settled(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // the nearest folder that is there decides where it will be
    const above = dirname(path);
    return above === path ? path : join(settled(above), basename(path));
  }
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : `${folder}${sep}`);
}
