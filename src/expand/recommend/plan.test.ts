import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { planOf } from './plan.ts';

const subject = { namespace: 'shop', name: 'data', storageClassName: 'fast' };

function scriptIn(text: string): string {
  return /"sh","-c","([^"]+)"/.exec(text)?.[1] ?? '';
}

test('shrink by copy: the old claim is only read, and deleted last of all', () => {
  const shrink = { kind: 'shrink', toBytes: 20n << 30n, peakBytes: 1n, grownBytes: 0n, saves: undefined } as const;
  const steps = planOf(shrink, subject);
  const manifests = JSON.stringify(steps.flatMap(({ manifest }) => manifest ?? []));
  assert.match(
    manifests,
    /"name":"data-small","namespace":"shop"\},"spec":\{"storageClassName":"fast".*"storage":"20Gi"/,
  );
  assert.match(manifests, /"claimName":"data","readOnly":true/);
  assert.deepEqual(
    steps.map(({ command }) => command.includes('delete')),
    [false, false, false, false, false, true],
  );
});

test('shrink by copy: what is copied is compared, and a difference fails', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-copy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  for (const path of [from, to]) mkdirSync(path);
  mkdirSync(join(from, 'deep'));
  writeFileSync(join(from, '.hidden'), 'one');
  writeFileSync(join(from, 'deep', 'a file'), 'two');
  symlinkSync('.hidden', join(from, 'link'));
  const shrink = { kind: 'shrink', toBytes: 1n, peakBytes: 1n, grownBytes: 0n, saves: undefined } as const;
  const text = JSON.stringify(planOf(shrink, subject).flatMap(({ manifest }) => manifest ?? []));
  const script = scriptIn(text).replaceAll('/from', from).replaceAll('/to', to);
  execFileSync('sh', ['-c', script]);
  assert.equal(readFileSync(join(to, 'deep', 'a file'), 'utf8'), 'two');
  assert.equal(readFileSync(join(to, '.hidden'), 'utf8'), 'one');
  writeFileSync(join(to, 'left over'), 'from before');
  assert.notEqual(spawnSync('sh', ['-c', script]).status, 0);
});

test('gp3 keeps its speed, a tier is grown into, and nothing to do is no step', () => {
  const [describe, move] = planOf({ kind: 'gp3', iops: 6000, throughputMib: 250, saves: undefined }, subject);
  assert.match(JSON.stringify(describe?.manifest), /"parameters":\{"type":"gp3","iops":"6000","throughput":"250"\}/);
  assert.equal(
    move?.command,
    `kubectl patch pvc data -n shop -p '{"spec":{"volumeAttributesClassName":"gp3-6000-250"}}'`,
  );
  const [grow] = planOf({ kind: 'tier', toBytes: 128n << 30n }, subject);
  assert.equal(grow?.command, 'larder grow pvc/data -n shop --to 128Gi');
  assert.deepEqual(planOf({ kind: 'keep', peakBytes: 1n }, subject), []);
});
