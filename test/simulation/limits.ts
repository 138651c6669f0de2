/**
 * Limits of directories, judged against what the file system itself keeps: set before a volume is saved, never below what
 * the volume promises, as large as the volume in the end, and gone when the directory is.
 */
import type { PersistentVolume } from '../../src/kube/kinds.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import type { ExportFs, Inode } from './export-fs.ts';
import type { Violation } from './invariants.ts';
import { LIMITED, pathOfVolume, SECOND } from './setting.ts';
import type { ClaimTruth, Truth } from './truth.ts';

interface Limited {
  readonly truth: Truth;
  readonly fs: ExportFs;
}

/** Limits are kept in blocks. */
const BLOCK = 4096n;
/** The sizes that volumes of claims had when they were last looked at. */
const met = new WeakMap<ClaimTruth, bigint>();

/** After every step. `undisturbed`: nothing fails in this history, so that nothing is ever late either. */
export function judgeLimits(scene: Limited & { readonly undisturbed: boolean }): Violation | undefined {
  for (const claim of scene.truth.claims.values()) {
    const { volume, inode } = claim;
    if (!volume || !inode) continue;
    const before = met.get(claim);
    met.set(claim, sizeOf(volume));
    const wrong = before === undefined ? wrongAtFirst(scene, claim, volume) : wrongAsGrown(scene, volume, before);
    if (wrong) return { invariant: 1, message: `${claim.key} (${claim.uid}): ${wrong}` };
  }
  return scene.undisturbed ? judgeSizes(scene) : undefined;
}

/** What is brought back is limited when Larder sees its volume; every other volume is limited before it is saved. */
function wrongAtFirst({ fs }: Limited, { object, uid, inode }: ClaimTruth, volume: PersistentVolume) {
  const isNew = volume.metadata.name === `pvc-${uid}`;
  if (!CLASSES.includes(object.spec.storageClassName ?? '') || !isNew || !inode) return undefined;
  const [limit, size] = [limitOf(fs, volume), sizeOf(volume)];
  if (limit > 0n && limit < size) return `its volume was saved with ${size}, and its directory may hold ${limit}`;
  const project = projectOf(volume);
  if (limit === 0n || (project === 0 && !isByDirectory(fs, volume))) return 'its volume was saved without a limit';
  return project === 0 ? undefined : wrongAboutProject(fs, inode, project);
}
const CLASSES: readonly string[] = [LIMITED, SECOND];

function wrongAboutProject(fs: ExportFs, inode: Inode, project: number): string | undefined {
  const stray = strayIn(inode, project);
  if (stray) return `its volume was saved with project ${project}, and ${fs.pathOf(stray)} has ${stray.project}`;
  const carriers = fs.pathsOf(project);
  return carriers.length > 1 ? `its project ${project} is that of ${carriers.join(' and ')}` : undefined;
}

/** The limit is raised before the volume says that it is larger. */
function wrongAsGrown({ fs }: Limited, volume: PersistentVolume, before: bigint): string | undefined {
  const [limit, size] = [limitOf(fs, volume), sizeOf(volume)];
  if (size <= before || limit === 0n || limit >= size) return undefined;
  return `its volume grew from ${before} to ${size}, and its directory may hold ${limit}`;
}

/** A limit that is set lets in what the volume promises. */
function judgeSizes({ truth, fs }: Limited): Violation | undefined {
  for (const volume of truth.volumes.values()) {
    const limit = limitOf(fs, volume);
    if (limit === 0n || limit >= sizeOf(volume)) continue;
    return {
      invariant: 1,
      message: `volume ${nameOf(volume)} has ${sizeOf(volume)}, and its directory may hold ${limit}`,
    };
  }
  return undefined;
}

/** When nothing has happened for a long time. */
export function judgeLimitsInCalm(calm: Limited & { readonly undisturbed: boolean }): Violation | undefined {
  const sizes = new Map<string, { readonly limit: bigint; readonly size: bigint }>();
  const known = new Set<number>();
  for (const volume of calm.truth.volumes.values()) {
    known.add(projectOf(volume));
    if (!isEnforced(volume) || !isKept(volume)) continue;
    const path = pathOfVolume(volume) ?? '';
    const [before, size] = [sizes.get(path)?.size ?? 0n, sizeOf(volume)];
    sizes.set(path, { limit: limitOf(calm.fs, volume), size: size > before ? size : before });
  }
  for (const [path, { limit, size }] of sizes) {
    if (limit >= size && limit < size + BLOCK) continue;
    return { invariant: 1, message: `volumes of ${path} have ${size}, and their directory may hold ${limit}` };
  }
  return calm.undisturbed ? judgeLeftovers(calm, known) : undefined;
}

/** What failed to be lifted does no harm; where nothing fails nothing is left. */
function judgeLeftovers({ fs }: Limited, known: ReadonlySet<number>): Violation | undefined {
  for (const [project, { limit, inodes }] of fs.projects()) {
    if (limit === 0n || known.has(project)) continue;
    const message = `project ${project} of no volume, with ${inodes} inodes, is still limited to ${limit}`;
    return { invariant: 2, message };
  }
  return undefined;
}

/** Nobody sees to the limit of what is Released or on its way out. */
const isKept = ({ metadata, status }: PersistentVolume): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Released' && status?.phase !== 'Failed';

const nameOf = ({ metadata }: PersistentVolume): string => metadata.name;

const sizeOf = ({ spec }: PersistentVolume): bigint => bytesOf(spec.capacity['storage']) ?? 0n;

const isEnforced = ({ metadata }: PersistentVolume): boolean =>
  metadata.annotations?.['larder.dev/quota'] === 'enforce';

const projectOf = (volume: PersistentVolume): number =>
  isEnforced(volume) ? Number(volume.metadata.annotations?.['larder.dev/project-id'] ?? 0) : 0;

const isByDirectory = (fs: ExportFs, volume: PersistentVolume): boolean =>
  fs.place(pathOfVolume(volume) ?? '').server.counting === 'glusterfs';

/** 0n: there is none. */
function limitOf(fs: ExportFs, volume: PersistentVolume): bigint {
  if (!isEnforced(volume)) return 0n;
  return isByDirectory(fs, volume) ? (fs.at(pathOfVolume(volume) ?? '')?.limit ?? 0n) : fs.limitOf(projectOf(volume));
}

function strayIn(inode: Inode, project: number): Inode | undefined {
  if (inode.project !== project) return inode;
  for (const entry of inode.entries.values()) {
    const stray = entry.type === 'directory' || entry.type === 'file' ? strayIn(entry, project) : undefined;
    if (stray) return stray;
  }
  return undefined;
}
