/** Standard output whose reader goes away. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';

const main = resolve(import.meta.dirname, '../../bin/start.js');

test('a command whose reader has read enough ends without a word', async () => {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy(); // before anything is written, as `| true` does
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});
