import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ALLOWED_SIGNERS, allowedSigners } from '../../src/ledger/allowed-signers.ts';
import { withLock } from '../../src/ledger/lock.ts';
import { LEDGER_FOLDER, recordPath, recordText } from '../../src/ledger/record.ts';
import { findRepository } from '../../src/ledger/repository.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { createManualClock } from '../../src/telemetry/manual-clock.ts';
import { coded } from './memory-disk.ts';
import {
  ann,
  appended,
  bob,
  gitIn,
  incident,
  memorySite,
  openLedger,
  openWithoutKey,
  repository,
  startLedger,
} from './site.ts';

test('a ledger begins, takes records, and says the same when it is opened again', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  assert.equal(ledger.head.type, 'ledger-opened');
  assert.equal(ledger.head.gitCommit, null);
  const first = appended(await ledger.append({ event: incident('a') }));
  assert.deepEqual(first.paths, [recordPath(first.record)]);
  assert.equal(first.record.seq, 2);
  assert.equal(readFileSync(join(root, recordPath(first.record)), 'utf8'), recordText(first.record));
  assert.equal(readFileSync(join(root, ALLOWED_SIGNERS), 'utf8'), allowedSigners(ledger.state));
  const verification = await ledger.verify();
  assert.deepEqual(verification.findings, []);
  assert.equal(verification.kind, 'whole');
  assert.deepEqual(verification.counts, { records: 2, artifacts: 0 });
  const again = await openLedger(root);
  assert.deepEqual(again.records, ledger.records);
  assert.deepEqual([...again.state.incidents.keys()], ['a']);
});

test('what is checked out is written down', async (t) => {
  const root = repository(t);
  gitIn(root, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  const ledger = await startLedger(root);
  assert.equal(ledger.head.gitCommit, gitIn(root, 'rev-parse', 'HEAD').trim());
});

test('evidence is stored under the hash of its file, compressed where it is large', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const small = { folder: 'new web/../server', name: 'kubectl diff', content: Buffer.from('diff\n') };
  const large = { folder: 'web', name: 'plan.log', content: Buffer.alloc(70_000, 'line\n') };
  const { record, paths } = appended(
    await ledger.append({
      event: (artifacts) => {
        const incidentOf = incident('a');
        return incidentOf.type === 'incident-opened'
          ? { ...incidentOf, data: { ...incidentOf.data, remediation: artifacts.map(({ path }) => path).join(' ') } }
          : incidentOf;
      },
      artifacts: [small, large],
    }),
  );
  const [one, other] = record.artifacts;
  const day = record.at.slice(0, 10);
  assert.match(
    one?.path ?? '',
    new RegExp(`^docs/governance/reviews/${day}-new-web-..-server/[0-9a-f]{12}-kubectl-diff$`),
  );
  assert.match(other?.path ?? '', /-plan\.log\.gz$/);
  assert.deepEqual(record.data, { ...record.data, remediation: `${one?.path} ${other?.path}` });
  for (const { path, sha256, bytes } of record.artifacts) {
    const stored = readFileSync(join(root, path));
    assert.equal(createHash('sha256').update(stored).digest('hex'), sha256);
    assert.equal(stored.length, bytes);
    assert.ok(paths.includes(path));
  }
  assert.deepEqual(gunzipSync(readFileSync(join(root, other?.path ?? ''))), large.content);
  const again = appended(await ledger.append({ event: incident('b'), artifacts: [small] }));
  assert.deepEqual(again.record.artifacts, [one], 'the same file on the same day is the same file');
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('a record that breaks a rule, holds a secret or comes from a stranger is not written', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root, { knownSecrets: ['correct-horse-battery'] });
  appended(await ledger.append({ event: incident('a') }));
  const twice = await ledger.append({ event: incident('a') });
  assert.equal(twice.kind, 'refused');
  const { id } = ledger.head;
  const sameId = await ledger.append({ event: incident('b'), id });
  assert.deepEqual(sameId.kind === 'refused' && sameId.violations.map(({ rule }) => rule), ['id-new']);
  const told = await ledger.append({ event: incident('says correct-horse-battery') });
  assert.equal(told.kind, 'secret');
  const content = Buffer.from('password: correct-horse-battery\n');
  const hidden = await ledger.append({
    event: incident('c'),
    artifacts: [{ folder: 'x', name: 'values.yaml', content }],
  });
  assert.equal(hidden.kind, 'secret');
  const stranger = await openLedger(root, { signer: bob });
  const refused = await stranger.append({ event: incident('d') });
  assert.deepEqual(refused.kind === 'refused' && refused.violations.map(({ rule }) => rule), ['signer-known']);
  const keyless = await openWithoutKey(root);
  await assert.rejects(() => keyless.append({ event: incident('e') }), { code: 'LARDER_LEDGER_NO_KEY' });
  assert.equal((await openLedger(root)).records.length, 2);
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('what others wrote is there before the next record, and after a refresh', async (t) => {
  const root = repository(t);
  const one = await startLedger(root);
  const other = await openLedger(root);
  appended(await one.append({ event: incident('a') }));
  const { record } = appended(await other.append({ event: incident('b') }));
  assert.equal(record.prev, one.head.hash);
  await one.refresh();
  assert.equal(one.head.hash, record.hash);
  const file = join(root, recordPath(record));
  writeFileSync(file, readFileSync(file, 'utf8').replace('happened', 'happend!'));
  await one.refresh();
  assert.deepEqual(
    one.findings.map(({ kind, path }) => ({ kind, path })),
    [{ kind: 'altered', path: recordPath(record) }],
  );
  assert.equal((await one.append({ event: incident('c') })).kind, 'broken');
});

test('a signature that somebody put in the place of the right one is found, also in a new record', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const one = appended(await ledger.append({ event: incident('a') })).record;
  const other = appended(await ledger.append({ event: incident('b') })).record;
  writeFileSync(join(root, recordPath(one)), recordText({ ...one, signature: other.signature }));
  await ledger.refresh();
  assert.deepEqual(
    ledger.findings.map(({ kind, path }) => ({ kind, path })),
    [
      { kind: 'signature', path: recordPath(one) },
      { kind: 'missing', path: recordPath(other) },
    ],
  );
  assert.deepEqual((await openLedger(root)).records, ledger.records.slice(0, 1));
  assert.equal((await ledger.append({ event: incident('c') })).kind, 'broken');
});

test('what cannot be read is neither whole nor broken', async (t) => {
  const { disk, ...options } = memorySite(t);
  const ledger = await startLedger('', { ...options, disk });
  const record = join('/repository', recordPath(ledger.head));
  const unreadable = Object.assign(disk.copy(), {
    read(path: string) {
      if (path === record) throw coded('EACCES', 'permission denied');
      return disk.read(path);
    },
  });
  const site = { ...options, disk: unreadable };
  const refused = {
    code: 'LARDER_LEDGER_FILES',
    message: /^the ledger in \/repository cannot be read: .*permission denied/,
  };
  await assert.rejects(() => openLedger('', site), refused);
});

test('while another process holds the lock, a ledger is verified and read, and an append says who it is', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const clock = createManualClock();
  const waiting = await openLedger(root, { clock });
  const { own } = await findRepository(root);
  const held = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const holder = withLock({ folder: own, clock: systemClock, random: systemRandom }, async () => {
    holding.resolve();
    await held.promise;
  });
  await holding.promise;
  const refused = assert.rejects(() => waiting.append({ event: incident('a') }), {
    code: 'LARDER_LEDGER_LOCKED',
    message: new RegExp(
      `another process writes into this ledger: process ${process.pid} on .*, since .*Nothing was written`,
    ),
  });
  await passed(clock, refused);
  const verified = waiting.verify();
  await passed(clock, verified);
  assert.equal((await verified).kind, 'whole');
  held.resolve();
  await holder;
  appended(await ledger.append({ event: incident('a') }));
});

/** Lets the clock go on until the work is done. */
async function passed(clock: ReturnType<typeof createManualClock>, work: Promise<unknown>): Promise<void> {
  let done = false;
  const settled = () => {
    done = true;
  };
  work.then(settled, settled);
  while (!done) {
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await work;
}

test('a ledger is found, and not begun twice', async (t) => {
  const root = repository(t);
  await assert.rejects(() => openLedger(root), { code: 'LARDER_LEDGER_NOT_FOUND' });
  await assert.rejects(() => openLedger(join(root, '..')), { code: 'LARDER_LEDGER_NOT_FOUND' });
  const ledger = await startLedger(root);
  await assert.rejects(() => startLedger(root), { code: 'LARDER_LEDGER_EXISTS', message: /has a ledger already/ });
  mkdirSync(join(root, 'apps/web'), { recursive: true });
  assert.equal((await openLedger(join(root, 'apps/web'))).head.hash, ledger.head.hash);
  renameSync(join(root, LEDGER_FOLDER), join(root, 'elsewhere'));
  await assert.rejects(() => startLedger(root), {
    code: 'LARDER_LEDGER_EXISTS',
    message: /whose records are not there/,
  });
  const { kind, findings } = await (await openLedger(root)).verify();
  assert.equal(kind, 'broken');
  assert.deepEqual(findings.map((finding) => finding.kind).sort(), ['not-there', 'truncated']);
});

const gitignores = [
  { rule: '*.log', file: '.gitignore' },
  { rule: '*.diff', file: 'docs/.gitignore' },
  { rule: 'docs/governance/ledger/', file: '.gitignore' },
  { rule: 'allowed_signers', file: '.gitignore' },
  { rule: '*.gz', file: '.git/info/exclude' },
] as const;

for (const { rule, file } of gitignores) {
  test(`${rule} in ${file} hides what a ledger writes: none begins`, async (t) => {
    const root = repository(t);
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `# ours\n${rule}\n`);
    await assert.rejects(
      () => startLedger(root),
      (failure: unknown) => {
        assert.ok(failure instanceof Error && 'code' in failure);
        assert.equal(failure.code, 'LARDER_LEDGER_HIDDEN');
        assert.ok(failure.message.startsWith(`${file}:2: ${rule} keeps docs/governance/`), failure.message);
        return true;
      },
    );
    writeFileSync(join(root, file), `${rule}\n!**\n`);
    if (!rule.endsWith('/')) await startLedger(root);
  });
}

test('a .gitignore that comes later is found by verify', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  writeFileSync(join(root, '.gitignore'), '*.json\n');
  const { findings } = await ledger.verify();
  assert.deepEqual(
    findings.map(({ kind, path }) => ({ kind, path })),
    [{ kind: 'hidden', path: recordPath(ledger.head) }],
  );
  gitIn(root, 'add', '--force', 'docs');
  assert.deepEqual((await ledger.verify()).findings, [], 'what is committed is seen by everybody');
});

/** A rule that comes after the beginning, and what it would hide of an append with evidence. */
const laterGitignores = [
  { rule: 'reviews/', file: '.gitignore' },
  { rule: '*.json', file: 'docs/governance/.gitignore' },
  { rule: 'kubectl-diff', file: '.gitignore', harmless: true },
  { rule: '*.txt', file: '.git/info/exclude' },
] as const;

for (const { rule, file, ...more } of laterGitignores) {
  test(`${rule} in ${file}, added after the beginning: ${'harmless' in more ? 'nothing is hidden' : 'nothing is written'}`, async (t) => {
    const root = repository(t);
    const ledger = await startLedger(root);
    const diff = { name: 'diff.txt', content: Buffer.from('diff\n') };
    appended(await ledger.append({ event: incident('a'), artifacts: [{ ...diff, folder: 'web' }] }));
    gitIn(root, 'add', 'docs');
    gitIn(root, 'commit', '--quiet', '-m', 'ledger');
    writeFileSync(join(root, file), `# ours\n${rule}\n`);
    const before = gitIn(root, 'status', '--porcelain', '--ignored', '--untracked-files=all');
    const next = () => ledger.append({ event: incident('b'), artifacts: [{ ...diff, folder: 'server' }] });
    if ('harmless' in more) {
      appended(await next());
      return;
    }
    await assert.rejects(next, (failure: unknown) => {
      assert.ok(failure instanceof Error && 'code' in failure);
      assert.equal(failure.code, 'LARDER_LEDGER_HIDDEN');
      assert.ok(failure.message.startsWith(`${file}:2: ${rule} keeps docs/governance/`), failure.message);
      assert.match(failure.message, /Nothing was recorded$/);
      return true;
    });
    assert.equal(gitIn(root, 'status', '--porcelain', '--ignored', '--untracked-files=all'), before);
    assert.equal(ledger.records.length, 2);
    writeFileSync(join(root, file), `# ours\n${rule}\n!*\n`);
    appended(await next());
    assert.equal((await ledger.verify()).kind, 'whole');
  });
}

test('nothing is read or written through a symbolic link', async (t) => {
  const root = repository(t);
  mkdirSync(join(root, 'elsewhere'));
  mkdirSync(join(root, 'docs'));
  symlinkSync('../elsewhere', join(root, 'docs/governance'));
  await assert.rejects(() => startLedger(root), {
    code: 'LARDER_LEDGER_FILES',
    message: /docs\/governance is a symbolic link/,
  });
  rmSync(join(root, 'docs/governance'));
  const ledger = await startLedger(root);
  const { record } = appended(await ledger.append({ event: incident('a') }));
  const path = recordPath(record);
  renameSync(join(root, path), join(root, 'elsewhere/record.json'));
  symlinkSync(join(root, 'elsewhere/record.json'), join(root, path));
  await ledger.refresh();
  assert.deepEqual(
    ledger.findings.map((finding) => finding.kind),
    ['link'],
  );
  assert.equal((await ledger.append({ event: incident('b') })).kind, 'broken');
});

test('a record that stands twice is found, a foreign file is only told', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const { record } = appended(await ledger.append({ event: incident('a') }));
  const path = recordPath(record);
  const folderOf = dirname(join(root, path));
  writeFileSync(join(folderOf, 'notes.txt'), 'what I wanted to say\n');
  let verification = await ledger.verify();
  assert.equal(verification.kind, 'whole');
  assert.deepEqual(
    verification.findings.map(({ kind }) => kind),
    ['foreign'],
  );
  appended(await ledger.append({ event: incident('b') }));
  writeFileSync(join(folderOf, '000003-copy.json'), recordText(record));
  verification = await ledger.verify();
  assert.equal(verification.kind, 'broken');
  assert.equal(verification.findings[0]?.kind, 'misplaced');
  assert.match(
    verification.findings[0]?.message ?? '',
    new RegExp(`000003-copy.json holds the record that belongs to ${path}`),
  );
});

test('a clock that is a little behind gets the time of the last record, one that is far behind nothing', async (t) => {
  const site = memorySite(t);
  const clock = createManualClock();
  const ledger = await startLedger('', { ...site, clock });
  clock.stepWall(-60_000);
  const late = appended(await ledger.append({ event: incident('a') }));
  assert.equal(late.record.at, ledger.records[0]?.at);
  assert.match(late.notes.join(), /the clock says .*, before the last record/);
  clock.stepWall(-10 * 60_000);
  await assert.rejects(() => ledger.append({ event: incident('b') }), {
    code: 'LARDER_LEDGER_CLOCK',
    message:
      /the clock of this machine says 2024-12-31T23:49:00.000Z, but the last record was made at 2025-01-01T00:00:00.000Z/,
  });
  clock.stepWall(11 * 60_000);
  appended(await ledger.append({ event: incident('b') }));
  assert.deepEqual((await ledger.verify()).findings, []);
});

test('people and keys: allowed_signers follows, and one that somebody changed is found', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  const data = { operatorId: 'bob', role: 'operator', keys: [bob.publicKey] } as const;
  const added = appended(
    await ledger.append({ event: { type: 'operator-added', data: { ...data, keys: [...data.keys] } } }),
  );
  assert.ok(added.paths.includes(ALLOWED_SIGNERS));
  const bobs = await openLedger(root, { signer: bob });
  assert.equal(appended(await bobs.append({ event: incident('a') })).record.operator, 'bob');
  const file = join(root, ALLOWED_SIGNERS);
  const right = readFileSync(file, 'utf8');
  writeFileSync(file, `${right}mallory ${ann.publicKey}\n`);
  assert.deepEqual(
    (await ledger.verify()).findings.map(({ kind }) => kind),
    ['signers-altered'],
  );
  assert.equal((await ledger.append({ event: incident('b') })).kind, 'broken');
  rmSync(file);
  const { kind, findings } = await ledger.verify();
  assert.equal(kind, 'whole');
  assert.deepEqual(
    findings.map((finding) => finding.kind),
    ['signers-behind'],
  );
  appended(await ledger.append({ event: incident('b') }));
  assert.equal(readFileSync(file, 'utf8'), right);
});
