import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { HttpError } from '../http/registry.ts';
import { asked } from './asked.ts';

const schema = z.object({ names: z.array(z.string()), more: z.unknown().optional() });

function refusal(given: unknown): HttpError {
  try {
    asked(schema, given);
  } catch (failure) {
    if (failure instanceof HttpError) return failure;
    throw failure;
  }
  throw new Error('it was taken');
}

test('a request is read by its schema, and one that is not as it should be is told what is wrong', () => {
  assert.deepEqual(asked(schema, { names: ['one'], other: 1 }), { names: ['one'] });
  const { status, code, message } = refusal({ names: ['one', 2] });
  assert.deepEqual([status, code], [400, 'LARDER_HTTP_BAD_REQUEST']);
  assert.match(message, /names\[1\]/);
  assert.equal(asked(schema, { names: Array.from({ length: 50_000 }, () => 'one') }).names.length, 50_000);
});

test('a request of very many values, or of mistakes, is neither looked at one by one nor told one by one', () => {
  const tooMany = refusal({ names: Array.from({ length: 500_000 }, () => 0) });
  assert.deepEqual([tooMany.status, tooMany.code], [413, 'LARDER_HTTP_TOO_LARGE']);
  const wrong = refusal({ names: Array.from({ length: 10_000 }, () => 0) });
  assert.equal(wrong.status, 400);
  assert.ok(wrong.message.length <= 4_000, `${wrong.message.length}`);
  const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`${'k'.repeat(90)}${at}`, 0]));
  const strict = z.strictObject({});
  assert.throws(
    () => asked(strict, keys),
    (failure: Error) => failure.message.length <= 4_000,
  );
});

test('what is deeper than any program would walk is refused and not walked', () => {
  const deep: unknown = JSON.parse(`{"names":[],"more":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
  assert.equal(refusal(deep).status, 413);
  const deeper: unknown = JSON.parse(`{"names":[],"more":${'{"a":'.repeat(65)}1${'}'.repeat(65)}}`);
  assert.equal(refusal(deeper).status, 413);
  assert.ok(asked(schema, JSON.parse(`{"names":[],"more":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`)));
});
