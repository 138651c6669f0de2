/** Broken variants of what brings deleted data back, each with the history that catches it (see mutants.ts). */
import type { Patch } from './patch.ts';

const slow = 'claims are made while what they had is taken back, and the API is slow';
const anything = 'claims come and go while what they had is taken back, and anything fails';
const two = 'two ask at the same moment for what was deleted, each for a claim of its own';

export const returnMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'a claim can bind to what is on its way back',
    caughtBy: `${slow}/2`,
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
    caughtBy: `${anything}/2`,
    file: 'src/provision/trash/returner.ts',
    find: 'const problem = limit && (await setLimit(limit, storage, signal));',
    replace: 'const problem = limit && !limit ? await setLimit(limit, storage, signal) : undefined;',
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
    caughtBy: `${two}/2`,
    file: 'src/provision/trash/bring-back.ts',
    find: 'if (promised && claimKeyOf(promised) !== claimKey) {',
    replace: "if (promised && claimKey === '') {",
  },
];
