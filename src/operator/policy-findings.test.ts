import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pvcPolicies } from '../expand/api/pvc-policy.ts';
import { policyFindings } from './policy-findings.ts';

const policy = (name: string, template: object) =>
  pvcPolicies.project({ metadata: { name, namespace: 'shop' }, spec: { selector: {}, template } });

test('a cluster without the kinds is in order, and is told what it lacks', () => {
  const [finding] = policyFindings({ availability: 'absent', policies: [] });
  assert.equal(finding?.level, 'ok');
  assert.match(finding?.message ?? '', /growth is set by annotations alone/);
  assert.deepEqual(policyFindings({ availability: 'forbidden', policies: [] }), []);
});

test('a policy that cannot be read is named with the field and how to mend it', () => {
  const good = policy('good', { threshold: 80 });
  assert.deepEqual(policyFindings({ availability: 'served', policies: [good] }), [
    { check: 'policies', level: 'ok', message: '1 policy, all readable', fix: '' },
  ]);
  const bad = policy('bad', { maxSize: 'big', increase: 'more' });
  assert.deepEqual(policyFindings({ availability: 'served', policies: [good, bad] }), [
    {
      check: 'policy shop/bad',
      level: 'warning',
      message:
        'its claims do not grow: spec.template.increase must be a percentage or a quantity above zero, for example "10%" or "5Gi"',
      fix: 'kubectl edit pvcpolicy bad -n shop',
    },
  ]);
});
