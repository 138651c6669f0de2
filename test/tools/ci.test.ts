import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

/** Runs .ci/run with an npm that prints `first` for `npm test` and `second` for the other; each ends with its code. */
function ci(
  t: TestContext,
  first: string,
  second: string,
): { readonly status: number | null; readonly lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'larder-ci-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '.ci'));
  cpSync(join(root, '.ci/run'), join(folder, '.ci/run'));
  writeFileSync(
    join(folder, 'npm'),
    `#!/bin/sh\nif [ "$*" = test ]; then\n${first}\nfi\n[ "$*" = 'run test:real' ] || exit 9\n${second}\n`,
    {
      mode: 0o755,
    },
  );
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
  const { status, stdout } = spawnSync('bash', [join(folder, '.ci/run')], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const counts = (passed: number, failed: number, skipped: number, code = 0): string =>
  `echo "${passed} passed, ${failed} failed, ${skipped} skipped"; exit ${code}`;

test('.ci/run adds up both runs in its last line', (t) => {
  const { status, lines } = ci(t, `echo noise; ${counts(10, 0, 1)}`, counts(5, 0, 2));
  assert.deepEqual([status, lines.at(-1)], [0, '15 passed, 0 failed, 3 skipped']);
});

test('.ci/run fails when either run fails, ends without its counts, or nothing passed; the second runs all the same', (t) => {
  const failing = ci(t, counts(9, 1, 0, 1), counts(5, 0, 0));
  assert.deepEqual([failing.status, failing.lines.at(-1)], [1, '14 passed, 1 failed, 0 skipped']);
  const silent = ci(t, 'exit 0', counts(5, 0, 0));
  assert.deepEqual([silent.status, silent.lines.at(-1)], [1, '5 passed, 1 failed, 0 skipped']);
  assert.equal(ci(t, counts(0, 0, 3), counts(0, 0, 0)).status, 1);
});

test('the runner refuses a layer that it does not know, and names those that there are', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'test/run.ts'), 'nope'], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(
    stderr,
    /no layer nope; there are check, unit, conformance, simulation, e2e, console, conformance-real, real, rig/,
  );
});

test('scripts that are run by name are executable', () => {
  const listed = execFileSync('find', ['bin/larder', '.ci/run', '-perm', '-111'], { cwd: root, encoding: 'utf8' });
  assert.deepEqual(listed.trim().split('\n'), ['bin/larder', '.ci/run']);
});
