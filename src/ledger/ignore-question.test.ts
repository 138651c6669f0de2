import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ignoreQuestion } from './ignore-question.ts';

function repository(t: { after(done: () => void): void }, name = 'a b'): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-ignore-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const root = join(folder, name);
  execFileSync('git', ['init', '--quiet', root]);
  return root;
}

test('the first question is one for git; from the second on the shell says that none is ignored', async (t) => {
  const question = ignoreQuestion(repository(t));
  assert.equal(await question.noneOf(['docs/a.json']), undefined);
  assert.equal(await question.noneOf(['docs/a.json', 'docs/b c.json']), true);
  assert.deepEqual(await Promise.all(['docs/1', 'docs/2'].map((path) => question.noneOf([path]))), [true, true]);
});

test('a rule that came a moment ago counts, wherever it stands', async (t) => {
  const root = repository(t);
  const question = ignoreQuestion(root);
  const ask = () => question.noneOf(['docs/kept.json', 'docs/a.json']);
  await ask();
  assert.equal(await ask(), true);
  mkdirSync(join(root, 'docs'));
  for (const file of ['.gitignore', 'docs/.gitignore', '.git/info/exclude']) {
    writeFileSync(join(root, file), 'a.*\n');
    assert.equal(await ask(), undefined, file);
    writeFileSync(join(root, file), '*.json\n!*.json\n');
    assert.equal(await ask(), true, file);
    rmSync(join(root, file)); // the nearest one would have the last word
  }
});

test('what a shell or git would take for something else is left to who asks', async (t) => {
  const question = ignoreQuestion(repository(t));
  await question.noneOf(['docs/a.json']);
  for (const path of ['$(touch x)', 'a\tb', 'a\nb', '*', ':(glob)a', "'", '\\'])
    assert.equal(await question.noneOf([path]), undefined, path);
  assert.equal(await question.noneOf(['docs/a.json']), true);
  assert.equal(await question.noneOf(['../outside']), undefined);
});

test('a repository that is gone, or another home with other rules, is no "none"', async (t) => {
  const root = repository(t, 'plain');
  const question = ignoreQuestion(root);
  await question.noneOf(['a.json']);
  assert.equal(await question.noneOf(['a.json']), true);
  const before = process.env['GIT_CONFIG_GLOBAL'];
  t.after(() => {
    if (before === undefined) delete process.env['GIT_CONFIG_GLOBAL'];
    else process.env['GIT_CONFIG_GLOBAL'] = before;
  });
  writeFileSync(join(root, '..', 'rules'), '*.json\n');
  writeFileSync(join(root, '..', 'config'), `[core]\n\texcludesFile = ${join(root, '..', 'rules')}\n`);
  process.env['GIT_CONFIG_GLOBAL'] = join(root, '..', 'config');
  assert.equal(await question.noneOf(['a.json']), undefined);
  rmSync(join(root, '..', 'config'));
  assert.equal(await question.noneOf(['a.json']), true);
  rmSync(root, { recursive: true });
  assert.equal(await question.noneOf(['a.json']), undefined);
});
