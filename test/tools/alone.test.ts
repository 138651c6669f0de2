import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { alone } from './alone.ts';

test('work on one thing is done one after the other, by whichever process', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-alone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = `import { alone } from ${JSON.stringify(join(import.meta.dirname, 'alone.ts'))};
    import { mkdirSync, rmdirSync } from 'node:fs';
    for (let round = 0; round < 5; round += 1) await alone(${JSON.stringify(join(folder, 'tool'))}, async () => {
      mkdirSync(${JSON.stringify(join(folder, 'busy'))}); // fails where another is at it
      await new Promise((done) => setImmediate(done));
      rmdirSync(${JSON.stringify(join(folder, 'busy'))});
    });`;
  const codes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      return (await once(child, 'close'))[0];
    }),
  );
  assert.deepEqual(codes, [0, 0, 0]);
});

test('what a process left that has ended holds nobody up, and a failure lets go', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-alone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn('true');
  await once(child, 'close');
  writeFileSync(join(folder, 'tool.lock'), String(child.pid));
  await assert.rejects(
    alone(join(folder, 'tool'), () => Promise.reject(new Error('no luck'))),
    /no luck/,
  );
  assert.equal(await alone(join(folder, 'tool'), () => Promise.resolve(1)), 1);
  assert.equal(existsSync(join(folder, 'tool.lock')), false);
});
