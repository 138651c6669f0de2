/** The head of a ledger that a cluster remembers: it finds what the repository and the clone have forgotten. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import { ledgerSite } from './ledger-person.ts';
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
];

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
