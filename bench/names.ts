import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The benches there are: the files here that export `run`. */
export function benchNames(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => /^export async function run\(/m.test(readFileSync(join(import.meta.dirname, file), 'utf8')))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}
