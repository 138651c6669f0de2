/** A process that remembers measurements until it is killed: its arguments are the file, and the minute to begin with. */
import { writeSync } from 'node:fs';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { GIB, NOW } from '../decide.fixture.ts';
import { KEPT_EVERY_MS } from './history.ts';
import { openHistory } from './history-store.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const clock = createManualClock(NOW);
clock.stepWall(Number(first) * 60_000);
const store = openHistory({ path, retentionMs: 5 * 86_400_000, clock, log: silentLog });
for (let minute = Number(first); ; minute += 5) {
  const at = NOW + minute * 60_000;
  store.add(['a', 'b', 'c'].map((uid) => ({ uid, at, usedBytes: BigInt(minute) * 4_096n, capacityBytes: 10n * GIB })));
  clock.stepWall(KEPT_EVERY_MS);
  // What was said is on disk, as far as a process that dies is concerned.
  writeSync(1, `${minute}\n`);
}
