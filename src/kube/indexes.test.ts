import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Indexes } from './indexes.ts';

test('an index that was not declared has no keys, an unknown value has none yet', () => {
  const indexes = new Indexes<string>({ letter: (text) => [...text] });
  assert.equal(indexes.keysOf('other', 'a'), undefined);
  assert.deepEqual([...(indexes.keysOf('letter', 'a') ?? ['?'])], []);
});

test('whatever moves, the keys of a value are those of the objects that have it now', () => {
  const move = fc.record({ key: fc.constantFrom('k1', 'k2', 'k3'), after: fc.option(fc.string({ maxLength: 3 })) });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const indexes = new Indexes<string>({ letter: (text) => [...new Set(text)] });
      const now = new Map<string, string>();
      for (const { key, after } of moves) {
        indexes.move(key, now.get(key), after ?? undefined);
        if (after === null) now.delete(key);
        else now.set(key, after);
      }
      for (const letter of new Set(moves.flatMap(({ after }) => [...(after ?? '')]))) {
        const expected = [...now].filter(([, text]) => text.includes(letter)).map(([key]) => key);
        assert.deepEqual([...(indexes.keysOf('letter', letter) ?? [])].sort(), expected.sort());
      }
    }),
  );
});
