import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LookupError } from '../registry.ts';
import { cloudFor, worldOf } from './cloud.fixture.ts';
import { ask, excerpt, fileText, parseJson } from './question.ts';

async function failure(work: Promise<unknown>): Promise<LookupError> {
  const caught = await work.then(
    () => assert.fail('no failure'),
    (error: unknown) => error,
  );
  return caught instanceof LookupError ? caught : assert.fail(String(caught));
}

test('a redirect is not followed, so that no token comes to somebody else', async (t) => {
  const thief = await cloudFor(t, () => ({ body: 'thanks' }));
  const cloud = await cloudFor(t, () => ({ status: 307, body: '', headers: { location: thief.url } }));
  const headers = { authorization: 'Bearer secret' };
  const led = await failure(ask(worldOf(), { url: cloud.url, headers, what: 'a question' }));
  assert.equal(led.code, 'LARDER_LOOKUP_UNREACHABLE');
  assert.doesNotMatch(led.message, /secret/);
  assert.equal(thief.asked.length, 0);
});

test('an answer is bounded, and says how long to wait', async (t) => {
  let body = 'x'.repeat(9 * 2 ** 20);
  const cloud = await cloudFor(t, () => ({ status: 429, body, headers: { 'retry-after': '99999' } }));
  const question = { url: cloud.url, what: 'a question' };
  assert.equal((await failure(ask(worldOf(), question))).code, 'LARDER_LOOKUP_MALFORMED');
  body = 'slow down';
  assert.deepEqual(await ask(worldOf(), question), { status: 429, text: 'slow down', retryAfterMs: 3_600_000 });
});

test('who does not answer is named with the reason, and who asks may give up', async () => {
  const nobody = await failure(ask(worldOf(), { url: 'http://127.0.0.1:9/path?token=x', what: 'a question' }));
  assert.match(nobody.message, /^a question at 127\.0\.0\.1:9: /);
  const stop = new AbortController();
  const world = worldOf({ fetch: () => new Promise(() => undefined) });
  const asked = ask(world, { url: 'http://127.0.0.1:9', what: 'a question' }, stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(asked, /^Error: stopped$/);
});

test('words of others are cut, and what is no JSON or no file is said', async () => {
  assert.equal(excerpt(' a \n b '), 'a b');
  assert.equal(excerpt('x'.repeat(1_000)).length, 300);
  assert.throws(() => parseJson('<html>', 'a question'), /the answer is not JSON, it begins with "<html>"$/);
  const broken = '{"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"wJalr';
  assert.throws(
    () => parseJson(broken, 'keys'),
    (error: unknown) => error instanceof LookupError && !/AKID|wJalr/.test(`${error.message} ${String(error.cause)}`),
  );
  const world = worldOf({}, { '/full': ' token\n', '/empty': '\n' });
  assert.deepEqual(await Promise.all(['/full', '/empty', '/gone', undefined].map((path) => fileText(world, path))), [
    'token',
    undefined,
    undefined,
    undefined,
  ]);
});
