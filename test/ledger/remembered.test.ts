import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { z } from 'zod';
import { ledgerEvent } from '../../src/ledger/event.ts';
import { LEDGER_FOLDER, recordPath } from '../../src/ledger/record.ts';
import { hashOf } from '../../src/ledger/record-file.ts';
import { type Remembered, remembered, rememberedFile } from '../../src/ledger/remembered.ts';
import { folder, incident, openLedger, openWithoutKey, repository, startLedger } from './site.ts';

const RECORDS = 70;

interface Counted extends Remembered {
  readonly counts: { recalled: number; found: number };
}

/** As a process of its own would have it. */
function fresh(file: string): Counted {
  const inner = remembered(file, 'a');
  const counts = { recalled: 0, found: 0 };
  return {
    counts,
    recall(path, content) {
      const seen = inner.recall(path, content);
      if (seen !== undefined) counts.recalled += 1;
      return seen;
    },
    found(content) {
      counts.found += 1;
      inner.found(content);
    },
    keep: () => inner.keep(),
  };
}

async function opened(repo: string, file: string) {
  const memory = fresh(file);
  const ledger = await openWithoutKey(repo, { remembered: memory });
  return { ledger, ...memory.counts };
}

const source = repository({ after });
const filled = fill();

async function fill(): Promise<void> {
  const ledger = await startLedger(source);
  for (let number = 1; number < RECORDS; number += 1) await ledger.append({ event: incident(`i${number}`) });
}

async function site(t: TestContext): Promise<{ readonly repo: string; readonly file: string }> {
  await filled;
  const repo = folder(t);
  cpSync(source, repo, { recursive: true });
  return { repo, file: rememberedFile({ XDG_CACHE_HOME: folder(t) }, repo) };
}

test('what was found whole is recalled by the next process, and says the same', async (t) => {
  const { repo, file } = await site(t);
  const first = await opened(repo, file);
  assert.deepEqual([first.recalled, first.found], [0, RECORDS]);
  const second = await opened(repo, file);
  assert.deepEqual([second.recalled, second.found], [RECORDS, 0]);
  assert.deepEqual(second.ledger.records, first.ledger.records);
  assert.deepEqual(second.ledger.files, first.ledger.files);
  assert.deepEqual(second.ledger.findings, []);
  const writer = await openLedger(repo);
  await writer.append({ event: incident('new') });
  const third = await opened(repo, file);
  assert.deepEqual([third.recalled, third.found], [RECORDS, 1], 'only what is new is checked');
  assert.deepEqual(readdirSync(dirname(file)).length, 1, 'nothing is left beside it');
});

test('a file that was changed, moved or made since is checked in full, and found', async (t) => {
  const { repo, file } = await site(t);
  const { ledger } = await opened(repo, file);
  const record = ledger.records[9];
  assert.ok(record?.type === 'incident-opened');
  const path = join(repo, recordPath(record));
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('What happened to i9', 'What happened to i8'));
  assert.match((await opened(repo, file)).ledger.findings[0]?.message ?? '', /does not have the hash that it names/);
  const forged = { ...record, data: { ...record.data, title: 'forged' } };
  writeFileSync(path, `${JSON.stringify({ ...forged, hash: hashOf(forged) }, undefined, 2)}\n`);
  assert.match(
    (await opened(repo, file)).ledger.findings[0]?.message ?? '',
    /the signature of .* does not fit the text/,
  );
  rmSync(path);
  writeFileSync(path.replace('000010-', '000011-'), text);
  const kinds = (await opened(repo, file)).ledger.findings.map(({ kind }) => kind);
  assert.ok(kinds.includes('misplaced'), kinds.join());
});

test('verify recalls nothing: somebody who wrote the cache deceives a report, and nobody else', async (t) => {
  const { repo, file } = await site(t);
  const { ledger } = await opened(repo, file);
  const record = ledger.records[RECORDS - 1];
  assert.ok(record?.type === 'incident-opened');
  const forged = { ...record, data: { ...record.data, title: 'forged' } };
  const text = `${JSON.stringify({ ...forged, hash: hashOf(forged) }, undefined, 2)}\n`;
  writeFileSync(join(repo, recordPath(record)), text);
  writeFileSync(file, `${readFileSync(file, 'utf8')}${createHash('sha256').update(text).digest('hex')}\n`);
  const deceived = await opened(repo, file);
  assert.deepEqual(deceived.ledger.findings, [], 'the cache is believed: or the next line would prove nothing');
  assert.equal((await deceived.ledger.verify()).kind, 'broken');
});

for (const [what, spoil] of [
  ['others may write to', (file: string) => chmodSync(file, 0o666)],
  ['somebody else owns', (file: string) => chownSync(file, 65534, 65534)],
  ['lies in a folder that others may write to', (file: string) => chmodSync(dirname(file), 0o777)],
  ['is of other rules', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('rules ', 'rules 9'))],
] as const) {
  test(`a cache that ${what} is not believed`, { skip: process.geteuid?.() !== 0 && 'gives files away' }, async (t) => {
    const { repo, file } = await site(t);
    await opened(repo, file);
    spoil(file);
    const again = await opened(repo, file);
    assert.deepEqual([again.recalled, again.found], [0, RECORDS]);
  });
}

test('where nothing can be kept all is read in full, and nothing fails', async (t) => {
  const { repo } = await site(t);
  const blocked = join(folder(t), 'file');
  writeFileSync(blocked, '');
  for (const round of [1, 2]) {
    const { found, ledger } = await opened(repo, join(blocked, 'larder/ledger/x'));
    assert.deepEqual([found, ledger.findings], [RECORDS, []], `round ${round}`);
  }
});

test('a short history is not kept', async (t) => {
  const repo = repository(t);
  await startLedger(repo);
  const file = rememberedFile({ XDG_CACHE_HOME: folder(t) }, repo);
  await opened(repo, file);
  assert.ok(!existsSync(file));
  assert.ok(existsSync(join(repo, LEDGER_FOLDER)));
});

test('the number of the rules is raised when what is accepted changes', () => {
  const schema = z.toJSONSchema(ledgerEvent, { unrepresentable: 'any', io: 'input' });
  const hash = createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 12);
  assert.equal(hash, 'e136f4527fab', 'what a record may say has changed: raise RULES in remembered.ts, then pin this');
});
