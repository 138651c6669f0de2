import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journal } from './journal.ts';

const move = { from: '0', to: 'modules-k8s/web' };

test('a journal is read as it was written', () => {
  const written = {
    moves: [move, { from: '1', to: 'kubernetes.tf', before: 'abc' }],
    remove: [{ path: 'modules-k8s/web/old.yaml', hash: 'def' }],
  };
  assert.deepEqual(journal(JSON.parse(JSON.stringify(written))), written);
  assert.deepEqual(journal({ moves: [], remove: [], more: 1 }), { moves: [], remove: [] });
});

test('a journal that no run has written is refused, and none leads out of the output', () => {
  const paths = ['', '/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a/', 'a\\b', 'a\0b', 7, null, undefined];
  for (const path of paths) {
    assert.throws(() => journal({ moves: [{ ...move, from: path }], remove: [] }), Error, `from ${path}`);
    assert.throws(() => journal({ moves: [{ ...move, to: path }], remove: [] }), Error, `to ${path}`);
    assert.throws(() => journal({ moves: [], remove: [{ path, hash: 'x' }] }), Error, `remove ${path}`);
  }
  for (const value of [
    undefined,
    null,
    'text',
    [],
    {},
    { moves: [] },
    { moves: {}, remove: [] },
    { moves: [[]], remove: [] },
  ])
    assert.throws(() => journal(value), Error, JSON.stringify(value));
  assert.throws(() => journal({ moves: [{ ...move, before: 7 }], remove: [] }));
  assert.throws(() => journal({ moves: [], remove: [{ path: 'a' }] }));
});
