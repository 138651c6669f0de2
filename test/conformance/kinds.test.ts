import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { kindCases } from './kinds/cases.ts';
import { transcribe } from './kinds/transcript.ts';
import { readVector } from './kinds/vector.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

for (const [name, kindCase] of Object.entries(kindCases)) {
  test(`${name}: every answer is the recorded one`, async (context) => {
    const recorded = readVector(name);
    const word = `run${randomBytes(4).toString('hex')}`;
    const answers = await transcribe({ api, namespace, word }, name, kindCase);
    assert.deepEqual(Object.keys(answers), Object.keys(recorded));
    for (const [what, answer] of Object.entries(answers)) {
      await context.test(what, () => assert.deepEqual(answer, recorded[what]));
    }
  });
}
