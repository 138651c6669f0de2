/**
 * Loaded with --import into every process that simulates. Redirects the files of the product that make system calls
 * to their stand-ins, and, for a mutant, changes one exact place of one file on its way into the process: the product itself
 * carries no hook for either.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { immediates } from './immediates.ts';
import { applyPatch, PATCH_VARIABLE, type Patch } from './patch.ts';
import { tuning } from './tuning.ts';

const ROOT = new URL('../../', import.meta.url);
const STAND_INS: ReadonlyMap<string, string> = new Map(
  [
    ['src/provision/directory/descriptor.ts', 'test/simulation/descriptor.ts'],
    ['src/provision/directory/file.ts', 'test/simulation/file.ts'],
    ['src/provision/quota/command.ts', 'test/simulation/command.ts'],
    ['src/provision/quota/mount-table.ts', 'test/simulation/mount-table.ts'],
  ].map(([real, standIn]) => [new URL(`${real}`, ROOT).href, new URL(`${standIn}`, ROOT).href]),
);

function readPatch(): Patch | undefined {
  const text = process.env[PATCH_VARIABLE];
  if (text === undefined) return undefined;
  const { file, find, replace } = JSON.parse(text);
  return { file, find, replace };
}

/** A tuning that no longer fits costs time and nothing else; a test tells. A mutant that no longer fits is an error. */
function rewrite(
  url: string,
  patches: readonly { readonly url: string; readonly patch: Patch; readonly must: boolean }[],
) {
  let source = readFileSync(fileURLToPath(url), 'utf8');
  for (const { patch, must } of patches) {
    if (must || source.split(patch.find).length === 2) source = applyPatch(source, patch);
  }
  return source;
}

function install(): void {
  const mutant = readPatch();
  const patches = [
    ...tuning.map((patch) => ({ url: new URL(patch.file, ROOT).href, patch, must: false })),
    ...(mutant ? [{ url: new URL(mutant.file, ROOT).href, patch: mutant, must: true }] : []),
  ];
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const standIn = STAND_INS.get(found.url);
      // A stand-in may take from what it stands for.
      return standIn === undefined || context.parentURL === standIn ? found : { ...found, url: standIn };
    },
    load(url, context, next) {
      const mine = patches.filter((entry) => entry.url === url);
      return mine.length === 0 ? next(url, context) : { ...next(url, context), source: rewrite(url, mine) };
    },
  });
}

immediates.count();
install();
