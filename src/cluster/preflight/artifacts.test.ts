import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { wrongArtifacts } from './artifacts.ts';

const NODE = 'nodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n';

function specOf(rest: string) {
  const read = readSpec(`name: a\n${NODE}${rest}`, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

test('files for machines without a way out are the ones of their lock, and each that is not is named', async (t) => {
  const repository = mkdtempSync(join(tmpdir(), 'larder-artifacts-'));
  t.after(() => rmSync(repository, { recursive: true }));
  const spec = specOf('artifacts: {folder: artifacts, lock: artifacts/sha256sum.txt}\n');
  mkdirSync(join(repository, 'artifacts', 'v1'), { recursive: true });
  const lock = (text: string): void => writeFileSync(join(repository, 'artifacts/sha256sum.txt'), text);
  const wrong = (): Promise<readonly string[]> => wrongArtifacts(repository, spec);
  const sum = createHash('sha256').update('k3s').digest('hex');
  writeFileSync(join(repository, 'artifacts/v1/k3s'), 'k3s');

  assert.deepEqual(await wrongArtifacts(repository, specOf('')), [], 'nothing is to be there');
  assert.match((await wrong()).join(), /^the lock artifacts\/sha256sum\.txt cannot be read: ENOENT/);
  lock('\n# of nobody\n');
  assert.deepEqual(await wrong(), ['the lock artifacts/sha256sum.txt names no file']);
  lock(`# two ways of sha256sum to write it\n${sum}  v1/k3s\n${sum.toUpperCase()} *v1/k3s\n`);
  assert.deepEqual(await wrong(), []);
  lock(`${sum}  v1/k3s\nv1/k3s ${sum}\n${sum}  v1/images.tar\n`);
  writeFileSync(join(repository, 'artifacts/v1/k3s'), 'another');
  const told = await wrong();
  assert.equal(told.length, 3, told.join('\n'));
  assert.equal(told[0], 'artifacts/v1/k3s is not the file of artifacts/sha256sum.txt');
  assert.equal(told[1], `artifacts/sha256sum.txt has a line that is no sum: v1/k3s ${sum}`.slice(0, told[1]?.length));
  assert.match(told[2] ?? '', /^artifacts\/v1\/images\.tar cannot be read: ENOENT/);
});
