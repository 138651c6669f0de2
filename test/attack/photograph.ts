/** Everything about a tree that a change would show: two photographs that are equal say that nobody touched it. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

/** One line for each file and directory, the folder itself first: kind, mode, owner, size, both times, content. */
export function photograph(folder: string, below = '.'): readonly string[] {
  const path = join(folder, below);
  const facts = fs.lstatSync(path, { bigint: true });
  const owner = `${facts.uid}:${facts.gid}`;
  const times = `${facts.mtimeNs} ${facts.ctimeNs}`;
  const line = `${below} ${facts.mode.toString(8)} ${owner} ${facts.nlink} ${facts.size} ${times} ${contentOf(path, facts)}`;
  const names = facts.isDirectory() ? fs.readdirSync(path).sort() : [];
  return [line, ...names.flatMap((name) => photograph(folder, join(below, name)))];
}

function contentOf(path: string, facts: fs.BigIntStats): string {
  if (facts.isSymbolicLink()) return fs.readlinkSync(path);
  if (!facts.isFile()) return '';
  return createHash('sha256').update(fs.readFileSync(path)).digest('hex').slice(0, 16);
}
