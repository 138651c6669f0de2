import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupVersion } from './kind.ts';
import { kinds } from './kinds.ts';
import { published, publishedNames } from './published.ts';

test('every resource that was asked about is served, each once', () => {
  const served = kinds.map((kind) => `${groupVersion(kind)}/${kind.plural}`);
  assert.deepEqual([...served].sort(), [...publishedNames].sort());
});

for (const kind of kinds) {
  test(`${groupVersion(kind)} ${kind.plural} are called and shown as the API server does`, () => {
    const { columns, subresources, ...names } = published(groupVersion(kind), kind.plural);
    for (const [name, value] of Object.entries(names)) {
      assert.deepEqual(Object.entries(kind).find(([own]) => own === name)?.[1], value, name);
    }
    const known = subresources.map(({ name }) => name);
    assert.deepEqual(
      kind.subresources.filter((name) => !known.includes(name)),
      [],
    );
    const own = kind.columns.map(({ name, type = 'string', format = '', priority = 0, description }) => {
      return { name, type, format, priority, description };
    });
    assert.deepEqual(own, columns);
  });
}
