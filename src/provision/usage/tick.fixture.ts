import * as fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/**
 * Until the clock of a filesystem has moved on: what changes within one of its moments may leave the times of a directory
 * as they are. `probe`: a path on it where nothing is.
 */
export async function nextTick(probe: string): Promise<void> {
  const touched = (): bigint => {
    fs.writeFileSync(probe, '');
    const { ctimeNs } = fs.statSync(probe, { bigint: true });
    fs.rmSync(probe);
    return ctimeNs;
  };
  const first = touched();
  while (touched() === first) await setTimeout(1);
}
