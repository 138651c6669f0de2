import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Intention } from '../scope.ts';
import { decide, precedence } from './decision.ts';
import { httpRules } from './http-rules.ts';

function intention(source: string, destination: string, action?: 'allow' | 'deny'): Intention {
  const between = { source, destination };
  return {
    ...between,
    ...(action ? { action } : {}),
    permissions: [],
    precedence: precedence(between),
    file: 'i.hcl',
    line: 1,
  };
}

test('exact names come before *, the destination before the source', () => {
  const all = [
    intention('*', '*', 'deny'),
    intention('web', '*', 'allow'),
    intention('*', 'db', 'deny'),
    intention('web', 'db', 'allow'),
  ];
  assert.equal(decide(all, 'web', 'db').kind, 'allow');
  assert.equal(decide(all, 'api', 'db').kind, 'deny');
  assert.equal(decide(all, 'web', 'cache').kind, 'allow');
  assert.equal(decide(all, 'api', 'cache').kind, 'deny');
  assert.equal(decide([], 'api', 'cache').kind, 'unsaid');
  assert.equal(decide([intention('web', 'db')], 'web', 'db').kind, 'permissions');
});

test('property: the order in which intentions are written does not matter', () => {
  const name = fc.constantFrom('*', 'a', 'b');
  const one = fc.tuple(name, name, fc.constantFrom('allow' as const, 'deny' as const));
  const set = fc.uniqueArray(one, { selector: ([source, destination]) => `${source} ${destination}`, maxLength: 9 });
  fc.assert(
    fc.property(set, fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c'), (given, source, destination) => {
      const all = given.map(([from, to, action]) => intention(from, to, action));
      assert.deepEqual(decide(all, source, destination), decide(all.toReversed(), source, destination));
    }),
  );
});

const allow = (rest: Partial<Intention['permissions'][number]>): Intention['permissions'][number] => ({
  action: 'allow',
  methods: [],
  headers: [],
  ...rest,
});

test('permissions become rules of HTTP that match the whole path', () => {
  assert.deepEqual(
    httpRules({
      permissions: [
        allow({ path: { kind: 'exact', value: '/a.b' }, methods: ['GET', 'HEAD'] }),
        allow({ path: { kind: 'prefix', value: '/api' } }),
        allow({ path: { kind: 'regex', value: '/x|/y' } }),
        allow({ headers: [{ name: 'X-Key', kind: 'exact', value: '1', invert: false }] }),
        allow({ headers: [{ name: 'X-Any', kind: 'present', invert: false }] }),
      ],
    }),
    {
      kind: 'rules',
      rules: [
        { method: '^GET$', path: '^/a\\.b(\\?.*)?$' },
        { method: '^HEAD$', path: '^/a\\.b(\\?.*)?$' },
        { path: '^/api.*$' },
        { path: '^(/x|/y)(\\?.*)?$' },
        { headers: ['X-Key: 1'] },
        { headers: ['X-Any'] },
      ],
    },
  );
});

test('what would let in more than before is refused', () => {
  const deny = { ...allow({ path: { kind: 'prefix', value: '/admin' } }), action: 'deny' as const };
  assert.equal(httpRules({ permissions: [deny, allow({})] }).kind, 'refused');
  assert.equal(httpRules({ permissions: [allow({ path: { kind: 'exact', value: '/a' } }), deny] }).kind, 'rules');
  const inverted = allow({ headers: [{ name: 'X', kind: 'exact', value: '1', invert: true }] });
  assert.equal(httpRules({ permissions: [inverted] }).kind, 'refused');
  const suffix = allow({ headers: [{ name: 'X', kind: 'suffix', value: '1', invert: false }] });
  assert.equal(httpRules({ permissions: [suffix] }).kind, 'refused');
});
