/** A disk that is really full, one that may only be read, and a folder of somebody else. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Room, roomOf } from '../storage/room.ts';

const fixture = join(import.meta.dirname, 'disk.fixture.ts');

interface Said {
  readonly kind?: string;
  readonly records?: number;
  readonly findings?: readonly string[];
  readonly code?: string;
  readonly message?: string;
}

async function does(room: Room, ...words: readonly string[]): Promise<Said> {
  const said = await room.run(
    `${process.execPath} --disable-warning=ExperimentalWarning ${fixture} ${words.join(' ')}`,
  );
  const parsed: Said = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  return parsed;
}

async function smallDisk(t: TestContext): Promise<Room | undefined> {
  const room = await roomOf(t);
  if (typeof room === 'string') {
    t.skip(room);
    return undefined;
  }
  await room.run('mkdir /mnt/small && mount -t tmpfs -o size=640k tmpfs /mnt/small && git init -q /mnt/small');
  return room;
}

test('a full disk: nothing is half written, the message says so, and with room it goes on', async (t) => {
  const room = await smallDisk(t);
  if (room === undefined) return;
  assert.deepEqual(await does(room, '/mnt/small', 'start'), { records: 1 });
  let records = 1;
  let refused: Said = {};
  for (let number = 0; number < 40 && refused.code === undefined; number += 1) {
    const said = await does(room, '/mnt/small', 'append', `i${number}`);
    if (said.kind === 'appended') records += 1;
    else refused = said;
  }
  assert.equal(refused.code, 'LARDER_LEDGER_FILES');
  assert.match(
    refused.message ?? '',
    /was not recorded: ENOSPC: no space left on device.*\. make room, and try again$/,
  );
  assert.ok(records > 3, `${records} records`);
  const { kind, records: there } = await does(room, '/mnt/small', 'verify');
  assert.deepEqual({ kind, there }, { kind: 'whole', there: records });
  await room.run('mount -o remount,size=4m /mnt/small');
  assert.deepEqual(await does(room, '/mnt/small', 'append', 'with-room'), { kind: 'appended', records: records + 1 });
  const after = await does(room, '/mnt/small', 'verify');
  assert.equal(after.kind, 'whole');
  assert.ok(
    after.findings?.every((finding) => finding === 'artifact-unclaimed'),
    String(after.findings),
  );
});

test('a disk that may only be read: it is verified, and nothing is appended', async (t) => {
  const room = await smallDisk(t);
  if (room === undefined) return;
  await does(room, '/mnt/small', 'start');
  await room.run('mount -o remount,ro /mnt/small');
  assert.deepEqual(await does(room, '/mnt/small', 'verify'), { kind: 'whole', records: 1, findings: [] });
  const refused = await does(room, '/mnt/small', 'append', 'a');
  assert.equal(refused.code, 'LARDER_LEDGER_FILES');
  assert.match(
    refused.message ?? '',
    /^the lock in \/mnt\/small\/\.git\/larder cannot be taken: .* Nothing was written/,
  );
});

test('files of somebody else: it is verified, and nothing is appended', async (t) => {
  const room = await smallDisk(t);
  if (room === undefined) return;
  await does(room, '/mnt/small', 'start');
  const isRoot = (await room.run('id -u')).trim() === '0' && process.geteuid?.() === 0;
  if (!isRoot) return t.skip('only root can become somebody else');
  const nobody = `setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'`;
  const as = async (...words: readonly string[]): Promise<Said> => {
    const script = `${nobody} ${process.execPath} --disable-warning=ExperimentalWarning ${fixture} ${words.join(' ')}`;
    const parsed: Said = JSON.parse((await room.run(script)).trim().split('\n').at(-1) ?? '');
    return parsed;
  };
  assert.deepEqual(await as('/mnt/small', 'verify'), { kind: 'whole', records: 1, findings: [] });
  assert.equal((await as('/mnt/small', 'append', 'a')).code, 'LARDER_LEDGER_FILES');
});
