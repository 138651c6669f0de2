/**
 * Hostile processes swap directories, links, FIFOs and mounts in an export, as fast as they can, while its real process
 * makes, archives, removes, restores and purges directories there: one body for few rounds and for many.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createExport } from '../../src/provision/export/export.ts';
import type { DirectoryPath, EnsureRequest, Storage } from '../../src/provision/storage.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { unmountBelow, whyNoMounts } from './attackers.ts';
import { photograph } from './photograph.ts';
import { type Scene, sceneOf } from './scene.ts';

const AT_ONCE = 16;
const VICTIMS = 12;
const INNOCENTS = 20;
const PURGED = { maxOperations: 200 } as const;

const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
const request = (path: DirectoryPath): EnsureRequest => ({
  path,
  mode: 0o2777,
  ...own,
  adoption: 'allowed',
  existing: 'correct',
  minFreeBytes: 0n,
  minFreeInodes: 0n,
});

async function exportOf(t: TestContext, { root }: Scene): Promise<Storage> {
  const storage = createExport({
    description: { backend: 'local', server: '', path: root, root },
    allowLocal: true,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  const stop = new AbortController();
  const running = storage.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  for (let index = 0; index < INNOCENTS; index += 1) {
    const name = `claim-${index}`;
    assert.equal((await storage.ensure({ ...request(['innocent', name]), mode: 0o700 })).kind, 'created');
    fs.mkdirSync(join(root, 'innocent', name, 'deep'));
    fs.writeFileSync(join(root, 'innocent', name, 'deep', 'precious'), name);
  }
  return storage;
}

type Step = (storage: Storage, path: DirectoryPath, round: number) => Promise<{ readonly kind: string }>;

const moveOf = (path: DirectoryPath, round: number) => ({
  path,
  volumeUid: `round-${round}`,
  volumeName: `pvc-${round}`,
  claim: `attacked/claim-${round}`,
  at: 1e12 + round,
});

/** What happens to a directory after it was made: one of these in each round. */
const lives: readonly Step[] = [
  async (storage, path, round) => {
    const moved = await storage.trash(moveOf(path, round));
    return moved.kind === 'moved' ? storage.restore({ entry: moved.entry }) : moved;
  },
  async (storage, path, round) => {
    const moved = await storage.trash(moveOf(path, round));
    return moved.kind === 'moved' ? storage.purge({ entry: moved.entry, ...PURGED }) : moved;
  },
  async (storage, path, round) => {
    const moved = await storage.archive(moveOf(path, round));
    return moved.kind === 'moved' ? storage.restore({ entry: moved.entry, path }) : moved;
  },
  async (storage, path, round) => {
    const moved = await storage.archive(moveOf(path, round));
    return moved.kind === 'moved' ? storage.purge({ entry: moved.entry, ...PURGED }) : moved;
  },
  (storage, path) => storage.usage({ path, ...PURGED }),
  (storage, path) => storage.discard(path),
  (storage, path) => storage.inspect(path),
  (storage, path) => storage.list(path),
];

function victimOf(round: number): DirectoryPath {
  const name = `victim-${Math.floor(round / lives.length) % VICTIMS}`;
  return (
    [
      ['arena', name],
      ['arena', 'middle', name],
      ['arena', 'inner', 'deep', name],
      ['arena', '.mounts', name],
    ][round % 4] ?? ['arena', name]
  );
}

/** How often each thing came of it. */
type Outcomes = Map<string, number>;

async function play(storage: Storage, rounds: number): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  let next = 0;
  const count = (result: { readonly kind: string; readonly problem?: string }): void => {
    const outcome = result.problem ?? result.kind;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  const player = async (): Promise<void> => {
    while (next < rounds) {
      next += 1;
      const round = next;
      const path = victimOf(round);
      count(await storage.ensure(request(path)));
      const life = lives[(round + Math.floor(round / lives.length)) % lives.length];
      if (life) count(await life(storage, path, round));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, player));
  return outcomes;
}

/** Starts every kind of attack that is possible here; false without mounts, which take the right to mount. */
async function startAll(t: TestContext, { arena, outside, innocent, attackers }: Scene): Promise<boolean> {
  const targets = [outside, innocent, join(outside, 'inner'), join(innocent, 'claim-0'), join(outside, 'deep')];
  await attackers.start('swap', arena, targets);
  await attackers.start('stay', arena, targets);
  const places = ['victim-0', 'victim-1', 'victim-2', 'victim-3'].map((name) => join(arena, '.mounts', name));
  for (const place of places) fs.mkdirSync(place, { recursive: true });
  const [first = ''] = places;
  const unmountable = whyNoMounts(join(outside, 'inner'), first);
  if (unmountable === undefined) attackers.startMounting(join(outside, 'inner'), places);
  else t.diagnostic(`without swapped mounts: ${unmountable}`);
  return unmountable === undefined;
}

/** Nothing outside of the export changes, and nothing of another claim. */
export async function withstand(t: TestContext, rounds: number): Promise<void> {
  const scene = sceneOf(t);
  const { root, outside, innocent, attackers } = scene;
  const storage = await exportOf(t, scene);
  const before = { outside: photograph(outside), innocent: photograph(innocent) };
  const mounting = await startAll(t, scene);
  const outcomes = await play(storage, rounds);
  assert.ok(attackers.areAtWork(), 'all attacked until the end');
  await attackers.end();
  unmountBelow(root);
  t.diagnostic([...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', '));
  assert.deepEqual(photograph(outside), before.outside);
  assert.deepEqual(photograph(innocent), before.innocent);
  assert.equal(storage.health().kind, 'up');
  assert.equal((await storage.ensure(request(['afterwards']))).kind, 'created');
  assert.equal((await storage.entries()).kind, 'entries');
  const times = (outcome: string): number => outcomes.get(outcome) ?? 0;
  for (const won of ['created', 'existed', 'restored', 'purged', 'usage', 'discarded', 'directory', 'list']) {
    assert.ok(times(won) > rounds / 100, `hardly ever ${won}: the attack left nothing to do`);
  }
  for (const hit of ['symbolic-link', 'not-a-directory', 'missing', ...(mounting ? ['other-filesystem'] : [])]) {
    assert.ok(times(hit) > rounds / 1000, `hardly ever ${hit}: nobody attacked`);
  }
}

const PATIENCE = 1_000_000;
const LOOK_EVERY = 500;

/** The same attack leads whoever works by whole paths out of the export: else it would be too weak to prove anything. */
export async function misleadTheNaive(t: TestContext): Promise<void> {
  const scene = sceneOf(t);
  const { root, arena, outside, attackers } = scene;
  const before = photograph(outside);
  await attackers.start('swap', arena, [outside, join(outside, 'inner')]);
  const naive = (round: number): void => {
    const path = join(root, ...victimOf(round));
    try {
      fs.mkdirSync(path, { recursive: true });
      fs.chmodSync(path, 0o777);
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause)) throw cause;
    }
  };
  let rounds = 0;
  for (let led = false; !led && rounds < PATIENCE; ) {
    for (let more = 0; more < LOOK_EVERY; more += 1, rounds += 1) naive(rounds);
    led = photograph(outside).join('\n') !== before.join('\n');
  }
  t.diagnostic(`${rounds} rounds`);
  assert.notDeepEqual(photograph(outside), before);
}
