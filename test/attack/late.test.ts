/** The process of an export that cannot be killed, as one whose server does not answer, and goes on long after. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kinds } from '../../src/kube/kinds.ts';
import { Lines } from '../../src/kube/lines.ts';
import { createExport } from '../../src/provision/export/export.ts';
import type { ChildFactory } from '../../src/provision/export/spawn.ts';
import { claimDraft, classDraft, startWorld, volumeOf } from '../../src/provision/world.fixture.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';

const ENTRY = fileURLToPath(new URL('../../src/provision/export/child.ts', import.meta.url));

const REFUSED = 'is another directory now than the one that was meant';

interface Stubborn {
  readonly factory: ChildFactory;
  /** The next process that is asked to move a directory stands still before it does. */
  armed: boolean;
  /** Processes that were killed, and cannot be. */
  readonly abandoned: Set<ChildProcess>;
  /** What they answered since. */
  readonly answers: string[];
}

function stubborn(t: TestContext): Stubborn {
  const all = new Set<ChildProcess>();
  const abandoned = new Set<ChildProcess>();
  t.after(() => {
    for (const child of all) child.kill('SIGKILL');
  });
  const self: Stubborn = {
    armed: false,
    abandoned,
    answers: [],
    factory({ onLine, onExit }) {
      const child = spawn(process.execPath, [ENTRY], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
      all.add(child);
      const lines = new Lines();
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        for (const line of lines.push(text)) {
          if (abandoned.has(child)) self.answers.push(line);
          onLine(line);
        }
      });
      child.on('exit', (code, signal) => onExit(signal ?? `exit code ${code}`));
      return {
        pid: child.pid ?? 0,
        send(line) {
          if (self.armed && line.includes('"kind":"trash"')) {
            self.armed = false;
            child.kill('SIGSTOP');
          }
          child.stdin.write(`${line}\n`);
        },
        kill: () => void abandoned.add(child),
      };
    },
  };
  return self;
}

test('a removal that a stopped process carries out late takes nothing from the claim that has the name by then', {
  timeout: 120_000,
}, async (t) => {
  const late = stubborn(t);
  const options = { clock: systemClock, random: systemRandom, log: silentLog, allowLocal: true };
  const world = await startWorld(t, {
    storages: (description) =>
      createExport({ ...options, description, childFactory: late.factory, probe: { minMs: 200, maxMs: 1_000 } }),
  });
  const parameters = { pathPattern: '${.PVC.name}', onDelete: 'delete' };
  await world.client.create(kinds.StorageClass, classDraft('late', parameters, { reclaimPolicy: 'Delete' }));
  const place = join(world.folder, 'data');
  const claim = async (content: string): Promise<void> => {
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'late'));
    await world.until(() => volumeOf(world, 'default/data'));
    fs.writeFileSync(join(place, 'content'), content);
  };
  await claim('of the first');
  late.armed = true;
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });
  await world.until(() => late.abandoned.size > 0);
  await world.until(() => !fs.existsSync(place)); // another process did it since
  await claim('of the second');
  for (const child of late.abandoned) child.kill('SIGCONT');
  await world.until(() => late.answers.some((line) => line.includes(REFUSED)));
  await world.settle();
  assert.equal(fs.readFileSync(join(place, 'content'), 'utf8'), 'of the second');
  const trash = join(world.folder, '.larder', 'trash');
  const contents = fs.readdirSync(trash).flatMap((name) => {
    const path = join(trash, name, 'content');
    return fs.existsSync(path) ? [fs.readFileSync(path, 'utf8')] : [];
  });
  assert.deepEqual(contents, ['of the first']);
});
