import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createEmbedded } from '../../embedded/cluster.ts';
import { HttpError } from '../../http/registry.ts';
import { createClient } from '../../kube/client.ts';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { happeningsOf } from './happenings.ts';
import { readObjectText } from './object-text.ts';
import { eventsAbout, recallHappenings } from './past-events.ts';

const { signal } = new AbortController();

async function cluster(t: { after(end: () => void): void }) {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  return createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
}

test('an object is given whole, in words that kubectl reads as they are, with managedFields apart', async (t) => {
  const client = await cluster(t);
  await client.create(kinds.PersistentVolumeClaim, {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    metadata: { namespace: 'default', name: 'data', annotations: { agreed: 'yes', note: 'a: "b"\nc' } },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  });
  const { text, managedFields } = await readObjectText(client, { namespace: 'default', name: 'data' }, signal);
  const read = parse(text, { version: '1.1' });
  assert.deepEqual(read.metadata.annotations, { agreed: 'yes', note: 'a: "b"\nc' });
  assert.equal(read.kind, 'PersistentVolumeClaim');
  assert.equal(read.status.phase, 'Pending', 'also what is not kept in memory');
  assert.equal('managedFields' in read.metadata, false);
  assert.equal(parse(managedFields).managedFields.length > 0, true);
});

test('an object that is not there is refused as that', async (t) => {
  const client = await cluster(t);
  const gone = readObjectText(client, { namespace: '', name: 'nobody' }, signal);
  await assert.rejects(gone, (failure) => failure instanceof HttpError && failure.status === 404);
});

test('what the cluster remembers of Larder is told again, and of one object what anybody told', async (t) => {
  const client = await cluster(t);
  const event = (name: string, component: string, at: string) =>
    client.create(kinds.Event, {
      ...{
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { namespace: 'default', name: name.toLowerCase() },
        type: 'Normal',
      },
      involvedObject: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: 'u' },
      ...{ reason: name, message: 'told', reportingComponent: component, count: 1 },
      ...{ firstTimestamp: at, lastTimestamp: at },
    });
  const now = systemClock.now();
  const ago = (seconds: number): string => new Date(now - seconds * 1_000).toISOString().replace(/\.\d+/, '');
  await event('Older', 'larder', ago(20));
  await event('Newer', 'larder', ago(10));
  await event('Foreign', 'external-resizer', ago(15));
  const writer = { record: () => undefined, flush: async () => undefined };
  const { happenings } = happeningsOf(writer, systemClock);
  await recallHappenings({ client, happenings, clock: systemClock, log: silentLog }, signal);
  assert.deepEqual(
    happenings.list().map(({ reason }) => reason),
    ['Newer', 'Older'],
  );
  const about = await eventsAbout(
    client,
    { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' },
    signal,
  );
  assert.deepEqual(
    about.map(({ reason }) => reason),
    ['Newer', 'Foreign', 'Older'],
  );
});
