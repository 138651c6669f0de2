import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discover, readDiscovery, resources } from './kinds/discovery.ts';
import { connect } from './target.ts';

const api = await connect();
const recorded = readDiscovery();
const found = JSON.parse(JSON.stringify(await discover(api)));

test('every kind of the suite has its recorded discovery', () => {
  assert.deepEqual(Object.keys(recorded).sort(), [...resources].sort());
});

for (const resource of resources) {
  test(`${resource} is discovered by its names, scope, verbs and parts`, () => {
    assert.deepEqual(found[resource], recorded[resource]);
  });
}
