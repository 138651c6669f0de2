/** Broken variants of what keeps directories apart and limits them, each with the history that catches it (see mutants.ts). */
import type { Patch } from './patch.ts';

const unheard = 'what was deleted is taken back, and whoever does it hears nothing of what it wrote';
const limited = 'limited directories are made, shared, filled, grown, deleted and taken back';

export const storageMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'a volume is deleted without precondition',
    caughtBy: 'a process stops while it removes, and goes on when another has brought everything back/20',
    file: 'src/provision/reclaim.ts',
    find: '{ preconditions: { uid, resourceVersion }, signal }',
    replace: '{ signal }',
  },
  {
    name: 'a removal does not ask whether it is still the same directory',
    caughtBy: 'a machine sleeps while it removes, and wakes when another has given the names away/2',
    file: 'src/provision/trash/manifest.ts',
    find: '    ...(identity === undefined ? {} : { identity }),',
    replace: '',
  },
  {
    name: 'what comes back elsewhere goes where it was when somebody else has to end it',
    caughtBy: `${unheard}/3`,
    file: 'src/provision/trash/returner.ts',
    find: 'const result = await storage.restore({ entry: entry.entry, path }, signal);',
    replace: 'const result = await storage.restore({ entry: entry.entry, path: entry.path }, signal);',
  },
  {
    name: 'what comes back elsewhere is left in the trash when it was interrupted',
    caughtBy: `${unheard}/2`,
    file: 'src/provision/trash/returner.ts',
    find: 'volumes.onChange(({ object }) => enqueueOf(claimKeyOf(object)));',
    replace: "volumes.onChange(({ kind, object }) => kind === 'deleted' && enqueueOf(claimKeyOf(object)));",
  },
  {
    name: 'what is copied is whatever has the name of the source',
    caughtBy: 'claims are copied at the moment when they go, and others get their directories/2',
    file: 'src/provision/clone/clone.ts',
    find: 'if (!same || !request.sourceSeen) return',
    replace: 'if (same && !request.sourceSeen) return',
  },
  {
    name: 'a directory is taken back where it stands',
    caughtBy: 'a directory is to be taken back, and the export does not answer/1',
    file: 'src/provision/trash/discard.ts',
    find: '  if (refused) return refused;',
    replace: `  if (refused) return refused;
  const gone = await within(root, parents, entering(root), (parent) => removeEmpty(parent, name));
  if (gone === true) return { kind: 'discarded' };`,
  },
  {
    name: 'a volume is saved before its directory is limited',
    caughtBy: `${limited}/1`,
    file: 'src/provision/attempt.ts',
    find: 'const quota = await enforce(catalog, design, storage, signal);',
    replace: 'const quota = undefined;\n    void enforce(catalog, design, storage, signal);',
  },
  {
    name: 'of volumes that share a directory the newest says how much it holds',
    caughtBy: `${limited}/1`,
    file: 'src/provision/quota/enforce.ts',
    find: 'for (const next of volumes.map((volume) => rising.bytesOf(volume))) if (next > most) most = next;',
    replace: 'if (volumes.length > 99) most = 0n;',
  },
  {
    name: 'growth leaves the limit where it is',
    caughtBy: `${limited}/1`,
    file: 'src/provision/quota/growth.ts',
    find: '  catalog.rising.note(volume, askedBytes);\n',
    replace: '',
  },
  {
    name: 'a volume grows although its limit cannot',
    caughtBy: 'limits are set while the export hangs, and processes end/1',
    file: 'src/provision/resize.ts',
    find: '      if (refused !== undefined) return refuse(options, key, claim, refused);',
    replace: '',
  },
  {
    name: 'limits that are not as they should be stay so',
    caughtBy: `${limited}/1`,
    file: 'src/provision/quota/keeper.ts',
    find: '    const problem = await setLimit(options.catalog, limit, storage, signal);',
    replace: '    const problem = storage ? undefined : await setLimit(options.catalog, limit, storage, signal);',
  },
  {
    name: 'a limit outlives its directory',
    caughtBy: `${limited}/2`,
    file: 'src/provision/reclaim.ts',
    find: '      await liftLimit(this.#options, volume, signal);',
    replace: '',
  },
  {
    name: 'the limit of a directory stays that no volume came of',
    caughtBy: `${limited}/1`,
    file: 'src/provision/attempt.ts',
    find: "    if (result.kind !== 'problem') await liftLimit(this.#options, reservation.volume, signal);",
    replace: '',
  },
  {
    name: 'a number that the trash still carries is given out',
    caughtBy: `${limited}/1`,
    file: 'src/provision/quota/project.ts',
    find: 'if (id === current || !isTaken(id)) return id;',
    replace: 'if (id === current || !isTaken(id) || id) return id;',
  },
  {
    name: 'what a directory of old holds is not counted',
    caughtBy: `${limited}/1`,
    file: 'src/provision/quota/mark.ts',
    find: '    marking.#places.push({ trail: [], names: undefined });',
    replace: '',
  },
];
