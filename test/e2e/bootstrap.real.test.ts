import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lchownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { distribution } from '../../bench/report.ts';
import { type Clone, freshClone, type Started } from './clone.ts';

const ORDINARY_USER = 54_321;
const STARTS = 9;
const MOST_ADDED_MS = 300;

/** Runs a command as an ordinary user where this is root, else as who this is. */
function asUser(clone: Clone, command: string, args: readonly string[], env: Record<string, string> = {}): Started {
  if (!isRoot()) return clone.start(command, args, { env });
  const drop = [`--reuid=${ORDINARY_USER}`, `--regid=${ORDINARY_USER}`, '--clear-groups'];
  // Root's cache, which whoever runs the suite may have named, is closed to the ordinary user.
  const own = { npm_config_cache: join(clone.home, '.npm'), ...env };
  return clone.start('setpriv', [...drop, command, ...args], { env: own });
}

const isRoot = (): boolean => process.getuid?.() === 0;

function giveAway(folder: string): void {
  lchownSync(folder, ORDINARY_USER, ORDINARY_USER);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(folder, name), ORDINARY_USER, ORDINARY_USER);
  }
}

function installedClone(t: TestContext): Clone {
  const clone = freshClone(t);
  mkdirSync(join(clone.root, 'test'));
  writeFileSync(join(clone.root, 'test/run.ts'), 'console.log(process.version);\n');
  if (isRoot()) [clone.root, clone.home].forEach(giveAway);
  return clone;
}

test('an ordinary user with an empty home gets Node 24 and all tools from two commands at once', async (t) => {
  const clone = installedClone(t);
  const commands = [asUser(clone, 'npm', ['test', '--silent']), asUser(clone, 'bin/larder', ['version'])];
  const [suite, larder] = await Promise.all(commands.map(({ ended }) => ended));
  assert.equal(suite?.code, 0, suite?.stderr);
  assert.match(suite?.stdout ?? '', /^v24\.\d+\.\d+\n$/);
  assert.equal(larder?.code, 0, larder?.stderr);
  assert.deepEqual(JSON.parse(larder?.stdout ?? ''), [clone.root, 'version']);
  const said = `${suite?.stderr}${larder?.stderr}`;
  assert.equal(said.match(/installing dependencies/g)?.length, 1, said);
  for (const tool of ['tsc', 'biome', 'knip']) assert.ok(existsSync(join(clone.root, 'node_modules/.bin', tool)), tool);

  const offline = { npm_config_registry: 'http://127.0.0.1:9', npm_config_offline: 'true' };
  const again = await asUser(clone, 'npm', ['test', '--silent'], offline).ended;
  assert.deepEqual([again.code, again.stderr], [0, '']);

  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const begun = performance.now();
    execFileSync(process.execPath, ['bin/bootstrap.js'], { cwd: clone.root });
    times.push(performance.now() - begun);
  }
  const { median } = distribution(times);
  t.diagnostic(`the bootstrap adds ${Math.round(median)} ms to a start`);
  assert.ok(median < MOST_ADDED_MS, `${median} ms`);
});
