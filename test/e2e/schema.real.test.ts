/** What was generated from a real API server is what a real API server publishes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type ControlPlane, missingControlPlane, startControlPlane } from '../tools/control-plane.ts';
import { publishedSchema, schemaFile } from '../tools/schema.ts';

const skip = (await missingControlPlane()) ?? false;

describe('the schema of the embedded API', { skip }, () => {
  let plane: ControlPlane;
  before(async () => {
    plane = await startControlPlane({ controllers: false });
  });
  after(() => plane?.close());

  test('is what the API server publishes', async () => {
    const fresh = JSON.parse(await publishedSchema(plane));
    const committed = JSON.parse(readFileSync(schemaFile, 'utf8'));
    assert.ok(Object.keys(fresh.definitions).length > 300);
    assert.deepEqual(committed.resources, fresh.resources, 'run: node test/tools/schema.ts');
    assert.deepEqual(committed.definitions, fresh.definitions, 'run: node test/tools/schema.ts');
  });
});
