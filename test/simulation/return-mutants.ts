/**
 * Broken variants of what brings deleted data back, each with the history that catches it (see mutants.ts). That a volume
 * is not taken back when its directory is in its place, and that where volumes may not be patched nothing is lost, are held
 * by src/provision/trash/returner.test.ts; that limits of one directory are set one after the other by
 * src/provision/quota/rising.test.ts, and that one which is too large is not lowered at once by keeper.test.ts there.
 */
import type { Patch } from './patch.ts';

const slow = 'claims are made while what they had is taken back, and the API is slow';
const anything = 'claims come and go while what they had is taken back, and anything fails';
const two = 'two ask at the same moment for what was deleted, each for a claim of its own';
const pair = 'two directories are taken back for one claim, one after the other or at the same moment';
const late = 'claims are made while what they had is taken back, and what is saved for them is saved late';

export const returnMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'a claim can bind to what is on its way back',
    caughtBy: `${slow}/3`,
    file: 'src/provision/trash/bring-back.ts',
    find: 'capacity: { storage: closable ? CLOSED : manifest.capacity }',
    replace: 'capacity: { storage: closable ? manifest.capacity : CLOSED }',
  },
  {
    name: 'what is on its way back is opened before it is there',
    caughtBy: `${slow}/2`,
    file: 'src/provision/trash/returner.ts',
    find: 'const left = (await this.#bring(pledge, place, signal)) ?? (await this.#limit(pledge, place, signal));',
    replace: 'const left = await this.#limit(pledge, place, signal);\n    void this.#bring(pledge, place, signal);',
  },
  {
    name: 'a volume that comes back is not limited again before it is given',
    caughtBy: `${anything}/12`,
    file: 'src/provision/trash/returner.ts',
    find: 'const problem = limit && (await setLimit(catalog, limit, storage, signal));',
    replace: 'const problem = limit && !limit ? await setLimit(catalog, limit, storage, signal) : undefined;',
  },
  {
    name: 'what is given to a claim that was made meanwhile is as large as what nobody can bind to',
    caughtBy: `${slow}/1`,
    file: 'src/provision/pledge.ts',
    find: '      capacity: { storage: size },\n      claimRef',
    replace: '      claimRef',
  },
  {
    name: 'what was deleted is promised to two',
    caughtBy: `${two}/1`,
    file: 'src/provision/trash/bring-back.ts',
    find: 'if (promised && claimKeyOf(promised) !== claimKey) {',
    replace: "if (promised && claimKey === '') {",
  },
  {
    name: 'two directories wait for one claim',
    caughtBy: `${pair}/1`,
    file: 'src/provision/trash/rival.ts',
    find: 'return waits && from !== undefined && from !== entry;',
    replace: 'return waits && from !== undefined && from === entry;',
  },
  {
    name: 'of two commands of one moment, who leads follows both',
    caughtBy: `${pair}/1`,
    file: 'src/provision/trash/obstacle.ts',
    find: 'const rival = await rivalTo(options, pledge, signal);',
    replace: "const rival: Obstacle = await Promise.resolve({ kind: 'none' } as const);",
  },
  {
    name: 'an opening that lands late opens what was given to a claim meanwhile',
    caughtBy: `${late}/25`,
    file: 'src/provision/trash/returner.ts',
    find: ': await client.patch(kinds.PersistentVolume, { name }, givenTo(pledge, claim), { signal });',
    replace: ': givenTo(pledge, claim) && pledge;',
  },
  {
    name: 'whatever volume a claim has is taken for what was brought back for it',
    caughtBy: `${late}/6`,
    file: 'src/provision/trash/returner.ts',
    find: 'if (to.volume && occupied(to.volume, exports).some((directory) => mine.includes(directory))) {',
    replace: 'if (to.volume && mine.length > 0) {',
  },
  {
    name: 'a volume goes on waiting with a directory that a claim was given',
    caughtBy: `${slow}/1`,
    file: 'src/provision/trash/returner.ts',
    find: '      await this.#drop(pledge, signal);\n      return this.#log(pledge, to.name);',
    replace: '      return this.#log(pledge, to.name);',
  },
  {
    name: 'what is on its way back is told to be back',
    caughtBy: `${slow}/1`,
    file: 'src/provision/pledge.ts',
    find: '    !isPledge(volume) &&\n',
    replace: '',
  },
];
