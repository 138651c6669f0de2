/** Writes what the corpus of jobs becomes: `node test/tools/golden.ts`. Read the difference before it is kept. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { goldenFiles, goldenFolder } from '../nomad/golden.ts';

const files = goldenFiles();
rmSync(goldenFolder, { recursive: true, force: true });
for (const [path, text] of files) {
  const file = join(goldenFolder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
process.stdout.write(`${files.size} files in ${goldenFolder}\n`);
