/** A service moves from its hostPath to a claim and back, by the commands of the guide. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { missingControlPlane } from '../tools/control-plane.ts';
import { findKubectl } from '../tools/kubectl.ts';
import { post } from './account.ts';
import { bound, clientOf, eventsOf } from './claims.ts';
import { eventually, runLarder, startOperator, temporaryFolder } from './larder.ts';
import { addressOf, planeFor } from './site.ts';
import { contentOf } from './tree.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/moving-hostpath.md'), 'utf8');
const skip = (await missingControlPlane()) ?? false;

/** The block of code of that language below the heading. */
function blockOf(heading: string, language: string): string {
  const text = guide.split(`\n## ${heading}\n`)[1] ?? '';
  const [, block] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  assert.ok(block, `the guide has no ${language} below "${heading}"`);
  return block;
}

const deployment = {
  metadata: { name: 'myapp', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'myapp' } },
    template: {
      metadata: { labels: { app: 'myapp' } },
      spec: {
        containers: [
          { name: 'main', image: 'example.org/myapp', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        ],
        volumes: [{ name: 'data', hostPath: { path: '/storage/v/glusterfs_myapp_data' } }],
      },
    },
  },
};

test(
  'a service moves from its hostPath to a claim and back as the guide says, and its data stays as it is',
  { skip },
  moves,
);

async function moves(t: TestContext): Promise<void> {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
  const storage = temporaryFolder((remove) => t.after(remove));
  const operator = await startOperator([
    ...['--kubeconfig', plane.kubeconfig, '--leader-election', 'false', '--allow-local'],
    ...['--export', `127.0.0.1:/storage/v=${storage}`, '--export', `local:${storage}`],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  const found = await findKubectl();
  assert.ok(found.kind === 'ready');
  const home = temporaryFolder((remove) => t.after(remove));
  const bash = (script: string): string =>
    execFileSync('bash', ['-euc', `kubectl() { ${found.path} "$@"; }\n${script}`], {
      env: { HOME: home, KUBECONFIG: plane.kubeconfig, PATH: process.env['PATH'] },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  const directory = join(storage, 'glusterfs_myapp_data');
  mkdirSync(join(directory, 'sub'), { recursive: true, mode: 0o755 });
  writeFileSync(join(directory, 'sub', 'precious'), 'do not lose', { mode: 0o600 });
  const before = contentOf(directory);
  await post(client, '/apis/apps/v1/namespaces/default/deployments', deployment);

  const [, ...words] = blockOf('1. See what there is', 'sh').trim().split(' ');
  const listed = await runLarder(words, { KUBECONFIG: plane.kubeconfig, ...addressOf(operator) });
  assert.match(listed.stdout, /glusterfs_myapp_data/, listed.stderr);
  bash(blockOf('2. Stop the service', 'sh'));
  bash(blockOf('3. Make the claim', 'sh'));
  const { volume } = await bound(client, 'default', 'myapp-data');
  assert.equal(volume.spec.nfs?.path, '/storage/v/glusterfs_myapp_data');
  await eventually('the event VolumeAdopted', async () =>
    (await eventsOf(client, 'default', 'myapp-data')).find(({ reason }) => reason === 'VolumeAdopted'),
  );
  assert.deepEqual(contentOf(directory), before);

  const { volumes } = parse(blockOf('4. Change the pod', 'yaml'));
  const patch = { spec: { template: { spec: { volumes: [{ ...volumes[0], hostPath: null }] } } } };
  bash(`kubectl patch deployment/myapp --patch '${JSON.stringify(patch)}'`);
  assert.equal(
    bash("kubectl get deployment/myapp -o jsonpath='{.spec.template.spec.volumes}'"),
    JSON.stringify([{ name: 'data', persistentVolumeClaim: { claimName: 'myapp-data' } }]),
  );

  bash('kubectl delete pvc/myapp-data');
  await eventually('the event VolumeRetained', async () =>
    (await eventsOf(client, 'default', volume.metadata.name)).find(({ reason }) => reason === 'VolumeRetained'),
  );
  assert.deepEqual(contentOf(directory), before);
}
