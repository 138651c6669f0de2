/** What `doctor` says of the kinds of growth and of policies that stop their claims. Pure. */
import type { PVCPolicy } from '../expand/api/pvc-policy.ts';
import { type Availability, problemsOf } from '../expand/policy/policies.ts';
import type { Finding } from './api.ts';

export interface PolicyState {
  /** `forbidden` is a finding of the permissions already. */
  readonly availability: Availability;
  readonly policies: readonly PVCPolicy[];
}

export function policyFindings({ availability, policies }: PolicyState): readonly Finding[] {
  const check = 'policies';
  if (availability === 'forbidden') return [];
  if (availability === 'absent') {
    const message =
      'the cluster does not know PVCPolicy and PVCGroup: growth is set by annotations alone (docs/reference/crds.yaml adds them)';
    return [{ check, level: 'ok', message, fix: '' }];
  }
  const unreadable = policies.flatMap((policy) => findingsOf(policy));
  if (unreadable.length > 0) return unreadable;
  const count = policies.length === 1 ? '1 policy' : `${policies.length} policies`;
  return [{ check, level: 'ok', message: `${count}, all readable`, fix: '' }];
}

function findingsOf(policy: PVCPolicy): readonly Finding[] {
  const { name, namespace = '' } = policy.metadata;
  return problemsOf(policy)
    .slice(0, 1)
    .map(({ field, reason }) => ({
      check: `policy ${namespace}/${name}`,
      level: 'warning',
      message: `its claims do not grow: ${field} ${reason}`,
      fix: `kubectl edit pvcpolicy ${name} -n ${namespace}`,
    }));
}
