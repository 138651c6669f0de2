import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, configMaps, MERGE } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();

async function make(namespace: string, names: readonly string[], labels = {}): Promise<void> {
  for (const name of names) {
    const body = configMap(name, {}, { labels });
    assert.equal((await api.call(configMaps(namespace), { method: 'POST', body })).status, 201);
  }
}

const namesOf = (list: { items: { metadata: { name: string } }[] }): string[] =>
  list.items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');

test('a list has a kind, a version, and its items in the order of their names', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['c', 'a', 'b']);
  const { status, json } = await api.call(configMaps(namespace));
  assert.equal(status, 200);
  assert.equal(json.kind, 'ConfigMapList');
  assert.equal(json.apiVersion, 'v1');
  assert.match(json.metadata.resourceVersion, /^\d+$/);
  assert.deepEqual(namesOf(json), ['a', 'b', 'c']);
});

test('the list of a namespace leaves out those whose names begin alike', async () => {
  const namespace = await api.namespace();
  await api.call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: `${namespace}-more` } } });
  await make(namespace, ['own']);
  await make(`${namespace}-more`, ['foreign']);
  assert.deepEqual(namesOf((await api.call(configMaps(namespace))).json), ['own']);
});

test('a list of all namespaces has the objects of each', async () => {
  const [one, two] = [await api.namespace(), await api.namespace()];
  await make(one, ['x']);
  await make(two, ['x']);
  const { json } = await api.call('/api/v1/configmaps');
  const found = json.items.map(
    ({ metadata }: { metadata: { namespace: string; name: string } }) => `${metadata.namespace}/${metadata.name}`,
  );
  assert.ok(found.includes(`${one}/x`) && found.includes(`${two}/x`));
});

test('pages show one moment: what is made and deleted between them is not seen', async () => {
  const namespace = await api.namespace();
  const labels = { page: namespace };
  await make(namespace, ['a', 'b', 'c', 'd', 'e'], labels);
  const path = `${configMaps(namespace)}?labelSelector=page%3D${namespace}&limit=2`;
  const first = await api.call(path);
  assert.deepEqual(namesOf(first.json), ['a', 'b']);
  assert.ok(first.json.metadata.continue);
  await make(namespace, ['aa', 'cc'], labels);
  await api.call(configMaps(namespace, 'd'), { method: 'DELETE' });
  const second = await api.call(`${path}&continue=${encodeURIComponent(first.json.metadata.continue)}`);
  assert.deepEqual(namesOf(second.json), ['c', 'd']);
  assert.equal(second.json.metadata.resourceVersion, first.json.metadata.resourceVersion);
  const third = await api.call(`${path}&continue=${encodeURIComponent(second.json.metadata.continue)}`);
  assert.deepEqual(namesOf(third.json), ['e']);
  assert.equal(third.json.metadata.continue, undefined);
});

test('a page says how many remain', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['a', 'b', 'c']);
  const { json } = await api.call(`${configMaps(namespace)}?limit=1`);
  assert.ok(json.metadata.remainingItemCount >= 2);
});

test('a continue token that is none is refused', async () => {
  const { status } = await api.call(`/api/v1/configmaps?limit=1&continue=nonsense`);
  assert.equal(status, 400);
});

test('label selectors choose by equality, set and presence', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['one'], { app: 'one', tier: 'a' });
  await make(namespace, ['two'], { app: 'two' });
  const select = async (selector: string): Promise<string[]> =>
    namesOf((await api.call(`${configMaps(namespace)}?labelSelector=${encodeURIComponent(selector)}`)).json);
  assert.deepEqual(await select('app=one'), ['one']);
  assert.deepEqual(await select('app!=one,app'), ['two']);
  assert.deepEqual(await select('app in (one,two)'), ['one', 'two']);
  assert.deepEqual(await select('tier'), ['one']);
  assert.deepEqual(await select('app,!tier'), ['two']);
});

test('a selector that cannot be read is refused', async () => {
  const { status, json } = await api.call('/api/v1/configmaps?labelSelector=a%20b%20c');
  assert.equal(status, 400);
  assert.equal(json.reason, 'BadRequest');
});

test('field selectors choose by name, and refuse fields that the kind does not offer', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['a', 'b']);
  const { json } = await api.call(`${configMaps(namespace)}?fieldSelector=metadata.name%3Db`);
  assert.deepEqual(namesOf(json), ['b']);
  const { status } = await api.call(`${configMaps(namespace)}?fieldSelector=data.x%3Db`);
  assert.equal(status, 400);
});

test('field selectors of events, secrets and pods choose by what kubectl asks for', async () => {
  const namespace = await api.namespace();
  const event = (name: string, reason: string) => ({
    metadata: { name },
    involvedObject: { kind: 'Pod', namespace, name: 'p' },
    reason,
  });
  const events = `/api/v1/namespaces/${namespace}/events`;
  await api.call(events, { method: 'POST', body: event('one', 'First') });
  await api.call(events, { method: 'POST', body: event('two', 'Second') });
  const chosen = await api.call(`${events}?fieldSelector=involvedObject.name%3Dp,reason%3DSecond`);
  assert.deepEqual(namesOf(chosen.json), ['two']);
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  await api.call(secrets, { method: 'POST', body: { metadata: { name: 's' }, type: 'example.com/mine' } });
  const typed = await api.call(`${secrets}?fieldSelector=type%3Dexample.com/mine`);
  assert.deepEqual(namesOf(typed.json), ['s']);
  const pods = await api.call(
    `/api/v1/namespaces/${namespace}/pods?fieldSelector=spec.nodeName%3D,status.phase%3DRunning`,
  );
  assert.deepEqual(namesOf(pods.json), []);
});

test('a version that does not exist yet is refused as too large', async () => {
  const { status, json } = await api.call('/api/v1/configmaps?resourceVersion=999999999999');
  assert.equal(status, 504);
  assert.match(json.message, /Too large resource version/);
});

test('a watch tells what is made, changed and deleted after the list', async () => {
  const namespace = await api.namespace();
  const { json } = await api.call(configMaps(namespace));
  const path = `${configMaps(namespace)}?watch=true&resourceVersion=${json.metadata.resourceVersion}&labelSelector=seen`;
  await using watch = await api.watch(path);
  await make(namespace, ['seen'], { seen: 'yes' });
  await api.call(configMaps(namespace, 'seen'), { method: 'PATCH', headers: MERGE, body: { data: { a: 'b' } } });
  await api.call(configMaps(namespace, 'seen'), { method: 'DELETE' });
  const versions: number[] = [];
  for (const type of ['ADDED', 'MODIFIED', 'DELETED']) {
    const event = await watch.next();
    assert.equal(event?.type, type);
    assert.equal(event?.object.kind, 'ConfigMap');
    versions.push(Number(event?.object.metadata.resourceVersion));
  }
  assert.deepEqual(
    versions,
    [...versions].sort((left, right) => left - right),
  );
});

test('a watch without a version begins with what is there', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['here'], { here: 'yes' });
  await using watch = await api.watch(`${configMaps(namespace)}?watch=1&labelSelector=here`);
  const event = await watch.next();
  assert.equal(event?.type, 'ADDED');
  assert.equal(event?.object.metadata.name, 'here');
});

test('an object that begins or ceases to match a selector comes and goes', async () => {
  const namespace = await api.namespace();
  const { json } = await api.call(configMaps(namespace));
  const path = `${configMaps(namespace)}?watch=true&resourceVersion=${json.metadata.resourceVersion}&labelSelector=on%3Dyes`;
  await using watch = await api.watch(path);
  await make(namespace, ['turning']);
  const label = (on: string | null) => ({ metadata: { labels: { on } } });
  await api.call(configMaps(namespace, 'turning'), { method: 'PATCH', headers: MERGE, body: label('yes') });
  await api.call(configMaps(namespace, 'turning'), { method: 'PATCH', headers: MERGE, body: label(null) });
  assert.equal((await watch.next())?.type, 'ADDED');
  assert.equal((await watch.next())?.type, 'DELETED');
});

test('a watch resumes where another one ended', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['first'], { resumed: 'yes' });
  const { json } = await api.call(configMaps(namespace, 'first'));
  await make(namespace, ['second', 'third'], { resumed: 'yes' });
  const path = `${configMaps(namespace)}?watch=true&resourceVersion=${json.metadata.resourceVersion}&labelSelector=resumed`;
  await using watch = await api.watch(path);
  assert.equal((await watch.next())?.object.metadata.name, 'second');
  assert.equal((await watch.next())?.object.metadata.name, 'third');
});

test('initial events end with a bookmark that says so', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['a', 'b'], { initial: 'yes' });
  const query =
    'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=initial';
  await using watch = await api.watch(`${configMaps(namespace)}?${query}`);
  assert.equal((await watch.next())?.object.metadata.name, 'a');
  assert.equal((await watch.next())?.object.metadata.name, 'b');
  const bookmark = await watch.next();
  assert.equal(bookmark?.type, 'BOOKMARK');
  assert.equal(bookmark?.object.kind, 'ConfigMap');
  assert.equal(bookmark?.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  assert.match(bookmark?.object.metadata.resourceVersion, /^\d+$/);
});

test('initial events need bookmarks and a way to match the version', async () => {
  const { status, json } = await api.call(
    '/api/v1/configmaps?watch=true&sendInitialEvents=true&allowWatchBookmarks=true',
  );
  assert.equal(status, 422);
  assert.match(json.message, /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/);
});

test('a watch ends after its timeout', async () => {
  const namespace = await api.namespace();
  await using watch = await api.watch(`${configMaps(namespace)}?watch=true&timeoutSeconds=1&labelSelector=none`);
  assert.equal(await watch.next(), undefined);
});

test('one object is watched by its name', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['a', 'b']);
  await using watch = await api.watch(`${configMaps(namespace)}?watch=true&fieldSelector=metadata.name%3Db`);
  assert.equal((await watch.next())?.object.metadata.name, 'b');
});

test('a watch can be shown as tables, with the columns in the first', async () => {
  const namespace = await api.namespace();
  await make(namespace, ['a', 'b'], { tables: 'yes' });
  await using watch = await api.watch(`${configMaps(namespace)}?watch=true&labelSelector=tables`, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  const first = await watch.next();
  const second = await watch.next();
  assert.equal(first?.object.kind, 'Table');
  assert.equal(first?.object.rows[0].cells[0], 'a');
  assert.ok(first?.object.columnDefinitions.length > 0);
  assert.ok(!second?.object.columnDefinitions?.length);
});
