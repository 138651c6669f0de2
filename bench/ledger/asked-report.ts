import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** As somebody asks for it; it ends with 1, because drills are due. `cache`: the folder of the user's caches. */
export function askedReport(root: string, cache: string): void {
  const start = join(import.meta.dirname, '../../bin/start.js');
  const words = ['--disable-warning=ExperimentalWarning', start, 'ledger', 'report', '--ledger', root];
  const { status, stdout } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 2 || !stdout.includes('Applied changes'))
    throw new Error(`the report ended with ${status}: ${stdout}`);
}
