/** What happens to the operator itself, on storage that is well: it ends at any moment, or there are two of it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../../src/kube/index.ts';
import { eventsOf } from '../../e2e/claims.ts';
import { eventually, type RunningOperator, startOperator } from '../../e2e/larder.ts';
import type { At, Row } from '../row.ts';
import { refuseToSave } from './saving.ts';

const AT_ONCE = 20;

/** Further operators for classes of their own, none of which asks whether it leads. */
function operatorsOf({ stage, fuse }: At, provisioner: string) {
  const running: RunningOperator[] = [];
  return {
    async start(): Promise<RunningOperator> {
      const operator = await startOperator([
        ...['--kubeconfig', stage.kubeconfig, '--leader-election', 'false', '--provisioner-name', provisioner],
        ...['--export', `well:/v=${fuse('well').root}`],
      ]);
      running.push(operator);
      return operator;
    },
    addClass: (name: string, parameters: Readonly<Record<string, string>>) =>
      stage.client.create(kinds.StorageClass, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name },
        provisioner,
        parameters: { pathPattern: 'x-${.PVC.name}', export: 'well:/v', ...parameters },
      }),
    end(): void {
      for (const operator of running) operator.kill('SIGKILL');
    },
  };
}

export const operators: readonly Row[] = [
  {
    name: 'a crash between directory and volume: the next operator finds its directory, and saves the volume',
    needs: 'fuse',
    async run(at) {
      const { stage, fuse } = at;
      const own = operatorsOf(at, 'example.com/crashes');
      try {
        await own.addClass('crashes', {});
        const heal = await refuseToSave(stage.client, 'x-crashed');
        const first = await own.start();
        await stage.claim('crashed', 'crashes');
        const directory = join(fuse('well').source, 'x-crashed');
        await eventually('the directory', async () => existsSync(directory) || undefined);
        first.kill('SIGKILL');
        await first.exited;
        const { ino } = statSync(directory);
        await own.start();
        await heal();
        await stage.bound('crashed');
        assert.equal(statSync(directory).ino, ino);
        assert.deepEqual(await stage.warnings('crashed'), []);
      } finally {
        own.end();
      }
    },
  },
  {
    name: 'two leaders for a moment: each claim has one volume, each directory is moved once, and nobody is told of a failure',
    needs: 'fuse',
    async run(at) {
      const { stage, fuse } = at;
      const { client } = stage;
      const { source } = fuse('well');
      const own = operatorsOf(at, 'example.com/leaders');
      try {
        await own.addClass('leaders', { onDelete: 'archive' });
        await Promise.all([own.start(), own.start()]);
        const names = Array.from({ length: AT_ONCE }, (_, index) => `led-${index}`);
        await Promise.all(names.map((name) => stage.claim(name, 'leaders')));
        for (const name of names) await stage.bound(name);
        const { items } = await client.list(kinds.PersistentVolume);
        const led = items.filter(({ spec }) => spec.storageClassName === 'leaders');
        assert.equal(led.length, names.length);
        for (const name of names) writeFileSync(join(source, `x-${name}`, 'letter'), name);

        const leave = (name: string) => client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
        await Promise.all(names.map(leave));
        await eventually('the volumes to go', async () => {
          const { items: left } = await client.list(kinds.PersistentVolume);
          return left.every(({ spec }) => spec.storageClassName !== 'leaders') || undefined;
        });
        const archived = readdirSync(source).filter((name) => name.includes('x-led-'));
        assert.deepEqual(archived.sort(), names.map((name) => `archived-x-${name}`).sort());
        for (const name of names) assert.deepEqual(readdirSync(join(source, `archived-x-${name}`)), ['letter']);
        const told = await Promise.all(
          [...names, ...led.map(({ metadata }) => metadata.name)].map((name) => eventsOf(client, 'default', name)),
        );
        assert.deepEqual(
          told.flat().filter(({ type }) => type === 'Warning'),
          [],
        );
      } finally {
        own.end();
      }
    },
  },
];
