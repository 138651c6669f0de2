import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TransportRequest } from '../kube/transport.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createEmbedded, type Embedded } from './cluster.ts';
import { type Json, parseJson } from './json.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const OBJECTS = '/apis/example.com/v1/namespaces/default/gadgets';

const world = { clock: systemClock, random: systemRandom };

async function send(
  { rest }: Embedded,
  method: TransportRequest['method'],
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly json: Json }> {
  const request = { method, path, ...(body && { body: JSON.stringify(body) }) };
  const answer = await rest.handle(method === 'PATCH' ? { ...request, headers: MERGE } : request);
  const text = await answer.text();
  return { status: answer.status, json: text.startsWith('{') ? parseJson(text) : text };
}

const MERGE = { 'content-type': 'application/merge-patch+json' };

function definition(properties: object, more: object = {}): object {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...more,
    },
  };
}

const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'a' }, spec: { size: 1, old: 'x' } };

test('a kind is served as soon as its definition is acknowledged', async () => {
  const embedded = await createEmbedded(world);
  assert.equal((await send(embedded, 'GET', OBJECTS)).status, 404);
  assert.equal((await send(embedded, 'POST', DEFINITIONS, definition({ size: { type: 'integer' } }))).status, 201);
  assert.equal((await send(embedded, 'POST', OBJECTS, gadget)).status, 201);
  embedded.close();
});

test('what was defined, and its objects, are there after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'larder-catalog-'));
  const before = await createEmbedded({ ...world, dataDir });
  await send(before, 'POST', DEFINITIONS, definition({ size: { type: 'integer' }, old: { type: 'string' } }));
  await send(before, 'POST', OBJECTS, gadget);
  before.close();
  const after = await createEmbedded({ ...world, dataDir });
  const { status, json } = await send(after, 'GET', `${OBJECTS}/a`);
  assert.equal(status, 200);
  assert.deepEqual(Object(json).spec, { size: 1, old: 'x' });
  assert.deepEqual((await send(after, 'GET', '/apis/example.com/v1')).status, 200);
  after.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a definition that is refused, or was only tried, defines nothing', async () => {
  const embedded = await createEmbedded(world);
  assert.equal((await send(embedded, 'POST', DEFINITIONS, definition({ size: {} }))).status, 422);
  const dry = `${DEFINITIONS}?dryRun=All`;
  assert.equal((await send(embedded, 'POST', dry, definition({ size: { type: 'integer' } }))).status, 201);
  assert.equal((await send(embedded, 'GET', OBJECTS)).status, 404);
  embedded.close();
});

test('the kinds of one store are not those of another', async () => {
  const [one, other] = [await createEmbedded(world), await createEmbedded(world)];
  await send(one, 'POST', DEFINITIONS, definition({ size: { type: 'integer' } }));
  assert.equal((await send(one, 'GET', OBJECTS)).status, 200);
  assert.equal((await send(other, 'GET', OBJECTS)).status, 404);
  one.close();
  other.close();
});

test('whoever listens hears of what is defined, and of its end', async () => {
  const embedded = await createEmbedded(world);
  const { catalog } = embedded;
  const heard: (readonly string[])[] = [];
  const stop = catalog.onChange(() => heard.push(catalog.defined().map(({ kind }) => kind)));
  await send(embedded, 'POST', DEFINITIONS, definition({ size: { type: 'integer' } }));
  assert.deepEqual(heard[0], ['Gadget']);
  await send(embedded, 'DELETE', `${DEFINITIONS}/gadgets.example.com`);
  while (catalog.defined().length > 0) await new Promise((resolve) => void setImmediate(resolve));
  assert.deepEqual(heard.at(-1), []);
  stop();
  embedded.close();
});

test('versions between which a webhook converts are not mixed up', async () => {
  const embedded = await createEmbedded(world);
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = [
    { name: 'v1', served: true, storage: true, schema },
    { name: 'v2', served: true, storage: false, schema },
  ];
  const clientConfig = { url: 'https://127.0.0.1:1/convert' };
  const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } };
  const made = await send(embedded, 'POST', DEFINITIONS, definition({}, { versions, conversion }));
  assert.equal(made.status, 201);
  assert.equal((await send(embedded, 'POST', OBJECTS, gadget)).status, 201);
  const { status, json } = await send(embedded, 'GET', `${OBJECTS.replace('v1', 'v2')}/a`);
  assert.equal(status, 500);
  assert.match(
    Object(json).message,
    /conversion webhook for example.com\/v1, Kind=Gadget failed: .* not supported by this server/,
  );
  embedded.close();
});
