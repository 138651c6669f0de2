/** `kubectl larder …` as the real kubectl runs it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { z } from 'zod';
import { createKubectl, findKubectl, type Kubectl } from '../tools/kubectl.ts';
import { eventually, type Larder, startLarder, temporaryFolder } from './larder.ts';

const found = await findKubectl();
const skip = found.kind === 'ready' ? false : found.reason;
const removals: (() => void)[] = [];
let larder: Larder | undefined;
let kubectl: Kubectl;
let folder = '';

before(async () => {
  if (found.kind !== 'ready') return;
  folder = temporaryFolder((remove) => removals.push(remove), 'larder-plugin-');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // as the guide says: links in a folder on PATH
  for (const name of ['kubectl-larder', 'kubectl_complete-larder'])
    symlinkSync(resolve(import.meta.dirname, '../../bin', name), join(bin, name));
  larder = await startLarder(join(folder, 'data'), ['--demo']);
  const asked = createKubectl({ path: found.path, kubeconfig: larder.kubeconfig, home: folder });
  const path = `${bin}:/usr/bin:/bin`;
  kubectl = (words, options) => asked(words, { ...options, env: { ...options?.env, PATH: path } });
  await eventually(
    'the claims of the demo',
    async () => (await claims('larder', 'volumes', 'list')).length === 3 || undefined,
  );
});

after(async () => {
  larder?.kill('SIGTERM');
  await larder?.exited;
  for (const remove of removals) remove();
});

async function claims(...words: string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await kubectl([...words, '-o', 'json']);
  assert.equal(code, 0, stderr);
  return z
    .array(z.object({ namespace: z.string(), claim: z.string() }))
    .parse(JSON.parse(stdout))
    .map(({ namespace, claim }) => `${namespace}/${claim}`)
    .toSorted();
}

const all = ['demo/database', 'demo/mail', 'demo/photos'];

test('kubectl lists the plugin without a warning, and it says of itself what its user types', { skip }, async () => {
  const listed = await kubectl(['plugin', 'list']);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /\/kubectl-larder$/m);
  assert.doesNotMatch(listed.stdout + listed.stderr, /warning|overshadow/i);
  const help = await kubectl(['larder', 'volumes', 'list', '--help']);
  assert.match(help.stdout, /^Usage: kubectl larder volumes list/);
  assert.match(help.stdout, /^ {2}kubectl larder volumes list -n default -o json$/m);
});

test('kubeconfig, context and namespace are taken as kubectl takes them, before the verb and behind it', {
  skip,
}, async () => {
  assert.ok(larder);
  assert.deepEqual(await claims('larder', 'volumes', 'list'), all);
  assert.deepEqual(await claims('larder', '-n', 'demo', 'volumes', 'list'), all);
  assert.deepEqual(await claims('larder', '--namespace=default', 'volumes', 'list'), []);
  assert.deepEqual(
    await claims('larder', 'volumes', 'list', '--context', 'larder', '--kubeconfig', larder.kubeconfig),
    all,
  );
  const other = join(folder, 'other');
  copyFileSync(larder.kubeconfig, other);
  const env = { KUBECONFIG: `${join(folder, 'missing')}:${other}` };
  assert.equal((await kubectl(['larder', 'volumes', 'list'], { env })).code, 0);
  for (const words of [
    ['--context', 'nowhere'],
    ['--kubeconfig', '/nowhere'],
  ]) {
    const refused = await kubectl(['larder', 'volumes', 'list', ...words]);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /nowhere/);
  }
});

test("the context's namespace counts, and a context is never answered by the operator of another one", {
  skip,
}, async () => {
  assert.ok(larder);
  const text = readFileSync(larder.kubeconfig, 'utf8');
  const own = join(folder, 'own');
  writeFileSync(own, text.replace('namespace: default', 'namespace: demo'));
  const env = { KUBECONFIG: own };
  const shown = await kubectl(['larder', 'volumes', 'show', 'pvc/mail', '-o', 'json'], { env });
  assert.equal(shown.code, 0, shown.stderr);
  const foreign = join(folder, 'foreign');
  const cluster = { server: 'https://127.0.0.1:1' };
  writeFileSync(
    foreign,
    stringify({ clusters: [{ name: 'f', cluster }], contexts: [{ name: 'f', context: { cluster: 'f' } }], users: [] }),
  );
  const { origin, searchParams } = larder.console;
  const operator = { LARDER_OPERATOR: origin, LARDER_OPERATOR_TOKEN: searchParams.get('token') ?? '' };
  const both = { KUBECONFIG: `${own}:${foreign}`, ...operator };
  assert.equal((await kubectl(['larder', 'volumes', 'list'], { env: both })).code, 0);
  const refused = await kubectl(['larder', 'volumes', 'list', '--context', 'f'], { env: both });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /cannot tell where the Larder operator of the context "f" is/);
});

test('the completion of kubectl asks the plugin', { skip }, async () => {
  const offered = async (...words: string[]): Promise<readonly string[]> => {
    const { stdout } = await kubectl(['__complete', 'larder', ...words]);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.at(-1), ':4');
    return lines.slice(0, -1).map((line) => line.split('\t')[0] ?? '');
  };
  assert.deepEqual(await offered('volumes', 'sh'), ['show']);
  assert.deepEqual((await offered('explain', '')).toSorted(), all);
  assert.deepEqual(await offered('explain', '-n', 'demo', 'ph'), ['photos']);
  assert.deepEqual(await offered('volumes', 'list', '--context', ''), ['larder']);
});
