/** The commands of the guide, as they stand there, one after the other on a real control plane whose kubelets are played by kwok. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { ask } from '../tools/control-plane/ask.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { startKwok } from '../tools/kwok.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { temporaryFolder } from './larder.ts';
import { planeFor } from './site.ts';

const root = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 120_000;
const COMMANDS_AT_LEAST = 9;

/** The first build of an image and a forwarded port need more than is here. */
const skipped = /^(npm run image|docker push|kubectl port-forward) /;

test('the commands of the guide install the chart, change it, go back and uninstall it', {
  skip: await lacking('helm', 'kubectl', 'kwok', ...programs),
}, async (t) => {
  const plane = await planeFor(t, { scheduler: true });
  const kwok = await startKwok(plane);
  t.after(() => kwok.close());
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  const metadata = { name: 'node-1', labels: { 'kubernetes.io/hostname': 'node-1' } };
  const node = { metadata, status: { capacity: resources, allocatable: resources } };
  assert.equal((await ask(plane, '/api/v1/nodes', { method: 'POST', body: node })).status, 201);

  const home = temporaryFolder((remove) => t.after(remove));
  mkdirSync(join(home, 'deploy'));
  symlinkSync(join(root, 'deploy/helm'), join(home, 'deploy/helm'));
  const folders = await Promise.all((['helm', 'kubectl'] as const).map(async (name) => dirname(await pathOf(name))));
  const env = {
    PATH: [...folders, process.env['PATH']].join(delimiter),
    HOME: home,
    KUBECONFIG: plane.kubeconfig,
  };
  const commands = commandsOf(readFileSync(join(root, 'docs/guides/install-helm.md'), 'utf8'));
  assert.ok(commands.length >= COMMANDS_AT_LEAST, `${commands.length} commands`);
  for (const command of commands) {
    const options = { cwd: home, env, encoding: 'utf8', timeout: LIMIT_MS } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', command], options);
    assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  }
  const left = JSON.parse((await ask(plane, '/apis/apps/v1/namespaces/larder-system/deployments')).text);
  assert.deepEqual(left.items, []);
  assert.equal((await ask(plane, '/api/v1/namespaces/default/persistentvolumeclaims/first')).status, 200);
});

/** All lines of the blocks of shell, a here-document with the line that begins it. */
function commandsOf(guide: string): readonly string[] {
  const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const commands = blocks.flatMap((block) => block.match(/^.*<<'END'\n[\s\S]*?^END$|^.+$/gm) ?? []);
  return commands.filter((command) => !skipped.test(command));
}
