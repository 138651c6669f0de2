/** What the official JavaScript client sees of a server, as lines that are the same wherever it is told the truth. */
import {
  ApiException,
  CoordinationV1Api,
  CoreV1Api,
  type CoreV1Event,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  type V1PersistentVolumeClaim,
  Watch,
} from '@kubernetes/client-node';
import { eventually } from '../larder.ts';
import type { Place } from './place.ts';

interface Story extends Place {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly lines: string[];
}

/** What an object has to have for the client that works with any kind. */
type Named = { readonly metadata: { name: string; namespace: string } };

export async function tellJavascript(place: Place): Promise<readonly string[]> {
  const config = new KubeConfig();
  config.loadFromFile(place.kubeconfig);
  const story: Story = { ...place, config, core: config.makeApiClient(CoreV1Api), lines: [] };
  await lists(story);
  await patches(story);
  await applies(story);
  await watches(story);
  await informs(story);
  await elects(story);
  await happens(story);
  await refuses(story);
  return story.lines;
}

async function lists({ core, namespace, lines }: Story): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const body = { metadata: { name, labels: { kind: 'page' } }, data: { name } };
    await core.createNamespacedConfigMap({ namespace, body });
  }
  const labelSelector = 'kind=page';
  const all = await core.listNamespacedConfigMap({ namespace, labelSelector });
  lines.push(`list: ${all.items.map((item) => item.metadata?.name)} ${all.kind} ${all.apiVersion}`);
  let next: string | undefined;
  do {
    const page = await core.listNamespacedConfigMap({
      namespace,
      labelSelector,
      limit: 2,
      ...(next === undefined ? {} : { _continue: next }),
    });
    next = page.metadata?._continue;
    lines.push(`page: ${page.items.map(({ data }) => data?.['name'])}, more: ${next !== undefined && next !== ''}`);
  } while (next);
  const old = await core.listNamespacedConfigMap({
    namespace,
    labelSelector,
    resourceVersion: all.metadata?.resourceVersion ?? '',
    resourceVersionMatch: 'NotOlderThan',
  });
  lines.push(`not older: ${old.items.length}`);
  const one = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=c' });
  lines.push(`by field: ${one.items.map((item) => item.metadata?.name)}`);
}

async function patches({ core, namespace, lines }: Story): Promise<void> {
  const at = { name: 'a', namespace };
  const as = (strategy: PatchStrategy) => setHeaderOptions('Content-Type', strategy);
  const bodies: readonly (readonly [PatchStrategy, unknown])[] = [
    [PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/json', value: '1' }]],
    [PatchStrategy.MergePatch, { data: { merge: '2', name: null } }],
    [PatchStrategy.StrategicMergePatch, { metadata: { labels: { strategic: '3' } } }],
  ];
  for (const [strategy, body] of bodies) {
    const { data, metadata } = await core.patchNamespacedConfigMap({ ...at, body }, as(strategy));
    lines.push(`${strategy}: ${sorted(data)} ${sorted(metadata?.labels)}`);
  }
  const read = await core.readNamespacedConfigMap(at);
  const stale = { ...read, metadata: { ...read.metadata, resourceVersion: '1' } };
  lines.push(await outcome('stale replace', () => core.replaceNamespacedConfigMap({ ...at, body: stale })));
  const fresh = await core.replaceNamespacedConfigMap({ ...at, body: { ...read, data: { only: 'this' } } });
  lines.push(`replace: ${JSON.stringify(fresh.data)}`);
  const dry = await core.replaceNamespacedConfigMap({ ...at, body: { ...fresh, data: {} }, dryRun: 'All' });
  lines.push(
    `dry: ${JSON.stringify(dry.data)}, kept: ${JSON.stringify((await core.readNamespacedConfigMap(at)).data)}`,
  );
}

async function applies({ config, namespace, lines }: Story): Promise<void> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const claim = (storage: string): V1PersistentVolumeClaim & Named => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'applied', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'none-such' },
  });
  const apply = (storage: string, manager: string, force: boolean) =>
    objects.patch(claim(storage), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  const made = await apply('1Gi', 'alice', false);
  lines.push(`applied: ${made.metadata?.managedFields?.map((entry) => `${entry.manager} ${entry.operation}`)}`);
  lines.push(`fields: ${JSON.stringify(made.metadata?.managedFields?.[0]?.fieldsV1)}`);
  lines.push(await outcome('again', () => apply('1Gi', 'alice', false)));
  lines.push(await outcome('conflict', () => apply('2Gi', 'bob', false)));
  lines.push(await outcome('forced', () => apply('2Gi', 'bob', true)));
  await objects.delete(claim('1Gi'));
}

/** A watch that is cut, and goes on where it was. */
async function watches({ config, core, namespace, lines }: Story): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const start = await core.listNamespacedConfigMap({ namespace });
  const change = (name: string, value: string) =>
    core.patchNamespacedConfigMap(
      { name, namespace, body: { data: { value } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  let version = start.metadata?.resourceVersion ?? '';
  await change('b', '1');
  for (const round of ['first', 'second']) {
    const seen: string[] = [];
    const query = { resourceVersion: version, allowWatchBookmarks: true, labelSelector: 'kind=page' };
    const stop = await new Watch(config).watch(
      path,
      query,
      (phase, object) => {
        if (phase !== 'BOOKMARK') seen.push(`${phase} ${object.metadata.name} ${object.data?.value}`);
        version = object.metadata.resourceVersion;
      },
      () => undefined, // its end is asked for below
    );
    await change('c', round);
    await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: round, labels: { kind: 'page' } }, data: { value: 'new' } },
    });
    await core.deleteNamespacedConfigMap({ name: round, namespace });
    await eventually('the end of the round', async () => seen.some((line) => line.startsWith('DELETED')) || undefined);
    stop.abort();
    await change('d', round); // seen by the one that goes on
    lines.push(`${round} watch: ${seen.join(', ')}`);
  }
  const errors: string[] = [];
  await new Watch(config).watch(
    path,
    { resourceVersion: 'nonsense' },
    () => undefined,
    (error: unknown) => void errors.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)),
  );
  await eventually('an error', async () => errors[0]);
  lines.push(`a version that is none: ${errors[0]}`);
}

async function informs({ config, core, namespace, lines }: Story): Promise<void> {
  const seen: string[] = [];
  const informer = makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace, labelSelector: 'kind=page' }),
    'kind=page',
  );
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => void seen.push(`${verb} ${metadata?.name}`));
  }
  let connected = false;
  informer.on('connect', () => {
    connected = true;
  });
  await informer.start();
  await eventually('a connection', async () => connected || undefined);
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'z', labels: { kind: 'page' } } } });
  await eventually('the new one', async () => informer.get('z', namespace));
  await core.deleteNamespacedConfigMap({ name: 'z', namespace });
  await eventually('its end', async () => seen.includes('delete z') || undefined);
  lines.push(
    `informer: ${seen.join(', ')}; has ${informer
      .list(namespace)
      .map((item) => item.metadata?.name)
      .sort()}`,
  );
  await informer.stop();
}

/** Two who want one lease: the second has to wait until the first gives it up, and a stale renewal is refused. */
async function elects({ config, namespace, lines }: Story): Promise<void> {
  const leases = config.makeApiClient(CoordinationV1Api);
  const spec = (holderIdentity: string, leaseTransitions: number) => ({
    holderIdentity,
    leaseTransitions,
    leaseDurationSeconds: 15,
    acquireTime: new V1MicroTime(),
    renewTime: new V1MicroTime(),
  });
  const name = 'leader';
  const first = await leases.createNamespacedLease({ namespace, body: { metadata: { name }, spec: spec('one', 0) } });
  const late = { namespace, body: { metadata: { name }, spec: spec('two', 0) } };
  lines.push(await outcome('second candidate', () => leases.createNamespacedLease(late)));
  const renewed = await leases.replaceNamespacedLease({
    name,
    namespace,
    body: { ...first, spec: { ...first.spec, renewTime: new V1MicroTime() } },
  });
  lines.push(`renewed by ${renewed.spec?.holderIdentity}`);
  const taken = { name, namespace, body: { ...first, spec: spec('two', 1) } };
  lines.push(await outcome('taken with an old version', () => leases.replaceNamespacedLease(taken)));
  const given = await leases.replaceNamespacedLease({ name, namespace, body: { ...renewed, spec: spec('two', 1) } });
  lines.push(`leader: ${given.spec?.holderIdentity}, ${given.spec?.leaseTransitions} transition`);
}

async function happens({ core, namespace, lines }: Story): Promise<void> {
  const at = new Date('2026-01-02T03:04:05Z');
  const body: CoreV1Event = {
    metadata: { generateName: 'seen-', namespace },
    involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' },
    reason: 'Seen',
    message: 'it was there',
    type: 'Normal',
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component: 'story' },
  };
  const made = await core.createNamespacedEvent({ namespace, body });
  lines.push(`event named by the server: ${/^seen-[a-z0-9]{5}$/.test(made.metadata.name ?? '')}`);
  await core.replaceNamespacedEvent({ name: made.metadata.name ?? '', namespace, body: { ...made, count: 2 } });
  const fieldSelector = 'involvedObject.name=a,reason=Seen';
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  lines.push(
    `events: ${items.map((event) => `${event.reason} x${event.count} ${event.lastTimestamp?.toISOString()}`)}`,
  );
}

async function refuses({ config, core, namespace, lines }: Story): Promise<void> {
  const custom = config.makeApiClient(CustomObjectsApi);
  const where = { group: 'nosuch.example.org', version: 'v1', plural: 'things', namespace };
  lines.push(
    await outcome('not there', () => core.readNamespacedConfigMap({ name: 'nosuch', namespace })),
    await outcome('no such kind', () => custom.listNamespacedCustomObject(where)),
    await outcome('bad name', () => core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'A_B' } } })),
    await outcome('twice', () => core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'b' } } })),
  );
}

/** The members of a map have no order. */
function sorted(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${map[key]}`)
    .join(' ');
}

/** The status and message of what is refused. */
async function outcome(what: string, act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return `${what}: done`;
  } catch (cause) {
    if (cause instanceof ApiException) return `${what}: ${cause.code} ${messageIn(cause.body)}`;
    throw cause;
  }
}

function messageIn(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body);
  try {
    return JSON.parse(body).message;
  } catch {
    return body; // not every answer is a Status
  }
}
