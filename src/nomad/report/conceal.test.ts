import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conceal } from './conceal.ts';

const address = (password: string): string => ['postgres://app', password].join(':').concat('@db/x');

/** A line of a job, and how a report shows it. */
const lines: readonly (readonly [line: string, shown: string])[] = [
  ['  DB_PASSWORD = "hunter2"', '  DB_PASSWORD = "***"'],
  ['  "ApiKey": "abc",', '  "ApiKey": "***",'],
  ['  API_TOKEN = "a\\"b"', '  API_TOKEN = "***"'],
  ['ADMIN_SECRET=plain text', 'ADMIN_SECRET=***'],
  ['  DB_PASSWORD = "${var.password}"', '  DB_PASSWORD = "${var.password}"'],
  ['  TOKEN={{ .Data.data.token }}', '  TOKEN={{ .Data.data.token }}'],
  ['  token_file = true', '  token_file = true'],
  ['  LOG_LEVEL = "info"', '  LOG_LEVEL = "info"'],
  [`  URL = "${address('hunter2')}"`, `  URL = "${address('***')}"`],
  ['  MOTD = "the word is sesame-1"', '  MOTD = "the word is ***"'],
];

for (const [line, shown] of lines) {
  test(`${shown.trim()}`, () => assert.equal(conceal(line, ['sesame-1']), shown));
}

test('lines stay where they are', () => {
  const text = 'a\nPASSWORD = "x"\n\nb\n';
  assert.equal(conceal(text).split('\n').length, text.split('\n').length);
});
