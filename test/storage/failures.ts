/**
 * What a user reads when storage fails, row by row, on real mounts with the whole operator: the exact event, what happens
 * then, and that the operator itself answers all the while. All rows run beside each other: the failure of one export is
 * none of the others.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Mount, mountOf } from '../e2e/fuse.ts';
import { embedded } from '../e2e/site.ts';
import { type Room, roomOf } from './room.ts';
import type { Row } from './row.ts';
import { filesystems } from './rows/filesystems.ts';
import { objects } from './rows/objects.ts';
import { operators } from './rows/operators.ts';
import { faults, outages, servers } from './rows/servers.ts';
import { type Stage, stageFor } from './stage.ts';

/** Each list runs in its order, beside the others. */
const lists: readonly (readonly Row[])[] = [
  outages,
  faults,
  ...[...servers, ...filesystems, ...objects, ...operators].map((row) => [row]),
];

const FUSE = ['outage', 'faulty', 'hung', 'removed', 'well'];
const ROOM = ['full', 'few', 'frozen', 'bare'];

const prepare = `cd /mnt; mkdir full few frozen bare real
  mount -t tmpfs -o size=80m tmpfs full; head -c 40m /dev/zero > full/ballast
  mount -t tmpfs -o size=80m,nr_inodes=900 tmpfs few
  mount -t tmpfs -o size=80m tmpfs real; mount --bind real frozen; mount -o remount,bind,ro frozen`;

export async function failures(t: TestContext): Promise<void> {
  const mounts = new Map<string, Mount | string>();
  await Promise.all(FUSE.map(async (name) => mounts.set(name, await mountOf(t))));
  const room = await roomOf(t);
  if (typeof room !== 'string') await room.run(prepare);
  const fuse = (name: string): Mount => {
    const mount = mounts.get(name);
    assert.ok(typeof mount === 'object');
    return mount;
  };
  const roots: Record<string, string> = {};
  for (const [name, mount] of mounts) if (typeof mount === 'object') roots[name] = mount.root;
  for (const name of ROOM) if (typeof room === 'object') roots[name] = room.at(`/mnt/${name}`);
  const removed = mounts.get('removed');
  if (typeof removed === 'object') removed.fault({ errno: 2, operations: ['mkdir'], prefix: '/.larder' });
  const stage = await stageFor(t, { place: embedded, exports: roots });
  const watching = watchHealth(stage);
  await Promise.all(
    lists.map(async (rows) => {
      for (const { name, needs, run } of rows) {
        await t.test(name, async (row) => {
          const missing = needs === 'fuse' ? mounts.get('well') : room;
          if (typeof missing === 'string') return row.skip(missing);
          await run({ stage, fuse, room: () => roomIn(room) });
        });
      }
    }),
  );
  assert.ok((await watching.stop()) > 0);
}

function roomIn(room: Room | string): Room {
  assert.ok(typeof room === 'object');
  return room;
}

/** Asks `/healthz` until stopped; resolves with how often it answered. Any other answer fails. */
function watchHealth(stage: Stage): { stop(): Promise<number> } {
  let stopped = false;
  const asking = (async () => {
    let count = 0;
    for (; !stopped; count += 1) {
      await stage.healthy();
      await new Promise((next) => setTimeout(next, 100));
    }
    return count;
  })();
  return {
    stop() {
      stopped = true;
      return asking;
    },
  };
}
