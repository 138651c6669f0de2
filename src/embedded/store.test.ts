import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createEmbedded } from './cluster.ts';
import { openJournal } from './journal.ts';
import type { JsonObject } from './json.ts';
import { createStore, type Journal, type Store, type Transaction } from './store.ts';

const draft = (name: string, value = 0): JsonObject => ({ kind: 'Thing', apiVersion: 'v1', metadata: { name }, value });
const put = (transaction: Transaction, name: string, value = 0) =>
  transaction.put('things', { namespace: '', name }, draft(name, value));
const namesIn = (store: Store): string[] => store.list('things').map(({ name }) => name);

test('every write has a revision of its own, and objects carry theirs', async () => {
  const store = createStore();
  const [a, b] = await Promise.all([store.transact((t) => put(t, 'a')), store.transact((t) => put(t, 'b'))]);
  assert.equal(b.revision, a.revision + 1);
  assert.equal(store.revision(), b.revision);
  assert.match(a.text, new RegExp(`"resourceVersion":"${a.revision}"`));
});

test('a writer sees what writers before it did in the same commit', async () => {
  const store = createStore();
  const first = store.transact((t) => put(t, 'a', 1));
  const second = store.transact((t) => t.get('things', 'a')?.object['value']);
  await first;
  assert.equal(await second, 1);
});

test('a writer that throws leaves nothing, and the others of its commit stay', async () => {
  const store = createStore();
  const good = store.transact((t) => put(t, 'good'));
  const bad = store.transact((t) => {
    put(t, 'bad');
    t.remove('things', 'good');
    throw new Error('refused');
  });
  const last = store.transact((t) => put(t, 'last'));
  await assert.rejects(bad, /refused/);
  assert.equal((await last).revision, (await good).revision + 1);
  assert.deepEqual(namesIn(store), ['good', 'last']);
});

test('a discarded write gives its result and leaves nothing', async () => {
  const store = createStore();
  await store.transact((t) => put(t, 'kept'));
  const before = store.revision();
  const dry = await store.transact((t) => put(t, 'dry'), { discard: true });
  assert.equal(dry.name, 'dry');
  assert.equal(store.revision(), before);
  assert.deepEqual(namesIn(store), ['kept']);
});

/** A journal that keeps commits in memory and can be told to fail. */
function memoryJournal(): Journal & { commits: number; fail: boolean } {
  return {
    commits: 0,
    fail: false,
    load: () => ({ revision: 1, rows: [] }),
    commit() {
      if (this.fail) throw new Error('disk full');
      this.commits += 1;
    },
    close: () => undefined,
  };
}

test('writers of the same turn share one commit', async () => {
  const journal = memoryJournal();
  const store = createStore({ journal });
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.transact((t) => put(t, `n${index}`))));
  assert.equal(journal.commits, 1);
});

test('a commit that fails is told to its writers, and nobody ever sees it', async () => {
  const journal = memoryJournal();
  const store = createStore({ journal });
  await store.transact((t) => put(t, 'before'));
  const revision = store.revision();
  let woken = 0;
  store.onChange('things', () => {
    woken += 1;
  });
  journal.fail = true;
  const lost = store.transact((t) => {
    put(t, 'lost');
    t.remove('things', 'before');
  });
  await assert.rejects(lost, /disk full/);
  assert.equal(store.revision(), revision);
  assert.deepEqual(namesIn(store), ['before']);
  assert.equal(woken, 0);
  journal.fail = false;
  await store.transact((t) => put(t, 'after'));
  assert.deepEqual(namesIn(store), ['after', 'before']);
});

test('readers and watchers hear of a write only when it is durable', async () => {
  const seen: string[] = [];
  const journal = { ...memoryJournal(), commit: () => void seen.push(`commit with ${namesIn(store).length} visible`) };
  const store: Store = createStore({ journal });
  store.onChange('things', () => void seen.push('heard'));
  await store.transact((t) => put(t, 'a'));
  assert.deepEqual(seen, ['commit with 1 visible', 'heard']);
});

test('the history tells the changes after a revision, and forgets the oldest', async () => {
  const store = createStore({ historySize: 3 });
  const made = await store.transact((t) => put(t, 'a'));
  await store.transact((t) => put(t, 'a', 1));
  await store.transact((t) => t.remove('things', 'a'));
  const past = store.since('things', made.revision);
  assert.equal(past.kind, 'known');
  assert.deepEqual(past.kind === 'known' && past.changes.map(({ type }) => type), ['MODIFIED', 'DELETED']);
  await store.transact((t) => put(t, 'b'));
  assert.equal(store.since('things', made.revision).kind, 'known');
  await store.transact((t) => put(t, 'c'));
  assert.equal(store.since('things', made.revision).kind, 'expired');
});

test('a quiet kind keeps its history while another one is busy', async () => {
  const store = createStore({ historySize: 3 });
  const quiet = await store.transact((t) => t.put('quiet', { namespace: '', name: 'q' }, draft('q')));
  for (let index = 0; index < 9; index += 1) await store.transact((t) => put(t, `n${index}`));
  assert.equal(store.since('quiet', quiet.revision).kind, 'known');
  assert.equal(store.since('quiet', quiet.revision - 1).kind, 'expired');
});

test('compaction forgets the past of every kind', async () => {
  const store = createStore();
  await store.transact((t) => put(t, 'a'));
  const before = store.revision();
  await store.transact((t) => put(t, 'b'));
  store.compact(store.revision());
  assert.equal(store.since('things', before).kind, 'expired');
  assert.equal(store.since('things', store.revision()).kind, 'known');
});

test('lists are ordered by key and by namespace, whatever happened', async () => {
  const key = fc.record({
    namespace: fc.constantFrom('a', 'a-b', 'ab', 'b'),
    name: fc.constantFrom('x', 'x-1', 'y', 'a'),
  });
  const step = fc.record({ key, remove: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = createStore();
      const model = new Set<string>();
      for (const { key: address, remove } of steps) {
        const text = `${address.namespace}/${address.name}`;
        await store.transact((t) =>
          remove ? t.remove('things', text) : t.put('things', address, draft(address.name)),
        );
        if (remove) model.delete(text);
        else model.add(text);
      }
      assert.deepEqual(
        store.list('things').map((stored) => stored.key),
        [...model].sort(),
      );
      const inA = [...model].filter((text) => text.startsWith('a/')).sort();
      assert.deepEqual(
        store.list('things', 'a').map((stored) => stored.key),
        inA,
      );
    }),
    { numRuns: 60 },
  );
});

function withFolder(work: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'larder-store-'));
    try {
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

test(
  'a store on the disk goes on where it was: objects, revision, and watches from there',
  withFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const first = createStore({ journal: openJournal(path) });
    await first.transact((t) => put(t, 'kept', 7));
    await first.transact((t) => put(t, 'gone'));
    await first.transact((t) => t.remove('things', 'gone'));
    const revision = first.revision();
    first.close();
    assert.equal(statSync(path).mode & 0o777, 0o600);

    const second = createStore({ journal: openJournal(path) });
    assert.equal(second.revision(), revision);
    assert.deepEqual(namesIn(second), ['kept']);
    assert.equal(second.get('things', 'kept')?.object['value'], 7);
    assert.deepEqual(second.since('things', revision), { kind: 'known', changes: [] });
    assert.equal(second.since('things', revision - 1).kind, 'expired');
    assert.ok((await second.transact((t) => put(t, 'next'))).revision > revision);
    second.close();
  }),
);

test(
  'a file that is no database, or of a later layout, is refused by name',
  withFolder(async (folder) => {
    assert.throws(() => openJournal(folder), { code: 'EMBEDDED_STATE_UNREADABLE' });
    const path = join(folder, 'state.db');
    openJournal(path).close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    assert.throws(() => openJournal(path), /layout 99/);
  }),
);

test('a closed store refuses writers', async () => {
  const store = createStore();
  store.close();
  await assert.rejects(
    store.transact((t) => put(t, 'a')),
    /closed/,
  );
});

test(
  'kill -9 at any moment loses no write that was acknowledged',
  withFolder(async (folder) => {
    const acknowledged: string[] = [];
    for (const prefix of ['a', 'b']) {
      const args = [
        '--disable-warning=ExperimentalWarning',
        fileURLToPath(import.meta.resolve('./crash.fixture.ts')),
        folder,
        prefix,
      ];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(line);
        if (acknowledged.length % 100 === 57) child.kill('SIGKILL');
      }
      await ended;
    }
    const { store, close } = await createEmbedded({ dataDir: folder, clock: systemClock, random: systemRandom });
    const lost = acknowledged.filter((name) => !store.get('configmaps', `default/${name}`));
    close();
    assert.ok(acknowledged.length >= 57);
    assert.deepEqual(lost, []);
  }),
);
