import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createHttpServer, listen } from '../../http/server.ts';
import { withOperator } from '../../operator/kubeconfig.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { larder } from '../larder.ts';
import { liveValues } from './live.ts';
import { suggest } from './suggest.ts';

const token = 'a-token-of-at-least-thirty-two-characters';

const volume = (namespace: string, claim: string, usedRatio?: number) => ({
  ...{ namespace, claim, usedRatio, class: 'nas', volume: 'v', phase: 'Bound', path: '', directory: '', inodes: '' },
  ...{ request: '1073741824', capacity: '', used: '', state: 'ok', verdict: '', summary: '' },
});
const trashed = (claim: string, kind: 'trash' | 'archive') => ({
  ...{ claim, kind, entry: `${kind}-of-${claim.replace('/', '-')}`, export: 'e', path: 'p', volume: 'v' },
  trashedAt: Date.UTC(2026, 0, 2, 3, 4),
});

/** What is offered on a cluster with some claims, whose current namespace is `media`. */
async function offeredBy(t: TestContext, clock: Clock = systemClock) {
  const app = await createHttpServer({ log: silentLog, token, openPaths: [], hosts: [] });
  app.get('/api/volumes', async () => [
    volume('media', 'plex', 0.81),
    volume('dev', 'git'),
    { ...volume('', ''), class: 'old' }, // a volume whose claim is gone
  ]);
  const entries = [trashed('media/films', 'trash'), trashed('dev/wiki', 'archive')];
  app.get('/api/trash', async () => ({ entries, problems: [] }));
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'larder-live-'));
  t.after(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const kubeconfig = `clusters: [{name: home, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: home, context: {cluster: home, namespace: media}}, {name: away, context: {cluster: away}}]
current-context: home
`;
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, withOperator(kubeconfig, { url: `http://127.0.0.1:${port}`, token }));
  const nothing = (): void => undefined;
  const terminal = { out: nothing, err: nothing, interactive: false, columns: 80, env: { KUBECONFIG: file } };
  const context = { terminal, changes: { begin: async () => assert.fail('completing changes nothing') } };
  const program = larder(terminal, new Map());
  return async (line: string): Promise<readonly string[]> => {
    const { values } = await suggest(program, line.split(' '), liveValues(context, clock));
    return values.map(({ value, note }) => (note === '' ? value : `${value} (${note})`));
  };
}

test('claims are offered in the form that is being typed', async (t) => {
  const offered = await offeredBy(t);
  assert.deepEqual(await offered('explain '), ['media/plex (1Gi, 81 % used, ok)', 'dev/git (1Gi, ok)']);
  assert.deepEqual(await offered('explain dev/'), ['dev/git (1Gi, ok)']);
  assert.deepEqual(await offered('explain pvc/'), ['pvc/plex (1Gi, 81 % used, ok)']);
  assert.deepEqual(await offered('-n dev explain '), ['git (1Gi, ok)']);
  assert.deepEqual(await offered('explain -n dev pvc/'), ['pvc/git (1Gi, ok)']);
});

test('each verb gets the names that it can do something with', async (t) => {
  const offered = await offeredBy(t);
  assert.deepEqual(await offered('volumes list -n '), ['dev', 'media']);
  assert.deepEqual(await offered('volumes undelete '), ['media/films (deleted 2026-01-02 03:04)']);
  assert.deepEqual(await offered('volumes undelete --entry '), ['trash-of-media-films (media/films)']);
  assert.deepEqual(await offered('volumes restore '), ['archive-of-dev-wiki (dev/wiki)']);
  assert.deepEqual(await offered('volumes restore x --claim '), [], 'one that is to be made');
  for (const verb of ['undelete', 'restore x']) assert.deepEqual(await offered(`volumes ${verb} --export `), ['e']);
  assert.deepEqual(await offered('volumes adopt --class '), ['nas']);
  assert.deepEqual(await offered('volumes list --context '), ['home', 'away']);
  assert.deepEqual(await offered('volumes list --contexts home,'), ['home,away']);
});

test('a cluster that nobody knows, that refuses or that is slow adds nothing', async (t) => {
  const offered = await offeredBy(t);
  assert.deepEqual(await offered('explain --context away '), []);
  assert.deepEqual(await offered('explain --operator http://127.0.0.1:1 '), []);
  assert.deepEqual(await offered('explain --kubeconfig /nowhere '), []);
  assert.deepEqual(await offered('gitops -n '), [], 'its API server is not there');
  const impatient: Clock = {
    ...systemClock,
    after(_ms, fire) {
      queueMicrotask(fire); // before any answer can come
      return { cancel: () => undefined };
    },
  };
  const late = await offeredBy(t, impatient);
  assert.deepEqual(await late('explain '), []);
});
