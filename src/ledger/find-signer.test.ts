import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSigner, OWN_KEY } from './find-signer.ts';
import { createKeyFile } from './key-file.ts';

interface World {
  readonly repository: string;
  readonly home: string;
  /** Makes a key at a path below the home; its public key. */
  key(path: string): Promise<string>;
  found(more?: { key?: string; socket?: string }): Promise<string>;
  git(...words: readonly string[]): void;
}

function world(t: TestContext): World {
  const folder = mkdtempSync(join(tmpdir(), 'larder-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [repository, home] = [join(folder, 'repository'), join(folder, 'home')];
  const git = (...words: readonly string[]): void => void execFileSync('git', ['-C', repository, ...words]);
  mkdirSync(repository);
  git('init', '-q');
  return {
    ...{ repository, home, git },
    key: async (path) => (await createKeyFile(join(home, path), path)).publicKey,
    found: async ({ key, socket } = {}) => {
      const env = { HOME: home, ...(socket !== undefined && { SSH_AUTH_SOCK: socket }) };
      return (await findSigner({ env, repository, ...(key !== undefined && { key }) })).publicKey;
    },
  };
}

test('where there is no key, all places are named', async (t) => {
  const { found, git, home } = world(t);
  git('config', 'gpg.format', 'ssh');
  git('config', 'user.signingkey', '/nowhere/key.pub');
  await assert.rejects(found({ socket: '/nowhere/agent' }), (failure: Error) => {
    for (const place of [
      'user.signingkey of git, /nowhere/key.pub',
      'no ssh agent answers',
      join(home, '.ssh'),
      OWN_KEY,
    ]) {
      assert.ok(failure.message.includes(place), `${place} is not in ${failure.message}`);
    }
    return 'code' in failure && failure.code === 'LARDER_LEDGER_NO_KEY';
  });
});

test('each place comes before the next one', async (t) => {
  const { found, git, key, repository } = world(t);
  const own = (await createKeyFile(join(repository, '.git', OWN_KEY), 'own')).publicKey;
  assert.equal(await found(), own);
  const usual = await key('.ssh/id_ed25519');
  assert.equal(await found(), usual);
  const gits = await key('work/signing');
  git('config', 'user.signingkey', join(repository, '../home/work/signing.pub'));
  assert.equal(await found(), usual, 'git signs with gpg, and its key is none of ssh');
  git('config', 'gpg.format', 'ssh');
  assert.equal(await found(), gits);
  const named = await key('named');
  assert.equal(await found({ key: join(repository, '../home/named') }), named);
  await assert.rejects(found({ key: '/nowhere/key' }), { code: 'LARDER_LEDGER_KEY_UNUSABLE' });
});

test('a key that the ledger knows comes before one that it does not', async (t) => {
  const { found, key, repository } = world(t);
  const first = await key('.ssh/id_ed25519');
  const second = await key('.ssh/id_ecdsa');
  assert.equal(await found(), first);
  mkdirSync(join(repository, 'docs/governance/ledger'), { recursive: true });
  const line = `ana namespaces="larder-ledger",valid-after="20260101000000Z" ${second}`;
  writeFileSync(join(repository, 'docs/governance/ledger/allowed_signers'), `# who\n${line}\n`);
  assert.equal(await found(), second);
  const replaced = `ana namespaces="larder-ledger",valid-after="20250101000000Z",valid-before="20260101000000Z" ${first}`;
  writeFileSync(join(repository, 'docs/governance/ledger/allowed_signers'), `${replaced}\n${line}\n`);
  assert.equal(await found(), second, 'a key that was replaced is still in its file');
});

const agent = spawnSync('ssh-agent', ['-?']).error === undefined;
test('the agent gives what it holds', { skip: agent ? false : 'ssh-agent is not installed' }, async (t) => {
  const { found, git, key, home, repository } = world(t);
  const publicKey = await key('away/loaded');
  const socket = join(home, 'agent');
  const running = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => running.kill());
  await new Promise((resolve) => running.stdout.once('data', resolve));
  await assert.rejects(found({ socket }), /the ssh agent holds no key/);
  // A certificate comes into the agent beside its key; a record is signed by the key.
  await key('away/authority');
  const certified = ['-q', '-s', join(home, 'away/authority'), '-I', 'ana', '-n', 'ana', join(home, 'away/loaded.pub')];
  execFileSync('ssh-keygen', certified);
  execFileSync('ssh-add', ['-q', join(home, 'away/loaded')], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  assert.equal(await found({ socket }), publicKey);
  rmSync(join(home, 'away'), { recursive: true });
  git('config', 'gpg.format', 'ssh');
  git('config', 'user.signingkey', `key::${publicKey}`);
  assert.equal(await found({ socket }), publicKey);
  await assert.rejects(found(), /user\.signingkey of git is a key that the agent does not hold/);
  const signer = await findSigner({ env: { HOME: home, SSH_AUTH_SOCK: socket }, repository });
  running.kill();
  await new Promise((resolve) => running.once('close', resolve));
  await assert.rejects(signer.sign('text', 'larder-ledger'), { code: 'LARDER_LEDGER_KEY_UNUSABLE' });
});
