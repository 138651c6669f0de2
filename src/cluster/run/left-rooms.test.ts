import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import { ownPrefix, sweepRooms } from './left-rooms.ts';

const NOW = systemClock.now();
const OLD = new Date(NOW - 8 * 86_400_000);

test('rooms of what was killed go, with what Larder writes there and nothing else', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-rooms-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const make = (name: string, ...files: readonly string[]): string => {
    const path = join(folder, name);
    mkdirSync(path);
    for (const file of files) writeFileSync(join(path, file), 'x');
    return path;
  };
  const ended = spawnSync('/bin/true').pid.toString(36);
  const space = ownPrefix('play').replace(`${process.pid.toString(36)}-`, '');
  make(`${space}${ended}-AAAAAA`, 'inventory', 'known_hosts', 'variables.json');
  make(`${space}${ended}-BBBBBB`, 'inventory');
  make(`${space.replace('play', 'ssh')}${ended}-IIIIII`, 'known_hosts');
  make(`${space}${ended}-mine`, 'inventory', 'notes.txt');
  make(`${ownPrefix('play')}CCCCCC`, 'inventory');
  make(`larder-play-1-${ended}-DDDDDD`, 'inventory');
  utimesSync(make(`larder-play-1-${ended}-EEEEEE`, 'inventory'), OLD, OLD);
  make('larder-play-FFFFFF', 'inventory');
  utimesSync(make('larder-play-GGGGGG', 'inventory'), OLD, OLD);
  utimesSync(make('another'), OLD, OLD);
  const linked = make('linked', 'inventory');
  symlinkSync(linked, join(folder, `${space}${ended}-HHHHHH`));

  sweepRooms(folder, NOW);
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    [
      ...['another', 'linked', 'larder-play-FFFFFF', `larder-play-1-${ended}-DDDDDD`, `${ownPrefix('play')}CCCCCC`],
      ...[`${space}${ended}-mine`, `${space}${ended}-HHHHHH`],
    ].toSorted(),
  );
  assert.deepEqual(readdirSync(join(folder, `${space}${ended}-mine`)), ['notes.txt']);
  assert.deepEqual(readdirSync(linked), ['inventory']);
});
