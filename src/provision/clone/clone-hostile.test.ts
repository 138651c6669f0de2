/** What a tenant does in the source while it is copied, and what an administrator may have mounted in it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MEMORY, worldOf } from '../export/operations.fixture.ts';
import { advance, cloneAll, stagedIn, sweep } from './clone.fixture.ts';

/** Swaps a directory, a small file and a large one of `original` for links to the outside, and back, without end. */
const ATTACK = `
  const fs = require('node:fs');
  const [root, outside] = process.argv.slice(1);
  const quiet = (work) => { try { work(); } catch {} };
  const small = 'inside ' + 's'.repeat(900);
  const large = 'inside ' + 'l'.repeat(600000);
  process.stdout.write('ready');
  for (let turn = 0; ; turn += 1) {
    quiet(() => fs.mkdirSync(root + '/a/dir', { recursive: true }));
    quiet(() => fs.writeFileSync(root + '/a/dir/secret', small));
    quiet(() => fs.writeFileSync(root + '/a/small', small));
    quiet(() => fs.writeFileSync(root + '/a/large', large));
    for (const [name, to] of [['dir', ''], ['small', '/secret'], ['large', '/large-secret']]) {
      quiet(() => fs.renameSync(root + '/a/' + name, root + '/b/' + name + turn % 3));
      quiet(() => fs.symlinkSync(outside + to, root + '/a/' + name));
    }
    for (const name of ['dir', 'small', 'large']) quiet(() => fs.unlinkSync(root + '/a/' + name));
    quiet(() => fs.rmSync(root + '/b/dir' + turn % 3, { recursive: true }));
  }`;

const ROUNDS = 60;

describe('a copy of a tree under attack', () => {
  it('reads and writes nothing outside of it', async (t) => {
    const { perform, at, root, outside } = await worldOf(t, undefined, MEMORY);
    fs.mkdirSync(at('original', 'a'), { recursive: true });
    fs.mkdirSync(at('original', 'b'));
    for (const name of ['secret', 'large-secret']) fs.writeFileSync(join(outside, name), 'OUTSIDE'.repeat(50_000));
    fs.chmodSync(outside, 0o700);
    const before = fs.statSync(outside);
    const attacker = spawn(process.execPath, ['-e', ATTACK, at('original'), outside], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => attacker.kill('SIGKILL'));
    await once(attacker.stdout, 'data');
    const kinds = new Set<string>();
    let changed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `copy-${round}`;
      const { result } = await cloneAll(perform, {
        uid: `u${round}`,
        path: [name],
        maxBytes: 200_000,
        maxOperations: 9,
      });
      kinds.add(result.kind === 'problem' ? result.problem : result.kind);
      if (result.kind !== 'cloned') continue;
      changed += result.figures.changed;
      for (const path of filesBelow(join(root, name))) {
        const facts = fs.lstatSync(path);
        if (facts.isFile()) assert.ok(!fs.readFileSync(path, 'utf8').includes('OUTSIDE'), path);
        else assert.ok(facts.isSymbolicLink() && fs.readlinkSync(path).startsWith(outside), path);
      }
    }
    attacker.kill('SIGKILL');
    t.diagnostic(`${ROUNDS} copies, ${changed} entries changed meanwhile, ends: ${[...kinds].join()}`);
    assert.ok(kinds.has('cloned') && changed > 0);
    assert.deepEqual(fs.readdirSync(outside), ['large-secret', 'secret']);
    assert.deepEqual([fs.statSync(outside).mode, fs.statSync(outside).mtimeMs], [before.mode, before.mtimeMs]);
    await sweep(perform);
    assert.deepEqual(stagedIn(at), []);
  });

  it('refuses what is mounted in it, by name, and copies none of it', async (t) => {
    const { perform, at } = await worldOf(t, undefined, MEMORY);
    for (const name of ['other', 'elsewhere']) fs.mkdirSync(at(name));
    fs.writeFileSync(at('elsewhere', 'precious'), 'x');
    for (const name of ['a', 'b', 'c']) fs.mkdirSync(at('original', name, 'mount'), { recursive: true });
    fs.writeFileSync(at('original', 'c', 'file'), '');
    const cases = [
      { point: at('original', 'a', 'mount'), mount: ['-t', 'tmpfs', 'tmpfs'], named: '"a/mount"' },
      { point: at('original', 'b', 'mount'), mount: ['--bind', at('elsewhere')], named: '"b/mount"' },
      { point: at('original', 'c', 'file'), mount: ['--bind', at('elsewhere', 'precious')], named: '"c/file"' },
    ];
    for (const { point, mount, named } of cases) {
      try {
        execFileSync('mount', [...mount, point], { stdio: 'ignore' });
      } catch {
        return t.skip('mount(8) is not permitted here');
      }
      try {
        const { result } = await cloneAll(perform);
        assert.ok(result.kind === 'problem' && result.problem === 'other-filesystem', named);
        assert.equal(result.detail, `${named} is a mount point or on another filesystem (refused)`);
      } finally {
        execFileSync('umount', [point]);
      }
      assert.equal(fs.existsSync(at('copy')), false);
    }
    assert.equal((await cloneAll(perform)).result.kind, 'cloned');
  });

  it('does not begin at a source that is a link, or leads through one', async (t) => {
    const { perform, at, outside } = await worldOf(t, undefined, MEMORY);
    fs.writeFileSync(join(outside, 'secret'), 'x');
    fs.symlinkSync(outside, at('original'));
    const direct = await advance(perform);
    assert.ok(direct.kind === 'problem' && direct.problem === 'symbolic-link', direct.kind);
    fs.mkdirSync(join(outside, 'below'));
    const through = await advance(perform, { source: ['original', 'below'] });
    assert.ok(through.kind === 'problem' && through.problem === 'symbolic-link', through.kind);
    assert.equal(fs.existsSync(at('copy')), false);
  });
});

/** Node's own recursive listing follows links to directories. */
function filesBelow(directory: string): readonly string[] {
  return fs.readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return fs.lstatSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
