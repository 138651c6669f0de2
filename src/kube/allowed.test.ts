import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { allowed, type Question } from './allowed.ts';
import { createClient } from './client.ts';
import type { Transport, TransportResponse } from './transport.ts';

const base = { clock: systemClock, random: systemRandom };
const question: Question = { access: { group: '', resource: 'persistentvolumeclaims/status' }, verb: 'patch' };
const { signal } = new AbortController();

function answering(...answers: readonly { readonly status: number; readonly body: unknown }[]) {
  const bodies: string[] = [];
  const transport: Transport = {
    send(request): Promise<TransportResponse> {
      const answer = answers[Math.min(bodies.length, answers.length - 1)];
      bodies.push(`${request.path} ${String(request.body)}`);
      if (!answer || answer.status === 0) return Promise.reject(new Error('connection refused'));
      const text = JSON.stringify(answer.body);
      return Promise.resolve({
        status: answer.status,
        headers: {},
        text: () => Promise.resolve(text),
        async *chunks() {
          yield text;
        },
      });
    },
    close: () => Promise.resolve(),
  };
  return { client: createClient({ ...base, transport }), bodies };
}

const verdict = (given: boolean) => ({ status: 201, body: { status: { allowed: given } } });

test('an API server says what an account may do, and what another may not', async (t) => {
  const api = await createEmbedded(base);
  t.after(() => api.close());
  const client = createClient({ ...base, transport: api.transport });
  assert.equal(await allowed({ client, clock: systemClock, tries: 1 }, question, signal), true);
  const account = { namespace: 'default', name: 'nobody' };
  assert.equal(await allowed({ client, clock: systemClock, tries: 1 }, { ...question, account }, signal), false);
});

test('a subresource is asked for as one, and an account with the groups that it has', async () => {
  const { client, bodies } = answering(verdict(false));
  const account = { namespace: 'storage', name: 'nfs' };
  assert.equal(await allowed({ client, clock: systemClock, tries: 1 }, { ...question, account }, signal), false);
  assert.match(bodies[0] ?? '', /^\/apis\/authorization.k8s.io\/v1\/subjectaccessreviews /);
  assert.match(bodies[0] ?? '', /"resource":"persistentvolumeclaims","subresource":"status","verb":"patch"/);
  assert.match(bodies[0] ?? '', /"user":"system:serviceaccount:storage:nfs"/);
});

test('no answer is asked for again, so many times; a refusal to answer is none', async () => {
  const failing = answering({ status: 0, body: {} }, { status: 503, body: {} }, verdict(true));
  assert.equal(await allowed({ client: failing.client, clock: systemClock, tries: 3 }, question, signal), true);
  assert.equal(failing.bodies.length, 3);
  const silent = answering({ status: 0, body: {} });
  assert.equal(await allowed({ client: silent.client, clock: systemClock, tries: 2 }, question, signal), undefined);
  const unwilling = answering({ status: 403, body: {} });
  assert.equal(await allowed({ client: unwilling.client, clock: systemClock, tries: 5 }, question, signal), undefined);
  assert.equal(unwilling.bodies.length, 1);
});
