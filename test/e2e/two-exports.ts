/** A cluster, and an operator with two exports that are folders of their own, each with a class that trashes. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { applyClaim, bound } from './claims.ts';
import { eventually, type RunningOperator, startOperator, temporaryFolder } from './larder.ts';
import { embedded } from './site.ts';

const PROVISIONER = 'example.com/dirs';

export interface TwoExports {
  readonly client: Client;
  /** Of `nas:/v` and of `nas2:/w`. */
  readonly roots: { readonly near: string; readonly far: string };
  /** Ends with the test. */
  start(): Promise<RunningOperator>;
  /** A claim with a letter in its directory, deleted again: it is in the trash, and its volume is gone. */
  remove(name: string, storageClass: 'near' | 'far'): Promise<void>;
}

export async function twoExports(t: TestContext): Promise<TwoExports> {
  const { client, kubeconfig } = await embedded.cluster(t);
  const folder = temporaryFolder((remove) => t.after(remove));
  const roots = { near: join(folder, 'near'), far: join(folder, 'far') };
  for (const root of Object.values(roots)) mkdirSync(root);
  const classes = { near: 'nas:/v', far: 'nas2:/w' };
  for (const [name, address] of Object.entries(classes)) {
    await client.create(kinds.StorageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      parameters: { pathPattern: '${.PVC.name}', export: address, onDelete: 'delete' },
    });
  }
  const start = async () => {
    const operator = await startOperator([
      ...['--kubeconfig', kubeconfig, '--export', `nas:/v=${roots.near}`, '--export', `nas2:/w=${roots.far}`],
      ...['--allow-local', '--provisioner-name', PROVISIONER],
    ]);
    t.after(() => operator.kill('SIGKILL'));
    return operator;
  };
  const remove = async (name: string, storageClass: 'near' | 'far'): Promise<void> => {
    await applyClaim(client, { name, storageClass, size: '1Mi' });
    await bound(client, 'default', name);
    const directory = join(roots[storageClass], name);
    writeFileSync(join(directory, 'letter.txt'), `dear ${name}`);
    await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
    await eventually(`${name} to leave`, async () => {
      const { items } = await client.list(kinds.PersistentVolume);
      return existsSync(directory) || items.length > 0 ? undefined : true;
    });
  };
  return { client, roots, start, remove };
}
