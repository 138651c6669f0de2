/**
 * Takes back a directory that was made for nothing. It goes by way of the trash: a rmdir that lands late, after its
 * process was given up, would remove the directory that somebody has been given meanwhile, and nothing would tell. A
 * rename that lands late leaves a note, and is undone.
 */
import { isEmpty, removeDirectory, withDescriptor } from '../directory/descriptor.ts';
import { entering, openEntry, splitPath, within } from '../directory/directory.ts';
import { errnoOf, problem, wording } from '../directory/problem.ts';
import type { OpenRoot } from '../export/root.ts';
import type { DirectoryPath, StorageProblem } from '../storage.ts';
import { inOwn, removeSidecar, sidecarName } from './sidecar.ts';
import { restore, trash } from './trash.ts';

/** What was moved late and belongs to nobody stays for so long, as anything in the trash. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Never a directory with anything in it, whoever put it there a moment ago. */
export async function discard(
  root: OpenRoot,
  path: DirectoryPath,
  now: number,
): Promise<{ readonly kind: 'discarded' } | StorageProblem> {
  const { parents, name } = splitPath(path);
  const refused = await within(root, parents, entering(root), async (parent) => {
    const opened = await openEntry(root, parent, name);
    if (opened.kind === 'problem') return opened;
    return withDescriptor(Promise.resolve(opened.fd), async (fd) => ((await isEmpty(fd)) ? undefined : notEmpty()));
  });
  if (refused) return refused;
  const what = { volumeUid: 'discarded', volumeName: '', claim: '', at: now, expiresAt: now + KEPT_MS };
  const moved = await trash(root, { path, ...what });
  if (moved.kind === 'problem') return moved;
  const removed = await inOwn(root, 'trash', async (fd) => {
    if (!(await removeEmpty(fd, moved.entry))) return false;
    await removeSidecar(fd, sidecarName({ kind: 'trash', path: [moved.entry] }));
    return true;
  });
  if (typeof removed !== 'boolean') return removed;
  if (removed) return { kind: 'discarded' };
  const back = await restore(root, { entry: moved.entry });
  return back.kind === 'problem' ? back : notEmpty();
}

const notEmpty = (): StorageProblem => problem('not-empty', wording.notEmpty, 'ENOTEMPTY');

async function removeEmpty(fd: number, name: string): Promise<boolean> {
  try {
    await removeDirectory(fd, name);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOTEMPTY' || errnoOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}
