/**
 * Proves that an export can be used, in a directory of its own under `.larder`: mkdir, chmod, chown, rename, rmdir. The
 * first of them that fails is named together with the export option that would cure it. Only chmod and chown may fail
 * on an export that is usable all the same (every directory then belongs to whom the server says): that is a warning.
 */
import type { Facts } from '../directory/descriptor.ts';
import {
  factsAt,
  factsOf,
  makeDirectory,
  move,
  namesOf,
  openDirectory,
  removeDirectory,
  setMode,
  setOwner,
  withDescriptor,
} from '../directory/descriptor.ts';
import { errnoOf, problem, problemOfErrno, wording } from '../directory/problem.ts';
import { OWN_DIRECTORY } from '../fields.ts';
import type { StorageProblem } from '../storage.ts';
import type { Fresh, OpenRoot } from './root.ts';

export interface Proof {
  readonly kind: 'proof';
  readonly fresh: Fresh;
  /** Empty when everything worked. */
  readonly warning: string;
}

/** Below `.larder`. */
export const TRASH = 'trash';
export const ARCHIVES = 'archives';
const PRIVATE = 0o700;
const PROBE_PREFIX = 'probe-';
const FORGOTTEN_MS = 3_600_000;

type Step = 'mkdir' | 'chmod' | 'chown' | 'rename' | 'rmdir';

/** Fails with the step that failed. */
class StepFailed extends Error {
  readonly step: Step;
  constructor(step: Step, cause: unknown) {
    super(step, { cause });
    this.step = step;
  }
}

const stepping = <T>(step: Step, work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new StepFailed(step, cause);
  });

/** `nowMs` is wall time; probe directories that a crash left behind an hour ago are removed. */
export async function prove(root: OpenRoot, name: string, nowMs: number): Promise<Proof | StorageProblem> {
  try {
    return await withOwnDirectory(root, async (own) => {
      await removeForgotten(own, nowMs);
      return probe(root, own, `${PROBE_PREFIX}${name}`);
    });
  } catch (cause) {
    const step = cause instanceof StepFailed ? cause.step : 'mkdir';
    const found = cause instanceof StepFailed ? cause.cause : cause;
    const failed = problemOfErrno(found, { doing: 'probing', path: OWN_DIRECTORY, as: root.as });
    if (!failed) throw cause;
    if (failed.problem === 'unavailable' || failed.problem === 'read-only' || failed.problem === 'no-space')
      return failed;
    // The root is open, so what is missing is the directory itself: its server removed it under the mount.
    if (failed.errno === 'ENOENT')
      return problem('unavailable', `failed (ENOENT): ${wording.rootRemoved}`, failed.errno);
    return { ...failed, detail: `the start-up probe failed at ${step} (${failed.errno}): ${remedies[step](root.as)}` };
  }
}

const remedies: Readonly<Record<Step, (uid: number) => string>> = {
  mkdir: (uid) =>
    uid === 0 ? 'export it with rw and no_root_squash' : `export it with rw and let uid ${uid} write in its root`,
  chmod: (uid) =>
    uid === 0 ? 'export it with no_root_squash' : `directories of others keep their mode for uid ${uid}`,
  chown: (uid) =>
    uid === 0
      ? 'export it with no_root_squash (or set dirUid and dirGid to the owner that the server gives)'
      : 'run as root',
  rename: () => 'export it with no_subtree_check',
  rmdir: () => 'remove the attribute or ACL that keeps directories from being removed',
};

/** Opens `.larder`, made when missing; private and ours, whatever somebody prepared under that name. */
export async function withOwnDirectory<T>(
  root: OpenRoot,
  work: (own: number) => Promise<T>,
): Promise<T | StorageProblem> {
  const facts = await makePrivate(root.fd, OWN_DIRECTORY);
  if (!facts.isDirectory()) return problem('not-a-directory', `${OWN_DIRECTORY} ${wording.notADirectory}`);
  if (facts.dev !== root.device) return problem('other-filesystem', `${OWN_DIRECTORY} ${wording.otherFilesystem}`);
  return withDescriptor(openDirectory(root.fd, OWN_DIRECTORY), async (own) => {
    await takeOver(own);
    await makePrivate(own, TRASH);
    await makePrivate(own, ARCHIVES);
    return work(own);
  });
}

/** Makes a directory of ours when it is missing, and says what is there. */
export async function makePrivate(fd: number, name: string): Promise<Facts> {
  try {
    return await factsAt(fd, name);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
  }
  await stepping('mkdir', makeDirectory(fd, name, PRIVATE)).catch((cause: unknown) => {
    if (!(cause instanceof StepFailed) || errnoOf(cause.cause) !== 'EEXIST') throw cause; // another Larder was quicker
  });
  return factsAt(fd, name);
}

/** A tenant that could write in the root may have made it first: as root take it, otherwise it has to be ours already. */
async function takeOver(own: number): Promise<void> {
  const facts = await factsOf(own);
  const as = process.geteuid?.() ?? 0;
  if (as === 0 && facts.uid !== 0n) {
    await setOwner(own, 0, 0).catch((cause: unknown) => {
      if (errnoOf(cause) !== 'EPERM') throw cause; // a squashing server made us the owner that it shows
    });
  }
  if ((facts.mode & 0o7777n) !== BigInt(PRIVATE)) await stepping('chmod', setMode(own, PRIVATE));
}

async function removeForgotten(own: number, nowMs: number): Promise<void> {
  for (const bytes of await namesOf(own)) {
    const name = bytes.toString();
    if (!name.startsWith(PROBE_PREFIX)) continue;
    try {
      const facts = await factsAt(own, name);
      if (Number(facts.mtimeMs) < nowMs - FORGOTTEN_MS) await removeDirectory(own, name);
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw cause; // its owner removed it meanwhile
    }
  }
}

async function probe(root: OpenRoot, own: number, name: string): Promise<Proof> {
  await stepping('mkdir', makeDirectory(own, name, 0o777));
  const { fresh, warning } = await stepping('mkdir', openDirectory(own, name)).then((opening) =>
    withDescriptor(Promise.resolve(opening), async (fd) => {
      const facts = await factsOf(fd);
      const made = { uid: Number(facts.uid), mask: 0o777 & ~Number(facts.mode) };
      return { fresh: made, warning: await warningOf(fd, root.as) };
    }),
  );
  const moved = `${name}-renamed`;
  await stepping('rename', move({ fd: own, name }, { fd: own, name: moved }));
  await stepping('rmdir', removeDirectory(own, moved));
  return { kind: 'proof', fresh, warning };
}

async function warningOf(fd: number, as: number): Promise<string> {
  try {
    await stepping('chmod', setMode(fd, PRIVATE));
    await stepping('chown', setOwner(fd, as, process.getegid?.() ?? 0));
    return '';
  } catch (cause) {
    const errno = cause instanceof StepFailed ? errnoOf(cause.cause) : '';
    if (!(cause instanceof StepFailed) || (errno !== 'EPERM' && errno !== 'EACCES')) throw cause;
    return `${cause.step} failed (${errno}): ${remedies[cause.step](as)}`;
  }
}
