/** A change and its record: no change without a record that can be made, and none forgotten. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Changes } from '../../src/cli/changes.ts';
import { Exit } from '../../src/cli/exit.ts';
import { larder } from '../../src/cli/larder.ts';
import { loadGroups } from '../../src/cli/lazy-groups.ts';
import type { Terminal } from '../../src/cli/output.ts';
import { commitRecords } from '../../src/ledger/commit.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import { type LedgerRecord, recordPath } from '../../src/ledger/record.ts';
import { claimSettingsAnswer } from '../../src/operator/claim-api.ts';
import type { PolicySaveAnswer } from '../../src/operator/policies/policy-api.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { applyClaim, bound, clientOf } from '../e2e/claims.ts';
import { eventually, runLarder, startLarder } from '../e2e/larder.ts';
import { startLedgerServer } from '../e2e/ledger-server.ts';
import { folder, gitIn, openLedger, repository, startLedger } from './site.ts';

interface Site {
  readonly root: string;
  readonly home: string;
  readonly env: Record<string, string>;
  /** Files of changes that are not in the ledger. */
  kept(): readonly string[];
  actions(): Promise<readonly Extract<LedgerRecord, { type: 'action-recorded' }>[]>;
}

/** A ledger with a key in the usual place. */
async function site(t: TestContext): Promise<Site> {
  const root = repository(t);
  const home = folder(t, 'larder-home-');
  gitIn(root, 'config', 'user.name', 'Ann');
  gitIn(root, 'config', 'user.email', 'ann@example.com');
  const signer = await createKeyFile(join(home, '.ssh/id_ed25519'), 'ann');
  const ledger = await startLedger(root, { signer });
  await commitRecords({ root, records: ledger.records, clock: systemClock, random: systemRandom });
  const env = { HOME: home, SSH_AUTH_SOCK: '' };
  const own = join(root, '.git/larder/unrecorded');
  return {
    ...{ root, home, env },
    kept: () => (existsSync(own) ? readdirSync(own).map((name) => join(own, name)) : []),
    async actions() {
      const { records } = await openLedger(root);
      return records.flatMap((record) => (record.type === 'action-recorded' ? [record] : []));
    },
  };
}

/** What a command prints, and the changes that it tells. */
function command(
  env: Record<string, string>,
  argv: readonly string[],
): {
  changes: Changes;
  terminal: Terminal;
  said: () => string;
} {
  let text = '';
  const err = (part: string): void => {
    text += part;
  };
  const terminal: Terminal = { out: err, err, interactive: false, columns: 80, env };
  return {
    changes: new Changes({ terminal, argv, clock: systemClock, random: systemRandom }),
    terminal,
    said: () => text,
  };
}

/** As `runLarder`, in this process: these tests say many command lines. */
async function run(env: Record<string, string>, argv: readonly string[]): Promise<{ code: number; stderr: string }> {
  const { changes, said, terminal } = command(env, argv);
  const program = larder(terminal, await loadGroups(argv), changes);
  program.hook('preAction', (_program, verb) => changes.recordIn({ ledger: env['LARDER_LEDGER'], ...verb.opts() }));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return { code: await changes.end({ exitCode: 0, message: '' }), stderr: said() };
  } catch (failure) {
    if (!(failure instanceof Exit)) throw failure;
    const { exitCode, message } = failure;
    return { code: await changes.end({ exitCode, message }), stderr: `${said()}${message}` };
  }
}

const password = ['correct', 'Horse', '7'].join('-');
const core = (out: string, vault = 'https://vault.example.com:8200'): readonly string[] => [
  ...['nomad', 'core', '--out', out, '--nfs', 'nas:/storage/v', '--vault', vault],
];

test('verbs that write files record what they wrote, without the secrets of the command', async (t) => {
  const { root, env, kept, actions } = await site(t);
  const out = folder(t);
  const told = await runLarder([...core(out, `https://ann:${password}@vault.example.com`), '--ledger', root], env);
  assert.equal(told.code, 0, told.stderr);
  const [action, ...more] = await actions();
  assert.equal(more.length, 0);
  assert.equal(action?.data.result, 'success');
  assert.equal(action.data.surface, 'cli');
  const masked = `larder nomad core --out ${out} --nfs nas:/storage/v --vault ${['https://ann', '***@vault.example.com'].join(':')} --ledger ${root}`;
  assert.equal(action.data.command, masked);
  const written = action.data.objects.map(({ kind, name, verb }) => `${kind} ${verb} ${name}`);
  assert.ok(written.includes(`File write ${join(out, 'k8s/README.md')}`), written.join('\n'));
  assert.ok(written.every((line) => existsSync(line.split(' ')[2] ?? '')));
  assert.deepEqual(kept(), []);
  assert.match(gitIn(root, 'log', '-1', '--format=%s'), new RegExp(`^ledger: 2 action-recorded ${action.id}`));
  assert.ok(!gitIn(root, 'log', '-p').includes(password) && !told.stderr.includes(password));

  const again = await run({ ...env, LARDER_LEDGER: root }, core(out));
  assert.equal(again.code, 1, 'what is there is not replaced');
  const forced = await run(env, [...core(join(root, 'docs/governance/ledger')), '--ledger', root]);
  assert.equal(forced.code, 0, forced.stderr);
  const results = (await actions()).map(({ data }) => data.result);
  assert.deepEqual(results, ['success', 'success'], 'a command that changed nothing is no change');
});

test('no change is begun where it could not be recorded, and the message says why', async (t) => {
  const { root, home, env, kept } = await site(t);
  const out = folder(t);
  const refused = async (ledger: string, says: RegExp, more: readonly string[] = []): Promise<void> => {
    const { code, stderr } = await run(env, [...core(out), '--ledger', ledger, ...more]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, says);
    assert.match(stderr, /nothing was changed/i);
    assert.deepEqual(readdirSync(out), []);
    assert.deepEqual(kept(), []);
  };
  await refused(folder(t), /LARDER_LEDGER_NOT_FOUND/);
  await refused(repository(t), /has no ledger.*LARDER_LEDGER_NOT_FOUND/s);
  await refused(root, /LARDER_LEDGER_KEY_UNUSABLE/, ['--ledger-key', join(home, 'nothing')]);
  await createKeyFile(join(home, 'stranger'), 'eve');
  await refused(root, /no operator of the ledger.*LARDER_LEDGER_REFUSED/s, ['--ledger-key', join(home, 'stranger')]);
  const { head } = await openLedger(root);
  const file = join(root, recordPath(head));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('ledger-opened', 'ledger-opemed'));
  await refused(root, /broken: .*LARDER_LEDGER_BROKEN/s);
  writeFileSync(file, text);
  writeFileSync(join(root, '.gitignore'), '*-action-recorded-*\n');
  await refused(root, /\.gitignore:1: .*action-recorded.*LARDER_LEDGER_HIDDEN/s);
  rmSync(join(root, '.gitignore'));
  writeFileSync(join(root, '.git/larder/unrecorded'), 'a file where the folder should be');
  const { code, stderr } = await run(env, [...core(out), '--ledger', root]);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /unrecorded.*cannot be written.*Nothing was changed/s);
  assert.deepEqual(readdirSync(out), []);
});

const object = { kind: 'File', name: 'a', verb: 'write' };

test('a change whose record fails is kept, told loudly, and appended later; one that was cut off too', async (t) => {
  const { root, env, kept, actions } = await site(t);
  const first = command(env, ['volumes', 'restore', 'archived-a']);
  first.changes.recordIn({ ledger: root });
  await first.changes.begin([object]);
  const [begun = ''] = kept();
  assert.match(readFileSync(begun, 'utf8'), /"result": "failed",\s*"message": "cut off: whether all of it was done/);

  const file = join(root, recordPath((await openLedger(root)).head));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"seq": 1', '"seq": 7'));
  assert.equal(await first.changes.end({ exitCode: 0, message: '' }), 1);
  assert.match(first.said(), /NOT in the ledger: the ledger is broken.*What was done stays done/s);
  assert.deepEqual(kept(), [begun]);
  assert.match(readFileSync(begun, 'utf8'), /"result": "success"/);
  writeFileSync(file, text);

  const second = command(env, ['volumes', 'restore', 'archived-b']);
  second.changes.recordIn({ ledger: root });
  await second.changes.begin([object]);
  assert.ok(second.said().includes(`larder ledger append ${begun}`), second.said());

  for (const path of kept()) {
    const appended = await run(env, ['ledger', 'append', path, '--ledger', root]);
    assert.equal(appended.code, 0, appended.stderr);
  }
  assert.deepEqual(kept(), []);
  const results = (await actions()).map(({ data }) => `${data.command} ${data.result}`);
  assert.deepEqual(results.toSorted(), [
    'larder volumes restore archived-a success',
    'larder volumes restore archived-b failed',
  ]);
  // The command that was thought dead goes on: what it did is in the ledger once.
  assert.equal(await second.changes.end({ exitCode: 0, message: '' }), 0);
  assert.equal((await actions()).length, 2);
  assert.deepEqual(kept(), []);
});

test('without a ledger nothing is asked of anybody', async () => {
  const { changes, said } = command({}, ['pause', 'pvc/data']);
  changes.recordIn({});
  await changes.begin([object]);
  assert.equal(await changes.end({ exitCode: 0, message: '' }), 0);
  assert.equal(said(), '');
  changes.recordIn({ ledger: 'nowhere-at-all' });
  await assert.rejects(changes.begin([object]), Exit);
  assert.equal(await changes.end({ exitCode: 3, message: 'refused' }), 3);
});

test('a ledger that is served gets what was signed here; what it cannot get is kept at home', async (t) => {
  const { root, home, env, actions } = await site(t);
  const server = await startLedgerServer({ folder: root, home });
  t.after(() => server.kill('SIGKILL'));
  const out = folder(t);
  const remote = { ...env, LARDER_LEDGER: server.address, LARDER_LEDGER_TOKEN: server.token };
  const sent = await run(remote, core(join(out, 'a')));
  assert.equal(sent.code, 0, sent.stderr);
  assert.match(sent.stderr, /^recorded: docs.*000002-action-recorded-/m);
  const [action] = await actions();
  assert.equal(action?.operator, 'ann', 'signed by who typed it, not by the server');
  assert.equal(action.data.command.includes(server.token), false);
  const refused = async (given: Record<string, string>, says: RegExp, ...more: readonly string[]): Promise<void> => {
    const { code, stderr } = await run(given, [...core(join(out, 'b')), ...more]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, says);
    assert.match(stderr, /Nothing was changed/);
    assert.ok(!existsSync(join(out, 'b')));
  };
  await refused({ ...remote, LARDER_LEDGER_TOKEN: 'wrong' }, /LARDER_LEDGER_UNREACHABLE/);
  await createKeyFile(join(home, 'stranger'), 'eve');
  await refused(remote, /no operator of the ledger at/, '--ledger-key', join(home, 'stranger'));

  const cut = command(remote, ['volumes', 'restore', 'archived-a']);
  cut.changes.recordIn({ ledger: server.address });
  await cut.changes.begin([object]);
  server.kill('SIGTERM');
  await server.exited;
  assert.equal(await cut.changes.end({ exitCode: 0, message: '' }), 1);
  const own = join(home, '.local/state/larder/unrecorded');
  const [kept = ''] = readdirSync(own).map((name) => join(own, name));
  assert.ok(cut.said().includes(`larder ledger append ${kept}`), cut.said());
  await refused(remote, /does not answer/);
  const appended = await run(env, ['ledger', 'append', kept, '--ledger', root]);
  assert.equal(appended.code, 0, appended.stderr);
  assert.equal((await actions()).length, 2);
  assert.equal((await (await openLedger(root)).verify()).kind, 'whole');
});

test('an event from a file is checked like any other', async (t) => {
  const { root, env, home } = await site(t);
  mkdirSync(join(home, 'events'));
  const append = (name: string, event: unknown) => {
    const file = join(home, 'events', name);
    writeFileSync(file, typeof event === 'string' ? event : JSON.stringify(event));
    return run(env, ['ledger', 'append', file, '--ledger', root]);
  };
  const runbook = { path: 'docs/runbooks/rebuild.md', title: 'Rebuild', reviewedAt: '2026-03-01T10:00:00Z' };
  assert.equal((await append('good.json', { type: 'runbook-recorded', data: runbook })).code, 0);
  assert.match((await append('text.json', 'no json')).stderr, /is not JSON/);
  assert.match(
    (await append('type.json', { type: 'nothing', data: {} })).stderr,
    /"nothing" is no type of record\. There are:/,
  );
  assert.match((await append('data.json', { type: 'runbook-recorded', data: {} })).stderr, /data.path/);
  const secret = { type: 'runbook-recorded', data: { ...runbook, title: `PGPASSWORD=${password}` } };
  const refused = await append('secret.json', secret);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /looks like a secret is in data.title/);
  assert.ok(!refused.stderr.includes(password));
  assert.equal((await openLedger(root)).records.length, 2);
});

test('what a person does through the operator is recorded on both sides, also what is refused, and no dry run', async (t) => {
  const { root, home, env, kept, actions } = await site(t);
  await createKeyFile(join(home, 'server'), 'console');
  const keys = ['--public-key', join(home, 'server.pub'), '--role', 'server'];
  const added = await run(env, ['ledger', 'operator', 'add', 'console', ...keys, '--ledger', root]);
  assert.equal(added.code, 0, added.stderr);
  const recording = ['--ledger', root, '--ledger-key', join(home, 'server')];
  const { head } = await openLedger(root);
  const begun = readFileSync(join(root, recordPath(head)), 'utf8');
  writeFileSync(join(root, recordPath(head)), begun.replace('server', 'sorver'));
  const larder = await startLarder(join(folder(t), 'data'), recording, env);
  t.after(() => larder.kill('SIGKILL'));
  assert.match(larder.stderr(), /actions of the console are refused until they can be recorded: .*broken/);
  writeFileSync(join(root, recordPath(head)), begun);
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'data', size: '1Gi', storageClass: 'larder' });
  await bound(client, 'default', 'data');
  const say = (line: string, ledger: string) =>
    run({ ...env, KUBECONFIG: larder.kubeconfig, LARDER_LEDGER: ledger }, line.split(' '));
  assert.equal((await say('pause pvc/data --dry-run', root)).code, 0);
  const paused = await say('pause pvc/data', root);
  assert.equal(paused.code, 0, paused.stderr);
  assert.match(paused.stderr, /^recorded: docs.*000004-action-recorded-/m);
  assert.equal((await say('approve pvc/data 1Mi', root)).code, 1);
  assert.equal((await say('volumes list', root)).code, 0);
  assert.equal((await say('resume pvc/data', '')).code, 0);
  const settings = async (dryRun: boolean) => {
    const answer = await fetch(new URL('/api/claims/settings', larder.console), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${larder.console.searchParams.get('token')}`,
      },
      body: JSON.stringify({ namespace: 'default', name: 'data', settings: { threshold: '70%' }, dryRun }),
    });
    return claimSettingsAnswer.parse(await answer.json());
  };
  assert.match((await settings(true)).message, /^would write pvc-chonker\.io\/threshold: "70%"$/);
  assert.equal((await settings(false)).changes, true);
  await eventually('the annotation to be seen', async () => ((await settings(true)).changes ? undefined : true));
  const said = (await actions()).map(({ operator, data: { surface, command, result, objects } }) =>
    [
      operator,
      surface,
      command,
      result,
      objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    ].join(),
  );
  const of = 'PersistentVolumeClaim default/data';
  assert.deepEqual(said, [
    `console,console,larder pause default/data,success,${of}`,
    `ann,cli,larder pause pvc/data,success,${of}`,
    `console,console,larder approve default/data 1Mi,failed,${of}`,
    `ann,cli,larder approve pvc/data 1Mi,failed,${of}`,
    `console,console,larder resume default/data,success,${of}`,
    `console,console,kubectl annotate pvc/data -n default --overwrite pvc-chonker.io/threshold=70%,success,${of}`,
  ]);
  assert.match((await actions())[2]?.data.message ?? '', /asks for 1Gi already/);
  assert.equal((await actions())[2]?.data.user, 'holder of the token of the console');
  const [, token = ''] = /token: (\S+)/.exec(readFileSync(larder.kubeconfig, 'utf8').split('users:')[1] ?? '') ?? [];
  const byAccount = await fetch(new URL('/api/claims/act', larder.console), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ namespace: 'default', name: 'data', action: 'pause' }),
  });
  assert.equal(byAccount.status, 200);
  const [last] = (await actions()).slice(-1);
  assert.deepEqual([last?.data.user, last?.data.command], ['admin', 'larder pause default/data']);
  await refusedOften({ console: larder.console, token }, actions, kept);
  await nonsenseIsNot({ console: larder.console, token }, actions);
  await policyIsRecorded({ console: larder.console, token }, actions);
  assert.equal((await (await openLedger(root)).verify()).kind, 'whole');

  const file = join(root, recordPath((await openLedger(root)).head));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('success', 'sucess '));
  const refused = await say('pause pvc/data', '');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /nothing was changed, because it could not be recorded: .*broken/);
  writeFileSync(file, text);
  assert.equal((await say('resume pvc/data', '')).code, 0);
  assert.match((await say('resume pvc/data', '')).stderr, /nothing to do/);
  const [counted = '', ...others] = kept();
  assert.deepEqual(others, []);
  const appended = await run(env, ['ledger', 'append', counted, '--ledger', root]);
  assert.equal(appended.code, 0, appended.stderr);
  assert.match((await actions()).at(-1)?.data.message ?? '', /^refused 4 times more: the claim asks for 1Gi already/);
  assert.deepEqual(kept(), []);
});

/** The first time is a record; the others are counted where the next start of the operator, or a person, finds them. */
async function refusedOften(
  { console: { origin }, token }: { readonly console: URL; readonly token: string },
  actions: Site['actions'],
  kept: Site['kept'],
): Promise<void> {
  const { length } = await actions();
  for (let time = 0; time < 5; time += 1) {
    const answer = await fetch(new URL('/api/claims/act', origin), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ namespace: 'default', name: 'data', action: 'approve', size: '2Mi' }),
    });
    assert.equal(answer.status, 409);
  }
  assert.equal((await actions()).length, length + 1);
  assert.equal(kept().length, 1);
}

/** What names nothing that there is leaves no record; a command that is recorded does nothing else when somebody copies it. */
async function nonsenseIsNot(
  { console: { origin }, token }: { readonly console: URL; readonly token: string },
  actions: Site['actions'],
): Promise<void> {
  const { length } = await actions();
  const send = async (path: string, body: object): Promise<number> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return (await fetch(new URL(path, origin), { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  const act = (name: string, action: string, size?: string) =>
    send('/api/claims/act', { namespace: 'default', name, action, size });
  assert.equal(await act('$(reboot)', 'pause'), 404);
  assert.equal(await act('data', 'approve', '9Gi; reboot'), 400);
  assert.equal((await actions()).length, length);
  const entry = "x'; reboot #";
  assert.ok([400, 404, 409].includes(await send('/api/restore', { entry })));
  const [last] = (await actions()).slice(-1);
  assert.equal(last?.data.command, "larder volumes restore 'x'\\''; reboot #'");
}

/** A dry run, one that changes nothing and one that is overtaken leave no record. */
async function policyIsRecorded(
  { console: address, token }: { readonly console: URL; readonly token: string },
  actions: Site['actions'],
): Promise<void> {
  const before = (await actions()).length;
  const at = { namespace: 'default', name: 'mine' };
  const spec = { selector: {}, template: { threshold: '80%' } };
  const object = { apiVersion: 'pvc-chonker.io/v1alpha1', kind: 'PVCPolicy', metadata: at, spec };
  const said = async (verb: 'save' | 'delete', more: object): Promise<PolicySaveAnswer> => {
    const answer = await fetch(new URL(`/api/policies/${verb}`, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...at, object, ...more }),
    });
    assert.equal(answer.status, 200);
    const said: PolicySaveAnswer = JSON.parse(await answer.text());
    return said;
  };
  await said('save', { dryRun: true });
  const { version } = await said('save', {});
  assert.equal((await said('save', {})).kind, 'changed');
  const same = await said('save', { version });
  assert.ok(same.kind === 'saved' && !same.changes, 'what the server fills in is no change');
  await said('delete', { version: 'another' });
  await said('delete', { version, dryRun: true });
  await said('delete', { version });
  const records = (await actions()).slice(before).map(({ data }) => [data.user, data.command, data.result].join());
  assert.deepEqual(records, [
    'admin,kubectl apply -f mine.yaml,success',
    'admin,kubectl delete pvcpolicy mine -n default,success',
  ]);
}
