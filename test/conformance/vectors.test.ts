import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SUBJECTS, type Subject, sequence } from './sequence.ts';
import { connect } from './target.ts';
import { play, readVectors } from './vectors.ts';

const api = await connect();

const SAYS = {
  account: 'a service account, whose lists are merged in two different ways',
  claim: 'a claim and its status',
  configmap: 'a config map',
  cronjob: 'a job of every year, whose pods are a template with lists in lists',
  pod: 'a pod, of which little may change, and its status',
} as const satisfies Record<Subject, string>;

for (const subject of SUBJECTS) {
  test(`several managers apply, update and patch ${SAYS[subject]}, and own what a real server says`, async () => {
    const histories = Object.entries(readVectors(subject));
    assert.ok(histories.length >= 20, `only ${histories.length} histories`);
    for (const [seed, recorded] of histories) {
      const outcomes = await play(api, subject, Number(seed));
      for (const [index, expected] of recorded.entries()) {
        const { quiet, ...actual } = outcomes[index] ?? { status: 0 };
        // a write that changes nothing may be quieter than it was when it was recorded
        const compared = quiet && expected.quiet ? { ...actual, quiet } : actual;
        const step = JSON.stringify(sequence(subject, Number(seed))[index]);
        assert.deepEqual(compared, expected, `history ${seed}, step ${index}: ${step}`);
      }
    }
  });
}
