/** Metrics for a program that reads the file at any time: the whole old text or the whole new one. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../kube/error.ts';
import { WatchError } from '../registry.ts';

/** The file beside it does not end in `.prom`, so that the collector passes it over. @throws WatchError */
export function writeTextfile(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, file);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new WatchError('LARDER_DRIFT_TEXTFILE', `${file} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
