/**
 * Folders of plays and of ssh whose Larder was killed. Nothing in them is a secret, and nobody needs them: they go when the
 * next is made. Only what Larder writes there is removed, file by file, so that a folder that is something else stays.
 */
import { lstatSync, readdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

type Room = 'play' | 'ssh';

const FILES = ['inventory', 'known_hosts', 'variables.json'];
/** A process of another container or of an earlier boot cannot be asked; nothing lasts so long. */
const AGE_MS = 7 * 86_400_000;

/** Its name says whose it is: a process id, and where that counts. */
export function ownPrefix(room: Room): string {
  return `larder-${room}-${space()}-${process.pid.toString(36)}-`; // short: a socket's whole path has 107 bytes
}

export function sweepRooms(folder: string, now: number): void {
  for (const name of namesIn(folder)) {
    if (!/^larder-(play|ssh)-/.test(name)) continue;
    try {
      const path = join(folder, name);
      const stats = lstatSync(path);
      if (!stats.isDirectory() || stats.uid !== process.getuid?.()) continue;
      if (!isLeft(name, now - stats.mtimeMs)) continue;
      for (const file of FILES) rmSync(join(path, file), { force: true });
      rmdirSync(path);
    } catch {
      // another Larder was quicker, or there is more in it: it is in nobody's way
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it may be written and not read: then nothing is swept
  }
}

function isLeft(name: string, ageMs: number): boolean {
  const [, of, pid] = /^larder-[a-z]+-([0-9a-z]+)-([0-9a-z]+)-[^-]*$/.exec(name) ?? [];
  return of === space() && pid !== undefined ? !isRunning(Number.parseInt(pid, 36)) : ageMs > AGE_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

/** The kernel's number of the namespace in which process ids of this process count; 0 without a /proc. */
function space(): string {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0).toString(36);
  } catch {
    return '0';
  }
}
