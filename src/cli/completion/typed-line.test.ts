import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { alreadyWritten, quoted, typedLine } from './typed-line.ts';

test('a line is read as bash reads it, and nothing in it is run', () => {
  assert.deepEqual(typedLine('larder explain ').words, ['larder', 'explain', '']);
  assert.deepEqual(typedLine('larder  -n\tx').words, ['larder', '-n', 'x']);
  assert.deepEqual(typedLine('larder "a b" c\\ d \'e"f\' g""h').words, ['larder', 'a b', 'c d', 'e"f', 'gh']);
  assert.deepEqual(typedLine('larder --context "my h'), {
    words: ['larder', '--context', 'my h'],
    raw: '"my h',
    quote: '"',
  });
  assert.deepEqual(typedLine('x $(touch y) `z`').words, ['x', '$(touch', 'y)', '`z`']);
  assert.deepEqual(typedLine('x "a\\b\\"c" \\').words, ['x', 'a\\b"c', '\\']);
});

test('bash puts an answer behind the last of its breaks that is not quoted', () => {
  assert.equal(alreadyWritten('--context=arn:aws:e', ' =:'), '--context=arn:aws:');
  assert.equal(alreadyWritten('"arn:aws:e', ' =:'), '');
  assert.equal(alreadyWritten('a\\:b', ' =:'), '');
  assert.equal(alreadyWritten('a:b', ' ='), '');
});

test('what is quoted for bash is read back by bash itself, in each kind of quote', () => {
  const value = fc.string({ unit: fc.constantFrom(...'ab1 $`"\'\\;|&(){}[]*?!#~<>=:,./@%+-^é'), minLength: 1 });
  const values = fc.sample(value, 300);
  const written = values.flatMap((each) => [quoted(each, ''), `"${quoted(each, '"')}"`, `'${quoted(each, "'")}'`]);
  const { stdout } = spawnSync('bash', ['--norc', '-c', `printf '%s\\n' ${written.join(' ')}`], { encoding: 'utf8' });
  assert.deepEqual(
    stdout.trimEnd().split('\n'),
    values.flatMap((each) => [each, each, each]),
  );
});

test('what is quoted is read back from the line', () => {
  const value = fc.string({ unit: fc.constantFrom(...'ab $`"\'\\:='), minLength: 1 });
  fc.assert(
    fc.property(value, (each) => {
      for (const text of [quoted(each, ''), `"${quoted(each, '"')}"`, `'${quoted(each, "'")}'`])
        assert.deepEqual(typedLine(`x ${text}`).words, ['x', each]);
    }),
  );
});
