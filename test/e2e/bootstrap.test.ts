import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clone, freshClone, standInNpm } from './clone.ts';
import { eventually } from './larder.ts';

const bootstrap = (clone: Clone) => clone.start(process.execPath, ['bin/bootstrap.js']);
const { install, wait } = standInNpm;
const appears = (clone: Clone, name: string) =>
  eventually(`the file ${name}`, async () => existsSync(join(clone.root, name)) || undefined);
const leftovers = ({ root }: Clone) => readdirSync(root).filter((name) => name.startsWith('.larder-installing'));

test('the first run installs everything and writes nothing to stdout, the second one needs no npm', async (t) => {
  const clone = freshClone(t, `echo npm says hello\n${install}`);
  const first = await bootstrap(clone).ended;
  assert.deepEqual([first.code, first.stdout], [0, '']);
  assert.match(first.stderr, /installing dependencies, once[\s\S]*npm says hello[\s\S]*installed in/);
  assert.match(clone.calls()[0] ?? '', /^ci --include=dev --include=optional /);
  const second = await bootstrap(clone).ended;
  assert.deepEqual(second, { code: 0, stdout: '', stderr: '' });
  assert.equal(clone.calls().length, 1);
  assert.deepEqual(leftovers(clone), []);
});

test('another lock file, or a runtime that is gone, installs again', async (t) => {
  const clone = freshClone(t, install);
  await bootstrap(clone).ended;
  appendFileSync(join(clone.root, 'package-lock.json'), '\n');
  assert.equal((await bootstrap(clone).ended).code, 0);
  assert.equal(clone.calls().length, 2);
  rmSync(join(clone.root, 'node_modules/.bin/node'));
  assert.equal((await bootstrap(clone).ended).code, 0);
  assert.equal(clone.calls().length, 3);
});

test('of commands that start at once one installs, and all of them wait until that is done', async (t) => {
  const clone = freshClone(t, `${wait}\n${install}`);
  const commands = [bootstrap(clone), bootstrap(clone), bootstrap(clone)];
  await appears(clone, 'begun');
  writeFileSync(join(clone.root, 'go'), '');
  for (const { ended } of commands) assert.equal((await ended).code, 0);
  assert.equal(clone.calls().length, 1);
  assert.deepEqual(leftovers(clone), []);
});

test('an install that was killed is begun again by the next commands, once', async (t) => {
  const clone = freshClone(t, `mkdir -p node_modules\necho $$ >npm-pid\n${wait}\n${install}`);
  const killed = bootstrap(clone);
  await appears(clone, 'begun');
  killed.child.kill('SIGKILL'); // first, or it would try again
  process.kill(Number(readFileSync(join(clone.root, 'npm-pid'), 'utf8')), 'SIGKILL');
  await killed.ended;
  assert.notDeepEqual(leftovers(clone), [], 'the dead process must have left its lock, or this test shows nothing');
  writeFileSync(join(clone.root, 'go'), '');
  const next = [bootstrap(clone), bootstrap(clone), bootstrap(clone), bootstrap(clone)];
  for (const { ended } of next) assert.equal((await ended).code, 0);
  assert.equal(clone.calls().length, 2);
  assert.deepEqual(leftovers(clone), []);
});

test('a command waits for the npm of a bootstrap that was killed alone', async (t) => {
  const clone = freshClone(t, `exec >/dev/null 2>&1\n${wait}\n: > node-was-here\n${install}`);
  const killed = bootstrap(clone);
  await appears(clone, 'begun');
  killed.child.kill('SIGKILL');
  const next = bootstrap(clone);
  const said = new Promise<string>((resolve) => next.child.stderr?.once('data', resolve));
  assert.match(await said, /another command is installing, waiting/);
  assert.equal(clone.calls().length, 1);
  writeFileSync(join(clone.root, 'go'), '');
  assert.equal((await next.ended).code, 0);
  assert.equal(clone.calls().length, 2, 'what a killed bootstrap installed is not trusted');
});

test('a failure of the network is tried again, one that would only repeat itself is not', async (t) => {
  const flaky = freshClone(
    t,
    `[ -e tried ] || { : >tried; echo 'npm error code ECONNRESET' >&2; exit 1; }\n${install}`,
  );
  assert.equal((await bootstrap(flaky).ended).code, 0);
  assert.equal(flaky.calls().length, 2);
  const full = freshClone(t, `echo 'npm error code ENOSPC' >&2; exit 228`);
  const { code, stderr } = await bootstrap(full).ended;
  assert.equal(code, 2);
  assert.match(stderr, /npm error code ENOSPC\nlarder: npm ci failed \(exit code 228\), its message is above/);
  assert.equal(full.calls().length, 1);
});

test('an interruption ends the install without another try', async (t) => {
  const clone = freshClone(t, `trap 'exit 1' INT TERM\n${wait}`);
  const interrupted = bootstrap(clone);
  await appears(clone, 'begun');
  interrupted.child.kill('SIGINT');
  const { code, stderr } = await interrupted.ended;
  assert.deepEqual([code, clone.calls().length], [2, 1]);
  assert.match(stderr, /npm was ended by SIGINT; the next command installs again/);
  assert.deepEqual(leftovers(clone), []);
});

test('what is missing or unfit is said in one line, with exit code 2', async (t) => {
  const clone = freshClone(t);
  const pretend = (what: string, value: string) =>
    clone.start(process.execPath, [
      '--import',
      `data:text/javascript,Object.defineProperty(process,'${what}',{value:'${value}'})`,
      'bin/bootstrap.js',
    ]);
  const noNpm = clone.start(process.execPath, ['bin/bootstrap.js'], { env: { PATH: clone.home } });
  const cases = [
    [noNpm, /^larder: installing dependencies, once …\nlarder: npm is not on PATH\. Install npm .*\n$/],
    [
      pretend('platform', 'darwin'),
      /^larder: Larder runs on Linux only .*not on darwin\. Use a Linux machine or a container\.\n$/,
    ],
    [pretend('arch', 'riscv64'), /^larder: Larder runs on x64 and arm64, not on riscv64\.\n$/],
  ] as const;
  for (const [{ ended }, line] of cases) {
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, line);
  }
});

test('an install without the runtime says so and is not taken for complete', async (t) => {
  const clone = freshClone(t, 'mkdir -p node_modules/.bin');
  const { code, stderr } = await bootstrap(clone).ended;
  assert.equal(code, 2);
  assert.match(stderr, /npm left out node-linux-/);
  assert.equal((await bootstrap(clone).ended).code, 2);
});

test('a folder that cannot be written is refused by name', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  const clone = freshClone(t, install);
  chmodSync(clone.root, 0o755);
  const { ended } = clone.start('setpriv', [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    'bin/bootstrap.js',
  ]);
  const { code, stderr } = await ended;
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^larder: cannot install into .*larder \(EACCES\)\. Run this once as the owner of that folder\.\n$/,
  );
});

test('bin/larder works through symbolic links and leaves the working folder alone', async (t) => {
  const clone = freshClone(t, install);
  const elsewhere = join(clone.home, 'some where');
  mkdirSync(elsewhere);
  symlinkSync(join(clone.root, 'bin/larder'), join(clone.home, 'first'));
  symlinkSync('first', join(clone.home, 'second'));
  const { code, stdout } = await clone.start('../second', ['explain', 'pvc/a b'], { cwd: elsewhere }).ended;
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), [elsewhere, 'explain', 'pvc/a b']);
});

test('bin/larder does not run the bootstrap when everything is installed', async (t) => {
  const clone = freshClone(t, install);
  await bootstrap(clone).ended;
  writeFileSync(join(clone.root, 'bin/bootstrap.js'), 'process.exit(9);\n');
  assert.equal((await clone.start('bin/larder', []).ended).code, 0);
  appendFileSync(join(clone.root, 'package-lock.json'), '\n');
  assert.equal((await clone.start('bin/larder', []).ended).code, 9);
});
