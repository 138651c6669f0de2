import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How Larder is started once more: from the sources, or as what was started. */
export function ownProgram(): readonly string[] {
  const source = fileURLToPath(new URL('../../../bin/larder', import.meta.url));
  return existsSync(source) ? [source] : [process.execPath, ...process.execArgv, process.argv[1] ?? 'larder'];
}
