/** Authorities of the webhook over their whole life, on the embedded API, with everything that can come in between. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEmbedded } from '../../embedded/cluster.ts';
import { validityOf } from '../../kube/certificate.ts';
import { createClient } from '../../kube/client.ts';
import { kinds } from '../../kube/kinds.ts';
import type { Transport } from '../../kube/transport.ts';
import { bundlesOf, webhookConfigurations } from '../../kube/webhook-configuration.ts';
import { systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { holds, lifetimesOf } from './rotation.ts';

const SECRET = { namespace: 'larder-system', name: 'larder-webhook' };
const NAME = 'larder';
const lifetimes = lifetimesOf(60_000);
/** What an API server may be behind: less than what is waited for it. */
const LAG_MS = lifetimes.settleMs * 0.9;

/** The second replica is late for everything, the third even more. */
const SLOWER_MS = 7_000;

class Crash extends Error {}

interface Replica {
  keeper: Keeper;
  serving: string | undefined;
  pauseUntil: number;
}

/** One API, and what it was seen to trust when. */
async function createWorld() {
  const clock = createManualClock();
  const embedded = await createEmbedded({ clock, random: systemRandom });
  const admin = createClient({ transport: embedded.transport, clock, random: systemRandom, log: silentLog });
  const { namespace, name } = SECRET;
  await admin.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await admin.create(kinds.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } });
  const clientConfig = { service: { namespace, name, path: '/' } };
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
  const hook = { clientConfig, rules, failurePolicy: 'Ignore', sideEffects: 'None', admissionReviewVersions: ['v1'] };
  for (const { kind, plural } of Object.values(webhookConfigurations)) {
    const webhooks = ['one', 'two'].map((each) => ({ name: `${each}.larder.dev`, ...hook }));
    const body = JSON.stringify({ kind, metadata: { name: NAME }, webhooks });
    const path = `/apis/admissionregistration.k8s.io/v1/${plural}`;
    const answer = await admin.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body });
    assert.equal(answer.status, 201, await answer.text());
  }
  const trusted = [{ atMono: 0, bundles: [''] as readonly string[] }];
  const replicas: Replica[] = [];
  const world = {
    clock,
    admin,
    replicas,
    /** Requests that change something, of all replicas. */
    writes: 0,
    /** The write at which its sender ends, and whether that write is still applied; none: nobody ends. */
    crash: undefined as { readonly write: number; readonly applied: boolean } | undefined,
    lagMs: LAG_MS,
    close: () => embedded.close(),
    async look(): Promise<void> {
      const found = await Promise.all(Object.values(webhookConfigurations).map((resource) => admin.list(resource)));
      trusted.push({ atMono: clock.monotonic(), bundles: found.flatMap(({ items }) => items.flatMap(bundlesOf)) });
    },
    /** All that an API server may still believe. */
    believed(): readonly string[] {
      const since = clock.monotonic() - world.lagMs;
      const [before] = trusted.filter(({ atMono }) => atMono <= since).slice(-1);
      const recent = trusted.filter(({ atMono }) => atMono > since);
      return [...new Set([...(before ? [before] : []), ...recent].flatMap(({ bundles }) => bundles))];
    },
    start(): Replica {
      const transport: Transport = {
        async send(request, signal) {
          const writing = request.method !== 'GET';
          if (writing) world.writes += 1;
          const ends = writing && world.crash?.write === world.writes;
          if (ends && !world.crash?.applied) throw new Crash();
          const response = await embedded.transport.send(request, signal);
          if (writing) await world.look();
          if (ends) throw new Crash();
          return response;
        },
        close: async () => undefined,
      };
      const replica: Replica = { keeper: createKeeper(options()), serving: undefined, pauseUntil: 0 };
      function options() {
        return {
          client: createClient({ transport, clock, random: systemRandom, log: silentLog }),
          secret: SECRET,
          configuration: NAME,
          lifetimes,
          serve: ({ certificate }: { readonly certificate: string }) => {
            replica.serving = certificate;
          },
          clock,
          log: silentLog,
        };
      }
      replicas.push(replica);
      return replica;
    },
  };
  return world;
}

type World = Awaited<ReturnType<typeof createWorld>>;

const signal = new AbortController().signal;

/** One step of a replica whose pause is over. A crash replaces it by a new one, which serves nothing yet. */
async function stepOf(world: World, index: number): Promise<void> {
  const replica = world.replicas[index];
  if (!replica || replica.pauseUntil > world.clock.monotonic()) return;
  try {
    replica.pauseUntil = world.clock.monotonic() + (await replica.keeper.step(signal)) + index * SLOWER_MS;
  } catch (failure) {
    const crashed = failure instanceof Crash || (failure instanceof Error && failure.cause instanceof Crash);
    if (!crashed) throw failure;
    const successor = world.start();
    world.replicas.pop();
    world.replicas[index] = successor;
  }
}

/** Why a call to a replica would fail; empty when none would. */
function failures(world: World): readonly string[] {
  const now = world.clock.now();
  return world.replicas.flatMap(({ serving }, index) => {
    if (serving === undefined) return []; // not ready: nobody is sent there
    const validity = validityIn(serving);
    if (!validity || !holds(validity, now)) return [`replica ${index} serves what does not hold`];
    return world
      .believed()
      .filter((bundle) => !isTrusted(serving, bundle, now))
      .map(() => `replica ${index} serves what is not trusted`);
  });
}

function isTrusted(serving: string, bundle: string, now: number): boolean {
  const authorities = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return authorities.some((authority) => {
    const validity = validityIn(authority);
    return validity !== undefined && holds(validity, now) && isSigned(serving, authority);
  });
}

const read = new Map<string, ReturnType<typeof validityOf>>();

function validityIn(pem: string): ReturnType<typeof validityOf> {
  const validity = read.get(pem) ?? validityOf(pem);
  read.set(pem, validity);
  return validity;
}

const checked = new Map<string, boolean>();

function isSigned(serving: string, authority: string): boolean {
  const pair = serving + authority;
  const known = checked.get(pair);
  if (known !== undefined) return known;
  const leaf = new X509Certificate(serving);
  const issuer = new X509Certificate(authority);
  const answer = leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey);
  checked.set(pair, answer);
  return answer;
}

/** Everything begins: replicas step until the first certificate is trusted everywhere. */
async function begin(world: World): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) {
    for (const index of world.replicas.keys()) await stepOf(world, index);
    await world.clock.advance(1_000);
  }
  await world.clock.advance(LAG_MS);
  assert.deepEqual(failures(world), []);
  assert.ok(world.replicas.every(({ serving }) => serving !== undefined));
}

const secretOf = async ({ admin }: World): Promise<Readonly<Record<string, string>>> =>
  (await admin.get(kinds.Secret, SECRET)).data ?? {};

/** As far as the next thing that a replica does. */
async function pass(world: World, atMostMs = Number.POSITIVE_INFINITY): Promise<number> {
  const nowMono = world.clock.monotonic();
  const due = Math.min(...world.replicas.map(({ pauseUntil }) => pauseUntil - nowMono));
  const ms = Math.min(Math.max(due, 1), atMostMs);
  await world.clock.advance(ms);
  return ms;
}

async function successions(
  count: number,
  crash: World['crash'],
): Promise<{ readonly writes: number; readonly authorities: number }> {
  const world = await createWorld();
  world.start();
  world.start();
  await begin(world);
  world.crash = crash && { ...crash, write: crash.write + world.writes };
  const begun = world.writes;
  const seen = new Set<string>();
  for (let passedMs = 0; passedMs < lifetimes.authorityMs * count; passedMs += await pass(world)) {
    assert.deepEqual(failures(world), [], `crash at ${JSON.stringify(crash)}, before a step`);
    for (const index of world.replicas.keys()) await stepOf(world, index);
    assert.deepEqual(failures(world), [], `crash at ${JSON.stringify(crash)}, after a step`);
    seen.add((await secretOf(world))['authority.crt'] ?? '');
  }
  const writes = world.writes - begun;
  world.close();
  return { writes, authorities: seen.size };
}

test('an authority follows the other without a call that fails, wherever a replica is stopped', async (t) => {
  const undisturbed = await successions(2, undefined);
  assert.ok(undisturbed.authorities >= 3, `${undisturbed.authorities} authorities`);
  const writes = Math.ceil(undisturbed.writes / 4) + 1; // an authority has its successor after half of its life
  assert.ok(writes >= 8 && writes < 20, `${writes} writes in one succession`);
  t.diagnostic(`${writes} writes, each a place to stop after`);
  // Before the first, and after each: which is before the next.
  const places = Array.from({ length: writes }, (_, index) => ({ write: index + 1, applied: true }));
  for (const crash of [{ write: 1, applied: false }, ...places]) {
    const crashed = await successions(1, crash);
    assert.ok(crashed.authorities >= 2, `crash at ${JSON.stringify(crash)}: ${crashed.authorities} authorities`);
  }
});

/** What may come at any time. Times in seconds. */
const anything = fc.oneof(
  fc.record({ kind: fc.constant('rest'), seconds: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('restart'), replica: fc.nat(2) }),
  fc.record({ kind: fc.constant('crash'), writes: fc.integer({ min: 1, max: 3 }), applied: fc.boolean() }),
);

test('property: whatever is restarted or stopped in whatever order, no replica serves what an API server does not trust', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 5, maxLength: 40 }), async (events) => {
      const world = await createWorld();
      for (let count = 0; count < 3; count += 1) world.start();
      await begin(world);
      for (const event of events) {
        if (event.kind === 'restart' && 'replica' in event) {
          const started = world.start();
          world.replicas.pop();
          world.replicas[event.replica] = started;
        } else if (event.kind === 'crash' && 'writes' in event) {
          world.crash = { write: world.writes + event.writes, applied: event.applied };
        } else if ('seconds' in event) {
          for (let left = event.seconds * 1_000; left > 0; left -= await pass(world, left)) {
            for (const index of world.replicas.keys()) await stepOf(world, index);
            assert.deepEqual(failures(world), []);
          }
        }
      }
      world.close();
    }),
    { numRuns: 10 },
  );
});

test('property: after clocks that jump, a bundle that somebody emptied or a Secret that was, all is trusted again soon', async () => {
  const jumps = fc.integer({ min: -3 * lifetimes.authorityMs, max: 3 * lifetimes.authorityMs });
  const damages = fc.constantFrom('clock', 'bundle', 'secret', 'key');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(jumps, damages), { minLength: 1, maxLength: 6 }), async (events) => {
      const world = await createWorld();
      world.start();
      world.start();
      await begin(world);
      for (const [jumpMs, damage] of events) {
        if (damage === 'clock') world.clock.stepWall(jumpMs);
        else await hurt(world, damage);
        for (let left = 8 * lifetimes.settleMs; left > 0; left -= await pass(world, left)) {
          for (const index of world.replicas.keys()) await stepOf(world, index);
        }
        await world.look();
        world.lagMs = 0;
        assert.deepEqual(failures(world), [], `${damage} ${jumpMs}`);
        world.lagMs = LAG_MS;
      }
      world.close();
    }),
    { numRuns: 10 },
  );
});

/** What a person with an editor does. */
async function hurt({ admin }: World, what: 'bundle' | 'secret' | 'key'): Promise<void> {
  if (what === 'bundle') {
    const value = Buffer.from('').toString('base64');
    const operations = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }] as const;
    await admin.patch(webhookConfigurations.mutating, { name: NAME }, { kind: 'json', operations });
    return;
  }
  const data = what === 'key' ? { 'authority.key': Buffer.from('no key').toString('base64') } : null;
  await admin.patch(kinds.Secret, SECRET, { kind: 'merge', value: { data } });
}

test('of a Secret that is not there, and of webhooks that are not, the state says so', async () => {
  const world = await createWorld();
  const { keeper } = world.start();
  assert.deepEqual(keeper.state(), { kind: 'starting' });
  await world.admin.delete(kinds.Secret, SECRET);
  await assert.rejects(keeper.step(signal), /get secrets larder-system\/larder-webhook: .*not found/);
  const { namespace, name } = SECRET;
  await world.admin.create(kinds.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } });
  for (const resource of Object.values(webhookConfigurations)) await world.admin.delete(resource, { name: NAME });
  await keeper.step(signal);
  assert.deepEqual(keeper.state(), { kind: 'unregistered' });
  world.close();
});
