import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { git } from '../../ledger/git.ts';
import { createKeyFile } from '../../ledger/key-file.ts';
import { run } from '../main.ts';

const examples = resolve(import.meta.dirname, '../../../examples/cluster');

async function offered(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    interactive: false,
    columns: 80,
    env,
  };
  assert.equal(await run(['complete', '--', ...words], terminal), 0, err);
  assert.equal(err, '');
  return out
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t')[0] ?? '');
}

test('nodes come from the cluster.yaml that the line names; one that is not there adds nothing', async () => {
  const file = join(examples, 'cluster.example.yaml');
  const nodes = await offered(['cluster', 'rebuild', '--file', file, '']);
  assert.ok(nodes.length >= 3, String(nodes));
  assert.deepEqual(await offered(['cluster', 'plan', '--file', file, '--rebuild', '']), nodes);
  assert.deepEqual(await offered(['cluster', 'rebuild', '--file', '/nowhere', '']), []);
});

test('operators come from the ledger, except where a new one is named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-completion-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const key = join(folder, 'key');
  await createKeyFile(key, 'ana');
  const root = join(folder, 'infra');
  await git(folder, ['init', '-q', 'infra']);
  const quiet = { out: () => undefined, err: () => undefined, interactive: false, columns: 80, env: {} };
  const words = ['ledger', 'init', root, '--operator', 'ana', '--key', key, '--no-commit'];
  assert.equal(await run(words, quiet), 0);
  assert.deepEqual(await offered(['ledger', 'operator', 'remove', '--ledger', root, '']), ['ana']);
  assert.deepEqual(await offered(['ledger', 'operator', 'add', '--ledger', root, '']), []);
  assert.deepEqual(await offered(['change', 'show', '--ledger', root, '']), []);
});
