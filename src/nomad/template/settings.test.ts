import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { settingsOf } from './settings.ts';
import type { Output } from './value.ts';

const { texts } = z
  .object({ texts: z.array(z.object({ text: z.string(), variables: z.record(z.string(), z.string()).nullable() })) })
  .parse(JSON.parse(readFileSync('test/fixtures/nomad/templates/dotenv.json', 'utf8')));

const plain = (value: readonly Output[]): string =>
  value.map((each) => (each.kind === 'text' ? each.text : '?')).join('');
const hole: Output = {
  kind: 'later',
  later: { kind: 'leaf', leaf: { source: 'vault', path: 'a', property: 'b', engine: 2 } },
};

test('texts are read as go-envparse reads them', () => {
  assert.ok(texts.length > 100, `${texts.length} texts`);
  for (const { text, variables } of texts) {
    const read = settingsOf([{ kind: 'text', text }]);
    if (read.kind === 'refused') assert.equal(variables, null, JSON.stringify(text));
    else {
      const found = Object.fromEntries(read.settings.map(({ name, value }) => [name, plain(value)]));
      assert.deepEqual(found, variables, JSON.stringify(text));
    }
  }
});

test('values that are not known yet stay where they stand', () => {
  const read = settingsOf([{ kind: 'text', text: 'A="x ' }, hole, { kind: 'text', text: '" # y\nB=' }, hole]);
  assert.deepEqual(read.kind === 'settings' && read.settings, [
    { name: 'A', value: [{ kind: 'text', text: 'x ' }, hole] },
    { name: 'B', value: [hole] },
  ]);
});

test('whether a line is there must be known', () => {
  const body: readonly Output[] = [{ kind: 'text', text: 'A=1\n' }];
  const test = { kind: 'leaf', leaf: { source: 'vault', path: 'a', property: 'b', engine: 2 } } as const;
  assert.equal(settingsOf([{ kind: 'if', test, body, other: [] }]).kind, 'refused');
});

test('a loop over all keys is the whole secret, when its lines are NAME=value', () => {
  const of = { source: 'vault', path: 'secret/all' } as const;
  const entry = (part: 'key' | 'value'): Output => ({ kind: 'later', later: { kind: 'entry', part } });
  const line = (text: string): Output => ({ kind: 'text', text });
  const read = settingsOf([
    line('\n'),
    { kind: 'each', of, body: [entry('key'), line('="'), entry('value'), line('"\n')] },
  ]);
  assert.deepEqual(read.kind === 'settings' && read.whole, [of]);
  assert.equal(
    settingsOf([{ kind: 'each', of, body: [line('X_'), entry('key'), line('='), entry('value'), line('\n')] }]).kind,
    'refused',
  );
  assert.equal(
    settingsOf([line('A='), { kind: 'each', of, body: [entry('key'), line('='), entry('value'), line('\n')] }]).kind,
    'refused',
  );
});
