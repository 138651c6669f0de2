/** Where a reader sits: a folder with the checkout in it, kubectl and larder at hand, and a cluster that they reach. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { clientOf } from '../e2e/claims.ts';
import { startLarder, startOperator, temporaryFolder } from '../e2e/larder.ts';
import { addressOf, planeFor } from '../e2e/site.ts';
import { pathOf } from '../tools/run-tool.ts';

export interface Desk {
  readonly home: string;
  /** The storage, as this machine has it. */
  readonly storage: string;
  readonly client: Client;
  readonly env: Readonly<Record<string, string>>;
}

export type Place =
  /** `larder up`, with these words after it. */
  | { readonly kind: 'embedded'; readonly args?: readonly string[] }
  /** A real one; `operator: false` when the guide starts it. */
  | { readonly kind: 'control plane'; readonly operator: boolean };

const ROOT = resolve(import.meta.dirname, '../..');

export async function deskFor(t: TestContext, place: Place): Promise<Desk> {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-guide-');
  for (const name of ['docs', 'examples', 'deploy']) symlinkSync(join(ROOT, name), join(home, name));
  const bin = join(home, 'bin');
  mkdirSync(bin);
  // As bin/larder, which would also install what a changed lock file asks for.
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'bin/start.js')];
  writeFileSync(join(bin, 'larder'), `#!/bin/sh\nexec '${words.join("' '")}' "$@"\n`, { mode: 0o755 });
  for (const name of ['kubectl-larder', 'kubectl_complete-larder']) cpSync(join(ROOT, 'bin', name), join(bin, name));
  for (const name of ['kubectl', 'helm'] as const) symlinkSync(await pathOf(name), join(bin, name));
  const env = { PATH: [bin, process.env['PATH']].join(delimiter), HOME: home, LANG: 'C.UTF-8', NO_COLOR: '1' };
  const at = { home, env };
  return place.kind === 'embedded' ? embedded(t, at, place.args ?? []) : real(t, at, place.operator);
}

type Bare = Pick<Desk, 'home' | 'env'>;

async function embedded(t: TestContext, { home, env }: Bare, args: readonly string[]): Promise<Desk> {
  const larder = await startLarder(join(home, '.larder'), args);
  t.after(async () => {
    larder.kill('SIGTERM');
    await larder.exited;
  });
  const { kubeconfig, export: storage } = larder;
  return { home, storage, client: await clientOf(larder), env: { ...env, KUBECONFIG: kubeconfig } };
}

async function real(t: TestContext, { home, env }: Bare, operator: boolean): Promise<Desk> {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  mkdirSync(join(home, '.kube'));
  cpSync(plane.kubeconfig, join(home, '.kube/config'));
  const storage = join(home, 'storage');
  mkdirSync(storage);
  if (!operator) return { home, storage, client, env };
  for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
  const running = await startOperator([
    ...['--kubeconfig', plane.kubeconfig, '--leader-election', 'false', '--watch-interval', '5s', '--allow-local'],
    ...['--export', `127.0.0.1:/storage/v=${storage}`, '--export', `local:${storage}`],
  ]);
  t.after(async () => {
    running.kill('SIGTERM');
    await running.exited;
  });
  return { home, storage, client, env: { ...env, ...addressOf(running) } };
}
