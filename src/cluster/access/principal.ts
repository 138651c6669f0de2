/** Which operators may log in as whom. A node knows the names; a certificate carries those of its person. */
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';

type Operator = ClusterSpec['operators'][number];

/** Groups of Kubernetes, as cluster/policies of the operators' repository binds them. */
export const GROUPS: Readonly<Record<Operator['role'], string>> = {
  admin: 'larder:admins',
  operator: 'larder:operators',
};

/** Of those who may look but not change: a user without sudo, who reads the journal. */
export const LOOKING_USER = 'larder-operator';

export function principalsOf({ role }: Pick<Operator, 'role'>): readonly string[] {
  return role === 'admin' ? ['larder-admin', 'larder-operator'] : ['larder-operator'];
}

/** User of the node → names that may log in as that user. */
export function allowedOn({ ssh }: NodeSpec): Readonly<Record<string, readonly string[]>> {
  return { [LOOKING_USER]: ['larder-operator'], [ssh.user]: ['larder-admin'] };
}
