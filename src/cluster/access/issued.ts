/** Certificates that were issued from this clone: for people to look at. What counts as evidence is in the ledger. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FOLDER = '.larder';
const FILE = 'access.jsonl';

const shape = z.object({
  operator: z.string(),
  serial: z.string(),
  /** RFC 3339. */
  until: z.string(),
  principals: z.array(z.string()).readonly(),
});

export type Issued = Readonly<z.infer<typeof shape>>;

export function rememberIssued(repository: string, issued: Issued): void {
  mkdirSync(join(repository, FOLDER), { recursive: true });
  appendFileSync(join(repository, FOLDER, FILE), `${JSON.stringify(issued)}\n`);
}

/** Oldest first; a line that was cut off is left out. */
export function issuedHere(repository: string): readonly Issued[] {
  let text: string;
  try {
    text = readFileSync(join(repository, FOLDER, FILE), 'utf8');
  } catch {
    return []; // none was issued here
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [shape.parse(JSON.parse(line))];
    } catch {
      return []; // cut off while it was written
    }
  });
}
