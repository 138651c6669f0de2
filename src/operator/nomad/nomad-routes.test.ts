import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fastify from 'fastify';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { guard, letIn } from '../access/guard.ts';
import { owner } from '../access/viewer.ts';
import type { ConversionOutcome, runConversion } from './conversion-process.ts';
import { nomadRoutes } from './nomad-routes.ts';

const PATH = '/api/nomad/convert';
const json = { 'content-type': 'application/json' };

/** A server whose conversions do as the test says, asked by somebody else each time, and what its error handler was told. */
async function serverWith(t: TestContext, run: typeof runConversion) {
  const app = fastify();
  const errors: unknown[] = [];
  app.setErrorHandler((error, _request, reply) => {
    errors.push(error);
    return reply.code(500).send({});
  });
  let people = 0;
  app.addHook('onRequest', async (request) => {
    people += 1;
    letIn(request, { ...owner, name: `person ${people}` });
  });
  guard(app, []);
  nomadRoutes(app, { clock: systemClock, log: silentLog, run });
  t.after(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, errors, address };
}

const answering =
  (outcome: ConversionOutcome): typeof runConversion =>
  async () =>
    outcome;

test('an answer goes on as it came, unpacked only for who cannot', async (t) => {
  const bodies: string[] = [];
  const { app } = await serverWith(t, async (body) => {
    bodies.push(body.toString());
    return { kind: 'answer', packed: gzipSync('{"files":[]}') };
  });
  const plain = await app.inject({ method: 'POST', url: PATH, headers: json, payload: 'no JSON at all' });
  assert.deepEqual([plain.statusCode, plain.body, bodies], [200, '{"files":[]}', ['no JSON at all']]);
  const headers = { ...json, 'accept-encoding': 'br, gzip' };
  const packed = await app.inject({ method: 'POST', url: PATH, headers, payload: '{}' });
  assert.deepEqual([packed.headers['content-encoding'], packed.headers['cache-control']], ['gzip', 'no-store']);
});

test('a refusal keeps its code, and one that was ended says what to do; neither is a failure of ours', async (t) => {
  const refused = { kind: 'refused', status: 422, code: 'LARDER_NOMAD_POLICY', message: 'mesh' } as const;
  const first = await serverWith(t, answering(refused));
  const told = await first.app.inject({ method: 'POST', url: PATH, headers: json, payload: '{}' });
  assert.deepEqual([told.statusCode, told.json().code, told.json().detail], [422, 'LARDER_NOMAD_POLICY', 'mesh']);
  const second = await serverWith(t, answering({ kind: 'ended', why: 'time', message: 'it took longer' }));
  const ended = await second.app.inject({ method: 'POST', url: PATH, headers: json, payload: '{}' });
  assert.deepEqual([ended.statusCode, ended.json().detail], [422, 'the jobs were not converted: it took longer']);
  assert.deepEqual([first.errors, second.errors], [[], []]);
});

test('who leaves ends the conversion, and is no failure', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { errors, address, app } = await serverWith(t, (_body, _clock, signal) => {
    begin();
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve({ kind: 'ended', why: 'nobody waits for it', message: '' });
        end();
      });
    });
  });
  const asking = request(address + PATH, { method: 'POST', headers: json });
  asking.on('error', () => undefined); // it is cut off here
  asking.end('{}');
  await begun;
  asking.destroy();
  await ended;
  await app.close();
  assert.deepEqual(errors, []);
});

test('when too many wait, the next one hears when to come again', async (t) => {
  const held: (() => void)[] = [];
  const { address } = await serverWith(
    t,
    () => new Promise((resolve) => held.push(() => resolve({ kind: 'answer', packed: gzipSync('{}') }))),
  );
  const statuses = Array.from({ length: 6 }, async () => {
    const answer = await fetch(address + PATH, { method: 'POST', headers: json, body: '{}' });
    return [answer.status, answer.headers.get('retry-after')] as const;
  });
  // One is answered while no conversion has ended.
  assert.deepEqual(await Promise.race(statuses), [503, '30']);
  for (let done = 0; done < 5; done += 1) {
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    held.shift()?.();
  }
  const all = await Promise.all(statuses);
  assert.deepEqual(all.toSorted(), [
    [200, null],
    [200, null],
    [200, null],
    [200, null],
    [200, null],
    [503, '30'],
  ]);
});
