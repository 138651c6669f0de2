/** Bodies that somebody made to break something: each is answered, none is half taken, and the ledger stays whole. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readBody } from '../../src/ledger/api/body.ts';
import { operations } from '../../src/ledger/api/operations.ts';
import { apiSite } from './api-site.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a body is read as it was sent or not at all', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['{"a":1,"b":{"a":1}}', undefined],
    ['{"a":1,"a":1}', 'unfit'],
    ['{"a":1,"\\u0061":2}', 'unfit'],
    ['{"a":{"b":[{"c":1,"c":2}]}}', 'unfit'],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a":"{\\"b\\":1,\\"b\\":1}"}', undefined],
    ['{"__proto__":1}', 'unfit'],
    ['{"\\u005f_proto__":1}', 'unfit'],
    ['{"constructor":{"prototype":1},"toString":1}', undefined],
    ['{"a":1e400}', 'unfit'],
    ['{"a":-1e999}', 'unfit'],
    ['{"a":1e308,"b":-0,"c":1E-400}', undefined],
    ['{"a":"\\ud800"}', 'unfit'],
    ['{"\\udc00":1}', 'unfit'],
    ['{"a":"\\ud83d\\ude00 \\u0000"}', undefined],
    [`${'['.repeat(32)}${']'.repeat(32)}`, undefined],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'unfit'],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'unfit'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'unfit'],
    ['"text"', undefined],
    ['', 'malformed'],
    ['{', 'malformed'],
    ['{"a":NaN}', 'malformed'],
    ['{"a":1,}', 'malformed'],
    ['\u{feff}{}', undefined],
    ['{"a":"\\\\","a":1}', 'unfit'],
    ['{"a":"\\\\\\"","b":1}', undefined],
    [JSON.stringify({ content: 'A'.repeat(24 * 2 ** 20) }), undefined],
    [JSON.stringify({ content: '\\"'.repeat(2 ** 20) }), undefined],
  ];
  for (const [text, kind = 'body'] of cases) assert.equal(readBody(bytes(text)).kind, kind, text.slice(0, 60));
  assert.equal(readBody(Uint8Array.of(0x22, 0xff, 0x22)).kind, 'malformed');
  assert.equal(readBody(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)).kind, 'malformed');
});

test('what JSON can say once is read whole, whatever it says (property)', () => {
  const value = fc
    .jsonValue({ maxDepth: 6, stringUnit: 'binary' })
    .filter((each) => !JSON.stringify(each).includes('__proto__'));
  fc.assert(
    fc.property(value, (each) => {
      const text = JSON.stringify(each);
      assert.deepEqual(readBody(bytes(text)), { kind: 'body', value: JSON.parse(text) });
    }),
    { numRuns: 100 },
  );
});

const base = () => ({
  runId: randomUUID(),
  nodes: [{ nodeId: 'n', role: 'worker' }],
  startedAt: '2026-01-01T00:00:00Z',
  completedAt: '2026-01-01T00:30:00Z',
  initiatedBy: 'x',
});

test('every writing operation answers every kind of nonsense with a problem, and records nothing of it', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const nonsense: readonly string[] = [
    ...['', '{', 'null', '[]', '""', '0', 'true', '{}', '\0', '{"a":1,"a":1}', '{"__proto__":{"admin":true}}'],
    ...[
      '{"constructor":{"prototype":{"x":1}}}',
      `${'['.repeat(100_000)}`,
      `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    ],
    ...['{"a":1e400}', '{"runId":"\\ud800"}', `{"${'k'.repeat(100_000)}":1}`, `[${'1,'.repeat(100_000)}1]`],
    ...['{"runId":{"$gt":""}}', '{"nodes":{"length":1e9}}', '{"changeId":["a"]}', 'a=b&c=d', '<xml/>'],
  ];
  let asked = 0;
  for (const { method, path, id } of operations) {
    if (method === 'get') continue;
    const url = path.replaceAll(/\{\w+\}/g, randomUUID());
    for (const body of nonsense) {
      const reply = await ask(method === 'put' ? 'PUT' : method === 'patch' ? 'PATCH' : 'POST', url, body);
      assert.ok(
        [400, 404, 409, 422].includes(reply.status),
        `${id} ${body.slice(0, 40)}: ${reply.status} ${reply.text}`,
      );
      assert.equal(reply.type, 'application/problem+json');
      asked += 1;
    }
  }
  t.diagnostic(`${asked} requests`);
  assert.ok(asked > 300);
  assert.equal(ledger.records.length, 1);
  assert.equal(Object.hasOwn(Object.prototype, 'admin'), false);
});

test('fields of any type and any length are taken whole or refused by name, and the ledger stays whole', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const odd: readonly unknown[] = [
    null,
    0,
    -1,
    1e308,
    true,
    [],
    {},
    '',
    'x'.repeat(5_000),
    '\u{1f600}'.repeat(4_096),
    '\0',
    '\u202e',
    [[]],
  ];
  let taken = 0;
  for (const field of [...Object.keys(base()), 'diffArtifactsPath', 'extra', 'toString', 'hasOwnProperty']) {
    for (const value of odd) {
      const { length } = ledger.records;
      const reply = await ask('POST', '/operations/bootstrap', { ...base(), [field]: value });
      assert.ok([201, 409, 422].includes(reply.status), `${field}: ${reply.status} ${reply.text.slice(0, 200)}`);
      assert.equal(ledger.records.length, reply.status === 201 ? length + 1 : length);
      if (reply.status !== 201) {
        assert.ok(reply.text.includes(field), `${field}: ${reply.text.slice(0, 300)}`);
        continue;
      }
      taken += 1;
      assert.deepEqual(Object.entries(ledger.head.data).find(([name]) => name === field)?.[1], value);
    }
  }
  assert.ok(taken > 40, `${taken} taken`);
  const verification = await ledger.verify();
  assert.deepEqual([verification.kind, verification.findings], ['whole', []]);
});
