import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUsageChain } from './chain.ts';
import { createDirectoryUsage, type DirectoryUsage } from './directory.ts';
import type { Reading, UsageSource } from './source.ts';

const AT = Date.UTC(2026, 0, 31, 12);
const usage = (usedBytes: bigint): DirectoryUsage => ({ usedBytes, capacityBytes: 100n, inodes: 3n, at: AT });

/** Says for every subject that it does not know it. */
function ignorant(name: string, asked: string[]): UsageSource {
  return {
    name,
    async collect({ subjects, deliver }) {
      for (const { key } of subjects) {
        asked.push(`${name} ${key}`);
        deliver({ kind: 'none', key, reason: `${name} does not know`, final: false });
      }
    },
  };
}

async function readingsOf(source: UsageSource, ...keys: readonly string[]): Promise<ReadonlyMap<string, Reading>> {
  const readings = new Map<string, Reading>();
  await source.collect(
    {
      subjects: keys.map((key) => ({ key, nodes: ['a'], sharesFilesystem: false })),
      deliver(reading) {
        assert.ok(!readings.has(reading.key), 'delivered twice');
        readings.set(reading.key, reading);
      },
    },
    new AbortController().signal,
  );
  return readings;
}

test('a directory has its request less what it uses, never less than nothing', async () => {
  const source = createDirectoryUsage((key) => usage(key === 'a/full' ? 250n : 30n));
  const readings = await readingsOf(source, 'a/full', 'a/low');
  const [full, low] = [readings.get('a/full'), readings.get('a/low')];
  assert.ok(full?.kind === 'sample' && low?.kind === 'sample');
  assert.deepEqual([full.sample.availableBytes, full.sample.usedBytes, full.sample.capacityBytes], [0n, 250n, 100n]);
  assert.deepEqual([low.sample.availableBytes, low.sample.origin, low.sample.inodes], [70n, 'directory', undefined]);
});

test('what one source cannot measure is passed on; what nobody can has every reason', async () => {
  const asked: string[] = [];
  const directory = createDirectoryUsage((key) => (key === 'a/ours' ? usage(1n) : undefined));
  const readings = await readingsOf(
    createUsageChain([directory, ignorant('one', asked), ignorant('two', asked)]),
    'a/ours',
    'a/other',
  );
  assert.equal(readings.get('a/ours')?.kind, 'sample');
  assert.deepEqual(asked, ['one a/other', 'two a/other']);
  assert.deepEqual(readings.get('a/other'), {
    kind: 'none',
    key: 'a/other',
    reason: 'one does not know; two does not know',
    final: true,
  });
});

test('a directory of ours that is not measured yet is not judged by what a kubelet says of the export', async () => {
  const asked: string[] = [];
  const directory = createDirectoryUsage(() => ({ unmeasured: 'the directory is measured soon' }));
  const readings = await readingsOf(createUsageChain([directory, ignorant('kubelet', asked)]), 'a/ours');
  assert.deepEqual(asked, []);
  assert.deepEqual(readings.get('a/ours'), {
    kind: 'none',
    key: 'a/ours',
    reason: 'the directory is measured soon',
    final: true,
  });
});

test('a subject that nobody covers is delivered all the same, and says what would measure it', async () => {
  const none = createUsageChain([createDirectoryUsage(() => undefined)]);
  const readings = await readingsOf(none, 'a/b');
  assert.deepEqual(readings.get('a/b'), {
    kind: 'none',
    key: 'a/b',
    reason: 'no usage source covers it: give --kubelet direct (chart: kubelet.mode) or set prometheusUrl',
    final: true,
  });
});

test('of a directory on a share nobody knows anything, so nothing is proposed that would be in vain', async () => {
  const said: Reading[] = [];
  const subjects = [{ key: 'a/b', nodes: ['a'], sharesFilesystem: true }];
  const { signal } = new AbortController();
  await createUsageChain([]).collect({ subjects, deliver: (reading) => said.push(reading) }, signal);
  assert.deepEqual(
    said.map((reading) => reading.kind === 'none' && reading.reason),
    ['no usage source covers it: it is a directory on a share, which nobody measures'],
  );
});
