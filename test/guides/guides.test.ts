/** Every guide is followed by a test or says why not, and is found from the pages that list them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { readGuide } from './guide.ts';
import { elsewhere, scenes } from './scenes.ts';
import { isShown } from './shown.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDES = join(ROOT, 'docs/guides');
const names = readdirSync(GUIDES)
  .filter((name) => name.endsWith('.md'))
  .map((name) => basename(name, '.md'));
const COMMANDS_AT_LEAST = 75;

test('the commands of every guide are run by a test, or the guide says why not', (t) => {
  const followed = scenes.flatMap(({ guides }) => guides);
  let count = 0;
  for (const name of names) {
    if (name in elsewhere) continue;
    const { steps } = readGuide(join(GUIDES, `${name}.md`));
    for (const step of steps) {
      if (step.kind === 'passed over') t.diagnostic(`${name}:${step.line} is passed over: ${step.reason}`);
    }
    const commands = steps.filter(({ kind }) => kind === 'command' || kind === 'object').length;
    if (commands > 0)
      assert.ok(followed.includes(name), `docs/guides/${name}.md has commands and no scene in scenes.ts`);
    count += commands;
  }
  t.diagnostic(`${count} commands in ${names.length} guides`);
  assert.ok(count >= COMMANDS_AT_LEAST, `only ${count} commands`);
});

test('no scene is for a guide that is gone, none is set twice, and tests that are elsewhere read their guide', () => {
  const followed = [...scenes.flatMap(({ guides }) => guides), ...Object.keys(elsewhere)];
  assert.deepEqual(
    followed.filter((name, index) => !names.includes(name) || followed.indexOf(name) !== index),
    [],
  );
  for (const path of Object.values(elsewhere)) {
    assert.ok(existsSync(join(ROOT, path)), path);
    assert.ok(readFileSync(join(ROOT, path), 'utf8').includes('docs/guides/'), `${path} reads no guide`);
  }
});

test('every guide is in the list of guides', () => {
  const list = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  assert.deepEqual(
    names.filter((name) => !list.includes(`(guides/${name}.md)`)),
    [],
  );
});

test('what is shown must be printed: other words, other numbers and missing lines are seen', () => {
  const shown = 'NAME   SIZE\ndata   10Gi';
  assert.ok(isShown(shown, 'Warning: x\nNAME SIZE\ndata     10Gi\nmore'));
  assert.ok(!isShown(shown, 'NAME SIZE\ndata 20Gi'));
  assert.ok(!isShown(shown, 'NAME SIZE\nmore\ndata 10Gi'));
  assert.ok(!isShown(shown, 'NAME SIZE'));
  assert.ok(!isShown('data 10Gi', 'mydata 10Gi'));
  assert.ok(isShown('data …\n…\nend', 'data 10Gi\na\nb\nend'));
  assert.ok(isShown('2026-01-31 12:45:00Z (2s ago)', '2030-11-01 01:02:03Z (1m4s ago)'));
  assert.ok(!isShown('2026-01-31 12:45:00Z (2s ago)', 'yesterday (2s ago)'));
});

test('a guide that shows what no command prints, or has a mark that nobody knows, is refused', (t) => {
  const path = join(
    temporaryFolder((remove) => t.after(remove)),
    'made-up.md',
  );
  const read = (text: string) => {
    writeFileSync(path, text);
    return readGuide(path);
  };
  const shell = '```sh\nlarder version\n```\n';
  const printed = '```text\nlarder 0.1.0\n```\n';
  const [command] = read(shell + printed).steps;
  assert.equal(command?.kind === 'command' && command.shows, 'larder 0.1.0');
  assert.throws(() => read(`${shell}## Next\n${printed}`), /made-up:5: no command above prints this/);
  assert.throws(() => read(`<!-- note: x -->\n${shell}`), /made-up:1: nobody knows the mark "note"/);
  assert.deepEqual(
    read(`<!-- not run: there is none -->\n${shell}`).steps.map(({ kind }) => kind),
    ['passed over'],
  );
});
