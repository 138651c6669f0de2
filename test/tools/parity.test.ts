import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parity } from './parity.ts';

const failure = { name: 'a check', where: 'x.test.ts:1', detail: 'it is not so' };
const embedded = { name: 'conformance', server: undefined, passed: 12, findings: [], skipped: [] };
const real = { name: 'conformance-real', server: 'Kubernetes v1.36.3', passed: 12, findings: [], skipped: [] };

test('equal counts are said, with those that failed', () => {
  assert.deepEqual(parity([embedded, real]), {
    line: 'conformance checks: 12 on the embedded API, 12 on Kubernetes v1.36.3',
    finding: undefined,
  });
  assert.equal(parity([embedded, { ...real, passed: 11, findings: [failure] }]).finding, undefined);
});

test('a check that ran on one only is a failure, also when it was skipped there', () => {
  for (const other of [
    { ...real, passed: 11 },
    { ...real, passed: 11, skipped: ['not here'] },
  ]) {
    const { line, finding } = parity([embedded, other]);
    assert.equal(line, 'conformance checks: 12 on the embedded API, 11 on Kubernetes v1.36.3');
    assert.match(finding?.detail ?? '', /every check must run on both/);
  }
});

test('a control plane that is not there is said with the reason', () => {
  const absent = { ...real, server: undefined, passed: 0, skipped: ['there is no Go'] };
  assert.deepEqual(parity([embedded, absent]), {
    line: 'conformance checks: 12 on the embedded API; none on a real control plane: there is no Go',
    finding: undefined,
  });
});

test('one layer alone has nothing to be compared with', () => {
  assert.deepEqual(parity([real]), { line: undefined, finding: undefined });
});
