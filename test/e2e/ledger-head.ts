/** The head of a ledger that a cluster remembers: it finds what the repository and the clone have forgotten. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import { eventually } from './larder.ts';
import { cloneOf, ledgerSite, type Site } from './ledger-person.ts';
import { startLedgerServer } from './ledger-server.ts';
import type { Journey, Place } from './site.ts';

export const headJourneys = (place: Place): readonly Journey[] => [
  {
    name: `records that are gone, also from the history of git, are missed by the cluster, on ${place.name}`,
    run: (t) => missed(t, place),
  },
  {
    name: `a cluster that remembers the ledger is told of each apply, one that does not is left alone, on ${place.name}`,
    run: (t) => told(t, place),
  },
  {
    name: `a clone that is behind what the cluster remembers, or went another way, applies nothing, on ${place.name}`,
    run: (t) => behind(t, place),
  },
  {
    name: `a served ledger tells the cluster of each record, where it has a kubeconfig, on ${place.name}`,
    run: (t) => served(t, place),
  },
];

/** Two clones; the other one went on, and told the cluster. */
async function behind(t: TestContext, place: Place): Promise<void> {
  const { client, kubeconfig } = await place.cluster(t);
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const cluster = ['--kubeconfig', kubeconfig];
  const runs = async (at: Site, code: number, ...words: readonly string[]): Promise<string> => {
    const run = await at.larder(words, ana);
    assert.equal(run.code, code, `${words.join(' ')}: ${run.stdout}${run.stderr}`);
    return `${run.stdout}${run.stderr}`.replaceAll(/\s+/g, ' ');
  };
  const metadata = { name: 'behind', namespace: 'default' };
  writeFileSync(join(site.root, 'one.json'), JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }));
  writeFileSync(join(site.root, 'runbook.md'), '# Behind\n');
  await site.git('add', '.');
  await site.git('commit', '-qm', 'one');
  await namespaceFor(client);
  await runs(site, 0, 'ledger', 'init', '--operator', 'ana');
  const [manifests = '', runbook = ''] = ['one.json', 'runbook.md'].map((name) => join(site.root, name));
  await runs(site, 0, 'change', 'new', 'one', '--manifests', manifests, '--runbook', runbook);
  await runs(site, 1, 'change', 'diff', 'one', ...cluster);
  await runs(site, 0, 'ledger', 'publish', ...cluster);
  const clone = await cloneOf(site, 'clone');
  await runs(site, 0, 'change', 'new', 'two', '--manifests', manifests, '--runbook', runbook);
  await runs(site, 0, 'ledger', 'publish', ...cluster);

  const isThere = (): Promise<unknown> => client.get(kinds.ConfigMap, metadata);
  const refused = await runs(clone, 3, 'change', 'apply', 'one', '--yes', ...cluster);
  assert.match(refused, /remembers record 4 .* this clone ends with record 3 and is behind: run git pull/);
  assert.match(refused, /LARDER_CHANGE_BEHIND/);
  const missing = await clone.ledger(['verify', ...cluster]);
  assert.match(
    missing.stdout.replaceAll(/\s+/g, ' '),
    /way back: no commit of this clone has record 4: run git pull, or ask who recorded it/,
  );
  await assert.rejects(isThere(), { code: 'KUBE_NOT_FOUND' });
  await runs(clone, 0, 'change', 'update', 'one', '--summary', 'on its own way');
  const apart = await runs(clone, 3, 'change', 'apply', 'one', '--yes', ...cluster);
  assert.match(apart, /this clone has another history up to record 4: run git pull, then larder ledger merge/);
  const back = ['change', 'rollback', 'one', '--incident', 'i', '--title', 'x', '--yes'];
  assert.match(await runs(clone, 3, ...back, ...cluster), /LARDER_CHANGE_BEHIND/);
  await assert.rejects(isThere(), { code: 'KUBE_NOT_FOUND' });

  await clone.git('pull', '-q', '--no-rebase', '--no-edit');
  await runs(clone, 0, 'ledger', 'merge');
  await runs(clone, 0, 'change', 'apply', 'one', '--yes', ...cluster);
  await isThere();
}

async function served(t: TestContext, place: Place): Promise<void> {
  const { client, kubeconfig } = await place.cluster(t);
  await namespaceFor(client);
  const site = await ledgerSite(t);
  const words = ['--init', '--kubeconfig', kubeconfig];
  const server = await startLedgerServer({ folder: site.root, words });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  const remembered = async (): Promise<string> => {
    const place = { namespace: 'larder-system', name: 'larder-ledger-head' };
    const found = await client.get(kinds.ConfigMap, place).catch((cause) => {
      if (!isKubeError(cause, 'KUBE_NOT_FOUND')) throw cause;
    });
    return Object.values(found?.data ?? {}).join();
  };
  const headOf = async (): Promise<string> => {
    const { body } = await server.ask('GET', '/ledger/head');
    return typeof body === 'object' && body !== null && 'hash' in body ? String(body.hash) : 'no head';
  };
  const isTold = async (): Promise<true | undefined> => {
    return (await remembered()).includes(await headOf()) || undefined;
  };
  await eventually('the cluster to remember the beginning', isTold);
  const incident = { incidentId: 'one', title: 'x', severity: 'info', openedAt: '2026-01-01T00:00:00Z' };
  assert.equal((await server.ask('POST', '/incidents', incident)).status, 201);
  await eventually('the cluster to be told of the incident', isTold);
}

async function told(t: TestContext, place: Place): Promise<void> {
  const { client, kubeconfig } = await place.cluster(t);
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const cluster = ['--kubeconfig', kubeconfig];
  const done = async (code: number, ...words: readonly string[]): Promise<string> => {
    const run = await site.larder(words, ana);
    assert.equal(run.code, code, `${words.join(' ')}: ${run.stdout}${run.stderr}`);
    return `${run.stdout}${run.stderr}`;
  };
  const applies = async (id: string, value: string): Promise<string> => {
    const metadata = { name: 'told', namespace: 'default' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
    writeFileSync(join(site.root, 'told.json'), JSON.stringify(object));
    writeFileSync(join(site.root, 'runbook.md'), '# Told\n');
    await site.git('add', '.');
    await site.git('commit', '-qm', id);
    const [manifests, runbook] = ['told.json', 'runbook.md'].map((name) => join(site.root, name));
    await done(0, ...['change', 'new', id, '--manifests', manifests ?? '', '--runbook', runbook ?? '']);
    await done(1, 'change', 'diff', id, ...cluster);
    return done(0, 'change', 'apply', id, '--yes', ...cluster);
  };
  await done(0, 'ledger', 'init', '--operator', 'ana');
  await namespaceFor(client);
  await applies('one', 'one');
  const before = await site.ledger(['verify', ...cluster]);
  assert.match(before.stdout, /the cluster: ConfigMap larder-system\/larder-ledger-head says nothing/);
  await done(0, 'ledger', 'publish', ...cluster);
  assert.doesNotMatch(await applies('two', 'two'), /was not told/);
  const again = await done(0, 'ledger', 'publish', ...cluster);
  assert.match(again, /remembers record 7 already/);
}

/** Of an installation; some places have it already. */
async function namespaceFor(client: Client): Promise<void> {
  const metadata = { name: 'larder-system' };
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata }).catch((cause) => {
    if (!isKubeError(cause, 'KUBE_ALREADY_EXISTS')) throw cause;
  });
}

async function missed(t: TestContext, place: Place): Promise<void> {
  const { client, kubeconfig } = await place.cluster(t);
  const site = await ledgerSite(t);
  const [ana, ben] = [await site.person('ana'), await site.person('ben')];
  const cluster = ['--kubeconfig', kubeconfig];
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const before = (await site.git('rev-parse', 'HEAD')).trim();
  assert.equal((await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], ana)).code, 0);

  const nowhere = await site.ledger(['publish', '-n', 'not-there', ...cluster], ana);
  assert.equal(nowhere.code, 2, nowhere.stderr);
  assert.match(nowhere.stderr, /not-there.*\(KUBE_NOT_FOUND\)/);
  await namespaceFor(client);
  const nothing = await site.ledger(['verify', ...cluster]);
  assert.equal(nothing.code, 0, nothing.stdout);
  assert.match(nothing.stdout, /the cluster: ConfigMap larder-system\/larder-ledger-head says nothing/);

  const refused = await site.ledger(['publish', ...cluster], await site.person('eve'));
  assert.equal(refused.code, 3, refused.stderr);
  const published = await site.ledger(['publish', ...cluster], ben);
  assert.equal(published.code, 0, published.stderr);
  assert.match(published.stderr, /^ConfigMap larder-system\/larder-ledger-head remembers record 2\.\n$/);
  assert.match((await site.ledger(['verify', ...cluster])).stdout, /the cluster: 1 head\n/);

  // What somebody does who can rewrite the repository, and the clone with it.
  await site.git('reset', '-q', '--hard', before);
  await site.git('reflog', 'expire', '--expire=now', '--all');
  rmSync(join(site.root, '.git/larder'), { recursive: true });
  const blind = await site.ledger(['verify', '--no-cluster']);
  assert.equal(blind.code, 0, blind.stdout);
  assert.match(blind.stdout, /the cluster: not looked at/);
  const found = await site.ledger(['verify', ...cluster]);
  assert.equal(found.code, 1, found.stdout);
  assert.match(
    found.stdout.replaceAll(/\s+/g, ' '),
    /first broken link: .*head 2 in ConfigMap larder-system\/larder-ledger-head|record 2 .*which ConfigMap larder-system\/larder-ledger-head has seen, is not there/,
  );
  const overwriting = await site.ledger(['publish', ...cluster], ana);
  assert.equal(overwriting.code, 1, overwriting.stderr);
  assert.match(overwriting.stderr, /not published: .*remembers record 2, which is not here/);
}
