/**
 * A process that swaps what it can reach for something else, without a pause, until it is killed:
 * `node attacker.ts swap|stay ARENA TARGET…`. `swap` puts links to the targets, FIFOs, files and other directories in the
 * place of directories, and the directories back; `stay` keeps directories of the arena open, wherever they are moved,
 * and swaps below them. Prints `attacking`, and from then on how often it has swapped, every so often.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';

const [mode = '', arena = '', ...targets] = process.argv.slice(2);
/** Nobody else's, on the filesystem of the arena. */
const stash = join(arena, `.stash-${process.pid}`);
const HELD = 6;
const LEVELS = 2;
const TOLD_EVERY = 100;
let turn = 0;

/** What another process did first is no reason to stop. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
  }
}

/** `swap` leaves alone what `stay` writes below: they must not lead each other astray. */
function directoriesIn(folder: string): readonly string[] {
  const found: string[] = [];
  attempt(() => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const mine = mode === 'stay' ? !entry.name.startsWith('.') : /^(victim|middle|inner)/.test(entry.name);
      if (entry.isDirectory() && mine) found.push(`${folder}/${entry.name}`);
    }
  });
  return found;
}

const targetOf = (number: number): string => targets[number % targets.length] ?? '/';

const swapped = ['fifo', 'file', 'directory'].map((name) => join(stash, name));

/** Puts something in the place of a directory; gives back what undoes it. */
function swap(path: string): () => void {
  turn += 1;
  const hidden = join(stash, `hidden-${turn}`);
  fs.renameSync(path, hidden);
  const other = swapped[turn % (2 * swapped.length)];
  if (other === undefined) attempt(() => fs.symlinkSync(turn % 5 === 0 ? '..' : targetOf(turn), path));
  else attempt(() => fs.renameSync(other, path));
  return () => {
    attempt(() => (other === undefined ? fs.unlinkSync(path) : fs.renameSync(path, other)));
    attempt(() => fs.renameSync(hidden, path)); // where somebody made it anew it stays hidden
  };
}

/** Some at a time, so that what is swapped stays so for a moment, or for hardly any. */
function swapAll(paths: readonly string[]): void {
  for (let index = 0; index < paths.length; ) {
    const size = 1 + (turn % 5);
    const undo: (() => void)[] = [];
    for (const path of paths.slice(index, index + size)) attempt(() => void undo.push(swap(path)));
    for (const back of undo) back();
    index += size;
  }
}

/** Refills what was lost to the other side. */
function prepare(): void {
  attempt(() => fs.mkdirSync(stash));
  attempt(() => fs.mkdirSync(join(stash, 'directory')));
  attempt(() => fs.writeFileSync(join(stash, 'file'), 'x', { flag: 'wx' }));
  if (!fs.existsSync(join(stash, 'fifo'))) execFileSync('mkfifo', [join(stash, 'fifo')]);
}

function furnish(base: string): void {
  attempt(() => fs.mkdirSync(`${base}/deep`));
  attempt(() => fs.mkdirSync(`${base}/deep/er`));
  for (const name of ['precious', 'inner']) attempt(() => fs.writeFileSync(`${base}/deep/${name}`, 'y'));
}

/** Inside one directory by its descriptor: it need not have a name any more that this process could find. */
function swapBelow(base: string): void {
  furnish(base);
  for (const name of ['deep', 'deep/er', 'deep/inner']) {
    attempt(() => {
      fs.renameSync(`${base}/${name}`, `${base}/kept`);
      attempt(() => fs.symlinkSync(targetOf(turn), `${base}/${name}`));
      attempt(() => fs.unlinkSync(`${base}/${name}`));
      fs.renameSync(`${base}/kept`, `${base}/${name}`);
    });
  }
}

/** Opens what is in the directory of a descriptor, and what is in that: by whole paths it would be led astray itself. */
function hold(fd: number, levels: number): void {
  for (const path of directoriesIn(`/proc/self/fd/${fd}`)) {
    attempt(() => {
      const found = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
      if (fs.fstatSync(found).dev !== fs.fstatSync(fd).dev || held.has(found)) return;
      held.add(found);
      if (levels > 1) hold(found, levels - 1);
    });
  }
}

function stay(fd: number): void {
  hold(fd, LEVELS);
  for (const found of held) {
    turn += 1;
    swapBelow(`/proc/self/fd/${found}`);
  }
  for (const found of held) {
    if (held.size <= HELD) break;
    held.delete(found);
    fs.closeSync(found);
  }
}

setPriority(5); // the work that is attacked shall not starve: it would be over before it was hit often
const held = new Set<number>();
const top = fs.openSync(arena, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
process.stdout.write('attacking\n');
for (let told = 0; ; ) {
  if (mode === 'stay') stay(top);
  else {
    prepare();
    swapAll(directoriesIn(arena));
    for (const folder of directoriesIn(arena)) swapAll(directoriesIn(folder));
  }
  if (turn < told + TOLD_EVERY) continue;
  told = turn;
  process.stdout.write(`${turn}\n`);
}
