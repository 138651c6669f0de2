import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelSelector } from '../../kube/kinds.ts';
import { selectorOf, selectorText } from './selector-text.ts';

const same: readonly (readonly [string, LabelSelector])[] = [
  ['', {}],
  ['app=db', { matchLabels: { app: 'db' } }],
  ['app=db, tier=', { matchLabels: { app: 'db', tier: '' } }],
  [
    'app in (a, b), tier!=c, kept, !gone',
    {
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['a', 'b'] },
        { key: 'tier', operator: 'NotIn', values: ['c'] },
        { key: 'kept', operator: 'Exists' },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    },
  ],
  ['app in (a)', { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] }],
  ['x.io/app notin (a, b)', { matchExpressions: [{ key: 'x.io/app', operator: 'NotIn', values: ['a', 'b'] }] }],
];

test('a selector and its line say the same, both ways', () => {
  for (const [text, selector] of same) {
    assert.deepEqual(selectorOf(text), { ok: true, value: selector }, text);
    assert.equal(selectorText(selector), text);
  }
});

test('a label that must have two values at once stays as it was written', () => {
  assert.deepEqual(selectorOf('a=b,a=c'), {
    ok: true,
    value: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['c'] }] },
  });
});

test('what cannot be a selector says which part of it', () => {
  for (const [text, why] of [
    ['a b', /expected a comma before "b"/],
    ['a=b,', /ends with a comma/],
    ['a=no spaces', /expected a comma/],
    ['size>3', /not compared as numbers: size Gt/],
    ['-a=b', /not a label key/],
  ] as const) {
    const read = selectorOf(text);
    assert.ok(!read.ok, text);
    assert.match(read.reason, why);
  }
});
