import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openGrammar } from './tree.ts';

const text = `job "web" {
  group "web" {
    count = max(1, 2)
    task "web" {
      env {
        A = "x-\${upper("y")}"
      }
    }
  }
}
`;

test('what the garbage collector finds between two files does not spoil the memory of the grammar', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') assert.fail('no garbage collector to call');
  const grammar = await openGrammar();
  const first = JSON.stringify(grammar.parse(text));
  for (let round = 0; round < 40; round += 1) {
    for (let file = 0; file < 3; file += 1) assert.equal(JSON.stringify(grammar.parse(text)), first);
    collect();
    await turn();
    await turn();
  }
});
