import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { type Clock, systemClock } from '../../telemetry/clock.ts';
import { confinement, runConversion } from './conversion-process.ts';

const waiting = new AbortController().signal;
const body = (request: unknown): Buffer => Buffer.from(JSON.stringify(request));

const job = (name: string, meta = ''): string =>
  `job "${name}" {\n${meta}  group "g" {\n    task "t" {\n      driver = "docker"\n      config {\n        image = "a:1"\n      }\n    }\n  }\n}\n`;

test('an answer comes packed, a refusal with its code', async () => {
  const outcome = await runConversion(body({ files: [{ path: 'a.nomad.hcl', text: job('a') }] }), systemClock, waiting);
  assert.equal(outcome.kind, 'answer');
  if (outcome.kind !== 'answer') return;
  const { files } = JSON.parse(gunzipSync(outcome.packed).toString('utf8'));
  assert.ok(files.some(({ path }: { path: string }) => path === 'modules-k8s/a/manifests/deployment.yaml'));
  const refused = await runConversion(body({ files: 1 }), systemClock, waiting);
  assert.deepEqual([refused.kind, refused.kind === 'refused' && refused.code], ['refused', 'LARDER_HTTP_BAD_REQUEST']);
});

test('who takes too much memory ends alone, and is told so', async () => {
  const doubled = Array.from(
    { length: 16 },
    (_, index) => `  a${index + 1} = "\${local.a${index}}\${local.a${index}}"\n`,
  );
  const texts = Array.from({ length: 24 }, (_, index) => `    x${index} = "\${local.a16}${index}"\n`).join('');
  const files = Array.from({ length: 40 }, (_, index) => {
    const locals = `locals {\n  a0 = "${'x'.repeat(60)}${index}"\n${doubled.join('')}}\n`;
    return { path: `${index}.nomad.hcl`, text: `${locals}${job(`j${index}`, `  meta {\n${texts}  }\n`)}` };
  });
  const outcome = await runConversion(body({ files }), systemClock, waiting);
  assert.equal(outcome.kind, 'ended');
  assert.match(outcome.kind === 'ended' ? outcome.message : '', /more memory than one conversion gets/);
});

test('its time ends, and so does the wait of whoever leaves', async () => {
  const files = [{ path: 'a.nomad.hcl', text: job('a') }];
  const late: Clock = { ...systemClock, after: (_ms, fire) => systemClock.after(0, fire) };
  const outcome = await runConversion(body({ files }), late, waiting);
  assert.deepEqual(outcome, {
    kind: 'ended',
    why: 'time',
    message:
      'it took too long and was ended: convert fewer jobs at once, or use `larder nomad convert` on your own machine',
  });
  const left = await runConversion(body({ files }), systemClock, AbortSignal.abort(new Error('gone')));
  assert.equal(left.kind, 'ended');
});

test('the process of a conversion reads nothing but its code, writes nothing and starts nothing', async () => {
  const script = `
    const { readFileSync, writeFileSync } = require('node:fs');
    const { spawnSync } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    const tries = {
      code: () => readFileSync(process.argv[1], 'utf8').length > 0,
      read: () => readFileSync('/etc/passwd'),
      data: () => readFileSync(process.argv[2]),
      write: () => writeFileSync('/tmp/larder-conversion-test', ''),
      start: () => spawnSync('true'),
      thread: () => new Worker('0', { eval: true }),
    };
    for (const [name, attempt] of Object.entries(tries)) {
      try { attempt(); console.log(name, 'done'); } catch ({ code }) { console.log(name, code); }
    }`;
  const beside = resolve(import.meta.dirname, '../../../.larder/console-token');
  const words = [...confinement, '-e', script, '--', import.meta.filename, beside];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: {}, cwd: '/' });
  assert.deepEqual(stdout.trim().split('\n'), [
    'code done',
    'read ERR_ACCESS_DENIED',
    'data ERR_ACCESS_DENIED',
    'write ERR_ACCESS_DENIED',
    'start ERR_ACCESS_DENIED',
    'thread ERR_ACCESS_DENIED',
  ]);
});
