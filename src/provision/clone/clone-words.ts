/** What is said on a claim about its copy. */
import { formatQuantity } from '../../kube/quantity.ts';
import type { CloneFigures } from './clones.ts';

/** What is copied where, and since when. */
export interface CloneSubject {
  /** `namespace/name` of the source. */
  readonly claim: string;
  readonly directory: string;
  readonly elapsedMs: number;
  readonly totalBytes: bigint;
  readonly totalFiles: bigint;
}

const MIB = 1024n * 1024n;

/** To the mebibyte, because it is for a person: `1536Mi`; below that exact. */
const sizeOf = (bytes: bigint): string => (bytes < MIB ? `${bytes} bytes` : formatQuantity((bytes / MIB) * MIB));
const secondsOf = (ms: number): string => `${Math.round(ms / 100) / 10}s`;
const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

export const startText = ({ claim, directory, totalBytes, totalFiles }: CloneSubject): string =>
  `copying claim ${claim} into directory ${directory}: ${sizeOf(totalBytes)} in ${totalFiles} files and directories; do not write into it meanwhile`;

export const queuedText = (claim: string, atOnce: number): string =>
  `copying claim ${claim} waits for its turn: ${atOnce} copies are under way on the export, it begins by itself`;

/** 0 to 3: of which quarter of the whole the copy has passed the end. */
export function quarterOf(figures: CloneFigures, totalBytes: bigint): number {
  if (totalBytes === 0n) return 0;
  const quarter = Number((figures.passedBytes * 4n) / totalBytes);
  return Math.min(quarter, 3);
}

export function progressText(subject: CloneSubject, figures: CloneFigures): string {
  const { claim, elapsedMs, totalBytes } = subject;
  let passed = figures.passedBytes;
  if (passed > totalBytes) passed = totalBytes; // it has grown since it was measured
  const share = totalBytes === 0n ? 0n : (passed * 100n) / totalBytes;
  const leftMs = passed === 0n ? undefined : (elapsedMs * Number(totalBytes - passed)) / Number(passed);
  const left = leftMs === undefined ? '' : `, about ${secondsOf(leftMs)} left`;
  return `${share} % of claim ${claim} is copied: ${sizeOf(passed)} of ${sizeOf(totalBytes)} after ${secondsOf(elapsedMs)}${left}`;
}

export function completedText({ claim, directory, elapsedMs }: CloneSubject, figures: CloneFigures): string {
  const { copiedBytes, directories, files, sharedBytes } = figures;
  const what = `${many(files, 'file')} and ${many(directories, 'directory', 'directories')}`;
  const copied = `${sizeOf(copiedBytes)} copied`;
  const how = sharedBytes === 0n ? copied : `${sizeOf(sharedBytes)} shared (reflink), ${copied}`;
  return `directory ${directory} is a copy of claim ${claim}: ${what}, ${how}, in ${secondsOf(elapsedMs)}: nothing to do`;
}

/** Undefined: the copy is exact, as far as copies are. */
export function inexactText({ claim, directory }: CloneSubject, figures: CloneFigures): string | undefined {
  const { changed, disowned, skipped } = figures;
  const parts = [
    changed > 0 && `${many(changed, 'entry', 'entries')} changed during the copy`,
    skipped > 0 && `${many(skipped, 'socket, FIFO or device', 'sockets, FIFOs or devices')} left out`,
    disowned > 0 && `${many(disowned, 'entry', 'entries')} without their owner, because Larder does not run as root`,
  ].filter((part) => part !== false);
  if (parts.length === 0) return undefined;
  const remedy =
    changed > 0 ? 'stop what writes into the source and clone again if that matters' : 'look at it before you use it';
  return `directory ${directory} differs from claim ${claim}: ${parts.join('; ')}: ${remedy}`;
}
