/** `larder statefulset reconcile`, typed by a person, and killed where it hurts most. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { Agent, request as forward } from 'undici';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderKubeconfig } from '../../src/embedded/kubeconfig.ts';
import { statefulSets } from '../../src/expand/stateful-set/stateful-set.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { eventually, runLarder, temporaryFolder } from './larder.ts';
import type { Cluster, Journey, Place } from './site.ts';

export const statefulSetJourneys = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} a StatefulSet gets larger templates without losing a pod or a claim, also after a kill in between`,
    run: (t) => journey(t, place),
  },
];

const NAMESPACE = 'default';
const BIN = resolve(import.meta.dirname, '../../bin/start.js');

async function journey(t: TestContext, place: Place): Promise<void> {
  const cluster = await place.cluster(t);
  const { client } = cluster;
  const folder = temporaryFolder((remove) => t.after(remove));
  const run = (line: string) => runLarder(['statefulset', ...line.split(' ')], { KUBECONFIG: cluster.kubeconfig });
  await grownClaim(client, 'data-db-0', '20Gi');
  await createSet(client);
  const before = await pictureOf(client, place);

  assert.match((await run('reconcile nobody')).stderr, /there is no StatefulSet default\/nobody/);
  const planned = await run('reconcile sts/db --dry-run');
  assert.equal(planned.code, 1, planned.stderr);
  assert.match(planned.stdout, /^TEMPLATE +WRITTEN +CLAIMS +LARGEST +OF\ndata +10Gi +\d +20Gi +data-db-0\n$/);
  assert.match(planned.stderr, /would be done: StatefulSet default\/db .* made again with data 10Gi → 20Gi\.\n$/);
  assert.equal((await run('reconcile db')).code, 3, 'nobody was asked');

  await label(client, 'Helm');
  const refused = await run('reconcile db --yes');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is left as it is:\n- helm: it belongs to the Helm release .* --cascade=orphan/);
  await label(client, null);
  assert.deepEqual(await pictureOf(client, place), before, 'up to here nothing was changed');

  const killed = await inBetween(t, cluster, join(folder, 'db.json'), async (pid) => {
    process.kill(pid, 'SIGKILL');
    return false;
  });
  assert.equal(killed.end, 'SIGKILL', killed.stderr);
  assert.match(killed.stderr, /If this is interrupted: larder statefulset reconcile db -n default --resume /);
  await assert.rejects(client.get(statefulSets, { namespace: NAMESPACE, name: 'db' }), /not found/);
  const resumed = await run(`reconcile db --resume ${join(folder, 'db.json')}`);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /StatefulSet default\/db is made again: data 20Gi\.\n/);
  const again = await run(`reconcile db --resume ${join(folder, 'db.json')}`);
  assert.match(again.stderr, /is there with these sizes: nothing to do/);
  assert.deepEqual(await pictureOf(client, place), before);

  await grownClaim(client, 'data-db-7', '30Gi');
  const second = await pictureOf(client, place);
  const done = await run(`reconcile db --yes --save ${join(folder, 'second.json')}`);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /Its claims are the same as before; (\d) of its \1 pods are its own again/);
  assert.deepEqual(await pictureOf(client, place), second);
  const set = await client.get(statefulSets, { namespace: NAMESPACE, name: 'db' });
  assert.equal(set.metadata.annotations?.['example.com/note'], 'kept');
  assert.match((await run('reconcile db')).stderr, /No claim of StatefulSet default\/db has outgrown its template/);
  assert.match(
    (await run(`reconcile db --resume ${join(folder, 'db.json')}`)).stderr,
    /was not deleted, or was made by/,
  );
}

/** A claim that is bound to a volume of this size, as one that grew to it. */
async function grownClaim(client: Client, name: string, storage: string): Promise<void> {
  const accessModes = ['ReadWriteOnce'] as const;
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes,
      hostPath: { path: `/nowhere/${name}` },
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: NAMESPACE, name },
    },
  });
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: NAMESPACE, name },
    spec: { accessModes, storageClassName: '', volumeName: name, resources: { requests: { storage } } },
  });
  await eventually(`${name} to be Bound`, async () => {
    const claim = await client.get(kinds.PersistentVolumeClaim, { namespace: NAMESPACE, name });
    return claim.status?.phase === 'Bound' ? claim : undefined;
  });
}

async function createSet(client: Client): Promise<void> {
  const labels = { app: 'db' };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', annotations: { 'example.com/note': 'kept' } },
    spec: {
      replicas: 2,
      serviceName: 'db',
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db.example/db:1' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '10Gi' } } },
        },
      ],
    },
  };
  const answer = await client.request({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets?fieldManager=kubectl-create`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(set),
  });
  assert.equal(answer.status, 201, await answer.text());
}

/** Claims and pods by name and uid, once there is what a StatefulSet makes there. */
async function pictureOf(client: Client, { name }: Place): Promise<readonly string[]> {
  const pods = name.includes('embedded') ? 0 : 2;
  return eventually('the pods of the StatefulSet, its own', async () => {
    const found = (await client.list(kinds.Pod, { namespace: NAMESPACE })).items;
    const claims = (await client.list(kinds.PersistentVolumeClaim, { namespace: NAMESPACE })).items;
    const set = await client.get(statefulSets, { namespace: NAMESPACE, name: 'db' });
    const own = found.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid));
    const seen = set.metadata.generation === Reflect.get(Object(set.whole['status']), 'observedGeneration');
    if (own.length < pods || (pods > 0 && !seen)) return undefined;
    return [...found, ...claims].map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).sort();
  });
}

async function label(client: Client, value: string | null): Promise<void> {
  const patch = { metadata: { labels: { 'app.kubernetes.io/managed-by': value } } };
  await client.patch(statefulSets, { namespace: NAMESPACE, name: 'db' }, { kind: 'merge', value: patch });
}

/** Runs the command behind a server that does something between the deletion and the creation. */
async function inBetween(
  t: TestContext,
  { kubeconfig }: Cluster,
  save: string,
  act: (pid: number) => Promise<boolean>,
): Promise<{ readonly end: number | string; readonly stderr: string }> {
  const { url, authority, token } = accessIn(kubeconfig);
  const dispatcher = new Agent({ connect: { ca: authority } });
  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '', headers } = request;
    const body = await text(request);
    if (method === 'POST' && path.includes('/statefulsets') && !path.includes('dryRun')) {
      const passOn = await act(child.pid ?? 0);
      if (!passOn) return;
    }
    const answer = await forward(url + path, {
      dispatcher,
      method: method === 'POST' || method === 'DELETE' ? method : 'GET',
      headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    });
    response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
    response.end(await answer.body.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await dispatcher.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const front = `${save}.kubeconfig`;
  writeFileSync(front, renderKubeconfig({ url: `http://127.0.0.1:${port}`, token, authority }));
  const words = ['statefulset', 'reconcile', 'db', '--yes', '--save', save];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BIN, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, KUBECONFIG: front },
  });
  const said = text(child.stderr);
  const [code, signal] = await once(child, 'close');
  return { end: signal ?? code, stderr: await said };
}

const shape = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string().default('') }) }),
  ]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

function accessIn(kubeconfig: string) {
  const { clusters, users } = shape.parse(parse(readFileSync(kubeconfig, 'utf8')));
  const { server, 'certificate-authority-data': data } = clusters[0].cluster;
  return { url: server, authority: Buffer.from(data, 'base64').toString(), token: users[0].user.token };
}
