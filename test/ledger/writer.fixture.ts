/**
 * A process that appends to a ledger. `writer.fixture.ts ROOT NAME COUNT` appends so many incidents and says the number of
 * each record; `… park STEP` stands still before that step of its one append, and says so, until it is killed.
 */
import { writeSync } from 'node:fs';
import { type Disk, systemDisk } from '../../src/ledger/disk.ts';
import { appended, incident, openLedger } from './site.ts';

const [root = '', name = '', count = '1', park] = process.argv.slice(2);
const parkAt = park === undefined ? Number.POSITIVE_INFINITY : Number(park);
let steps = 0;

async function step(): Promise<void> {
  steps += 1;
  if (steps <= parkAt) return;
  writeSync(1, 'parked\n');
  setInterval(() => undefined, 60_000); // keeps the process alive until it is killed
  await new Promise(() => undefined);
}

const disk: Disk = {
  ...systemDisk,
  makeFolder: async (path) => step().then(() => systemDisk.makeFolder(path)),
  writeNew: async (path, content) => step().then(() => systemDisk.writeNew(path, content)),
  link: async (from, to) => step().then(() => systemDisk.link(from, to)),
  replace: async (from, to) => step().then(() => systemDisk.replace(from, to)),
  remove: async (path) => step().then(() => systemDisk.remove(path)),
  syncFolder: async (path) => step().then(() => systemDisk.syncFolder(path)),
};

const ledger = await openLedger(root, { disk });
for (let index = 0; index < Number(count); index += 1) {
  const artifacts = park === undefined ? [] : [{ folder: name, name: 'what.txt', content: Buffer.from(name) }];
  const { record } = appended(await ledger.append({ event: incident(`${name}-${index}`), artifacts }));
  writeSync(1, `${record.seq}\n`);
}
