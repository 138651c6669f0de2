/** The OpenAPI document: complete, what is served, and a widening of the original contract. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { operations } from '../../src/ledger/api/operations.ts';
import { openapi, parameterNames } from '../../src/ledger/openapi.ts';
import { apiSite } from './api-site.ts';

const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
    components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
  })
  .parse(openapi());

const original = z
  .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }).loose())) })
  .parse(parse(readFileSync(join(import.meta.dirname, '../fixtures/ledger/original-openapi.yaml'), 'utf8')));

test('the six paths of the original contract are there with their operations, and no other method is served at them', () => {
  const paths = Object.keys(original.paths);
  assert.equal(paths.length, 6);
  for (const path of paths) {
    const ids = (from: typeof document.paths) =>
      Object.entries(from[path] ?? {}).map(([method, { operationId }]) => `${method} ${operationId}`);
    assert.deepEqual(ids(document.paths), ids(original.paths), path);
  }
});

test('every reference leads somewhere, every operation has an id of its own, every parameter of a path is described', () => {
  const text = JSON.stringify(openapi());
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
  assert.ok(references.length > 100, `${references.length} references`);
  const parts = z.object({ components: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(openapi());
  for (const [reference, kind = '', name = ''] of references) assert.ok(parts.components[kind]?.[name], reference);
  assert.equal([...text.matchAll(/"\$ref":/g)].length, references.length);
  const ids = operations.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  for (const { id, path, body, method } of operations) {
    assert.equal(body.name === '', method === 'get', id);
    assert.ok(method === 'get' || body.examples.length > 0 || id === 'appendRecord', `${id} has an example`);
    for (const name of parameterNames(path)) assert.match(text, new RegExp(`"name":"${name}","in":"path"`));
  }
});

test('every example is taken, in the order of the document, and every answer is as the document says', async (t) => {
  const { ask } = await apiSite(t);
  const served = await ask('GET', '/openapi.json');
  assert.deepEqual(served.body, JSON.parse(JSON.stringify(openapi())));
  const exampleOf = (path: string, name: string): string => {
    const parameters = Object.values(document.paths[path] ?? {}).flatMap((each) => each['parameters'] ?? []);
    const named = z.array(z.looseObject({ name: z.string(), example: z.string().optional() })).parse(parameters);
    return named.find((each) => each.name === name)?.example ?? '';
  };
  const writing = operations.filter(({ method }) => method !== 'get');
  const [made, changed] = [
    writing.filter(({ method }) => method !== 'patch'),
    writing.filter(({ method }) => method === 'patch'),
  ];
  let taken = 0;
  for (const { id, method, path, body, answer } of [...made, ...changed]) {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(exampleOf(path, name)));
    for (const [index, { value }] of body.examples.entries()) {
      const reply = await ask(
        method.toUpperCase() === 'PUT' ? 'PUT' : method === 'patch' ? 'PATCH' : 'POST',
        url,
        value,
      );
      assert.equal(reply.status, method === 'patch' || index > 0 ? 200 : 201, `${id}: ${reply.text}`);
      assert.ok(answer.schema.safeParse(reply.body).success, `${id}: ${reply.text}`);
      taken += 1;
    }
  }
  for (const { id, method, path, answer } of operations) {
    if (method !== 'get' || path.startsWith('/ledger/records/{id}')) continue; // of a record that is there: other tests
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(exampleOf(path, name)));
    const reply = await ask('GET', url);
    assert.equal(reply.status, 200, `${id}: ${reply.text}`);
    const read = answer.schema.safeParse(reply.body);
    assert.ok(read.success, `${id}: ${reply.text} ${read.error}`);
    taken += 1;
  }
  t.diagnostic(`${taken} requests`);
  assert.ok(taken >= 30);
});
