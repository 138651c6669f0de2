import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, configMaps } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const make = async (name: string, labels: object = { l: '1' }) => {
  const { json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap(name, {}, { labels }) });
  return String(json.metadata.resourceVersion);
};
const first = await make('a', { l: '1', n: '5' });
const second = await make('b', { l: '2', n: '50' });

const MAPS = '/api/v1/namespaces/$NS/configmaps';
const asks = (query: string): Refused['request'] => [`${MAPS}?${query}`];
const bad = { status: 400, reason: 'BadRequest' };
const invalid = { status: 422, reason: 'Invalid' };
const OLD_TOKEN = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'a\0' })).toString('base64url');
const MATCH = ['resourceVersionMatch'];

refuses(api, namespace, [
  {
    rule: 'a limit is a number',
    request: asks('limit=x'),
    ...bad,
    message: 'strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    rule: 'a timeout is a number',
    request: asks('timeoutSeconds=x'),
    ...bad,
    message: 'strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    rule: 'a version is a number',
    request: asks('resourceVersion=x'),
    ...bad,
    message: /strconv\.ParseUint: parsing "x"/,
  },
  {
    rule: 'a version is not negative',
    request: asks('resourceVersion=-1'),
    ...bad,
    message: /strconv\.ParseUint: parsing "-1"/,
  },
  {
    rule: 'how a version matches needs a version',
    request: asks('resourceVersionMatch=Exact'),
    ...invalid,
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    fields: MATCH,
  },
  {
    rule: 'a version matches in one of two ways',
    request: asks('resourceVersionMatch=Nope&resourceVersion=1'),
    ...invalid,
    message: /Unsupported value: "Nope": supported values: "Exact", "NotOlderThan", ""/,
    fields: MATCH,
  },
  {
    rule: 'any version cannot be matched exactly',
    request: asks('resourceVersion=0&resourceVersionMatch=Exact'),
    ...invalid,
    message: /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
    fields: MATCH,
  },
  {
    rule: 'a list sends no initial events',
    request: asks('sendInitialEvents=true'),
    ...invalid,
    message: /sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list/,
  },
  {
    rule: 'a continue token that is no text of this kind is refused',
    request: asks('continue=x'),
    ...bad,
    message: /^invalid continue token: continue key is not valid/,
  },
  {
    rule: 'a continue token has its own version',
    request: asks(`continue=${OLD_TOKEN}&resourceVersion=5`),
    ...bad,
    message: 'specifying resource version is not allowed when using continue',
  },
  {
    rule: 'a moment that is forgotten cannot be listed exactly',
    request: asks('resourceVersion=1&resourceVersionMatch=Exact'),
    status: 410,
    reason: 'Expired',
    message: 'The resourceVersion for the provided list is too old.',
  },
  {
    rule: 'an exact moment that is still to come is refused as too large',
    request: asks('resourceVersion=999999999999&resourceVersionMatch=Exact'),
    status: 504,
    reason: 'Timeout',
    message: /Too large resource version: 999999999999, current: \d+/,
  },
  {
    rule: 'an object of a version that is still to come is refused as too large',
    request: [`${MAPS}/a?resourceVersion=999999999999`],
    status: 504,
    reason: 'Timeout',
    message: /Too large resource version/,
  },
  { rule: 'a selector that begins with a sign is refused', request: asks('labelSelector=%3Db'), ...bad, message: /./ },
  { rule: 'a selector that ends in a comma is refused', request: asks('labelSelector=a%3Db,'), ...bad, message: /./ },
  { rule: 'a set that is not closed is refused', request: asks('labelSelector=a+in+(b'), ...bad, message: /./ },
  { rule: 'a denial of nothing is refused', request: asks('labelSelector=!'), ...bad, message: /./ },
  { rule: 'only integers are greater than others', request: asks('labelSelector=a%3Ex'), ...bad, message: /integer/ },
  {
    rule: 'a selector asks for keys that labels can have',
    request: asks('labelSelector=a/b/c'),
    ...bad,
    message: /^unable to parse requirement: .*a\/b\/c/,
  },
  {
    rule: 'a selector asks for values that labels can have',
    request: asks(`labelSelector=a%3D${'x'.repeat(64)}`),
    ...bad,
    message: /^unable to parse requirement: .*x{64}/,
  },
  {
    rule: 'a field selector compares',
    request: asks('fieldSelector=metadata.name'),
    ...bad,
    message: /metadata\.name/,
  },
  {
    rule: 'a field that a kind does not offer is named',
    request: asks('fieldSelector=metadata.uid%3Dx'),
    ...bad,
    message: '"metadata.uid" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
]);

const names = async (query: string): Promise<string[]> => {
  const { json } = await api.call(`${configMaps(namespace)}?${query}`);
  return json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
};

test('a limit of nothing is none, and so is one below', async () => {
  assert.deepEqual(await names('labelSelector=l&limit=0'), ['a', 'b']);
  assert.deepEqual(await names('labelSelector=l&limit=-1'), ['a', 'b']);
});

test('an exact version shows that moment and is the version of the list', async () => {
  const { json } = await api.call(
    `${configMaps(namespace)}?labelSelector=l&resourceVersion=${first}&resourceVersionMatch=Exact`,
  );
  assert.deepEqual(
    json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['a'],
  );
  assert.equal(json.metadata.resourceVersion, first);
});

test('a version that is not to be older shows at least that moment', async () => {
  const query = `labelSelector=l&resourceVersion=${second}&resourceVersionMatch=NotOlderThan`;
  const { json } = await api.call(`${configMaps(namespace)}?${query}`);
  assert.equal(json.items.length, 2);
  assert.ok(Number(json.metadata.resourceVersion) >= Number(second));
  assert.deepEqual(await names('labelSelector=l&resourceVersion=0'), ['a', 'b']);
});

test('a page whose moment is forgotten leads to the rest as it is now', async () => {
  const { status, json } = await api.call(`${configMaps(namespace)}?labelSelector=l&limit=5&continue=${OLD_TOKEN}`);
  assert.deepEqual([status, json.reason], [410, 'Expired']);
  assert.match(
    json.message,
    /^The provided continue parameter is too old to display a consistent list result\. You can start/,
  );
  const token = encodeURIComponent(json.metadata.continue);
  const rest = await api.call(`${configMaps(namespace)}?labelSelector=l&limit=5&continue=${token}`);
  assert.equal(rest.status, 200);
  assert.match(rest.json.metadata.resourceVersion, /^\d+$/);
});

test('the number of what remains is not said with a selector', async () => {
  const { json } = await api.call(`${configMaps(namespace)}?labelSelector=l&limit=1`);
  assert.ok(json.metadata.continue);
  assert.equal(json.metadata.remainingItemCount, undefined);
});

test('labels are compared as texts, but with signs as numbers', async () => {
  assert.deepEqual(await names('labelSelector=n%3E5'), ['b']);
  assert.deepEqual(await names('labelSelector=n%3C50'), ['a']);
  assert.deepEqual(await names('labelSelector=l%3D%3D1'), ['a']);
  assert.deepEqual(await names('labelSelector=l,n+notin+(5)'), ['b']);
  assert.deepEqual(await names('labelSelector=l%3D'), []);
});

test('what is in the braces of a set may be nothing at all', async () => {
  assert.deepEqual(await names('labelSelector=l+in+()'), []);
});

test('fields are compared as equal and unequal, and all must hold', async () => {
  assert.deepEqual(await names('labelSelector=l&fieldSelector=metadata.name%3D%3Da'), ['a']);
  assert.deepEqual(await names('labelSelector=l&fieldSelector=metadata.name!%3Da'), ['b']);
  assert.deepEqual(await names('labelSelector=l&fieldSelector=metadata.name%3Da,metadata.name%3Db'), []);
  assert.deepEqual(await names(`labelSelector=l&fieldSelector=metadata.namespace%3D${namespace}`), ['a', 'b']);
  assert.deepEqual(await names('labelSelector=l&fieldSelector=metadata.namespace%3Dother'), []);
  assert.deepEqual(await names('labelSelector=l&fieldSelector=,'), ['a', 'b']);
});

test('a namespace that is not there has an empty list', async () => {
  const { status, json } = await api.call(configMaps('nowhere-at-all'));
  assert.deepEqual([status, json.items], [200, []]);
});

const WATCH = `${configMaps(namespace)}?watch=true&timeoutSeconds=1&labelSelector=l`;

refuses(api, namespace, [
  {
    rule: 'a watch matches no version without initial events',
    request: [`${WATCH}&resourceVersionMatch=Exact`],
    ...invalid,
    message: /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided/,
    fields: ['resourceVersionMatch', 'resourceVersionMatch'],
  },
  {
    rule: 'initial events are not older, never exact',
    request: [`${WATCH}&sendInitialEvents=true&resourceVersionMatch=Exact&allowWatchBookmarks=true`],
    ...invalid,
    message: /Unsupported value: "Exact": supported values: "NotOlderThan"/,
  },
  {
    rule: 'a watch begins at a number',
    request: [`${WATCH}&resourceVersion=x`],
    status: 500,
    reason: '',
    message: /parsing "x": invalid syntax/,
  },
]);

test('a watch of what is forgotten begins with an error that says so', async () => {
  await using watch = await api.watch(`${WATCH}&resourceVersion=1`);
  const event = await watch.next();
  assert.equal(event?.type, 'ERROR');
  assert.deepEqual([event?.object.kind, event?.object.code, event?.object.reason], ['Status', 410, 'Expired']);
  assert.match(event?.object.message, /^too old resource version: 1 \(\d+\)$/);
});

test('a watch without initial events sends none, but what is new', async () => {
  await using watch = await api.watch(
    `${configMaps(namespace)}?watch=true&labelSelector=late&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=${second}`,
  );
  await make('late', { late: 'yes' });
  const event = await watch.next();
  assert.deepEqual([event?.type, event?.object.metadata.name], ['ADDED', 'late']);
});

test('initial events without bookmarks end without one', async () => {
  await using watch = await api.watch(`${WATCH}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
  const types = [];
  for (let event = await watch.next(); event; event = await watch.next()) types.push(event.type);
  assert.deepEqual(types, ['ADDED', 'ADDED']);
});

test('an object that is asked for by name is not watched but given', async () => {
  const { json } = await api.call(`${configMaps(namespace, 'a')}?watch=true&timeoutSeconds=1`);
  assert.equal(json.kind, 'ConfigMap');
  assert.equal((await api.call(`${configMaps(namespace, 'nobody')}?watch=true`)).status, 404);
});

const METADATA = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
const INITIAL = `${WATCH}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;

test('a watch can be shown as metadata, its bookmarks too', async () => {
  await using watch = await api.watch(INITIAL, METADATA);
  const events = [await watch.next(), await watch.next(), await watch.next()];
  assert.deepEqual(
    events.map((event) => [event?.type, event?.object.kind]),
    [
      ['ADDED', 'PartialObjectMetadata'],
      ['ADDED', 'PartialObjectMetadata'],
      ['BOOKMARK', 'PartialObjectMetadata'],
    ],
  );
  assert.equal(events[0]?.object.data, undefined);
  assert.equal(events[2]?.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
});

test('a bookmark of tables is a row without a name', async () => {
  await using watch = await api.watch(INITIAL, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  const events = [await watch.next(), await watch.next(), await watch.next()];
  const [row] = events[2]?.object.rows ?? [];
  assert.deepEqual([events[2]?.type, events[2]?.object.kind], ['BOOKMARK', 'Table']);
  assert.equal(row.cells[0], '');
  assert.equal(row.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
});
