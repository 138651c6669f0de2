import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Dependency, migrationOrder } from './dependency.ts';

const of = (name: string, calls: readonly string[] = [], shares: readonly string[] = []): Dependency => ({
  name,
  calls,
  shares,
});

test('what calls nobody goes first, a circle goes together, shared data goes last', () => {
  const order = migrationOrder([
    of('web', ['api', 'cache']),
    of('api', ['db']),
    of('db'),
    of('cache'),
    of('a', ['b']),
    of('b', ['a', 'db']),
    of('reader', [], ['writer']),
    of('writer', [], ['reader']),
  ]);
  assert.deepEqual(order, [['cache', 'db'], ['api'], ['web'], ['a', 'b'], ['reader', 'writer']]);
});

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

test('every module is in one step, and what it calls is not in a later one unless they wait for each other', () => {
  const graph = fc.tuple(...names.map((name) => fc.subarray(names.filter((other) => other !== name))));
  fc.assert(
    fc.property(graph, (calls) => {
      const modules = names.map((name, index) => of(name, calls[index] ?? []));
      const order = migrationOrder(modules);
      assert.deepEqual(order.flat().sort(), names);
      const stepOf = (name: string): number => order.findIndex((step) => step.includes(name));
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        (modules.find(({ name }) => name === from)?.calls ?? []).some((next) => {
          if (next === to) return true;
          if (seen.has(next)) return false;
          seen.add(next);
          return reaches(next, to, seen);
        });
      for (const { name, calls: called } of modules) {
        for (const other of called)
          assert.ok(stepOf(other) <= stepOf(name) || reaches(other, name), `${name} ${other}`);
      }
    }),
  );
});
