import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describe, it } from 'node:test';
import { MEMORY, worldOf } from '../export/operations.fixture.ts';
import { advance, cloneAll, figuresOf, fill, MIB, pictureOf, secondProcess, stagedIn, sweep } from './clone.fixture.ts';

describe('a clone', () => {
  it('is the same tree: names, content, links, modes, owners and times', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fill(at);
    const before = pictureOf(at('original'));
    const figures = await figuresOf(perform, { path: ['sub', 'copy'] });
    await sweep(perform);
    assert.deepEqual(pictureOf(at('sub', 'copy')), before);
    assert.deepEqual(pictureOf(at('original')), before);
    assert.deepEqual([figures.directories, figures.files], [4, 20]);
    assert.deepEqual([figures.skipped, figures.changed, figures.disowned], [0, 0, 0]);
    assert.ok(figures.copiedBytes + figures.sharedBytes >= BigInt(3 * MIB + 17));
    assert.equal(fs.statSync(at('sub', 'copy', 'plain')).ino, fs.statSync(at('sub', 'copy', 'a/b/c/same')).ino);
    assert.notEqual(fs.statSync(at('sub', 'copy', 'plain')).ino, fs.statSync(at('original', 'plain')).ino);
    assert.deepEqual(stagedIn(at), []);
  });

  it('grows in slices where nobody sees it, and gets its name when it is complete', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fill(at);
    const before = pictureOf(at('original'));
    let slices = 0;
    for (let passed = -1n; ; slices += 1) {
      const result = await advance(perform, { maxBytes: 100_000, maxOperations: 7 });
      if (result.kind === 'cloned') break;
      assert.ok(result.kind === 'cloning' && result.figures.passedBytes >= passed);
      assert.equal(result.fresh, slices === 0);
      passed = result.figures.passedBytes;
      assert.equal(fs.existsSync(at('copy')), false);
      assert.deepEqual(fs.readdirSync(at()).sort(), ['.larder', 'original']);
    }
    assert.ok(slices > 5, `${slices} slices`);
    await sweep(perform);
    assert.deepEqual(pictureOf(at('copy')), before);
  });

  it('holds what the source was when it was begun, and copies nothing before that is known to be the source', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fill(at);
    const before = pictureOf(at('original'));
    for (const fresh of [true, false]) {
      const result = await advance(perform, { sourceSeen: false });
      assert.ok(result.kind === 'cloning', result.kind);
      assert.deepEqual([result.fresh, result.figures.files, result.figures.directories], [fresh, 0, 0]);
    }
    fs.renameSync(at('original'), at('away'));
    fs.mkdirSync(at('original'));
    fs.writeFileSync(at('original', 'secret'), 'of somebody else');
    assert.equal((await cloneAll(perform)).result.kind, 'cloned');
    await sweep(perform);
    assert.deepEqual(pictureOf(at('copy')), before);
  });

  it('keeps holes, and leaves out what cannot be copied', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fs.mkdirSync(at('original'));
    const sparse = fs.openSync(at('original', 'sparse'), 'w');
    fs.writeSync(sparse, 'begin', 0);
    fs.writeSync(sparse, 'middle', 40 * MIB + 5);
    fs.ftruncateSync(sparse, 64 * MIB);
    fs.closeSync(sparse);
    execFileSync('mkfifo', [at('original', 'fifo')]);
    const figures = await figuresOf(perform);
    assert.equal(figures.skipped, 1);
    const [from, to] = [fs.statSync(at('original', 'sparse')), fs.statSync(at('copy', 'sparse'))];
    assert.equal(to.size, from.size);
    assert.ok(to.blocks <= from.blocks + 512, `${to.blocks} blocks instead of ${from.blocks}`);
    assert.ok(fs.readFileSync(at('copy', 'sparse')).equals(fs.readFileSync(at('original', 'sparse'))));
    assert.ok(figures.copiedBytes < BigInt(MIB), `${figures.copiedBytes} bytes written`);
    assert.deepEqual(fs.readdirSync(at('copy')), ['sparse']);
  });

  it('is never made over data, over a file or through a link', async (t) => {
    const { perform, at, outside } = await worldOf(t, undefined, MEMORY);
    fill(at);
    fs.mkdirSync(at('full'));
    fs.writeFileSync(at('full', 'mine'), 'mine');
    fs.writeFileSync(at('file'), 'mine');
    fs.symlinkSync(outside, at('link'));
    for (const [name, problem] of [
      ['full', 'not-empty'],
      ['file', 'not-a-directory'],
      ['link', 'symbolic-link'],
    ] as const) {
      const { result } = await cloneAll(perform, { path: [name] });
      assert.equal(result.kind === 'problem' && result.problem, problem, name);
    }
    assert.equal((await cloneAll(perform, { path: ['link', 'below'] })).result.kind, 'problem');
    assert.deepEqual(fs.readdirSync(outside), []);
    assert.equal(fs.readFileSync(at('full', 'mine'), 'utf8'), 'mine');

    fs.mkdirSync(at('empty'));
    assert.equal((await figuresOf(perform, { path: ['empty'] })).changed, 0);
  });

  it('is refused by whoever fills the directory meanwhile', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fill(at);
    assert.equal((await advance(perform, { maxOperations: 1 })).kind, 'cloning');
    fs.mkdirSync(at('copy'));
    fs.writeFileSync(at('copy', 'mine'), 'mine');
    const { result } = await cloneAll(perform);
    assert.equal(result.kind === 'problem' && result.problem, 'not-empty');
    assert.deepEqual(fs.readdirSync(at('copy')), ['mine']);
    const listed = await perform({ kind: 'clones' });
    assert.ok(listed.kind === 'clones' && listed.entries.every(({ state }) => state !== 'growing'));
  });

  it('needs its space before it begins, and stops before the export is full', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fill(at);
    const space = await perform({ kind: 'space' });
    assert.ok(space.kind === 'space');
    const full = await advance(perform, { minFreeBytes: space.totalBytes });
    assert.ok(full.kind === 'problem' && full.problem === 'no-space', full.kind);
    assert.equal((await advance(perform, { maxOperations: 1 })).kind, 'cloning');
    const late = await advance(perform, { minFreeBytes: space.totalBytes });
    assert.ok(late.kind === 'problem' && late.problem === 'no-space');
    assert.equal(fs.existsSync(at('copy')), false);
    await sweep(perform);
    assert.deepEqual(stagedIn(at), []);
  });

  it('that is complete is complete for every later process, and not made again', async (t) => {
    const world = await worldOf(t, undefined, MEMORY);
    const { perform, at } = world;
    fill(at);
    const { result: first } = await cloneAll(perform);
    fs.writeFileSync(at('copy', 'written-since'), '');
    const again = await advance(perform);
    const elsewhere = await advance(await secondProcess(world));
    assert.deepEqual(again, first);
    assert.deepEqual(elsewhere, first);
    fs.renameSync(at('copy'), at('moved'));
    assert.equal((await figuresOf(perform)).changed, 0); // it is gone, so it is made again
    assert.equal(fs.existsSync(at('copy', 'written-since')), false);
  });

  it('cannot be finished any more by a process that another has taken over from', async (t) => {
    const world = await worldOf(t, undefined, MEMORY);
    const { perform, at } = world;
    fill(at);
    assert.equal((await advance(perform, { maxOperations: 20 })).kind, 'cloning');
    const second = await secondProcess(world);
    assert.equal((await advance(second, { maxOperations: 1 })).kind, 'cloning');
    const late = await cloneAll(perform, { maxOperations: 50 });
    // The first finds its copy buried when it wants to name it; whatever it says, what has the name is whole.
    assert.equal(late.result.kind, 'problem', JSON.stringify(late.result.kind));
    assert.equal(fs.existsSync(at('copy')), false);
    const before = pictureOf(at('original'));
    assert.equal((await cloneAll(second)).result.kind, 'cloned');
    await sweep(second);
    assert.deepEqual(pictureOf(at('copy')), before);
  });

  it('tells what changed under its hands', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    fs.mkdirSync(at('original', 'later'), { recursive: true });
    fs.writeFileSync(at('original', 'log'), Buffer.alloc(2 * MIB, 'l'));
    fs.writeFileSync(at('original', 'later', 'gone'), '');
    assert.equal((await advance(perform, { maxBytes: 1 })).kind, 'cloning');
    assert.equal((await advance(perform, { maxBytes: 1 })).kind, 'cloning');
    fs.appendFileSync(at('original', 'log'), 'more');
    fs.rmSync(at('original', 'later'), { recursive: true });
    const figures = await figuresOf(perform, { maxBytes: 1 });
    assert.ok(figures.changed >= 1);
    assert.equal(fs.statSync(at('copy', 'log')).size, 2 * MIB);
  });

  it('copes with a chain of 300 directories, and refuses what is nested in another way beyond belief', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    const nest = (top: string, depth: number, sibling: boolean): void => {
      const script = `import os,sys
os.mkdir(sys.argv[1]); os.chdir(sys.argv[1])
for i in range(${depth}):
    ${sibling ? "os.mkdir('before')" : ''}
    os.mkdir('d')
    ${sibling ? "os.mkdir('after')" : ''}
    os.chdir('d')
open('end','w').write('end')`;
      execFileSync('python3', ['-c', script, top]);
    };
    nest(at('original'), 300, false);
    nest(at('wide'), 420, true); // in whatever order the names come, at most levels something is left for later
    const figures = await figuresOf(perform);
    assert.deepEqual([figures.directories, figures.files], [301, 1]);
    const { result } = await cloneAll(perform, { uid: 'other', source: ['wide'], path: ['wide-copy'] });
    assert.ok(
      result.kind === 'problem' && /more than 256 directories deep/.test(result.detail),
      JSON.stringify(result.kind),
    );
    assert.equal(fs.existsSync(at('wide-copy')), false);
  });
});
