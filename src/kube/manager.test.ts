import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '../telemetry/log.ts';
import type { LeaseElection, Term } from './lease.ts';
import { createManager } from './manager.ts';

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Parts that write down what happens to them. */
function parts() {
  const history: string[] = [];
  const synced = Promise.withResolvers<void>();
  const run = (name: string) => async (signal: AbortSignal) => {
    history.push(`${name} starts`);
    await untilAborted(signal);
    await turn();
    history.push(`${name} stops`);
  };
  const cache = {
    resource: { plural: 'things' },
    run: run('cache'),
    hasSynced: () => history.includes('synced'),
    async synced(signal?: AbortSignal) {
      await Promise.race([
        synced.promise,
        signal ? untilAborted(signal).then(() => Promise.reject(signal.reason)) : synced.promise,
      ]);
      history.push('synced');
    },
    async refresh() {
      history.push('listed again');
    },
  };
  return { history, cache, controller: { name: 'controller', run: run('controller') }, sync: () => synced.resolve() };
}

test('controllers begin when the caches are complete, and end before them', async () => {
  const { history, cache, controller, sync } = parts();
  const manager = createManager({ log: silentLog });
  manager.addCache(cache);
  manager.addController(controller);
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await turn();
  assert.deepEqual(history, ['cache starts']);
  assert.equal(manager.ready(), false);
  sync();
  await turn();
  assert.deepEqual(history, ['cache starts', 'synced', 'controller starts']);
  assert.equal(manager.ready(), true);
  stop.abort();
  await running;
  assert.deepEqual(history.slice(3), ['controller stops', 'cache stops']);
});

test('a stop before the caches are complete starts nothing more', async () => {
  const { history, cache, controller } = parts();
  const manager = createManager({ log: silentLog });
  manager.addCache(cache);
  manager.addController(controller);
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await turn();
  stop.abort();
  await running;
  assert.deepEqual(history, ['cache starts', 'cache stops']);
});

test('with an election, controllers and leading work live as long as a term, and the caches longer', async () => {
  const { history, cache, controller, sync } = parts();
  const lost = new AbortController();
  const election: LeaseElection = {
    isLeader: () => true,
    async run(signal, lead) {
      await lead({ signal: lost.signal, renewed: async () => true });
      history.push('term over');
      await lead({ signal, renewed: async () => true });
    },
  };
  const manager = createManager({ log: silentLog, election });
  manager.addCache(cache);
  manager.addController(controller);
  const terms: Term[] = [];
  manager.onLeading(async (term) => void terms.push(term));
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  sync();
  await turn();
  lost.abort();
  await turn();
  await turn();
  stop.abort();
  await running;
  assert.deepEqual(history, [
    'cache starts',
    'synced',
    'listed again',
    'controller starts',
    'controller stops',
    'term over',
    'listed again',
    'controller starts',
    'controller stops',
    'cache stops',
  ]);
  assert.equal(terms.length, 2);
});

test('leading work that fails is told and does not take the others with it', async () => {
  const { history, controller } = parts();
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (_, message) => told.push(message) };
  const manager = createManager({ log });
  manager.addController(controller);
  manager.onLeading(async () => assert.fail('broken'));
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await turn();
  assert.deepEqual(told, ['leading work failed']);
  stop.abort();
  await running;
  assert.deepEqual(history, ['controller starts', 'controller stops']);
});
