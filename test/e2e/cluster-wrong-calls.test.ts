/** Wrong calls of `larder cluster`, one after the other: each says what is wrong with which thing, under its code, and changes no file. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ledgerSite, type Site } from './ledger-person.ts';

const AGE = `age1${'q'.repeat(58)}`;
const NODES = `nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}
`;

interface Row {
  /** What is wrong. */
  readonly what: string;
  readonly words: readonly string[];
  readonly exit: 1 | 2 | 3;
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** Of cluster.yaml, below the nodes. */
  readonly spec?: string;
}

/** Every file of the repository and beside it, with its text; not the locks and journals of this machine. */
function filesOf({ folder }: Site): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.includes('/.larder/'))
      .toSorted()
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );
}

async function refused(t: TestContext, site: Site, rows: readonly Row[]): Promise<void> {
  const file = join(site.root, 'cluster.yaml');
  for (const { what, words, exit, says, env, spec = '' } of rows)
    await t.test(what, async () => {
      writeFileSync(file, `name: home\n${NODES}${spec}`);
      const before = filesOf(site);
      const { code, stdout, stderr } = await site.larder(['cluster', ...words, '--file', file], undefined, {
        ...{ PATH: '/nowhere', LARDER_LEDGER: '' },
        ...env,
      });
      assert.equal(code, exit, `${stdout}${stderr}`);
      assert.match(stderr, says);
      assert.deepEqual(filesOf(site), before, 'a file was changed');
    });
}

test('what is asked for and is not there, or may not be', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const taken = join(site.folder, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'of-somebody'), '');
  const own = `operators:\n  - {id: ana, sshKey: ${ana.publicKey}, role: admin}\n`;
  const image = ['image', 's.local', '--out', join(site.folder, 'card')];
  const key = ['--key', `${ana.key}.pub`, '--no-kube-access'];
  writeFileSync(`${ana.key}.pub`, `${ana.publicKey}\n`);
  await refused(t, site, [
    {
      what: 'first-boot files of a node that cluster.yaml does not have',
      words: ['image', 'x.local', '--out', join(site.folder, 'card'), '--dhcp'],
      exit: 2,
      says: /^larder: cluster\.yaml has no node x\.local \(LARDER_IMAGE_NODE\)/m,
    },
    {
      what: 'first-boot files that would let nobody in',
      words: [...image, '--dhcp'],
      exit: 2,
      says: /nobody could log in to s\.local: add an operator .* \(LARDER_IMAGE_NODE\)/,
    },
    {
      what: 'first-boot files without a word on the address',
      words: image,
      spec: own,
      exit: 2,
      says: /say how s\.local gets 192\.0\.2\.1: --gateway .* \(LARDER_IMAGE_NODE\)/,
    },
    {
      what: 'first-boot files into a folder that is in use',
      words: ['image', 's.local', '--out', taken, '--dhcp'],
      spec: own,
      exit: 2,
      says: /taken is not empty, and no boot partition .* \(LARDER_IMAGE_WRITE\)/,
    },
    {
      what: 'first-boot files where no folder can be made',
      words: ['image', 's.local', '--out', join(taken, 'of-somebody', 'card'), '--dhcp'],
      spec: own,
      exit: 2,
      says: /of-somebody\/card cannot be written: E\w+: .* \(LARDER_IMAGE_WRITE\)/,
    },
    {
      what: 'a certificate without an authority',
      words: ['access', 'issue', ...key],
      spec: own,
      exit: 2,
      says: /access\/ssh-ca\.pub is not there: larder cluster access init makes one \(LARDER_ACCESS_NO_CA\)/,
    },
    {
      what: 'a certificate for somebody whom cluster.yaml does not know',
      words: ['access', 'issue', ...key],
      exit: 2,
      says: /\(LARDER_ACCESS_REFUSED\)/,
    },
    {
      what: 'a certificate for longer than twelve hours',
      words: ['access', 'issue', ...key, '--for', '13h'],
      spec: own,
      exit: 2,
      says: /12.*\(LARDER_ACCESS_REFUSED\)/,
    },
    {
      what: 'an authority whose private half nobody could read',
      words: ['access', 'init'],
      exit: 2,
      says: /nobody could read secrets\/ssh-ca\.sops\.yaml: name age recipients .* \(LARDER_SECRET_RECIPIENTS\)/,
    },
    {
      what: 'an authority for a recipient that is none',
      words: ['access', 'init'],
      spec: `secrets: {token: "sops:secrets/k3s.sops.yaml#token", recipients: [${AGE}]}\n`,
      exit: 2,
      says: new RegExp(`nothing can be encrypted to ${AGE}: .* \\(LARDER_SECRET_RECIPIENTS\\)`),
    },
    {
      what: 'a run whose token is named and is nowhere',
      words: ['bootstrap', '--yes'],
      spec: `secrets: {token: "sops:secrets/k3s.sops.yaml#token", recipients: [${AGE}]}\n`,
      exit: 2,
      says: /secrets\/k3s\.sops\.yaml.* Nothing was begun \(LARDER_PREFLIGHT_SECRET\)/,
    },
    {
      what: 'metrics into a folder that is not there',
      words: ['drift', '--only', 'host-state', '--textfile', join(site.folder, 'nowhere', 'drift.prom')],
      exit: 2,
      says: /nowhere\/drift\.prom cannot be written: ENOENT.*LARDER_DRIFT_TEXTFILE/s,
    },
    {
      what: 'hosts that cannot be asked are no clean report',
      words: ['drift', '--only', 'host-state'],
      exit: 2,
      says: /^home: no drift, 2 could not be looked at/m,
    },
    {
      what: 'the journal of a run that was never begun',
      words: ['runs', 'show', '6f1c'],
      exit: 2,
      says: /LARDER_RUN_NOT_FOUND/,
    },
    {
      what: 'a resume where nothing waits',
      words: ['resume', '--yes'],
      exit: 2,
      says: /no run waits for its rest \(LARDER_RUN_NOT_FOUND\)\nNext: /,
    },
  ]);
});

test('what is there already is not made again, and what nobody here can open is not opened', async (t) => {
  const site = await ledgerSite(t);
  const file = join(site.root, 'cluster.yaml');
  writeFileSync(file, `name: home\n${NODES}`);
  for (const words of [
    ['secrets', 'init', '--yes'],
    ['access', 'init'],
  ]) {
    const { code, stderr } = await site.larder(['cluster', ...words, '--file', file], undefined, { LARDER_LEDGER: '' });
    assert.equal(code, 0, stderr);
  }
  const secrets = readFileSync(file, 'utf8').slice(`name: home\n${NODES}`.length);
  const stranger = { HOME: join(site.folder, 'stranger') };
  await refused(t, site, [
    {
      what: 'a second authority',
      words: ['access', 'init'],
      spec: secrets,
      exit: 2,
      says: /secrets\/ssh-ca\.sops\.yaml is there already; nothing was changed \(LARDER_ACCESS_EXISTS\)/,
    },
    {
      what: 'a secret without the key of anybody',
      words: ['secrets', 'show', 'secrets/k3s.sops.yaml', '--reveal', 'token', '--yes'],
      spec: secrets,
      env: stranger,
      exit: 2,
      says: /there is no age key here: looked at .* \(LARDER_SECRET_NO_IDENTITY\)/s,
    },
    {
      what: 'a run whose secrets nobody here can open',
      words: ['preflight'],
      spec: secrets,
      env: stranger,
      exit: 2,
      says: /\(LARDER_SECRET_NO_IDENTITY\)\. Nothing was begun \(LARDER_PREFLIGHT_SECRET\)/,
    },
  ]);
});
