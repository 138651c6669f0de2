/** The real sops and age read what Larder writes, and the other way round. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lacking, runTool } from '../tools/run-tool.ts';
import { type AgePerson, agePerson, secretSite } from './cluster-secrets.ts';
import type { Run } from './larder.ts';

const FILE = 'secrets/all.sops.yaml';
/** Every type, place and kind of comment that the two could take for something else. */
const PLAIN = `# at the top

token: a token of nobody # beside it
open_unencrypted: 2026-01-02
# before a number
port: 42
octal: 0777
ratio: 1.50
huge: 1e21
tiny: 1.5e-9
since: 2026-01-02T03:04:05.120+02:00
is_on: yes
is_off: false
"no": "no"
nothing:
empty: ""
quoted: "0777"
wide: "käse \\u2028 ✓"
spaces: "  around  "
sharp: "a # b"
lines: |
  first
  second
nested:
    # in it
    list:
        # the first
        - one
        - 2 # two
        - {k: v, n: 3}
        - [a, b]
    map: {}
none: []
# at the end
`;

function succeeded({ code, stderr }: Run): void {
  assert.equal(code, 0, stderr);
}

test('files go to and fro between Larder and sops', { skip: await lacking('sops', 'age', 'age-keygen') }, async (t) => {
  const ana = await agePerson();
  const made = await secretSite(t);
  const { root: home } = made.site;
  const env = { SOPS_AGE_KEY: ana.identity, SOPS_DISABLE_VERSION_CHECK: '1' };
  const sops = async (args: readonly string[], by: AgePerson = ana): Promise<string> => {
    const { code, output } = await runTool('sops', args, { home, env: { ...env, SOPS_AGE_KEY: by.identity } });
    assert.equal(code, 0, output);
    return output;
  };
  succeeded(await made.secrets(['init', '--yes'], ana));
  writeFileSync(join(home, 'plain.yaml'), PLAIN);

  await t.test('what sops encrypted by our rules is opened, edited by one value, and opened by sops', async () => {
    writeFileSync(join(home, FILE), await sops(['encrypt', '--filename-override', FILE, 'plain.yaml']));
    const before = await sops(['decrypt', FILE]);
    succeeded(await made.secrets(['edit', FILE], ana, { env: { EDITOR: made.editor('port: 42', 'port: 43') } }));
    assert.equal(await sops(['decrypt', FILE]), before.replace('port: 42', 'port: 43'));
  });

  await t.test('what Larder encrypted anew is the same to sops, comment for comment', async () => {
    const before = await sops(['decrypt', FILE]);
    succeeded(await made.secrets(['rotate', FILE, '--yes'], ana));
    assert.equal(await sops(['decrypt', FILE]), before);
  });

  await t.test('sops changes a value and a key of the file, and Larder goes on', async () => {
    await sops(['set', FILE, '["token"]', '"another token of nobody"']);
    await sops(['rotate', '--in-place', FILE]);
    const { stdout } = await made.secrets(['show', FILE, '--reveal', 'token', '--yes'], ana);
    assert.equal(stdout, 'another token of nobody\n');
  });

  await t.test('a person who was let in by Larder reads with sops, one who was sent away does not', async () => {
    const ben = await agePerson();
    made.write(
      'cluster.yaml',
      made.text('cluster.yaml').replace(ana.recipient, `${ana.recipient}\n    - ${ben.recipient}`),
    );
    succeeded(await made.secrets(['rotate', FILE, '--yes'], ana));
    assert.match(await sops(['decrypt', FILE], ben), /another token of nobody/);
    made.write('cluster.yaml', made.text('cluster.yaml').replace(`    - ${ana.recipient}\n`, ''));
    succeeded(await made.secrets(['rotate', FILE, '--yes'], ben));
    await assert.rejects(sops(['decrypt', FILE]));
    assert.match(await sops(['decrypt', FILE], ben), /another token of nobody/);
    made.write(
      'cluster.yaml',
      made.text('cluster.yaml').replace(ben.recipient, `${ben.recipient}\n    - ${ana.recipient}`),
    );
    succeeded(await made.secrets(['rotate', FILE, '--yes'], ben));
  });

  await t.test('both refuse a file whose checksum is wrong', async () => {
    const text = made.text(FILE);
    made.write(FILE, text.replace(/^port: .*\n/m, ''));
    await assert.rejects(sops(['decrypt', FILE]), /MAC mismatch/);
    assert.match((await made.secrets(['show', FILE], ana)).stderr, /LARDER_SECRET_MAC/);
    made.write(FILE, text);
  });

  await t.test('JSON, too', async () => {
    writeFileSync(
      join(home, 'plain.json'),
      '{"b": 1, "a": [true, null, 12345678901234567, {"x": "y\\nz"}], "f": 1.25}',
    );
    writeFileSync(
      join(home, 'secrets/j.sops.json'),
      await sops(['encrypt', '--filename-override', 'secrets/j.sops.json', 'plain.json']),
    );
    const before = await sops(['decrypt', 'secrets/j.sops.json']);
    succeeded(await made.secrets(['rotate', 'secrets/j.sops.json', '--yes'], ana));
    assert.equal(await sops(['decrypt', 'secrets/j.sops.json']), before);
  });

  await t.test('a key that Larder made is one to age, and one that age-keygen made is one to Larder', async () => {
    const fresh = await secretSite(t);
    succeeded(await fresh.secrets(['init', '--yes']));
    const keys = join(fresh.site.folder, '.config/sops/age/keys.txt');
    const { output } = await runTool('age-keygen', ['-y', keys], { home });
    assert.match(fresh.text('cluster.yaml'), new RegExp(output.trim()));
    await runTool('age-keygen', ['-o', join(home, 'made.txt')], { home });
    const identity = /^AGE-SECRET-KEY-.*$/m.exec(readFileSync(join(home, 'made.txt'), 'utf8'))?.[0] ?? '';
    const other = await secretSite(t);
    succeeded(await other.secrets(['init', '--yes'], { identity, recipient: '' }));
    succeeded(await other.secrets(['check'], { identity, recipient: '' }));
  });
});
