import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { type Clock, systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import type { Storage } from '../storage.ts';
import { createExport } from './export.ts';
import { requestFor } from './operations.fixture.ts';
import { spawnChild } from './spawn.ts';

interface World {
  readonly storage: Storage;
  readonly root: string;
  /** Of the process that serves the export now. */
  readonly pid: () => number;
  readonly stop: AbortController;
  readonly running: Promise<void>;
}

/** An export served by a real process. */
function worldOf(t: TestContext, clock: Clock = systemClock): World {
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-export-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'export');
  fs.mkdirSync(root);
  let pid = 0;
  const factory = spawnChild(silentLog);
  const storage = createExport({
    description: { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root },
    allowLocal: true,
    childFactory: (events) => {
      const child = factory(events);
      pid = child.pid;
      return child;
    },
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const stop = new AbortController();
  const running = storage.run(stop.signal);
  t.after(() => stop.abort());
  return { storage, root, pid: () => pid, stop, running };
}

const healthy = (storage: Storage): Promise<void> =>
  new Promise((done) => {
    const forget = storage.onHealthy(() => {
      forget();
      done();
    });
  });

describe('an export with a process of its own', () => {
  it('makes, finds, moves, measures and removes directories', async (t) => {
    const { storage, root } = worldOf(t);
    assert.equal((await storage.ensure(requestFor('a', 'b'))).kind, 'created');
    assert.equal((await storage.ensure(requestFor('a', 'b'))).kind, 'existed');
    fs.writeFileSync(join(root, 'a', 'b', 'file'), 'x'.repeat(10_000));
    const usage = await storage.usage({ path: ['a', 'b'], maxOperations: 100 });
    assert.ok(usage.kind === 'usage');
    assert.deepEqual([usage.inodes, usage.complete, usage.usedBytes >= 10_000n], [2n, true, true]);
    const move = { path: ['a', 'b'], volumeUid: 'u-1', volumeName: 'pvc-u-1', claim: 'x/y', at: 1e12 };
    const moved = await storage.trash(move);
    assert.deepEqual(moved, { kind: 'moved', entry: 'u-1-20010909T014640.000Z' });
    const listed = await storage.entries();
    assert.ok(listed.kind === 'entries');
    assert.deepEqual(
      listed.entries.map(({ claim, path }) => [claim, path]),
      [['x/y', ['a', 'b']]],
    );
    assert.equal((await storage.restore({ entry: 'u-1-20010909T014640.000Z', path: ['c'] })).kind, 'restored');
    assert.equal((await storage.archive({ ...move, path: ['c'] })).kind, 'moved');
    const names = await storage.list([]);
    assert.ok(names.kind === 'list');
    assert.deepEqual(names.names.map(({ name }) => name).sort(), ['a', 'archived-c']);
    assert.equal((await storage.purge({ entry: 'archived-c', maxOperations: 100 })).kind, 'purged');
    assert.deepEqual(await storage.discard(['a']), { kind: 'discarded' });
    assert.deepEqual(fs.readdirSync(root), ['.larder']);
    assert.equal((await storage.space()).kind, 'space');
  });

  it('refuses a forged component in the process too, with the name that was refused', async (t) => {
    const { storage } = worldOf(t);
    const result = await storage.ensure(requestFor('a', '..', '..', 'etc'));
    assert.ok(result.kind === 'problem');
    assert.equal(result.problem, 'unexpected');
    assert.match(result.detail, /refused: operation\.path is \["a","\.\.","\.\.","etc"\], not a list of single names/);
    assert.equal((await storage.ensure(requestFor('.larder', 'x'))).kind, 'problem');
  });

  it('gives names that hold line ends through the pipe unharmed', async (t) => {
    const { storage, root } = worldOf(t);
    for (const name of ['a\nb', 'a\u2028b', 'a\u2029b', 'a\r\nb', '"', '\\n']) {
      assert.equal((await storage.ensure(requestFor(name))).kind, 'created');
      assert.ok(fs.lstatSync(join(root, name)).isDirectory());
    }
  });

  it('answers while the process is stopped, as unavailable, and works again with a new process', async (t) => {
    const clock = createManualClock();
    const { storage, pid } = worldOf(t, clock);
    assert.equal((await storage.ensure(requestFor('first'))).kind, 'created');
    const stopped = pid();
    process.kill(stopped, 'SIGSTOP');
    const healed = healthy(storage);
    const pending = storage.ensure(requestFor('second'));
    await clock.advance(5_020);
    assert.deepEqual(await pending, {
      kind: 'problem',
      problem: 'unavailable',
      detail: 'did not answer within 5s',
      errno: '',
      landed: 'maybe',
    });
    await healed;
    assert.notEqual(pid(), stopped);
    assert.equal((await storage.ensure(requestFor('second'))).kind, 'created');
  });

  it('ends its run at once although the process is stopped, and leaves none behind', async (t) => {
    const { storage, pid, stop, running } = worldOf(t);
    await storage.ensure(requestFor('a'));
    process.kill(pid(), 'SIGSTOP');
    const pending = storage.ensure(requestFor('b'));
    stop.abort();
    await running;
    assert.equal((await pending).kind, 'problem');
    await vanished(pid());
  });

  it('loses its process with its parent, however that ends', async (t) => {
    const program = `
      import { systemClock, systemRandom } from './src/telemetry/clock.ts';
      import { silentLog } from './src/telemetry/log.ts';
      import { createExport } from './src/provision/export/export.ts';
      import { spawnChild } from './src/provision/export/spawn.ts';
      const description = { backend: 'local', server: '', path: process.argv[1], root: process.argv[1] };
      const childFactory = (events) => {
        const child = spawnChild(silentLog)(events);
        process.stdout.write(child.pid + '\\n');
        return child;
      };
      const storage = createExport({ description, allowLocal: true, childFactory, clock: systemClock, random: systemRandom, log: silentLog });
      void storage.run(new AbortController().signal);
      storage.space().then((space) => process.stdout.write(space.kind + '\\n'));`;
    const folder = fs.mkdtempSync(join(tmpdir(), 'larder-export-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, folder], {
      cwd: resolve(import.meta.dirname, '../../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [child] = await linesOf(parent, 2);
    parent.kill('SIGKILL');
    await vanished(Number(child));
  });
});

/** The first lines of a process's output. */
function linesOf(child: ChildProcess, count: number): Promise<readonly string[]> {
  return new Promise((done, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n').slice(0, -1);
      if (lines.length >= count) done(lines);
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code} after ${JSON.stringify(text)}`)));
  });
}

/** Resolves when there is no such process any more, or only its entry in the process table. */
async function vanished(pid: number): Promise<void> {
  for (;;) {
    let status: string;
    try {
      status = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return; // no such process
    }
    if (/\) [ZX] /.test(status)) return;
    await new Promise((again) => setImmediate(again));
  }
}

type Command = fc.AsyncCommand<Model, Real>;

/** Directories that hold something, by their path, with what they hold. */
interface Model {
  readonly directories: Map<string, string>;
  readonly away: Map<string, { readonly path: string; readonly content: string }>;
  turns: number;
}

interface Real {
  readonly storage: Storage;
  readonly root: string;
}

const contentOf = (root: string, path: string): string => fs.readFileSync(join(root, path, 'content'), 'utf8');

/** No directory of the model is the parent of another: the planner upstream refuses such volumes. */
const paths = fc.constantFrom('a', 'b', 'n/c', 'n/d', 'n/m/e');

function ensureCommand(path: string): Command {
  return {
    check: () => true,
    async run(model, { storage, root }) {
      const result = await storage.ensure(requestFor(...path.split('/')));
      assert.equal(result.kind, model.directories.has(path) ? 'existed' : 'created');
      if (model.directories.has(path)) return;
      const content = `${path} ${model.turns}`;
      model.turns += 1;
      model.directories.set(path, content);
      fs.writeFileSync(join(root, path, 'content'), content);
    },
    toString: () => `ensure ${path}`,
  };
}

function awayCommand(path: string, kind: 'trash' | 'archive'): Command {
  return {
    check: () => true,
    async run(model, { storage }) {
      const at = 1e12 + model.turns * 1_000;
      model.turns += 1;
      const move = { path: path.split('/'), volumeUid: 'u', volumeName: 'v', claim: 'c/d', at };
      const result = await storage[kind](move);
      const content = model.directories.get(path);
      if (content === undefined) return assert.ok(result.kind === 'problem' && result.problem === 'missing');
      assert.ok(result.kind === 'moved');
      model.directories.delete(path);
      model.away.set(result.entry, { path, content });
    },
    toString: () => `${kind} ${path}`,
  };
}

function backCommand(pick: number): Command {
  return {
    check: (model) => model.away.size > 0,
    async run(model, { storage }) {
      const [entry, { path, content }] = pickOf(model, pick);
      const result = await storage.restore({ entry });
      if (model.directories.has(path)) return assert.ok(result.kind === 'problem' && result.problem === 'exists');
      assert.equal(result.kind, 'restored');
      model.away.delete(entry);
      model.directories.set(path, content);
    },
    toString: () => `restore ${pick}`,
  };
}

function purgeCommand(pick: number): Command {
  return {
    check: (model) => model.away.size > 0,
    async run(model, { storage }) {
      const [entry] = pickOf(model, pick);
      assert.deepEqual(await storage.purge({ entry, maxOperations: 99 }), { kind: 'purged', remaining: false });
      model.away.delete(entry);
    },
    toString: () => `purge ${pick}`,
  };
}

function discardCommand(path: string): Command {
  return {
    check: () => true,
    async run(model, { storage }) {
      const result = await storage.discard(path.split('/'));
      assert.ok(result.kind === 'problem');
      assert.equal(result.problem, model.directories.has(path) ? 'not-empty' : 'missing');
    },
    toString: () => `discard ${path}`,
  };
}

function pickOf(model: Model, pick: number): readonly [string, { readonly path: string; readonly content: string }] {
  const found = [...model.away][pick % model.away.size];
  assert.ok(found);
  return found;
}

describe('any sequence of operations', () => {
  it('keeps every directory and its contents as a simple model says, and touches nothing outside', async (t) => {
    const { storage, root } = worldOf(t);
    const sentinel = join(root, '..', 'sentinel');
    fs.mkdirSync(join(sentinel, 'a', 'content'), { recursive: true });
    const before = fs.lstatSync(join(sentinel, 'a'));
    const commands = fc.commands(
      [
        paths.map(ensureCommand),
        paths.map((path) => awayCommand(path, 'trash')),
        paths.map((path) => awayCommand(path, 'archive')),
        paths.map(discardCommand),
        fc.nat(9).map(backCommand),
        fc.nat(9).map(purgeCommand),
      ],
      { maxCommands: 25 },
    );
    let run = 0;
    const property = fc.asyncProperty(commands, async (sequence) => {
      run += 1;
      const folder = `run-${run}`; // each run below a directory of its own: fast-check shrinks by running again
      const nested = nestedIn(storage, folder);
      const real = { storage: nested, root: join(root, folder) };
      const model: Model = { directories: new Map(), away: new Map(), turns: run * 1_000 };
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      for (const [path, content] of model.directories) assert.equal(contentOf(real.root, path), content);
      const listed = await storage.entries();
      assert.ok(listed.kind === 'entries');
      const found = listed.entries.filter(({ path }) => path[0] === folder).map(({ entry }) => entry);
      assert.deepEqual(found.sort(), [...model.away.keys()].sort());
    });
    await fc.assert(property, { numRuns: 30 });
    const after = fs.lstatSync(join(sentinel, 'a'));
    assert.deepEqual([after.ctimeMs, after.ino], [before.ctimeMs, before.ino]);
    assert.deepEqual(fs.readdirSync(join(root, '..')).sort(), ['export', 'sentinel']);
  });
});

/** The same storage with every path below one folder. */
function nestedIn(storage: Storage, folder: string): Storage {
  return {
    ...storage,
    ensure: (asked) => storage.ensure({ ...asked, path: [folder, ...asked.path] }),
    discard: (path) => storage.discard([folder, ...path]),
    trash: (move) => storage.trash({ ...move, path: [folder, ...move.path] }),
    archive: (move) => storage.archive({ ...move, path: [folder, ...move.path] }),
  };
}

describe('a tenant who swaps components while they are worked on', () => {
  it('never gets anything outside the export made, changed or moved', async (t) => {
    const { storage, root } = worldOf(t);
    const outside = join(root, '..', 'outside');
    fs.mkdirSync(join(outside, 'leaf'), { recursive: true, mode: 0o700 });
    fs.writeFileSync(join(outside, 'leaf', 'precious'), 'kept');
    fs.chmodSync(outside, 0o700);
    const attack = `
      const fs = require('node:fs');
      const [root, outside] = process.argv.slice(1);
      const quiet = (work) => { try { work(); } catch {} };
      process.stdout.write('ready\\n');
      for (let turn = 0; ; turn += 1) {
        quiet(() => fs.renameSync(root + '/mid', root + '/hidden-' + turn % 7));
        quiet(() => fs.symlinkSync(outside, root + '/mid'));
        quiet(() => fs.unlinkSync(root + '/mid'));
        quiet(() => fs.mkdirSync(root + '/mid'));
        quiet(() => fs.symlinkSync(outside + '/leaf', root + '/mid/leaf'));
        quiet(() => fs.unlinkSync(root + '/mid/leaf'));
        quiet(() => fs.rmSync(root + '/hidden-' + turn % 7, { recursive: true }));
      }`;
    const attacker = spawn(process.execPath, ['-e', attack, root, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => attacker.kill('SIGKILL'));
    await linesOf(attacker, 1);
    const kinds = new Set<string>();
    for (let round = 0; round < 150; round += 1) {
      const move = { path: ['mid', 'leaf'], volumeUid: 'u', volumeName: 'v', claim: 'c/d', at: 1e12 + round };
      const results = await Promise.all([
        storage.ensure(requestFor('mid', 'leaf')),
        storage.ensure(requestFor('mid', 'leaf', `x${round}`)),
        storage.ensure(requestFor('mid')),
        storage.trash(move),
        storage.archive(move),
        storage.discard(['mid', 'leaf']),
      ]);
      for (const result of results) kinds.add(result.kind === 'problem' ? result.problem : result.kind);
    }
    assert.ok(kinds.has('created') && kinds.size > 2, [...kinds].join());
    const facts = [fs.lstatSync(outside), fs.lstatSync(join(outside, 'leaf'))];
    assert.deepEqual(
      facts.map(({ mode }) => mode & 0o777),
      [0o700, 0o700],
    );
    assert.deepEqual(fs.readdirSync(outside), ['leaf']);
    assert.deepEqual(fs.readdirSync(join(outside, 'leaf')), ['precious']);
    attacker.kill('SIGKILL');
    const listed = await storage.entries();
    assert.ok(listed.kind === 'entries');
    for (const { entry } of listed.entries) await storage.purge({ entry, maxOperations: 1_000 });
    assert.equal(fs.readFileSync(join(outside, 'leaf', 'precious'), 'utf8'), 'kept');
  });
});
