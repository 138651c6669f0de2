/** Ctrl-C in a drill, at a terminal that tells every process of the group. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './larder.ts';

const START = resolve(import.meta.dirname, '../../bin/start.js');

test('the drill says in its own words that it stops, and what it asks a node is not cut off', async (t) => {
  const ssh = (process.env['PATH'] ?? '').split(delimiter).find((folder) => isProgram(join(folder, 'ssh')));
  if (ssh === undefined) return t.skip('ssh is not on PATH');
  const asked = Promise.withResolvers<Socket>();
  // Something that answers, and says nothing: ssh waits for its greeting.
  const node = createServer((socket) => asked.resolve(socket.on('error', () => undefined)));
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  t.after(() => node.close());
  const address = node.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = temporaryFolder((remove) => t.after(remove));
  const file = join(folder, 'cluster.yaml');
  writeFileSync(
    file,
    `name: a\nnodes:\n  - {name: s.local, address: 127.0.0.1, role: server-agent, storage: ssd, ssh: {port: ${port}}}\n`,
  );
  const words = ['--disable-warning=ExperimentalWarning', START, 'cluster', 'drill', 'failover', '--check', '-f', file];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  const socket = await asked.promise;
  process.kill(-(child.pid ?? assert.fail('nothing runs')), 'SIGINT');
  while (!said.includes('stopping')) await once(child.stderr, 'data');
  socket.end('this is no greeting of ssh\r\n'.repeat(2000));
  const [code] = await ended;
  assert.match(said, /\nstopping: the drill is given up, and what it did is put back\n/);
  assert.doesNotMatch(said, /Ansible/);
  assert.doesNotMatch(said, /ssh ended/, 'ssh was ended with the others');
  assert.match(said, /LARDER_DRILL_BLIND/);
  assert.equal(code, 2);
});

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
