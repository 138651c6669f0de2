/** For tests: what is done to one policy, and what others do to it meanwhile. */
import assert from 'node:assert/strict';
import { pvcPolicies } from '../../expand/api/pvc-policy.ts';
import { HttpError } from '../../http/registry.ts';
import { type Client, createClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { pathOf } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { applyDefinitions } from '../definitions.ts';
import type { PolicySaveAnswer, Written } from './policy-api.ts';
import { deletePolicy, readPolicy, savePolicy } from './policy-writing.ts';

const at = { namespace: 'default', name: 'mine' } as const;
const never = new AbortController().signal;
const object = (template: object, metadata: object = {}): Written => ({
  apiVersion: 'pvc-chonker.io/v1alpha1',
  kind: 'PVCPolicy',
  metadata: { ...at, ...metadata },
  spec: { selector: {}, template },
});

interface World {
  readonly client: Client;
  /** Before the next request of that method. */
  meanwhile(method: string, work: (client: Client) => Promise<unknown>): void;
}

export interface Ending {
  after(end: () => void | Promise<void>): void;
}

export type Opening = (t: Ending) => Promise<World>;

/** A client whose requests somebody else gets ahead of, and the definitions that it needs. */
export async function overtakenWorld(under: Transport): Promise<World> {
  const waiting = new Map<string, (client: Client) => Promise<unknown>>();
  const others = createClient({ transport: under, clock: systemClock, random: systemRandom });
  const transport: Transport = {
    async send(request, signal) {
      const work = waiting.get(request.method);
      waiting.delete(request.method);
      await work?.(others);
      return under.send(request, signal);
    },
    close: async () => undefined,
  };
  await applyDefinitions(others, silentLog);
  const client = createClient({ transport, clock: systemClock, random: systemRandom, userAgent: 'larder' });
  return { client, meanwhile: (method, work) => void waiting.set(method, work) };
}

const merge = (client: Client, value: object, subresource?: string) =>
  client.patch(pvcPolicies, at, { kind: 'merge', value }, subresource === undefined ? {} : { subresource });

async function made({ client }: World, written = object({ threshold: '80%' })): Promise<string> {
  const answer = await savePolicy(client, { ...at, object: written, dryRun: false }, never);
  assert.equal(answer.kind, 'saved');
  return answer.version;
}

async function rawOf(client: Client): Promise<{ metadata: Record<string, unknown>; spec: { template: object } }> {
  const response = await client.request({ method: 'GET', path: pathOf(pvcPolicies, at) });
  return JSON.parse(await response.text());
}

const messageOf = (answer: PolicySaveAnswer): string => `${answer.kind}: ${answer.message}`;

async function isMadeOnce(open: Opening, t: Ending): Promise<void> {
  const { client } = await open(t);
  const dry = await savePolicy(client, { ...at, object: object({ maxSize: '1Gi' }), dryRun: true }, never);
  assert.equal(messageOf(dry), 'saved: default/mine would be made');
  assert.equal(await readPolicy(client, at, never), undefined);
  await savePolicy(client, { ...at, object: object({ maxSize: '1Gi' }), dryRun: false }, never);
  const again = await savePolicy(client, { ...at, object: object({ maxSize: '2Gi' }), dryRun: false }, never);
  assert.ok(again.kind === 'changed');
  assert.match(again.message, /is there already: somebody made it\. Nothing was written/);
  assert.deepEqual((await rawOf(client)).spec.template, { maxSize: '1Gi', enabled: true });
}

async function keepsTheRest(open: Opening, t: Ending): Promise<void> {
  const { client } = await open(t);
  const applied = 'kubectl.kubernetes.io/last-applied-configuration';
  const first = object(
    { threshold: '80%', maxSize: '1Gi' },
    { labels: { a: 'b', c: 'd' }, annotations: { note: 'x' } },
  );
  await savePolicy(client, { ...at, object: first, dryRun: false }, never);
  await merge(client, { metadata: { annotations: { [applied]: '{}' }, finalizers: ['example.com/kept'] } });
  const { version = '', object: read } = (await readPolicy(client, at, never)) ?? {};
  assert.deepEqual(read?.['metadata'], { ...at, labels: { a: 'b', c: 'd' }, annotations: { note: 'x' } });
  const next = object({ threshold: '70%' }, { labels: { a: 'z' } });
  const saved = await savePolicy(client, { ...at, object: next, version, dryRun: false }, never);
  assert.equal(messageOf(saved), 'saved: default/mine is changed');
  const { metadata, spec } = await rawOf(client);
  assert.deepEqual([metadata['labels'], metadata['annotations']], [{ a: 'z' }, { [applied]: '{}' }]);
  assert.deepEqual(metadata['finalizers'], ['example.com/kept']);
  assert.deepEqual(spec.template, { threshold: '70%', enabled: true });
}

async function overwritesNobody(open: Opening, t: Ending): Promise<void> {
  const world = await open(t);
  const { client } = world;
  const version = await made(world);
  const mine = { ...at, object: object({ threshold: '60%' }), version, dryRun: false };
  world.meanwhile('PATCH', (others) => merge(others, { spec: { template: { threshold: '90%' } } }));
  const late = await savePolicy(client, mine, never);
  assert.ok(late.kind === 'changed');
  assert.match(late.message, /was changed by somebody else meanwhile\. Nothing was written/);
  assert.deepEqual((await rawOf(client)).spec.template, { threshold: '90%', enabled: true });
  const remade = await savePolicy(client, { ...mine, version: late.version }, never);
  assert.equal(remade.kind, 'saved');
}

async function looksPastItsStatus(open: Opening, t: Ending): Promise<void> {
  const world = await open(t);
  const version = await made(world);
  world.meanwhile('PATCH', (others) => merge(others, { status: { matchedPVCs: 3 } }, 'status'));
  const mine = { ...at, object: object({ threshold: '60%' }), version, dryRun: false };
  assert.equal((await savePolicy(world.client, mine, never)).kind, 'saved');
  const { version: next = '' } = (await readPolicy(world.client, at, never)) ?? {};
  world.meanwhile('DELETE', (others) => merge(others, { status: { matchedPVCs: 4 } }, 'status'));
  assert.equal((await deletePolicy(world.client, { ...at, version: next, dryRun: false }, never)).kind, 'saved');
  assert.equal(await readPolicy(world.client, at, never), undefined);
}

async function isDeletedWithCare(open: Opening, t: Ending): Promise<void> {
  const world = await open(t);
  const { client } = world;
  const version = await made(world);
  const dry = await deletePolicy(client, { ...at, version, dryRun: true }, never);
  assert.equal(messageOf(dry), 'saved: default/mine would be deleted');
  assert.notEqual(await readPolicy(client, at, never), undefined);
  world.meanwhile('DELETE', (others) => merge(others, { spec: { template: { threshold: '90%' } } }));
  assert.equal((await deletePolicy(client, { ...at, version, dryRun: false }, never)).kind, 'changed');
  assert.notEqual(await readPolicy(client, at, never), undefined);
  world.meanwhile('GET', (others) => others.delete(pvcPolicies, at));
  const gone = await deletePolicy(client, { ...at, version, dryRun: false }, never);
  assert.equal(messageOf(gone), 'changed: the policy default/mine was deleted meanwhile. Nothing was written');
}

async function refusesTheUnreadable(open: Opening, t: Ending): Promise<void> {
  const { client } = await open(t);
  const refused = async (written: Written, message: RegExp): Promise<void> => {
    await assert.rejects(savePolicy(client, { ...at, object: written, dryRun: false }, never), (failure) => {
      assert.ok(failure instanceof HttpError && failure.status === 400, String(failure));
      assert.match(failure.message, message);
      return true;
    });
  };
  await refused(object({ threshold: '200%' }), /^spec\.template\.threshold is "200%": it must be a percentage/);
  await refused(object({}, { name: 'other' }), /^the object is default\/other and not default\/mine/);
  await refused({ kind: 'Secret' }, /^apiVersion must be/);
  assert.equal(await client.get(pvcPolicies, at).catch((failure) => isKubeError(failure, 'KUBE_NOT_FOUND')), true);
}

/** One body for every API server: the embedded one, and a real one. */
export function policyWriting(open: Opening): readonly { readonly name: string; run(t: Ending): Promise<void> }[] {
  return [
    {
      name: 'a policy is made once: a dry run stores nothing, and a second one shows what is there',
      run: (t) => isMadeOnce(open, t),
    },
    {
      name: 'only what was written is replaced: what kubectl and others keep on it stays, and what was taken out goes',
      run: (t) => keepsTheRest(open, t),
    },
    {
      name: 'what somebody else wrote is never overwritten, also when it came between the look and the write',
      run: (t) => overwritesNobody(open, t),
    },
    { name: 'a status that was written meanwhile is no reason to refuse', run: (t) => looksPastItsStatus(open, t) },
    { name: 'deleting asks first, and leaves what was changed meanwhile', run: (t) => isDeletedWithCare(open, t) },
    {
      name: 'what cannot be read, or is another object, is refused before anything is asked',
      run: (t) => refusesTheUnreadable(open, t),
    },
  ];
}
