/** What `terraform fmt -check` says becomes findings. A program of this file's own says it, as that one does. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { readTree } from '../../nomad/check/tree.ts';
import { terraformFormat } from './terraform-format.ts';

const home = mkdtempSync(join(tmpdir(), 'larder-format-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** Names each file that is not laid out and ends with 3; one that it cannot read is an error of its own. */
const program = `#!/bin/sh
[ "$1" = fmt ] && [ "$2" = -check ] || exit 64
shift 3
status=0
for file in "$@"; do
  if grep -q '{$' "$file" && ! grep -q '^}' "$file"; then
    echo "Error: Unclosed configuration block in $file" >&2
    exit 2
  fi
  if grep -q '^   *[a-z]*=' "$file"; then echo "$file"; status=3; fi
done
exit $status
`;

/** For one test: others of the same process need their own programs. */
function withPrograms(t: TestContext, ...names: readonly string[]): void {
  const { PATH } = process.env;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
  const bin = mkdtempSync(join(home, 'bin-'));
  for (const name of names) {
    writeFileSync(join(bin, name), program);
    chmodSync(join(bin, name), 0o755);
  }
  // the shell and grep of the program itself are found where they always are
  process.env['PATH'] = names.length === 0 ? bin : `${bin}:/usr/bin:/bin`;
}

function treeWith(text: string): { readonly out: string; readonly tree: ReturnType<typeof readTree> } {
  const out = mkdtempSync(join(home, 'out-'));
  const path = 'modules-k8s/web/main.tf';
  mkdirSync(join(out, 'modules-k8s/web'), { recursive: true });
  writeFileSync(join(out, path), text);
  return { out, tree: readTree(new Map([[path, text]])) };
}

const LAID_OUT = 'locals {\n  name = "web"\n}\n';

for (const name of ['terraform', 'tofu']) {
  test(`C18: a file that is not laid out is found by ${name}`, async (t) => {
    withPrograms(t, name);
    const { out, tree } = treeWith('locals {\n  name="web"\n}\n');
    const [found, ...more] = await terraformFormat(tree, out);
    assert.deepEqual(more, []);
    assert.equal(found?.check, 'C18');
    assert.equal(found.severity, 'error');
    assert.equal(found.file, join(out, 'modules-k8s/web/main.tf'));
    assert.equal(found.todo, `Run ${name} fmt.`);
    assert.deepEqual(await terraformFormat(treeWith(LAID_OUT).tree, treeWith(LAID_OUT).out), []);
  });
}

test('C18: a file that cannot be read as Terraform is found, with what the program says', async (t) => {
  withPrograms(t, 'terraform');
  const { out, tree } = treeWith('locals {\n  name = "web"\n');
  const [found] = await terraformFormat(tree, out);
  assert.equal(found?.severity, 'error');
  assert.equal(found.file, out);
  assert.match(found.message, /^terraform fmt could not read .*: Error: Unclosed configuration block in .*main\.tf$/);
});

test('C18: without either program the check is skipped, and says so', async (t) => {
  withPrograms(t);
  const { out, tree } = treeWith(LAID_OUT);
  const [found] = await terraformFormat(tree, out);
  assert.equal(found?.severity, 'skipped');
  assert.match(found.message, /neither terraform nor tofu/);
});
