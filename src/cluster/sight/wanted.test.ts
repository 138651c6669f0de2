/** What the operators' repository says, and what is said of one that cannot be read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { wantedOf } from './wanted.ts';

const NOW = Date.UTC(2026, 10, 22);
const SPEC = `name: home
k3s: {version: v1.34.2+k3s1}
rotation: {ageKeyDays: 30}
nodes:
  - {name: pi-1.local, address: 192.0.2.11, role: server-agent, storage: ssd, hardware: rpi4}
`;

function folderFor(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-wanted-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, 'cluster.yaml');
}

test('nodes by the names that the cluster has for them, the release, days of rotations; no ignore list is none', async (t) => {
  const read = await wantedOf(folderFor(t, { 'cluster.yaml': SPEC }), NOW);
  assert.deepEqual(read, {
    kind: 'known',
    value: {
      ...{ name: 'home', release: 'v1.34.2+k3s1', rotationDays: { age: 30, 'k3s-token': 90 } },
      nodes: [{ name: 'pi-1.local', node: 'pi-1', role: 'server-agent', hardware: 'rpi4' }],
      ignore: { kind: 'unset' },
    },
  });
});

test('what cannot be read is told with its place, and is not taken for nothing', async (t) => {
  assert.deepEqual(await wantedOf(undefined, NOW), { kind: 'unset' });
  const why = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const read = await wantedOf(folderFor(t, files), NOW);
    assert.equal(read.kind, 'unusable');
    return read.kind === 'unusable' ? read.why : '';
  };
  assert.match(await why({}), /cluster\.yaml is not there/);
  assert.match(
    await why({ 'cluster.yaml': 'name: home\nnodes: []\n' }),
    /cluster\.yaml:2:\d+: .*larder cluster validate/,
  );
  assert.match(await why({ 'cluster.yaml': 'a: [' }), /cluster\.yaml:\d+:\d+: /);

  const rules = await wantedOf(
    folderFor(t, { 'cluster.yaml': SPEC, 'drift-ignore.yaml': 'ignore: [{kind: x}]\n' }),
    NOW,
  );
  assert.equal(rules.kind, 'known');
  const ignore = rules.kind === 'known' ? rules.value.ignore : undefined;
  assert.match(ignore?.kind === 'unusable' ? ignore.why : '', /drift-ignore\.yaml:1:\d+/);
});
