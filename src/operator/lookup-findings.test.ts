import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookupFindings } from './lookup-findings.ts';

test('a cloud that answers is a fact, one that does not is a warning with where to read on', () => {
  assert.deepEqual(lookupFindings({ cloud: 'aws', known: 1, problem: '', code: '' }), [
    { check: 'look-ups of aws', level: 'ok', message: '1 volume known', fix: '' },
  ]);
  const problem = 'the role lacks ec2:DescribeVolumes';
  assert.deepEqual(lookupFindings({ cloud: 'aws', known: 0, problem, code: 'LARDER_LOOKUP_DENIED' }), [
    {
      check: 'look-ups of aws',
      level: 'warning',
      message: 'the role lacks ec2:DescribeVolumes; 0 volumes known',
      fix: 'docs/guides/aws.md, and LARDER_LOOKUP_DENIED in docs/reference/errors.md; growth goes on by the tables meanwhile',
    },
  ]);
});
