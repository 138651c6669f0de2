import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from './metrics.ts';

const table = {
  kept_total: { type: 'counter', help: 'Kept.', labels: [] },
  size_bytes: { type: 'gauge', help: 'Two\nlines and a \\.', labels: ['name', 'class'] },
} as const;

test('what is collected is asked at each exposition, and shows in the order of the table', async () => {
  const registry = new MetricsRegistry();
  const metrics = registry.register(table);
  const sizes = new Map([['a', 1]]);
  metrics.collect('size_bytes', () =>
    Array.from(sizes, ([name, value]) => ({ labels: { class: 'fast', name }, value })),
  );
  const before = await registry.expose();
  assert.match(before, /^size_bytes\{name="a",class="fast"\} 1$/m);
  sizes.delete('a');
  sizes.set('b', Number.POSITIVE_INFINITY);
  const after = await registry.expose();
  assert.match(after, /^size_bytes\{name="b",class="fast"\} \+Inf$/m);
  assert.doesNotMatch(after, /name="a"/);
  assert.match(after, /^kept_total 0$/m, 'what the library keeps is there as well');
});

test('a family has its heading once, also without a series, and nothing breaks out of a label', async () => {
  const registry = new MetricsRegistry();
  const metrics = registry.register(table);
  let labels: { name: string; class: string }[] = [];
  metrics.collect('size_bytes', () => labels.map((each) => ({ labels: each, value: 2 })));
  const empty = await registry.expose();
  assert.equal(empty.match(/^# TYPE size_bytes gauge$/gm)?.length, 1);
  assert.match(empty, /^# HELP size_bytes Two\\nlines and a \\\\\.$/m);
  labels = [{ name: 'a"} 1\n', class: 'b\\' }];
  assert.ok((await registry.expose()).endsWith('size_bytes{name="a\\"} 1\\n",class="b\\\\"} 2\n'));
});

test('a metric is either set or collected, once, and no two tables share its name', () => {
  const registry = new MetricsRegistry();
  const metrics = registry.register(table);
  metrics.collect('size_bytes', () => []);
  assert.throws(() => metrics.set('size_bytes', { name: 'a', class: 'b' }, 1), /size_bytes is collected/);
  assert.throws(() => metrics.collect('size_bytes', () => []), /collected already/);
  assert.throws(() => registry.register({ size_bytes: table.size_bytes }), /registered already/);
});
