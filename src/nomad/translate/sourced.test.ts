import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item } from '../jobspec/field.ts';
import { bare, Sourced, settle } from './sourced.ts';

const end = { line: 1, column: 2, offset: 1 };
const item = (path: string): Item => ({ path, at: { file: 'a.nomad.hcl', line: 1, column: 1, offset: 0, end } });

test('a manifest and its origins come apart, with pointers that hold odd keys', () => {
  const image = item('image');
  const label = item('label');
  const tree = {
    spec: { containers: [{ image: new Sourced('nginx:1', [image]), command: undefined }] },
    metadata: { labels: { 'a/b~c': new Sourced('x', [label, image]) } },
  };
  assert.deepEqual(settle(tree), {
    value: { spec: { containers: [{ image: 'nginx:1' }] }, metadata: { labels: { 'a/b~c': 'x' } } },
    origins: [
      { pointer: '/spec/containers/0/image', items: [image] },
      { pointer: '/metadata/labels/a~1b~0c', items: [label, image] },
    ],
  });
});

test('a part that is sourced may hold parts that are', () => {
  const outer = item('outer');
  const inner = item('inner');
  const { value, origins } = settle({ probe: new Sourced({ port: new Sourced(80, [inner]) }, [outer]) });
  assert.deepEqual(value, { probe: { port: 80 } });
  assert.deepEqual(
    origins.map(({ pointer }) => pointer),
    ['/probe', '/probe/port'],
  );
});

test('bare takes the value off', () => {
  assert.equal(bare(new Sourced('a', [])), 'a');
  assert.equal(bare('a'), 'a');
});
