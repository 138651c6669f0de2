import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PersistentMap } from './persistent-map.ts';

test('it is the map that a Map would be, and those before it stay what they were', () => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }).map(String), fc.integer()), { maxLength: 200 });
  fc.assert(
    fc.property(writes, (all) => {
      const model = new Map<string, number>();
      let map = PersistentMap.of<number>();
      const earlier: [PersistentMap<number>, [string, number][]][] = [];
      for (const [key, value] of all) {
        earlier.push([map, [...model]]);
        model.set(key, value);
        map = map.with(key, value);
        assert.equal(map.size, model.size);
      }
      for (const [one, entries] of [...earlier, [map, [...model]] as const]) assert.deepEqual([...one], entries);
      for (const key of ['0', '45', '90', 'none']) {
        assert.equal(map.get(key), model.get(key));
        assert.equal(map.has(key), model.has(key));
      }
      assert.deepEqual([[...map.keys()], [...map.values()]], [[...model.keys()], [...model.values()]]);
      const visited: string[] = [];
      map.forEach((_, key) => {
        visited.push(key);
      });
      assert.deepEqual(visited, [...model.keys()]);
    }),
    { numRuns: 300 },
  );
});

test('versions of one beginning do not see each other, in whatever order they are read', () => {
  const step = fc.record({ from: fc.nat(), key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.integer() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 60 }), (steps, reads) => {
      const versions = [{ map: PersistentMap.of<number>(), model: new Map<string, number>() }];
      for (const { from, key, value } of steps) {
        const version = versions[from % versions.length];
        assert.ok(version);
        versions.push({ map: version.map.with(key, value), model: new Map(version.model).set(key, value) });
      }
      for (const read of reads) {
        const version = versions[read % versions.length];
        assert.deepEqual([...(version?.map ?? [])], [...(version?.model ?? [])]);
      }
    }),
    { numRuns: 500 },
  );
});

test('an iterator goes over what was there when it began', () => {
  const map = PersistentMap.of([
    ['a', 1],
    ['b', 2],
  ]);
  const seen: string[] = [];
  for (const key of map.keys()) {
    seen.push(key);
    map.with(`${key}${key}`, 3).get('a');
  }
  assert.deepEqual(seen, ['a', 'b']);
});
