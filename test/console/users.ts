/** Three users of one cluster with roles that clusters have: an administrator, an editor and a viewer of one namespace. */
import type { Client } from '../../src/kube/index.ts';
import { kinds } from '../../src/kube/index.ts';
import { post, tokenOf } from '../e2e/account.ts';
import { applyClaim, bound } from '../e2e/claims.ts';

export const TEAM = 'team';
export const OTHER = 'other';

/** A stranger has an account, and no role. */
export type Person = 'boss' | 'editor' | 'viewer' | 'stranger';
const people: readonly Person[] = ['boss', 'editor', 'viewer', 'stranger'];

export interface Users {
  readonly tokens: Readonly<Record<Person, string>>;
  /** A token of the viewer's for an audience of its own, as pods get them for other services. */
  readonly elsewhere: string;
}

/** Both namespaces with a volume each, and the accounts in a third. */
export async function makeUsers(client: Client): Promise<Users> {
  for (const name of [TEAM, OTHER, 'people']) {
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await Promise.all([makeVolume(client, TEAM, 'mine'), makeVolume(client, OTHER, 'theirs')]);
  for (const name of people) {
    await post(client, '/api/v1/namespaces/people/serviceaccounts', { metadata: { name } });
  }
  await post(client, `${RBAC}/clusterrolebindings`, bindingOf('boss', 'cluster-admin'));
  await post(client, `${RBAC}/namespaces/${TEAM}/rolebindings`, bindingOf('editor', 'edit'));
  await post(client, `${RBAC}/namespaces/${TEAM}/rolebindings`, bindingOf('viewer', 'view'));
  return {
    tokens: {
      boss: await tokenOfPerson(client, 'boss'),
      editor: await tokenOfPerson(client, 'editor'),
      viewer: await tokenOfPerson(client, 'viewer'),
      stranger: await tokenOfPerson(client, 'stranger'),
    },
    elsewhere: await tokenOfPerson(client, 'viewer', ['somewhere-else']),
  };
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

async function makeVolume(client: Client, namespace: string, name: string): Promise<void> {
  const annotations = { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/max-size': '3Gi' };
  await applyClaim(client, { name, namespace, size: '1Gi', storageClass: 'larder', annotations });
  await bound(client, namespace, name);
}

export function bindingOf(person: Person, role: string): object {
  return {
    metadata: { name: `${person}-${role}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', namespace: 'people', name: person }],
  };
}

export function tokenOfPerson(client: Client, person: Person, audiences?: readonly string[]): Promise<string> {
  return tokenOf(client, { namespace: 'people', name: person }, audiences);
}

/** Whose tokens count no longer from here on. */
export async function removeAccount(client: Client, person: Person): Promise<void> {
  const path = `/api/v1/namespaces/people/serviceaccounts/${person}`;
  const response = await client.request({ method: 'DELETE', path });
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
