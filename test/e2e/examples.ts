/** What stands in examples/ is accepted as strictly as kubectl asks, and does what its comments say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { pvcGroups } from '../../src/expand/api/pvc-group.ts';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import { eventually } from './larder.ts';
import type { Journey, Place } from './site.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const DEFINITIONS = resolve(import.meta.dirname, '../../docs/reference/crds.yaml');

export const examples = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} every example is accepted, and its policies find their claims`,
    run: (t) => applied(t, place),
  },
];

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Manifest = z.infer<typeof manifest>;

/** Everything in these files that is for a cluster. */
function objectsIn(paths: readonly string[]): readonly Manifest[] {
  return paths
    .flatMap((path) => parseAllDocuments(readFileSync(path, 'utf8')))
    .map((document): unknown => document.toJS())
    .filter((object) => typeof object === 'object' && object !== null && 'apiVersion' in object)
    .map((object) => manifest.parse(object));
}

/** Namespaces first, as somebody who applies a folder twice gets them. */
const objects = objectsIn(
  readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(EXAMPLES, name)),
).toSorted((one, other) => Number(other.kind === 'Namespace') - Number(one.kind === 'Namespace'));

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith('y')) return `${name.slice(0, -1)}ies`;
  return name.endsWith('s') ? `${name}es` : `${name}s`;
}

async function apply(client: Client, object: Manifest): Promise<string> {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const where = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const path = `${root}${where}/${pluralOf(kind)}/${metadata.name}`;
  const response = await client.request({
    method: 'PATCH',
    path: `${path}?fieldManager=example&fieldValidation=Strict`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(object),
  });
  const text = await response.text();
  assert.ok(response.status < 300, `${path}: ${text}`);
  return String(response.headers['warning'] ?? '');
}

async function applied(t: TestContext, place: Place): Promise<void> {
  const { client } = await place.site(t);
  // `larder up` makes its kinds known itself.
  if (!(await areKnown(client))) for (const object of objectsIn([DEFINITIONS])) await apply(client, object);
  await eventually('the kinds of policies and groups', async () => (await areKnown(client)) || undefined);
  assert.ok(objects.length >= 10, `${objects.length} objects`);
  for (const object of objects) assert.equal(await apply(client, object), '', `${object.kind} ${object.metadata.name}`);
  await claimOfReplica(client);
  const named = objects.filter(({ kind }) => kind === 'PVCPolicy').map(({ metadata }) => metadata);
  assert.ok(named.length >= 3);
  for (const { name, namespace = 'default' } of named) {
    await eventually(`policy ${namespace}/${name} to have a claim`, async () => {
      const { status } = await client.get(pvcPolicies, { namespace, name });
      const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
      return ready && status?.matchedPVCs === 1 ? true : undefined;
    });
  }
  const groups = objects.filter(({ kind }) => kind === 'PVCGroup').map(({ metadata }) => metadata);
  assert.ok(groups.length >= 1);
  for (const { name, namespace = 'default' } of groups) {
    await eventually(`group ${namespace}/${name} to have members`, async () => {
      const { status } = await client.get(pvcGroups, { namespace, name });
      return (status?.memberCount ?? 0) >= 2 ? true : undefined;
    });
  }
}

async function areKnown(client: Client): Promise<boolean> {
  const response = await client.request({ method: 'GET', path: '/apis/pvc-chonker.io/v1alpha1' });
  const served = await response.text();
  return served.includes('"pvcgroups"') && served.includes('"pvcpolicies"');
}

/** As the controller of StatefulSets makes it, where there is one and where there is none. */
async function claimOfReplica(client: Client): Promise<void> {
  const created = client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-postgres-0', namespace: 'default', labels: { workload: 'database' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
  });
  await created.catch((failure: unknown) => {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure;
  });
}
