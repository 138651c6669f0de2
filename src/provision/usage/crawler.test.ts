import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../../telemetry/metrics.ts';
import { kubeletVolumeMetrics, usageMetrics } from '../registry.ts';
import type { Storage, StorageProblem, Usage } from '../storage.ts';
import type { MeasuredVolume } from '../volumes.ts';
import { type Crawler, type CrawlerOptions, type Crossing, createCrawler } from './crawler.ts';

/** A directory of the fake export. */
interface Directory {
  usedBytes: bigint;
  /** Calls that a measurement takes. */
  slices: number;
  /** Time that a call takes. */
  costMs: number;
  problem?: StorageProblem['problem'];
}

interface World {
  readonly clock: ManualClock;
  readonly crawler: Crawler;
  readonly directories: Map<string, Directory>;
  readonly volumes: MeasuredVolume[];
  readonly crossings: Crossing[];
  /** Names of the directories, call by call. */
  readonly calls: string[];
  /** What was said of each call: how long ago a directory may have been read. */
  readonly fresh: Map<string, number>;
  readonly add: (name: string, directory?: Partial<Directory>, limitBytes?: bigint) => void;
  readonly exposition: () => Promise<string>;
  busyMs: number;
}

type Settings = Partial<Pick<CrawlerOptions, 'intervalMs' | 'share' | 'meter'>> & { readonly freeInodes?: bigint };

function worldOf(t: TestContext, { freeInodes, ...settings }: Settings = {}): World {
  const clock = createManualClock();
  const registry = new MetricsRegistry();
  const directories = new Map<string, Directory>();
  const volumes: MeasuredVolume[] = [];
  const crossings: Crossing[] = [];
  const calls: string[] = [];
  const fresh = new Map<string, number>();
  const progress = new Map<string, number>();
  const measure = async (name: string): Promise<Usage | StorageProblem> => {
    calls.push(name);
    const found = directories.get(name);
    assert.ok(found);
    if (found.costMs > 0) await new Promise<void>((done) => clock.after(found.costMs, done));
    world.busyMs += found.costMs;
    if (found.problem) return { kind: 'problem', problem: found.problem, detail: '', errno: '', landed: 'no' };
    const slice = (progress.get(name) ?? 0) + 1;
    const complete = slice >= found.slices;
    progress.set(name, complete ? 0 : slice);
    const at = clock.now();
    const { usedBytes } = found;
    return { kind: 'usage', usedBytes, inodes: 3n, at, readAt: at, complete, operations: 4, cpuMs: 0 };
  };
  const unused = (): never => assert.fail('the crawler only measures');
  const storage: Storage = {
    description: { backend: 'nfs', server: 's', path: '/p', root: '/r' },
    health: () => ({ kind: 'up' }),
    usage: ({ path, freshMs = 0 }) => {
      fresh.set(path.join('/'), freshMs);
      return measure(path.join('/'));
    },
    onHealthy: unused,
    run: unused,
    ensure: unused,
    discard: unused,
    trash: unused,
    archive: unused,
    entries: unused,
    restore: unused,
    purge: unused,
    weigh: unused,
    clones: { advance: unused, list: unused, remove: unused },
    inspect: unused,
    space: unused,
    quota: { support: unused, limit: unused, lift: unused, report: unused },
    list: unused,
  };
  const crawler = createCrawler({
    storages: [storage],
    volumes: () => volumes,
    clock,
    log: silentLog,
    metrics: registry.register(usageMetrics),
    kubelet:
      freeInodes === undefined
        ? undefined
        : { metrics: registry.register(kubeletVolumeMetrics), freeInodes: () => freeInodes },
    onThreshold: (crossing) => crossings.push(crossing),
    ...settings,
  });
  const world: World = {
    clock,
    crawler,
    directories,
    volumes,
    crossings,
    calls,
    fresh,
    add(name, directory = {}, limitBytes = 1_000n) {
      directories.set(name, { usedBytes: 10n, slices: 1, costMs: 0, ...directory });
      volumes.push({
        key: `shop/${name}`,
        volume: `pv-${name}`,
        className: 'larder',
        storage,
        path: [name],
        limitBytes,
      });
    },
    exposition: () => registry.expose(),
    busyMs: 0,
  };
  const stop = new AbortController();
  void crawler.run(stop.signal);
  t.after(() => stop.abort());
  return world;
}

describe('crawler', () => {
  it('gives the last complete measurement of each claim, and measures again after two intervals, or one when it changes', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    world.add('a');
    await world.clock.advance(2_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a')?.usedBytes, 10n);
    assert.equal(world.crawler.latest('shop/b', 'pv-b'), undefined);
    world.directories.set('a', { usedBytes: 99n, slices: 1, costMs: 0 });
    await world.clock.advance(15_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a')?.usedBytes, 10n);
    await world.clock.advance(6_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a')?.usedBytes, 99n);
    assert.equal(world.calls.length, 2);
    world.directories.set('a', { usedBytes: 100n, slices: 1, costMs: 0 });
    await world.clock.advance(11_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a')?.usedBytes, 100n, 'it had changed');
  });

  it('knows nothing of a claim that was made again under its old name on the same path', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    world.add('a', { usedBytes: 990n });
    await world.clock.advance(2_000);
    const [before] = world.volumes;
    assert.ok(before);
    world.directories.set('a', { usedBytes: 0n, slices: 1, costMs: 0 });
    world.volumes[0] = { ...before, volume: 'pv-again' };
    assert.equal(world.crawler.latest('shop/a', 'pv-again'), undefined);
    await world.clock.advance(3_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-again')?.usedBytes, 0n);
    assert.equal(world.crawler.latest('shop/a', 'pv-a'), undefined);
  });

  it('publishes one series per claim, which leaves with its volume', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    world.add('a', { usedBytes: 4_096n }, 8_192n);
    await world.clock.advance(5_000);
    const labels = '{namespace="shop",persistentvolumeclaim="a",class="larder"}';
    const text = await world.exposition();
    for (const line of [
      `larder_volume_used_bytes${labels} 4096`,
      `larder_volume_limit_bytes${labels} 8192`,
      `larder_volume_inodes_used${labels} 3`,
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.match(text, /larder_volume_usage_age_seconds\{[^}]+\} [1-5]\n/);
    world.volumes.length = 0;
    await world.clock.advance(5_000);
    assert.equal((await world.exposition()).includes('persistentvolumeclaim'), false);
    assert.equal(world.crawler.latest('shop/a', 'pv-a'), undefined);
  });

  it('takes no more than its share of the time', async (t) => {
    const world = worldOf(t, { intervalMs: 1_000, share: 0.05 });
    for (let index = 0; index < 20; index += 1) world.add(`v${index}`, { costMs: 100 });
    await world.clock.advance(600_000);
    assert.ok(world.busyMs <= 600_000 * 0.05 + 2_000 + 100, `${world.busyMs} ms`);
    assert.ok(world.busyMs > 600_000 * 0.04, `${world.busyMs} ms`);
  });

  it('measures big directories in turns between the others', async (t) => {
    const world = worldOf(t, { intervalMs: 30_000 });
    for (let index = 0; index < 12; index += 1) world.add(`big${index}`, { slices: 60, costMs: 10 });
    for (let index = 0; index < 50; index += 1) world.add(`small${index}`, { costMs: 1 });
    await world.clock.advance(300_000);
    const small = world.calls.filter((name) => name === 'small49').length;
    assert.ok(small >= 2, `${small} times`);
    await world.clock.advance(900_000);
    for (let index = 0; index < 12; index += 1)
      assert.ok(world.crawler.latest(`shop/big${index}`, `pv-big${index}`), `big${index}`);
  });

  it('prefers what grows when there is not time for all', async (t) => {
    const world = worldOf(t, { intervalMs: 1_000 });
    for (let index = 0; index < 400; index += 1) world.add(`still${index}`, { costMs: 50 });
    world.add('grows', { costMs: 50, usedBytes: 0n }, 1_000_000n);
    const grow = (): void => {
      const directory = world.directories.get('grows');
      assert.ok(directory);
      directory.usedBytes += 5_000n;
      world.clock.after(1_000, grow);
    };
    grow();
    await world.clock.advance(3_000_000);
    const times = (wanted: string): number => world.calls.filter((name) => name === wanted).length;
    assert.ok(times('grows') > times('still7'), `${times('grows')} and ${times('still7')}`);
  });

  it('tells each threshold once, and again only after the usage was clearly below it', async (t) => {
    const world = worldOf(t, { intervalMs: 1_000 });
    world.add('a', { usedBytes: 790n });
    const at = async (usedBytes: bigint): Promise<readonly number[]> => {
      world.directories.set('a', { usedBytes, slices: 1, costMs: 0 });
      await world.clock.advance(3_000);
      return world.crossings.map(({ percent }) => percent);
    };
    assert.deepEqual(await at(790n), []);
    assert.deepEqual(await at(800n), [80]);
    assert.deepEqual(await at(790n), [80]);
    assert.deepEqual(await at(810n), [80]);
    assert.deepEqual(await at(1_200n), [80, 100]);
    assert.deepEqual(await at(600n), [80, 100]);
    assert.deepEqual(await at(950n), [80, 100, 90]);
    assert.deepEqual(world.crossings[2], { key: 'shop/a', percent: 90, usedBytes: 950n, limitBytes: 1_000n });
  });

  it('keeps the last figures while the export does not answer, and drops those of a directory that is gone', async (t) => {
    const world = worldOf(t, { intervalMs: 1_000 });
    world.add('a');
    await world.clock.advance(2_000);
    world.directories.set('a', { usedBytes: 0n, slices: 1, costMs: 0, problem: 'unavailable' });
    await world.clock.advance(60_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a')?.usedBytes, 10n);
    assert.match(await world.exposition(), /larder_volume_usage_age_seconds\{[^}]+\} (59|6\d)/);
    const before = world.calls.length;
    world.directories.set('a', { usedBytes: 0n, slices: 1, costMs: 0, problem: 'missing' });
    await world.clock.advance(20_000);
    assert.equal(world.crawler.latest('shop/a', 'pv-a'), undefined);
    assert.ok(world.calls.length - before <= 20, 'it is not asked for in a loop');
    assert.equal((await world.exposition()).includes('persistentvolumeclaim'), false);
  });

  it('takes what a quota has counted, and reads the directory where it has not', async (t) => {
    const counted = { usedBytes: 77n, inodes: 5n, at: 4 };
    const meter = ({ path }: MeasuredVolume) => (path[0] === 'limited' ? counted : undefined);
    const world = worldOf(t, { intervalMs: 10_000, meter });
    world.add('limited');
    world.add('free');
    await world.clock.advance(2_000);
    assert.equal(world.crawler.latest('shop/limited', 'pv-limited')?.usedBytes, 77n);
    assert.equal(world.crawler.latest('shop/limited', 'pv-limited')?.at, 4);
    assert.equal(world.crawler.latest('shop/free', 'pv-free')?.usedBytes, 10n);
    assert.deepEqual(world.calls, ['free']);
  });

  it('speaks as a kubelet too when it is asked to, and those series leave with their volume', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000, freeInodes: 100n });
    world.add('a', { usedBytes: 300n }, 1_000n);
    world.add('over', { usedBytes: 1_300n }, 1_000n);
    await world.clock.advance(2_000);
    const text = await world.exposition();
    const said = (what: string, claim = 'a'): string | undefined =>
      text.split('\n').find((line) => line.startsWith(`kubelet_volume_stats_${what}{`) && line.includes(`"${claim}"`));
    const labels = '{namespace="shop",persistentvolumeclaim="a"}';
    assert.equal(said('capacity_bytes'), `kubelet_volume_stats_capacity_bytes${labels} 1000`);
    assert.equal(said('used_bytes'), `kubelet_volume_stats_used_bytes${labels} 300`);
    assert.equal(said('available_bytes'), `kubelet_volume_stats_available_bytes${labels} 700`);
    assert.equal(said('inodes'), `kubelet_volume_stats_inodes${labels} 103`);
    assert.equal(said('inodes_used'), `kubelet_volume_stats_inodes_used${labels} 3`);
    assert.equal(said('inodes_free'), `kubelet_volume_stats_inodes_free${labels} 100`);
    assert.match(said('available_bytes', 'over') ?? '', / 0$/);
    world.volumes.length = 0;
    await world.clock.advance(20_000);
    assert.equal((await world.exposition()).includes('persistentvolumeclaim="'), false);
  });

  it('says nothing as a kubelet unless it is asked to', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    world.add('a');
    await world.clock.advance(2_000);
    assert.equal((await world.exposition()).includes('kubelet_'), false);
  });

  it('takes the series of a claim away that was made again with another class', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    world.add('a');
    await world.clock.advance(2_000);
    const [before] = world.volumes;
    assert.ok(before);
    world.volumes[0] = { ...before, volume: 'pv-again', className: 'other' };
    await world.clock.advance(20_000);
    const text = await world.exposition();
    assert.equal(text.includes('class="larder"'), false);
    assert.ok(text.includes('class="other"'));
  });

  it('reads a calm tree bit by bit where all of them would cost too much, and a changing one wholly', async (t) => {
    const world = worldOf(t, { intervalMs: 10_000 });
    for (let index = 0; index < 50; index += 1) world.add(`still${index}`, { costMs: 40 });
    world.add('grows', { costMs: 40, usedBytes: 0n });
    const grow = (): void => {
      const directory = world.directories.get('grows');
      assert.ok(directory);
      directory.usedBytes += 1n;
      world.clock.after(5_000, grow);
    };
    grow();
    await world.clock.advance(400_000);
    assert.equal(world.fresh.get('grows'), 0);
    assert.ok((world.fresh.get('still7') ?? 0) > 10_000, `${world.fresh.get('still7')}`);
  });
});
