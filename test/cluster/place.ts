/**
 * Somebody's cluster as a place for journeys. The operator runs on this machine, with exports in a temporary folder, and
 * behind a gate; namespaces, classes and volumes carry the name of the run, and are removed after each journey.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, connect, createClient, kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { type RunningOperator, runLarder, startOperator, temporaryFolder } from '../e2e/larder.ts';
import { addressOf, type Place, type Site } from '../e2e/site.ts';
import { openGate } from './gate.ts';
import { beginSweep, labelOf } from './sweep.ts';
import type { Target } from './target.ts';

export interface UsersCluster {
  readonly target: Target;
  /** `larder-test-` and something random. */
  readonly run: string;
}

/** What the operator wanted to change and did not is told as notes that begin so. */
export const HELD_BACK = 'held back: ';

export function usersCluster(options: UsersCluster): Place {
  let sites = 0;
  return {
    name: 'a cluster of the user',
    cluster() {
      throw new Error('no journey for the clusters of users asks for one without Larder');
    },
    async site(t) {
      sites += 1;
      return siteOn(t, options, `${options.run}-${sites}-`);
    },
  };
}

async function siteOn(t: TestContext, { target, run }: UsersCluster, prefix: string): Promise<Site> {
  const named = (name: string): string => `${prefix}${name}`;
  const folder = temporaryFolder((remove) => t.after(remove));
  const kubeconfig = fileIn(folder, 'kubeconfig', target.textIn(named('default')));
  const { transport } = await connect({ kubeconfig, clock: systemClock });
  const client = createClient({ transport, clock: systemClock, random: systemRandom });
  const gate = await openGate({ transport, prefix, token: randomBytes(24).toString('base64url') });
  const exports = temporaryFolder((remove) => t.after(remove));
  const args = argsFor(fileIn(folder, 'operator', gate.kubeconfig), exports, named('directory'));
  let operator: RunningOperator | undefined;
  t.after(async () => {
    await beginSweep(client, prefix); // while the operator is there to take its finalizers off
    operator?.kill('SIGKILL');
    // What an earlier journey made may still be ending; it is of the run all the same.
    const others = [...gate.heldBack].filter((request) => !request.includes(`/${run}-`));
    for (const request of others) t.diagnostic(`${HELD_BACK}${request}`);
    await gate.close();
    await transport.close();
  });
  await prepare(client, run, named);
  operator = await startOperator(args);
  const running = operator;
  return {
    client,
    kubeconfig,
    export: exports,
    named,
    defaultClass: named('larder'),
    ours: false,
    run: (words) => runLarder(words, { KUBECONFIG: kubeconfig, ...addressOf(operator ?? running) }),
    async crash() {
      operator?.kill('SIGKILL');
      await operator?.exited;
      operator = await startOperator(args);
    },
  };
}

function fileIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600); // whatever the umask
  return path;
}

function argsFor(kubeconfig: string, folder: string, provisioner: string): readonly string[] {
  return [
    ...['--kubeconfig', kubeconfig, '--leader-election', 'false', '--watch-interval', '3s', '--allow-local'],
    ...['--provisioner-name', provisioner, '--kubelet', 'off'],
    ...['--export', `127.0.0.1:/storage/v=${folder}`, '--export', `local:${folder}`],
  ];
}

/** The classes of `larder up` under other names, with a provisioner that no other Larder answers to; none is the default. */
async function prepare(client: Client, run: string, named: (name: string) => string): Promise<void> {
  const labels = labelOf(run);
  const metadata = { name: named('default'), labels };
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  for (const storageClass of localClasses) {
    const name = named(storageClass.metadata.name ?? '');
    await client.create(kinds.StorageClass, {
      ...storageClass,
      metadata: { name, labels },
      provisioner: named('directory'),
    });
  }
}
