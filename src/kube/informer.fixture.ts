/** An informer of ConfigMaps on a manual clock, against a scripted server. */
import assert from 'node:assert/strict';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { type Cache, type CacheChange, createCache } from './cache.ts';
import { createClient } from './client.ts';
import { type ConfigMap, kinds } from './kinds.ts';
import { type Answer, endOfList, Feed, item, noJitter, scripted } from './scripted.fixture.ts';

/** Answers requests in their order; what is not in the list hangs for ever. */
export function setUp(answers: readonly (Answer | Feed | Error)[], { optional = false, log = silentLog } = {}) {
  const clock = createManualClock();
  const remaining = [...answers];
  const transport = scripted(async (_, signal) => {
    const answer = remaining.shift();
    if (answer instanceof Error) throw answer;
    if (answer instanceof Feed) return { body: answer };
    return answer ?? hang(signal);
  });
  const client = createClient({ transport, clock, random: noJitter });
  const cache = createCache({
    client,
    resource: kinds.ConfigMap,
    clock,
    random: noJitter,
    log,
    optional,
    indexes: { value: (object) => [object.data?.['value'] ?? ''] },
  });
  const changes: string[] = [];
  cache.onChange((change) => changes.push(brief(change)));
  const stop = new AbortController();
  const run = cache.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await run;
    assert.equal(clock.pending(), 0, 'timers are left behind');
  };
  return { cache, changes, clock, requests: transport.requests, end };
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

export function brief(change: CacheChange<ConfigMap>): string {
  const before = change.kind === 'updated' ? `${change.previous.data?.['value']}>` : '';
  return `${change.kind} ${change.key} ${before}${change.object.data?.['value']}`;
}

export function content(cache: Cache<ConfigMap>): string[] {
  return [...cache.list()].map((object) => `${object.metadata.name}=${object.data?.['value']}`).sort();
}

/** A first connection that has listed `a` and `b` at version 10. */
export function listed(): Feed {
  return new Feed().event('ADDED', item('a', '1')).event('ADDED', item('b', '2')).event('BOOKMARK', endOfList('10'));
}
