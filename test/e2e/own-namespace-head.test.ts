/** An operator outside of `larder-system` hears what the cluster remembers of its ledger in its own namespace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { kinds } from '../../src/kube/index.ts';
import { endsWith } from './change-world.ts';
import { clientOf } from './claims.ts';
import { apiFor } from './growth-only.ts';
import { eventually, startOperator } from './larder.ts';
import { ledgerSite } from './ledger-person.ts';

const headAnswer = z.object({
  kind: z.string(),
  where: z.string().optional(),
  said: z.string().default(''),
  command: z.string().default(''),
});

test('what was published in the namespace of the operator is compared, and told with its place', async (t) => {
  const kubeconfig = await apiFor(t);
  const client = await clientOf({ kubeconfig });
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'storage' } });
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  endsWith(await site.ledger(['init', '--operator', 'ana'], ana), 0);
  const operator = await startOperator(
    [
      ...['--kubeconfig', kubeconfig, '--no-provisioner', '--leader-election', 'false'],
      ...['--lease-namespace', 'storage', '--ledger', site.root, '--ledger-key', ana.key],
    ],
    { HOME: site.folder, SSH_AUTH_SOCK: '' },
  );
  t.after(async () => {
    operator.kill('SIGKILL');
    await operator.exited;
  });
  const headers = { authorization: `Bearer ${operator.console.searchParams.get('token')}` };
  const head = async () => {
    const answer = await fetch(new URL('/api/ledger/cluster-head', operator.console), { headers });
    assert.equal(answer.status, 200);
    return headAnswer.parse(await answer.json());
  };
  const silent = await head();
  assert.match(silent.said, /storage\/larder-ledger-head says nothing.*; .*larder-system\/larder-ledger-head says/);
  assert.equal(silent.command, 'larder ledger publish --namespace storage');
  const publish = [...silent.command.split(' ').slice(2), '--kubeconfig', kubeconfig];
  endsWith(await site.ledger(publish, ana), 0);
  await eventually('the comparison', async () => (await head()).kind === 'same' || undefined);
  assert.equal((await head()).where, 'ConfigMap storage/larder-ledger-head');
});

test('a change in a clone that is behind is refused by the namespace that it is told of', async (t) => {
  const kubeconfig = await apiFor(t);
  const client = await clientOf({ kubeconfig });
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'storage' } });
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  endsWith(await site.ledger(['init', '--operator', 'ana'], ana), 0);
  const bob = await site.person('bob');
  endsWith(await site.ledger(['operator', 'add', 'bob', '--public-key', bob.publicKey], ana), 0);
  endsWith(await site.ledger(['publish', '--namespace', 'storage', '--kubeconfig', kubeconfig], ana), 0);
  await site.git('reset', '-q', '--hard', 'HEAD~1');
  const applied = (...words: readonly string[]) =>
    site.larder(['change', 'apply', 'web', '--yes', '--kubeconfig', kubeconfig, ...words], ana);
  const { stderr: behind } = endsWith(await applied('--head-namespace', 'storage'), 3);
  assert.match(behind, /storage\/larder-ledger-head remembers record 2 .*run git pull.*LARDER_CHANGE_BEHIND/s);
  assert.doesNotMatch((await applied()).stderr, /LARDER_CHANGE_BEHIND/, 'nobody published in larder-system');
});
