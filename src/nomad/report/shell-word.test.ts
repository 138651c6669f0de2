import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

const odd = [
  ...[
    'plain',
    '',
    '-n',
    "it's",
    '$(reboot)',
    '`reboot`',
    'a b',
    '; reboot',
    '!!',
    '~',
    '*',
    '\\',
    '"',
    '#',
    'é\u{1f600}',
  ],
  ...['one\nreboot\n', 'a\rb', "\u001b[201~'; reboot; '", 'back\\slash\u0007', '\u0003', '\u009b31m'],
];

test('whatever a name holds, a shell reads one word, and a terminal is sent no control character', (t) => {
  const bash = (script: string) => spawnSync('bash', ['--norc', '-c', script], { env: { LC_ALL: 'C.UTF-8' } });
  const there = bash('true').status === 0;
  if (!there) t.diagnostic('there is no bash here to read them');
  for (const name of odd) {
    const word = shellWord(name);
    assert.doesNotMatch(word, /\p{Cc}/u, JSON.stringify(name));
    if (there) assert.equal(bash(`printf %s ${word}`).stdout.toString(), name, word);
  }
});
