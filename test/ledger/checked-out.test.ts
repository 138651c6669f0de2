import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainlyCheckedOut } from '../../src/ledger/checked-out.ts';
import { findRepository } from '../../src/ledger/repository.ts';
import { folder, gitIn, repository } from './site.ts';

function commit(root: string): string {
  gitIn(root, 'commit', '--quiet', '--allow-empty', '--message', 'more');
  return gitIn(root, 'rev-parse', 'HEAD').trim();
}

test('what is checked out is read as git says it, in every state of a repository', async (t) => {
  const root = repository(t);
  const own = join(root, '.git');
  const plain = () => plainlyCheckedOut({ own, shared: own });
  const asked = () => findRepository(root).then((found) => found.checkedOut());
  const main = 'refs/heads/main';
  const states = [
    { name: 'before the first commit', git: [], commits: false, branch: main },
    { name: 'a branch', git: [], commits: true, branch: main },
    { name: 'a branch in packed-refs', git: ['pack-refs', '--all'], commits: false, branch: main },
    { name: 'a commit after packing', git: [], commits: true, branch: main },
    {
      name: 'a slash',
      git: ['switch', '-q', '-c', 'feature/größe'],
      commits: true,
      branch: 'refs/heads/feature/größe',
    },
    { name: 'no commit yet', git: ['switch', '-q', '--orphan', 'new'], commits: false, branch: 'refs/heads/new' },
    { name: 'a commit by itself', git: ['switch', '-q', '--detach', 'main'], commits: false, branch: 'HEAD' },
  ];
  for (const { name, git, commits, branch } of states) {
    if (git.length > 0) gitIn(root, ...git);
    if (commits) commit(root);
    const born = gitIn(root, 'rev-list', '--all', '-n', '1') !== '' && branch !== 'refs/heads/new';
    const expected = { commit: born ? gitIn(root, 'rev-parse', 'HEAD').trim() : null, branch };
    assert.deepEqual(plain(), expected, name);
    assert.deepEqual(await asked(), expected, name);
  }
});

test('another working tree of a repository has its own HEAD and the same branches', async (t) => {
  const root = repository(t);
  const first = commit(root);
  const beside = join(folder(t), 'beside');
  gitIn(root, 'worktree', 'add', '--quiet', '-b', 'web', beside);
  const found = await findRepository(beside);
  assert.deepEqual(await found.checkedOut(), { commit: first, branch: 'refs/heads/web' });
  assert.equal(found.own, join(root, '.git/worktrees/beside/larder'));
  const second = commit(beside);
  assert.deepEqual(await found.checkedOut(), { commit: second, branch: 'refs/heads/web' });
});

test('a branch that stands for another is for git to say', async (t) => {
  const root = repository(t);
  const first = commit(root);
  gitIn(root, 'symbolic-ref', 'refs/heads/other', 'refs/heads/main');
  gitIn(root, 'symbolic-ref', 'HEAD', 'refs/heads/other');
  const own = join(root, '.git');
  assert.equal(plainlyCheckedOut({ own, shared: own }), undefined);
  assert.equal((await (await findRepository(root)).checkedOut()).commit, first);
});
