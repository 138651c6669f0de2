import { createHash } from 'node:crypto';

/** What stands in the marker of an output. `files`: the hash of each, by its path from the root of the output. */
export function markerText(files: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)));
  return `${JSON.stringify({ version: 1, files: sorted }, null, 2)}\n`;
}

/** As the marker has it. */
export function markerHash(pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
