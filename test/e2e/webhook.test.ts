import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKubeError, kinds } from '../../src/kube/index.ts';
import { webhookConfigurations } from '../../src/kube/webhook-configuration.ts';
import { clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';
import { embedded } from './site.ts';
import { applyPolicy, webhook } from './webhook.ts';

for (const { name, run } of webhook(embedded)) {
  test(name, run);
}

test('larder up serves its own webhook when it is told to, says so, and registers none when it is not', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const first = await startLarder(data, ['--enable-webhook']);
  t.after(() => first.kill('SIGKILL'));
  const client = await clientOf(first);
  await applyPolicy(client, { initialSize: '3Mi' });
  let count = 0;
  const sized = await eventually('a claim to get its first size', async () => {
    count += 1;
    const made = await client.create(kinds.PersistentVolumeClaim, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: `claim-${count}`, namespace: 'default', labels: { workload: 'database' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    });
    return made.spec.resources.requests['storage'] === '3Mi' ? made : undefined;
  });
  assert.equal(sized.metadata.labels?.['workload'], 'database');
  const { stdout } = await runLarder(['doctor', '-o', 'json'], { KUBECONFIG: first.kubeconfig });
  assert.match(stdout, /its certificate holds until .*, asked \d+ times/);
  first.kill('SIGTERM');
  assert.equal(await first.exited, 0);

  const second = await startLarder(data);
  t.after(() => second.kill('SIGKILL'));
  const again = await clientOf(second);
  for (const resource of Object.values(webhookConfigurations)) {
    await assert.rejects(again.get(resource, { name: 'larder' }), (failure) => isKubeError(failure, 'KUBE_NOT_FOUND'));
  }
  second.kill('SIGTERM');
  await second.exited;
});
