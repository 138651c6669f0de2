/** Files for machines that cannot fetch them, against the lock that says what they are. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../kube/error.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';

/** As `sha256sum` writes it, with or without the mark of binary files. */
const LINE = /^([0-9a-f]{64}) [ *](.+)$/i;

/** What is wrong, a sentence each. */
export async function wrongArtifacts(repository: string, { artifacts }: ClusterSpec): Promise<readonly string[]> {
  if (artifacts === undefined) return [];
  const lock = read(join(repository, artifacts.lock));
  if (lock.kind === 'unreadable') return [`the lock ${artifacts.lock} cannot be read: ${lock.why}`];
  const lines = lock.text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) return [`the lock ${artifacts.lock} names no file`];
  const folder = join(repository, artifacts.folder);
  const wrong = await Promise.all(
    lines.map(async (line) => {
      const [, sum, name] = LINE.exec(line) ?? [];
      if (sum === undefined || name === undefined)
        return `${artifacts.lock} has a line that is no sum: ${line.slice(0, 80)}`;
      const found = await sumOf(join(folder, name));
      if (found.kind === 'unreadable') return `${artifacts.folder}/${name} cannot be read: ${found.why}`;
      return found.sum === sum.toLowerCase()
        ? undefined
        : `${artifacts.folder}/${name} is not the file of ${artifacts.lock}`;
    }),
  );
  return wrong.flatMap((each) => each ?? []);
}

type Text = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unreadable'; readonly why: string };

function read(path: string): Text {
  try {
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch (cause) {
    return { kind: 'unreadable', why: messageOf(cause) };
  }
}

type Sum = { readonly kind: 'sum'; readonly sum: string } | { readonly kind: 'unreadable'; readonly why: string };

/** Images are gigabytes: they are read in pieces. */
async function sumOf(path: string): Promise<Sum> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return { kind: 'sum', sum: hash.digest('hex') };
  } catch (cause) {
    return { kind: 'unreadable', why: messageOf(cause) };
  }
}
