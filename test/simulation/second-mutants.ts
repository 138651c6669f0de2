/** Broken variants of what keeps two servers apart and limits directories on the second, each with the history that catches it (see mutants.ts). */
import type { Patch } from './patch.ts';

const gluster = 'directories of two servers have the same names, and one server has GlusterFS/1';
const ext4 = 'directories of two servers have the same names, and one server has ext4/1';
const halves = 'directories are made while their server fails now and then/2';
const crowd = 'one of two servers hangs, and many wait for it/1';
const looks = 'servers accept modes and owners, and keep those that they like/1';

export const secondMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'directories of one name are one, whatever server they are on',
    caughtBy: ext4,
    file: 'src/provision/volume.ts',
    find: "  [description.root, ...path].join('/');",
    replace: "  [description.root && '', ...path].join('/');",
  },
  {
    name: 'the server of a volume is not looked at',
    caughtBy: ext4,
    file: 'src/provision/volume.ts',
    find: 'if (entry.backend !== source.backend || entry.server !== source.server) continue;\n    ours = true;',
    replace: 'if (entry.backend !== source.backend) continue;\n    ours = true;',
  },
  {
    name: 'all directories are made on the first server',
    caughtBy: ext4,
    file: 'src/provision/provision.ts',
    find: 'const storage = byDescription.get(description);',
    replace: 'const storage = byDescription.get(description) && storages[0];',
  },
  {
    name: 'the limits of one server are kept on all',
    caughtBy: gluster,
    file: 'src/provision/quota/keeper.ts',
    find: 'if (limit && limit.bytes > 0n && limit.description.root === description.root) limits.push(limit);',
    replace: 'if (limit && limit.bytes > 0n && description) limits.push(limit);',
  },
  {
    name: 'what of a GlusterFS volume is mounted is taken for all of it',
    caughtBy: gluster,
    file: 'src/provision/quota/gluster-driver.ts',
    find: "`/${[...(prefix === '' ? [] : [prefix]), ...path].join('/')}`;",
    replace: "`/${[...(prefix === '?' ? [prefix] : []), ...path].join('/')}`;",
  },
  {
    name: 'a limit on GlusterFS that is raised stays where it is',
    caughtBy: gluster,
    file: 'src/provision/quota/gluster-driver.ts',
    find: 'async limit({ path }, bytes) {',
    replace: `async limit({ path }, bytes) {
      if (bytes > 300n << 20n) return '';`,
  },
  {
    name: 'a limit on ext4 is one that may be passed',
    caughtBy: ext4,
    file: 'src/provision/quota/project-driver.ts',
    find: "const args = ['-P', `${id}`, '0', `${kibOf(bytes)}`, '0', '0', target];",
    replace: "const args = ['-P', `${id}`, '0', `${kibOf(bytes / 2n)}`, '0', '0', target];",
  },
  {
    name: 'a directory is given as it was made',
    caughtBy: ext4,
    file: 'src/provision/directory/directory.ts',
    find: 'if (isAsAsked(facts, request)) return undefined;',
    replace: 'if (isAsAsked(facts, request) || facts) return undefined;',
  },
  {
    name: 'the owner is set after the mode',
    caughtBy: ext4,
    file: 'src/provision/directory/directory.ts',
    find: `    if (!owned) await setOwner(fd, request.uid, request.gid);
    await setMode(fd, request.mode);`,
    replace: `    await setMode(fd, request.mode);
    if (!owned) await setOwner(fd, request.uid, request.gid);`,
  },
  {
    name: 'a directory of old is given as it is',
    caughtBy: ext4,
    file: 'src/provision/directory/directory.ts',
    find: '!asked && (isToCorrect(root, opened.facts, request) ||',
    replace: '!asked && (',
  },
  {
    name: 'a server is believed when it accepts a mode',
    caughtBy: looks,
    file: 'src/provision/directory/directory.ts',
    find: 'return isAsAsked(after, request) ? undefined : differs(after, request);',
    replace: 'return after ? undefined : differs(after, request);',
  },
  {
    name: 'what is between owner and mode when its server fails stays so',
    caughtBy: halves,
    file: 'src/provision/directory/directory.ts',
    find: ' || (empty && isHalfGiven(root, opened.facts, request)));',
    replace: ');',
  },
  {
    name: 'who waits for one server keeps those of the other waiting',
    caughtBy: crowd,
    file: 'src/provision/provisioner.ts',
    find: 'const { root } = decision.design.export;',
    replace: "const root = decision.design.export.root && '';",
  },
  {
    name: 'a server that is down stands in the way of all',
    caughtBy: crowd,
    file: 'src/provision/provision.ts',
    find: 'const storage = byDescription.get(description);',
    replace:
      "const storage = storages.find((each) => each.health().kind === 'down') ?? byDescription.get(description);",
  },
];
