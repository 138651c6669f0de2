/** `larder cluster secrets` from a repository without a secret to people who come and go. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
  assert.equal(refused.code, 2);
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
  assert.equal((await made.secrets(['set', ALERTING, 'second', '--generate'], ana)).code, 2);
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
  assert.equal(JSON.parse(succeeded(await inventory('--secrets'))).all.vars.larder_k3s_token, token);
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
});
