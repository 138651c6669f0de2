/** The account of nfs-subdir-external-provisioner, with exactly the roles that its chart 4.0.18 makes for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderKubeconfig } from '../../src/embedded/kubeconfig.ts';
import type { Client } from '../../src/kube/index.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { post } from './account.ts';

export const PEER_USER = 'nfs-client-provisioner';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const NAME = 'nfs-client-provisioner-runner';
const LOCK = 'leader-locking-nfs-client-provisioner';

/** templates/clusterrole.yaml of the chart. */
const rules = [
  { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch', 'update'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'update', 'patch'] },
];

/** templates/role.yaml: the lock is an Endpoints object; nothing is said of Leases. */
const lock = [
  { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] },
];

/** Makes the roles for the user, who must be among the plane's `users`; returns the path of its kubeconfig. */
export async function peerAccount(plane: ControlPlane, client: Client): Promise<string> {
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: PEER_USER }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = (name: string) => ({ name });
  await post(client, `${RBAC}/clusterroles`, { apiVersion, kind: 'ClusterRole', metadata: metadata(NAME), rules });
  await post(client, `${RBAC}/clusterrolebindings`, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: metadata(NAME),
    roleRef: roleRef('ClusterRole', NAME),
    subjects,
  });
  const here = `${RBAC}/namespaces/default`;
  await post(client, `${here}/roles`, { apiVersion, kind: 'Role', metadata: metadata(LOCK), rules: lock });
  await post(client, `${here}/rolebindings`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata: metadata(LOCK),
    roleRef: roleRef('Role', LOCK),
    subjects,
  });
  const path = join(plane.folder, 'peer.kubeconfig');
  const { url, authority, tokens } = plane;
  writeFileSync(path, renderKubeconfig({ url, token: tokens[PEER_USER] ?? '', authority }), { mode: 0o600 });
  return path;
}
