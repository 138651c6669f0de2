/** `larder cluster secrets` from a repository without a secret to people who come and go. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agePerson, type SecretSite, secretSite } from './cluster-secrets.ts';
import type { Run } from './larder.ts';

const K3S = 'secrets/k3s.sops.yaml';
const ALERTING = 'secrets/alerting.sops.yaml';

function succeeded({ code, stdout, stderr }: Run): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

async function begun(t: TestContext) {
  const ana = await agePerson();
  const made = await secretSite(t);
  succeeded(await made.secrets(['init', '--yes'], ana));
  return { ana, made };
}

const tokenOf = async ({ secrets }: SecretSite, by: Awaited<ReturnType<typeof agePerson>>): Promise<string> =>
  succeeded(await secrets(['show', K3S, '--reveal', 'token', '--yes'], by)).trim();

test('init makes a key, the rules and a token, and leaves what is there', async (t) => {
  const made = await secretSite(t);
  const refused = await made.secrets(['init']);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /Make an age key of your own in .*\.config\/sops\/age\/keys\.txt\?/);
  const { stderr } = await made.secrets(['init', '--yes']);
  const keys = join(made.site.folder, '.config/sops/age/keys.txt');
  assert.equal(statSync(keys).mode & 0o777, 0o600);
  const recipient = /^# public key: (age1\w+)$/m.exec(readFileSync(keys, 'utf8'))?.[1] ?? assert.fail();
  assert.match(stderr, /Keep a copy offline/);
  assert.match(made.text('cluster.yaml'), new RegExp(`recipients:\n {4}- ${recipient}\n$`));
  assert.match(made.text('.sops.yaml'), new RegExp(recipient));
  assert.match(made.text(K3S), /^token: ENC\[/);
  const before = made.text(K3S);
  succeeded(await made.secrets(['init', '--yes']));
  assert.equal(made.text(K3S), before);
  assert.match(succeeded(await made.secrets(['status'])), /secrets\/k3s\.sops\.yaml +whole +1\n/);
});

test('a key that cannot be read is not replaced by a new one', async (t) => {
  const made = await secretSite(t);
  const { code, stderr } = await made.secrets(['init', '--yes'], undefined, {
    env: { SOPS_AGE_KEY: 'AGE-SECRET-KEY-1BROKEN' },
  });
  assert.deepEqual([code, existsSync(join(made.site.folder, '.config'))], [2, false]);
  assert.match(stderr, /was cut or mistyped .*LARDER_SECRET_IDENTITY/);
  assert.ok(!stderr.includes('BROKEN'));
});

test('an editor sees the values in a private place, and the repository never does', async (t) => {
  const { ana, made } = await begun(t);
  const EDITOR = made.editor('^# Names.*$', 'pager: a webhook of nobody # from the editor');
  const { stderr } = await made.secrets(['edit', ALERTING], ana, { env: { EDITOR } });
  assert.match(stderr, /alerting\.sops\.yaml is encrypted again/);
  const [mode, folder] = readFileSync(`${EDITOR}.seen`, 'utf8').trim().split(/ .*\n/);
  assert.deepEqual([mode, existsSync(folder ?? '')], ['600', false]);
  assert.ok(!made.text(ALERTING).includes('webhook of nobody') && !made.text(ALERTING).includes('from the editor'));
  assert.equal(
    succeeded(await made.secrets(['show', ALERTING, '--reveal', 'pager', '--yes'], ana)),
    'a webhook of nobody\n',
  );
  const before = made.text(ALERTING);
  const still = await made.secrets(['edit', ALERTING], ana, { env: { EDITOR: 'true' } });
  assert.match(still.stderr, /nothing was changed/);
  const wrong = await made.secrets(['edit', ALERTING], ana, { env: { EDITOR: made.editor('pager:', 'pager: [') } });
  assert.notEqual(wrong.code, 0);
  assert.ok(!wrong.stderr.includes('webhook of nobody'));
  assert.equal(made.text(ALERTING), before);
  assert.deepEqual(readdirSync(join(made.site.root, 'secrets')).sort(), ['alerting.sops.yaml', 'k3s.sops.yaml']);
});

test('one value that is set changes one line, and the time and the sum', async (t) => {
  const { ana, made } = await begun(t);
  succeeded(await made.secrets(['set', ALERTING, 'first', '--generate'], ana));
  succeeded(await made.secrets(['set', ALERTING, 'second', '--generate'], ana));
  const before = made.text(ALERTING).split('\n');
  const unasked = await made.secrets(['set', ALERTING, 'second', '--generate'], ana);
  // The verb has no dry run, and does not speak of one.
  assert.deepEqual([unasked.code, /--dry-run/.test(unasked.stderr)], [3, false], unasked.stderr);
  assert.match(unasked.stderr, /Replace second of .*\? Nobody can be asked here: say --yes\.$/m);
  succeeded(await made.secrets(['set', ALERTING, 'second', '--generate', '--yes'], ana));
  const changed = made
    .text(ALERTING)
    .split('\n')
    .filter((line, index) => line !== before[index]);
  assert.deepEqual(
    changed.map((line) => line.trim().split(':')[0]).filter((key) => key !== 'lastmodified'),
    ['second', 'mac'],
  );
});

test('rotate lets people in and out, and is recorded from its beginning to its proof', async (t) => {
  const { ana, made } = await begun(t);
  const [ben, signer] = [await agePerson(), await made.site.person('ana')];
  await made.site.ledger(['init', '--operator', 'ana'], signer);
  const token = await tokenOf(made, ana);
  assert.equal((await made.secrets(['show', K3S], ben)).code, 2);
  made.write('cluster.yaml', `${made.text('cluster.yaml')}    - ${ben.recipient}\n`);
  const check = await made.secrets(['check'], ana);
  assert.equal(check.code, 1);
  assert.match(check.stdout, new RegExp(`cannot be read by ${ben.recipient}, whom cluster.yaml names`));
  const dry = await made.secrets(['rotate', '--dry-run'], ana);
  assert.match(dry.stderr, new RegExp(`in: {2}${ben.recipient}`));
  const { stderr } = await made.secrets(['rotate', '--yes'], ana, { signer });
  assert.match(stderr, /recorded: docs.*recorded: docs/s);
  assert.equal(await tokenOf(made, ben), token);
  assert.match(made.text('.sops.yaml'), new RegExp(ben.recipient));
  assert.match(succeeded(await made.secrets(['status'], ben)), /^age +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +in time$/m);
  made.write('cluster.yaml', made.text('cluster.yaml').replace(`    - ${ana.recipient}\n`, ''));
  const alone = await made.secrets(['rotate', '--yes'], ana, { signer });
  assert.match(alone.stderr, /none of your keys .* you could not read the files afterwards/);
  const out = await made.secrets(['rotate', '--yes'], ben, { signer });
  assert.match(out.stderr, new RegExp(`out: ${ana.recipient}[\\s\\S]*could read the values until now`));
  assert.match((await made.secrets(['show', K3S], ana)).stderr, /LARDER_SECRET_NOT_RECIPIENT/);
  assert.equal((await made.site.ledger(['verify'])).code, 0);
  const records = made.site
    .records()
    .map((path) => made.text(path))
    .join('');
  assert.ok(!records.includes(token));
  assert.deepEqual(
    [...records.matchAll(/"status":\s*"([a-z-]+)"/g)].map(([, each]) => each),
    ['in-progress', 'verified', 'in-progress', 'verified'],
  );
});

test('the inventory reveals the token when it is asked to, and in no other case', async (t) => {
  const { ana, made } = await begun(t);
  const token = await tokenOf(made, ana);
  const inventory = (...words: readonly string[]): Promise<Run> =>
    made.site.larder(['cluster', 'inventory', '-f', made.file, ...words], undefined, { SOPS_AGE_KEY: ana.identity });
  assert.ok(!succeeded(await inventory()).includes(token));
  const { vars } = JSON.parse(succeeded(await inventory('--secrets'))).all;
  assert.deepEqual([vars.larder_k3s_token, vars.larder_nomad_token], [token, undefined]);
  // Named by the file for agents of Nomad that have ACLs.
  const nomad = 'secrets/nomad.sops.yaml';
  succeeded(await made.secrets(['set', nomad, 'token', '--generate'], ana));
  const own = succeeded(await made.secrets(['show', nomad, '--reveal', 'token', '--yes'], ana)).trim();
  made.write(
    'cluster.yaml',
    made.text('cluster.yaml').replace(/^secrets:\n/m, `$&  nomadToken: sops:${nomad}#token\n`),
  );
  assert.equal(JSON.parse(succeeded(await inventory('--secrets'))).all.vars.larder_nomad_token, own);
  assert.ok(!succeeded(await inventory()).includes(own));
  made.write(K3S, made.text(K3S).replace(/^token: .*$/m, 'token: in-plain-text'));
  const { code, stdout, stderr } = await inventory('--secrets');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /stands there in plain text.*LARDER_SECRET_EDITED/);
});

test('a file outside the repository, or a link out of it, is not touched', async (t) => {
  const { ana, made } = await begun(t);
  for (const file of ['../outside.sops.yaml', '/etc/hostname']) {
    const { code, stderr } = await made.secrets(['set', file, 'a', '--generate'], ana);
    assert.equal(code, 2, file);
    assert.match(stderr, /lies outside the repository/);
  }
  // Also where the folder would have to be made first: nothing is made behind a link.
  const elsewhere = join(made.site.folder, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(made.site.root, 'secrets/linked'));
  symlinkSync(join(made.site.folder, 'nowhere'), join(made.site.root, 'secrets/dangling'));
  for (const [file, said] of [
    ['secrets/linked/new/a.sops.yaml', /lies outside the repository/],
    ['secrets/dangling/new/a.sops.yaml', /cannot be written|lies outside/],
  ] as const) {
    const path = join(made.site.root, file);
    const { code, stderr } = await made.secrets(['set', path, 'a', '--generate'], ana);
    assert.equal(code, 2, file);
    assert.match(stderr, said);
  }
  assert.deepEqual(readdirSync(elsewhere), []);
  assert.equal(existsSync(join(made.site.folder, 'nowhere')), false);
});

test('a rotation that came to nothing is scheduled in the ledger, and the next one goes on with it', async (t) => {
  const { ana, made } = await begun(t);
  const signer = await made.site.person('ana');
  await made.site.ledger(['init', '--operator', 'ana'], signer);
  const rotations = async () => {
    const { stdout } = await made.site.ledger(['show', '--type', 'rotation-recorded', '-o', 'json']);
    const records: readonly { data: { rotationId: string; status: string; verificationSteps: string[] } }[] =
      JSON.parse(stdout);
    return records.map(({ data }) => data);
  };
  const token = await tokenOf(made, ana);
  // Without Ansible nothing can be done on the nodes.
  const tried = await made.secrets(['rotate-token', '--yes'], ana, { signer, env: { PATH: join(made.site.folder) } });
  assert.equal(tried.code, 1, tried.stderr);
  assert.match(tried.stderr, /run larder cluster secrets rotate-token again, which goes on with it/);
  const again = await made.secrets(['rotate-token', '--yes'], ana, { signer, env: { PATH: join(made.site.folder) } });
  assert.match(again.stderr, /goes on with the rotation k3s-token-.*, which is scheduled\n/);
  const all = await rotations();
  assert.deepEqual(
    all.map(({ status }) => status),
    ['in-progress', 'scheduled', 'in-progress', 'scheduled'],
  );
  assert.equal(new Set(all.map(({ rotationId }) => rotationId)).size, 1);
  assert.match(all.at(-1)?.verificationSteps.join() ?? '', /^not done: ansible-playbook is neither in/);
  assert.equal(await tokenOf(made, ana), token);
  const status = await made.secrets(['status'], ana);
  assert.match(status.stdout, /^k3s-token +never +now +unfinished$/m);

  // As a command leaves it that was cut off between the beginning and the end.
  const cut = { rotationId: 'age-of-march', rotationScope: 'age', verificationSteps: [], status: 'in-progress' };
  const times = { initiatedAt: '2026-03-01T00:00:00Z', nextRotationDue: '2026-05-01T00:00:00Z' };
  made.write('cut.json', JSON.stringify({ type: 'rotation-recorded', data: { ...cut, ...times } }));
  succeeded(await made.site.ledger(['append', join(made.site.root, 'cut.json')], signer));
  succeeded(await made.secrets(['rotate', '--yes'], ana, { signer }));
  const own = (await rotations()).filter(({ rotationId }) => rotationId.startsWith('age'));
  assert.deepEqual(
    own.map(({ rotationId, status }) => `${rotationId} ${status}`),
    ['age-of-march in-progress', 'age-of-march in-progress', 'age-of-march verified'],
  );
  assert.equal((await made.site.ledger(['verify'])).code, 0);
});
