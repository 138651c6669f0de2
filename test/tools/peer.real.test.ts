/** The launcher of the peer, tried with a program that says what it sees. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { runChild } from './child.ts';
import { goEnvironment, goOf } from './go-build.ts';
import { startPeer } from './peer.ts';

const WITNESS = `package main

import (
	"os"
	"strings"
	"time"
)

func main() {
	os.WriteFile("/persistentvolumes/seen", []byte(strings.Join(os.Environ(), "\\n")), 0o644)
	time.Sleep(time.Hour)
}
`;

const go = goOf(process.env);
const skip =
  go === undefined ? 'built with Go, which is not here' : process.getuid?.() === 0 ? false : 'mounts need root';

test('the peer sees its export at /persistentvolumes, has its environment, and leaves no mount behind', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-peer-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'main.go'), WITNESS);
  writeFileSync(join(folder, 'kubeconfig'), 'apiVersion: v1\n');
  const program = join(folder, 'witness');
  const args = ['build', '-o', program, 'main.go'];
  const built = await runChild({
    command: go ?? '',
    args,
    cwd: folder,
    env: goEnvironment(process.env),
    limitMs: 300_000,
  });
  assert.equal(built.code, 0, built.output);
  const root = mkdtempSync(join(folder, 'export-'));
  const peer = startPeer({ program, kubeconfig: join(folder, 'kubeconfig'), export: root, provisionerName: 'x/y' });
  t.after(() => peer.stop('SIGKILL'));
  await eventually(`the program to write into its export: ${peer.log()}`, async () =>
    readdirSync(root).includes('seen') ? true : undefined,
  );
  const seen = await eventually('all of it', async () => readFileSync(join(root, 'seen'), 'utf8') || undefined);
  assert.match(seen, /^PROVISIONER_NAME=x\/y$/m);
  assert.match(seen, /^NFS_PATH=\/storage\/v$/m);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /larder-peer-/, 'its mounts are its own');
  await peer.stop();
  assert.deepEqual(readdirSync(root), ['seen']);
});
