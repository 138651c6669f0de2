/** The lines of the guide with which somebody who does not have Larder checks a record, run for every record there is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { ledgerSite, type Person, readJson, type Site } from './ledger-person.ts';

const GUIDE = resolve(import.meta.dirname, '../../docs/guides/ledger.md');
const programs = ['jq', 'ssh-keygen', 'bash', 'sha256sum'];
const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);

/** The blocks of the chapter, without those that choose a record. */
const chapter = /\n## Check a record without Larder\n([\s\S]*?)\n## /.exec(readFileSync(GUIDE, 'utf8'))?.[1] ?? '';
const blocks = [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const [choose = '', signature = '', hash = ''] = blocks;

interface Said {
  readonly ok: boolean;
  readonly text: string;
}

function says(site: Site, path: string, lines: string): Said {
  const env = { PATH: process.env['PATH'], LARDER_LEDGER: site.root, RECORD: join(site.root, path), TZ: 'Asia/Tokyo' };
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', lines], {
    ...{ cwd: site.folder, env, encoding: 'utf8' },
    stdio: ['ignore', 'pipe', 'pipe'], // of a socket bash believes that somebody came by the network
  });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

async function done(site: Site, words: readonly string[], by: Person): Promise<void> {
  const { code, stdout, stderr } = await site.ledger(words, by);
  assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
}

test('who does not have Larder checks every record, whatever became of its key', {
  skip: missing.length === 0 ? false : `${missing.join(', ')} cannot be run here`,
}, async (t) => {
  assert.match(choose, /export RECORD=/);
  const site = await ledgerSite(t);
  const [ana, next, ben] = [await site.person('ana'), await site.person('next'), await site.person('ben')];
  await done(site, ['init', '--operator', 'ana', '--title', 'größer “€” \u2028 \\ /'], ana);
  await done(site, ['operator', 'add', 'ben', '--public-key', ben.publicKey, '--role', 'admin'], ana);
  await done(site, ['operator', 'change', 'ana', '--expires', '2020-01-01'], ben);
  await done(site, ['operator', 'change', 'ana', '--expires', '2099-01-01'], ben);
  await done(site, ['key', 'rotate', '--to', next.key], ana);
  await done(site, ['operator', 'change', 'ana', '--expires', 'never'], next);
  await done(site, ['operator', 'remove', 'ben', '--reason', 'left', '--yes'], next);
  await done(site, ['operator', 'add', 'ben', '--public-key', ben.publicKey], next);
  await done(site, ['key', 'revoke', ben.publicKey, '--reason', 'stolen', '--yes'], next);
  const records = site.records();
  assert.equal(records.length, 9);
  for (const path of records) {
    const { operator } = readJson(join(site.root, path));
    const said = says(site, path, `${signature}${hash}`);
    assert.ok(
      said.ok && said.text.startsWith(`Good "larder-ledger" signature for ${operator} with ED25519 key SHA256:`),
      said.text,
    );
  }
  const [first = ''] = records;
  const text = readFileSync(join(site.root, first), 'utf8');
  writeFileSync(join(site.root, first), text.replace('"admin"', '"server"'));
  assert.match(says(site, first, signature).text, /Signature verification failed|incorrect signature/);
  assert.equal(says(site, first, hash).ok, false);
  writeFileSync(join(site.root, first), text.replace('"operator": "ana"', '"operator": "ben"'));
  assert.equal(says(site, first, signature).ok, false);
});
