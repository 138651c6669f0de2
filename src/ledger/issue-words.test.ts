import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { eventTypes, ledgerEvent } from './event.ts';
import { issueWords } from './issue-words.ts';

const schema = z.strictObject({
  text: z.string().min(1),
  count: z.int().min(2).max(9),
  list: z.array(z.string()).min(1),
  flag: z.boolean(),
  at: z.iso.datetime(),
  id: z.uuid(),
  role: z.enum(['admin', 'operator']),
  one: z.literal('x'),
  either: z.union([z.ipv4(), z.ipv6()]),
  own: z.string().regex(/^a$/, 'is no a'),
  judged: z.string().refine((value) => value === ''),
});
const right = {
  ...{ text: 'a', count: 3, list: ['a'], flag: true, at: '2026-03-01T12:00:00Z', role: 'admin', one: 'x' },
  ...{ id: '6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001', either: '10.0.0.1', own: 'a', judged: '' },
};
const words = (change: object): readonly string[] =>
  schema.safeParse({ ...right, ...change }).error?.issues.map(issueWords) ?? [];

test('each kind of problem is said so that it needs no schema to be understood', () => {
  assert.deepEqual(words({}), []);
  const cases: readonly (readonly [object, string])[] = [
    [{ text: undefined }, 'is missing: a text'],
    [{ text: 7 }, 'must be a text'],
    [{ text: '' }, 'is empty'],
    [{ count: 1.5 }, 'must be a whole number'],
    [{ count: 1 }, 'is less than 2'],
    [{ count: 10 }, 'is more than 9'],
    [{ list: [] }, 'needs at least 1 entries'],
    [{ list: 'a' }, 'must be a list'],
    [{ flag: 'yes' }, 'must be true or false'],
    [{ at: 'noon' }, 'is no time with a zone, as 2026-03-01T12:00:00Z'],
    [{ id: '7' }, 'is no UUID, as 6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001'],
    [{ role: 'king' }, 'must be one of admin, operator'],
    [{ one: 'y' }, 'must be x'],
    [{ either: 'nas' }, 'has none of the forms that it may have'],
    [{ own: 'b' }, 'is no a'],
    [{ judged: 'b' }, 'is not as it may be'],
    [{ more: 1, other: 2 }, 'has what nobody reads: "more", "other"'],
  ];
  for (const [change, said] of cases) assert.deepEqual(words(change), [said], JSON.stringify(change));
});

test('no event of the ledger says the words of the library', () => {
  const wrong: readonly unknown[] = [
    {},
    { changeId: 7, nodes: 'x', keys: [], at: 'x', verdict: 1, observedAt: 4 },
    [],
    null,
  ];
  let seen = 0;
  for (const type of eventTypes) {
    for (const data of wrong) {
      for (const issue of ledgerEvent.safeParse({ type, data }).error?.issues ?? []) {
        seen += 1;
        assert.doesNotMatch(issueWords(issue), /Invalid|expected|received|Too small|Unrecognized/, type);
      }
    }
  }
  assert.ok(seen > 100, `${seen} problems`);
});
