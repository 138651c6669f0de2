/** The token of a console on this machine, kept in its data folder. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same address after a restart, so that an open tab goes on. */
export function ownToken(folder: string): string {
  const file = join(folder, 'console-token');
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  } catch {
    // given up: there is none yet, or it cannot be read; a new one is made either way
  }
  const token = randomBytes(32).toString('hex');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}
