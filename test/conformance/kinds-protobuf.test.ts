import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEncoded, send } from './kinds/protobuf.ts';
import { connect } from './target.ts';

const api = await connect();
const encoded = readEncoded();

test('every kind has bodies in protobuf', () => {
  assert.ok(encoded.length >= 60, `only ${encoded.length}`);
});

for (const { what, path, body, answer } of encoded) {
  test(`${what} is understood as protobuf`, async () => {
    assert.deepEqual(await send(api, { path, body }), answer);
  });
}
