/** `larder ledger` as people use it: processes of their own, real git, real files. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileSigner } from '../../src/ledger/key-file.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { fingerprint } from '../../src/ledger/ssh-public-key.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { type Run, runLarder } from './larder.ts';
import { cloneOf, ledgerSite, type Person, readJson, type Site } from './ledger-person.ts';

function ok(run: Run): Run {
  assert.equal(run.code, 0, `${run.stdout}${run.stderr}`);
  return run;
}

function fails(run: Run, code: number, message: RegExp): void {
  assert.equal(run.code, code, `${run.stdout}${run.stderr}`);
  assert.match(run.stderr, message);
}

async function begun(t: { after(end: () => void): void }): Promise<Site & { readonly ana: Person }> {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  ok(await site.ledger(['init', '--operator', 'ana', '--title', 'Home'], ana));
  return { ...site, ana };
}

/** An event as it stands in a file for `append`. */
async function appended(site: Site, by: Person, type: string, data: object): Promise<Run> {
  const file = join(site.folder, `${type}.json`);
  writeFileSync(file, JSON.stringify({ type, data }));
  return site.ledger(['append', file], by);
}

test('what comes next after init begins in the folder that was named', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const { stdout } = ok(await site.ledger(['init', site.root], ana));
  assert.ok(stdout.includes(`Next:\n  cd ${site.root}\n  larder ledger operator add`), stdout);
});

test('init begins a ledger, commits it and nothing else, and says what comes next', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  writeFileSync(join(site.root, 'mine.txt'), 'mine');
  const { stdout, stderr } = ok(await site.ledger(['init'], ana));
  assert.match(
    stdout,
    /First operator: ana@example\.org \(admin\)[\s\S]*Next:\n {2}larder ledger operator[\s\S]*larder ledger verify/,
  );
  assert.match(
    stderr,
    /^recorded: docs\/governance\/ledger\/\d{4}\/\d{2}\/000001-ledger-opened-\S+\.json\ncommitted: /,
  );
  assert.equal(await site.git('status', '--porcelain'), '?? mine.txt\n');
  assert.match(await site.git('log', '--format=%B'), /^Larder-Ledger-Head: 1$/m);
  const whole = ok(await site.ledger(['verify', '--no-cluster']));
  assert.match(whole.stdout, /^whole: .*1 record, 0 files of evidence/);
  assert.match(
    whole.stdout,
    /this clone: 1 head\n\s+commits of this branch: 1 head\n\s+the cluster: not looked at: --no-cluster/,
  );
  fails(await site.ledger(['init'], ana), 2, /has a ledger already/);
});

test('init refuses outside git, without a key, and where a .gitignore would hide evidence', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  fails(
    await site.ledger(['init']),
    2,
    /No key to sign with: .*SSH_AUTH_SOCK.*\.ssh \(id_ed25519.*ssh-keygen -t ed25519/,
  );
  fails(
    await site.ledger(['init', join(site.folder, 'keys')], ana),
    2,
    /in no git repository.*LARDER_LEDGER_NOT_FOUND/,
  );
  writeFileSync(join(site.root, '.gitignore'), 'dist\n*.diff\n');
  fails(await site.ledger(['init'], ana), 2, /\.gitignore:2: \*\.diff keeps .* out of git/);
  assert.equal(await site.git('status', '--porcelain'), '?? .gitignore\n');
});

test('who may sign: each way of not being allowed has its own words', async (t) => {
  const site = await begun(t);
  const { ana } = site;
  const [ben, eve] = [await site.person('ben'), await site.person('eve')];
  const incident = (incidentId: string) => ({
    incidentId,
    title: 'x',
    severity: 'info',
    openedAt: '2026-01-01T00:00:00Z',
  });
  fails(await appended(site, eve, 'incident-opened', incident('i0')), 3, /is of no operator of this ledger/);
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', `${ben.key}.pub`], ana));
  ok(await appended(site, ben, 'incident-opened', incident('i1')));
  fails(
    await site.ledger(['operator', 'add', 'eve', '--public-key', eve.publicKey], ben),
    3,
    /ben has role operator.*for an admin/,
  );
  ok(await site.ledger(['operator', 'change', 'ben', '--expires', '2020-01-01'], ana));
  fails(await appended(site, ben, 'incident-opened', incident('i2')), 3, /2020-01-01.*\[signer-expired\]/);
  ok(await site.ledger(['operator', 'change', 'ben', '--expires', 'never'], ana));
  ok(await appended(site, ben, 'incident-opened', incident('i3')));
  ok(await site.ledger(['key', 'revoke', `${ben.key}.pub`, '--reason', 'laptop stolen', '--yes'], ana));
  fails(await appended(site, ben, 'incident-opened', incident('i4')), 3, /the key that signed was revoked on /);
  fails(await site.ledger(['operator', 'remove', 'ana', '--reason', 'left', '--yes'], ana), 3, /admin/);
  const list = ok(await site.ledger(['operator', 'list']));
  assert.match(list.stdout, /^OPERATOR +ROLE +SINCE +UNTIL +KEYS\nana +admin .*SHA256:\S+\nben +operator .*-\n$/);
  ok(await site.ledger(['verify', '--no-cluster']));
});

test('who wrote a critical change or its evidence does not approve it', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', `${ben.key}.pub`], site.ana));
  const change = { changeId: 'c1', featureBranch: 'f', manifestPaths: ['a.yaml'], status: 'draft', critical: true };
  ok(await appended(site, site.ana, 'change-created', change));
  const timestamp = '2026-01-01T00:00:00Z';
  const evidence = { changeId: 'c1', evidenceId: 'e1', command: 'kubectl diff', outputPath: 'x', timestamp };
  ok(await appended(site, site.ana, 'evidence-attached', evidence));
  const approval = { changeId: 'c1', evidenceId: 'e1' };
  fails(await appended(site, site.ana, 'change-approved', approval), 3, /ana made change c1 \[/);
  fails(await appended(site, ben, 'change-approved', approval), 3, /cannot be approved: its record has no hash of x/);
});

test('a key is replaced by who holds it; then the old one signs nothing', async (t) => {
  const site = await begun(t);
  const next = await site.person('ana-next');
  const said = ok(await site.ledger(['key', 'rotate', '--to', next.key], site.ana));
  assert.match(said.stderr, /From now on SHA256:\S+ signs\./);
  const record = readJson(join(site.root, site.records()[1] ?? ''));
  assert.equal(record['type'], 'key-rotated');
  const drill = { path: 'docs/runbooks/rebuild.md', title: 'Rebuild', reviewedAt: '2026-01-01T00:00:00Z' };
  fails(await appended(site, site.ana, 'runbook-recorded', drill), 3, /the key that signed was replaced on /);
  ok(await appended(site, next, 'runbook-recorded', drill));
  ok(await site.ledger(['verify', '--no-cluster']));
});

test('a key of which only the public half is shown wants --yes: the only admin could lock everybody out', async (t) => {
  const site = await begun(t);
  const next = await site.person('ana-next');
  for (const to of [`${next.key}.pub`, next.publicKey]) {
    const words = ['key', 'rotate', '--to', to];
    fails(await site.ledger(words, site.ana), 3, /without the private half you are locked out, .*then say --yes/);
    assert.match(ok(await site.ledger([...words, '--dry-run'], site.ana)).stderr, /^Would be recorded: .*locked out/);
  }
  assert.match(
    ok(await site.ledger(['key', 'rotate', '--to', next.key, '--dry-run'], site.ana)).stderr,
    /^Would be recorded: Your old key signs nothing from now on, only SHA256:\S+ does\.\n$/,
  );
  assert.equal(site.records().length, 1, 'nothing was recorded');
  ok(await site.ledger(['key', 'rotate', '--to', `${next.key}.pub`, '--yes'], site.ana));
  ok(await site.ledger(['operator', 'change', 'ana', '--expires', 'never'], next));
});

test('a ledger that was moved away and left a link behind is not said to be missing', async (t) => {
  const site = await begun(t);
  await site.git('config', 'core.symlinks', 'true');
  renameSync(join(site.root, 'docs/governance'), join(site.root, 'elsewhere'));
  symlinkSync('../elsewhere', join(site.root, 'docs/governance'));
  rmSync(join(site.root, '.git'), { recursive: true });
  await site.git('init', '-q', '-b', 'main');
  const why = /docs\/governance is a symbolic link: git keeps the link .*mv FOLDER docs\/governance/;
  for (const words of [['show'], ['verify', '--no-cluster'], ['init']]) {
    const { code, stderr } = await site.ledger(words, words[0] === 'init' ? site.ana : undefined);
    assert.equal(code, 2, stderr);
    assert.match(stderr, why, words.join(' '));
  }
});

test('removal asks, and without a terminal wants --yes', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  const words = ['operator', 'remove', 'ben', '--reason', 'left'];
  fails(await site.ledger(words, site.ana), 3, /Records of ben are refused from now on\. Look at it with --dry-run/);
  assert.match(ok(await site.ledger([...words, '--dry-run'], site.ana)).stderr, /^Would be recorded: Records of ben/);
  assert.equal(site.records().length, 2);
  ok(await site.ledger([...words, '--yes'], site.ana));
  assert.match(ok(await site.ledger(['operator', 'list'])).stdout, /ben .*removed \d{4}/);
});

test('records that are gone are missed by this clone, and by the commits where the clone knows nothing', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  const [, last = ''] = site.records();
  await site.git('rm', '-q', last);
  await site.git('commit', '-qm', 'tidy up');
  const found = await site.ledger(['verify', '--no-cluster']);
  assert.equal(found.code, 1);
  assert.match(found.stdout, /^BROKEN: [\s\S]*first broken link: record 2 \(hash \w{12}…\), which this\s+clone/);
  fails(await site.ledger(['operator', 'add', 'eve', '--public-key', ben.publicKey], site.ana), 1, /broken: record 2/);
  rmSync(join(site.root, '.git/larder'), { recursive: true });
  const again = await site.ledger(['verify', '--no-cluster', '-o', 'json']);
  assert.equal(again.code, 1);
  const told: { findings: { kind: string; message: string }[]; looked: object[] } = JSON.parse(again.stdout);
  assert.deepEqual(
    told.findings.map(({ kind }) => kind).filter((kind) => kind === 'truncated'),
    ['truncated'],
  );
  assert.match(told.findings.map(({ message }) => message).join('\n'), /which commit [0-9a-f]{7,} has seen/);
});

test('an older state of the repository says how to get out of it', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  const begin = (await site.git('rev-parse', 'HEAD')).trim();
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  const added = (await site.git('rev-parse', '--short', 'HEAD')).trim();
  const wayBack = async (): Promise<string> => {
    const { code, stdout } = await site.ledger(['verify', '--no-cluster']);
    assert.equal(code, 1, stdout);
    return /way back: ([\s\S]*?)\n\n/.exec(stdout)?.[1]?.replaceAll(/\s+/g, ' ') ?? '';
  };
  const whole = async (): Promise<void> => void ok(await site.ledger(['verify', '--no-cluster']));

  await site.git('reset', '-q', '--hard', begin);
  assert.equal(
    await wayBack(),
    `record 2 is in commit ${added}, which no branch has any more: git merge ${added} brings it back`,
  );
  await site.git('merge', '-q', added);
  await whole();

  await site.git('switch', '-q', '--detach', 'main');
  ok(await site.ledger(['operator', 'change', 'ben', '--role', 'admin'], site.ana));
  const apart = (await site.git('rev-parse', '--short', 'HEAD')).trim();
  await site.git('branch', 'apart');
  await site.git('switch', '-q', '--detach', begin);
  assert.equal(await wayBack(), `record 3 is in commit ${apart} of apart: git switch apart brings it back`);
  await site.git('switch', '-q', 'apart');
  await whole();

  await site.git('rm', '-q', site.records()[2] ?? '');
  await site.git('commit', '-qm', 'tidy up');
  rmSync(join(site.root, '.git/larder'), { recursive: true });
  const taken = `record 3 is in commit ${apart}, and was taken out later: git checkout ${apart} -- docs/governance/ledger brings it back`;
  assert.equal(await wayBack(), taken);
  await site.git('checkout', apart, '--', 'docs/governance/ledger');
  await whole();
});

test('a commit that had the records counts, whoever signed its head; a trailer that stands alone does not', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey, '--no-commit'], site.ana));
  ok(await site.ledger(['key', 'rotate', '--to', (await site.person('next')).publicKey, '--yes'], ben));
  const message = await site.git('log', '-1', '--format=%B');
  assert.match(message, /^Larder-Ledger-Head: 3$/m);
  await site.git('rm', '-q', ...site.records().slice(1));
  await site.git('commit', '-qm', 'tidy up');
  rmSync(join(site.root, '.git/larder'), { recursive: true });
  const found = await site.ledger(['verify', '--no-cluster']);
  assert.equal(found.code, 1);
  assert.match(found.stdout.replaceAll(/\s+/g, ' '), /first broken link: record 3 .* which commit \w+ has seen/);

  const other = await begun(t);
  writeFileSync(join(other.root, 'docs/governance/ledger/.gitattributes'), '# changed\n', { flag: 'a' });
  await other.git('commit', '-qam', message);
  const noticed = ok(await other.ledger(['verify', '--no-cluster']));
  assert.match(
    noticed.stdout.replaceAll(/\s+/g, ' '),
    /notice: the head 3 in commit \w+ is signed by a key that no record here/,
  );
});

test('a ledger whose files are all gone is not one that never was', async (t) => {
  const site = await begun(t);
  await site.git('rm', '-rq', 'docs');
  await site.git('commit', '-qm', 'tidy up');
  rmSync(join(site.root, '.git/larder'), { recursive: true });
  const found = await site.ledger(['verify', '--no-cluster']);
  assert.equal(found.code, 1, found.stdout + found.stderr);
  assert.match(found.stdout, /BROKEN/);
  fails(await site.ledger(['init'], site.ana), 2, /remembers a ledger/);
});

test('an edited record is named with its file', async (t) => {
  const site = await begun(t);
  const [path = ''] = site.records();
  const file = join(site.root, path);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"Home"', '"Hone"'));
  const found = await site.ledger(['verify', '--no-cluster']);
  assert.equal(found.code, 1);
  assert.match(
    found.stdout.replaceAll(/\s+/g, ' '),
    /first broken link: docs\/governance\/ledger\/\S+000001-ledger-opened-\S+ was changed/,
  );
  fails(await appended(site, site.ana, 'runbook-recorded', {}), 2, /is no event of type runbook-recorded: data\.path/);
});

test('two clones go on, git merges, and the histories become one', async (t) => {
  const site = await begun(t);
  const [ben, eve] = [await site.person('ben'), await site.person('eve')];
  const other = await cloneOf(site, 'other');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  ok(await other.ledger(['operator', 'add', 'eve', '--public-key', eve.publicKey], site.ana));
  assert.match(ok(await site.ledger(['merge'], site.ana)).stderr, /nothing to merge/);
  await site.git('pull', '-q', '--no-rebase', '--no-edit', other.root, 'main');
  fails(await site.ledger(['operator', 'change', 'ben', '--role', 'admin'], site.ana), 1, /broken.*ends/);
  ok(await site.ledger(['merge'], site.ana));
  assert.match(ok(await site.ledger(['verify', '--no-cluster'])).stdout, /^whole: .*4 records/);
  assert.equal(await site.git('status', '--porcelain'), '');
  assert.match(ok(await site.ledger(['operator', 'list'])).stdout, /ana [\s\S]*ben [\s\S]*eve /);
});

test('a commit that a hook refuses leaves a valid record, and is told', async (t) => {
  const site = await begun(t);
  mkdirSync(join(site.root, '.git/hooks'), { recursive: true });
  const hook = join(site.root, '.git/hooks/pre-commit');
  writeFileSync(hook, '#!/bin/sh\necho "not on a Sunday" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  const ben = await site.person('ben');
  const told = ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  assert.match(told.stderr, /not committed: not on a Sunday\nThe record is written and valid/);
  ok(await site.ledger(['verify', '--no-cluster']));
  rmSync(hook);
  ok(await site.ledger(['operator', 'change', 'ben', '--role', 'admin', '--no-commit'], site.ana));
  assert.match(await site.git('status', '--porcelain', '-uall'), /000002-operator-added/);
});

test('show and export say what was recorded', async (t) => {
  const site = await begun(t);
  const node = {
    nodeId: 'pi-1.local',
    hostname: 'pi-1',
    role: 'worker',
    ipAddress: '10.0.0.1',
    labels: { diskType: 'ssd' },
  };
  ok(await appended(site, site.ana, 'node-recorded', node));
  const list = ok(await site.ledger(['show'])).stdout;
  assert.match(
    list,
    /^RECORD +TIME +OPERATOR +TYPE +WHAT\n +1 .*ledger-opened +Home\n +2 .*node-recorded +pi-1\.local · worker · 10\.0\.0\.1\n$/,
  );
  assert.equal(
    ok(await site.ledger(['show', '--type', 'node-recorded', '--since', '1h', '-o', 'json'])).stdout.match(/"seq"/g)
      ?.length,
    1,
  );
  assert.match(ok(await site.ledger(['show', '--operator', 'ben'])).stderr, /No record is like that/);
  assert.match(
    ok(await site.ledger(['show', '2'])).stdout,
    /^2 node-recorded\nmade .* by ana\n[\s\S]*"diskType": "ssd"/,
  );
  fails(await site.ledger(['show', '9']), 2, /there is no record "9"/);
  fails(await site.ledger(['show', '--since', 'soon']), 2, /is no time: write 30d/);
  fails(await site.ledger(['show', '--type', 'apply']), 2, /no type of record/);
  const records = ok(await site.ledger(['export']))
    .stdout.trimEnd()
    .split('\n');
  assert.deepEqual(
    records.map((line) => JSON.parse(line)),
    site.records().map((path) => readJson(join(site.root, path))),
  );
  const [entity] = ok(await site.ledger(['export', '--as', 'data-model'])).stdout.split('\n');
  assert.deepEqual(JSON.parse(entity ?? ''), {
    ...{ entity: 'ClusterNode', node_id: 'pi-1.local', hostname: 'pi-1', role: 'worker', ip_address: '10.0.0.1' },
    labels: { diskType: 'ssd' },
  });
});

test('what each branch forbids the other is named by the merge, and does not count', async (t) => {
  const site = await begun(t);
  const other = await cloneOf(site, 'other');
  const node = (nodeId: string) => ({ nodeId, hostname: nodeId, role: 'worker', ipAddress: '10.0.0.1' });
  ok(await appended(site, site.ana, 'node-recorded', node('one')));
  ok(await appended(other, site.ana, 'node-recorded', node('two')));
  await site.git('pull', '-q', '--no-rebase', '--no-edit', other.root, 'main');
  const merged = ok(await site.ledger(['merge'], site.ana));
  assert.match(merged.stderr, /^does not count, because of the other branch: record [0-9a-f-]{36} \(node-unique\)$/m);
  ok(await site.ledger(['verify', '--no-cluster']));
  assert.match(ok(await site.ledger(['show', '--type', 'node-recorded'])).stdout, /\(does not count\) /);
});

test('evidence goes with a tombstone, and without one it is missed', async (t) => {
  const site = await begun(t);
  const signer = await fileSigner(site.ana.key, {});
  const ledger = await Ledger.open({ root: site.root, clock: systemClock, random: systemRandom, signer });
  const kept = await ledger.append({
    event: {
      type: 'runbook-recorded',
      data: { path: 'docs/runbooks/rebuild.md', title: 'Rebuild', reviewedAt: '2026-01-01T00:00:00Z' },
    },
    artifacts: [{ folder: 'rebuild', name: 'rebuild.md', content: Buffer.from('# Rebuild\n') }],
  });
  assert.ok(kept.kind === 'appended');
  const path = kept.record.artifacts[0]?.path ?? '';
  assert.match(ok(await site.ledger(['show', '2'])).stdout, new RegExp(`^evidence  ${path} \\(10 bytes\\)$`, 'm'));
  rmSync(join(site.root, path));
  assert.match((await site.ledger(['verify', '--no-cluster'])).stdout, /artifact-missing/);
  fails(await site.ledger(['tombstone', 'README.md', '--reason', 'x'], site.ana), 2, /is evidence of no record/);
  const said = ok(await site.ledger(['tombstone', path, '--reason', 'held a name'], site.ana));
  assert.match(said.stderr, /rotate it/);
  ok(await site.ledger(['verify', '--no-cluster']));
  assert.match(ok(await site.ledger(['show', '2'])).stdout, /bytes\), tombstoned/);
});

test('a key is revoked by its fingerprint; one that nobody has is refused', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  ok(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], site.ana));
  const revoke = (key: string) => site.ledger(['key', 'revoke', key, '--reason', 'lost', '--yes'], site.ana);
  fails(await revoke('SHA256:nobody'), 2, /no operator has a key SHA256:nobody/);
  fails(await revoke((await site.person('eve')).publicKey), 3, /is no key of an operator/);
  ok(await revoke(fingerprint(ben.publicKey)));
  fails(
    await site.ledger(['operator', 'add', 'x', '--public-key', 'nowhere.pub'], site.ana),
    2,
    /nowhere\.pub cannot be read/,
  );
  fails(await site.ledger(['operator', 'add', 'x', '--public-key', 'ssh-ed25519 AAAA'], site.ana), 2, /ends too early/);
});

test('a secret is not recorded, and is not shown', async (t) => {
  const site = await begun(t);
  const secret = ['-----BEGIN OPENSSH', 'PRIVATE KEY-----'].join(' ');
  const incident = { incidentId: 'i', title: 'x', severity: 'info', openedAt: '2026-01-01T00:00:00Z' };
  const body = readFileSync(site.ana.key, 'utf8');
  const refused = await appended(site, site.ana, 'incident-opened', {
    ...incident,
    remediation: body.replace(/^.*/, secret),
  });
  fails(refused, 3, /what looks like a secret is in data\.remediation/);
  assert.ok(!`${refused.stdout}${refused.stderr}`.includes(body.slice(100, 140)));
  assert.equal(site.records().length, 1);
});

test('a working tree of its own and a folder below the root are places like any other', async (t) => {
  const site = await begun(t);
  const ben = await site.person('ben');
  const tree = join(site.folder, 'tree');
  await site.git('worktree', 'add', '-q', '-b', 'side', tree);
  const below = { LARDER_LEDGER: join(tree, 'docs/governance') };
  const words = ['operator', 'add', 'ben', '--public-key', ben.publicKey];
  ok(await site.ledger(words, site.ana, below));
  assert.match(
    ok(await site.ledger(['verify', '--no-cluster'], undefined, below)).stdout,
    /^whole: \S+\/tree, 2 records/,
  );
  assert.match(ok(await site.ledger(['verify', '--no-cluster'])).stdout, /^whole: .*1 record,/);
  assert.match(await site.git('log', '-1', '--format=%s', 'side'), /^ledger: 2 operator-added /);
});

test('an address of a server is no folder of a clone', async () => {
  const { code, stderr } = await runLarder(['ledger', 'verify', '--ledger', 'http://127.0.0.1:1']);
  assert.equal(code, 2);
  assert.match(stderr, /is a server: name the folder of a clone/);
});
