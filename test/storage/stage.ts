/** An operator on exports of choice, each with a class of its name, and claims that wait for what is wrong with them. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Client, type Event, kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, eventsOf } from '../e2e/claims.ts';
import { eventually, type RunningOperator, startOperator } from '../e2e/larder.ts';
import type { Place } from '../e2e/site.ts';

/** The slowest event comes after a minute and a pause between two attempts. */
const PATIENCE_S = 150;

export const PROVISIONER = 'example.com/storage';

export interface Stage {
  readonly client: Client;
  readonly kubeconfig: string;
  readonly operator: RunningOperator;
  /** A class for one of the exports, of the export's name unless `name` is given. */
  addClass(exported: string, parameters?: Readonly<Record<string, string>>, name?: string): Promise<void>;
  /** A claim that asks that class. */
  claim(name: string, storageClass: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  /** Waits until the claim's event says exactly this. */
  refused(name: string, message: string): Promise<void>;
  /** Waits until the claim has one event that warns, and its message is like this. */
  refusedLike(name: string, message: RegExp): Promise<void>;
  /** What was told of the claim by events that warn. */
  warnings(name: string): Promise<readonly string[]>;
  bound(name: string): Promise<void>;
  /** `/healthz` answers, whatever the storage does. */
  healthy(): Promise<void>;
}

export interface StageOptions {
  readonly place: Place;
  /** Where each export is mounted, by its name; its volumes come from `NAME:/v`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export async function stageFor(t: TestContext, { place, exports, args = [] }: StageOptions): Promise<Stage> {
  const { client, kubeconfig } = await place.cluster(t);
  const places = Object.entries(exports).flatMap(([name, root]) => ['--export', `${name}:/v=${root}`]);
  const operator = await startOperator([
    ...['--kubeconfig', kubeconfig, '--leader-election', 'false', '--provisioner-name', PROVISIONER],
    ...places,
    ...args,
  ]);
  t.after(() => operator.kill('SIGKILL'));
  const failuresOf = async (name: string): Promise<readonly Event[]> =>
    (await eventsOf(client, 'default', name)).filter(({ type }) => type === 'Warning');
  const stage: Stage = {
    client,
    kubeconfig,
    operator,
    async addClass(exported, parameters = {}, name = exported) {
      await client.create(kinds.StorageClass, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name },
        provisioner: PROVISIONER,
        parameters: { pathPattern: 'x-${.PVC.name}', export: `${exported}:/v`, ...parameters },
      });
    },
    async claim(name, storageClass, annotations = {}) {
      await applyClaim(client, { name, storageClass, size: '1Mi', annotations });
    },
    async refused(name, message) {
      let seen: readonly string[] = [];
      await eventually(
        `the event of ${name}: ${message}`,
        async () => {
          seen = (await failuresOf(name)).map((event) => `${event.reason}: ${event.message}`);
          return seen.length > 0 ? true : undefined;
        },
        PATIENCE_S,
      );
      assert.deepEqual(seen, [`ProvisioningFailed: ${message}`]);
    },
    async refusedLike(name, message) {
      const [event] = await eventually(`an event of ${name}`, async () => {
        const found = await failuresOf(name);
        return found.length > 0 ? found : undefined;
      });
      assert.match(event?.message ?? '', message);
    },
    warnings: async (name) => (await failuresOf(name)).map(({ message }) => message ?? ''),
    async bound(name) {
      await bound(client, 'default', name);
    },
    async healthy() {
      const answer = await fetch(new URL('/healthz', operator.console));
      assert.equal(answer.status, 200);
    },
  };
  for (const name of Object.keys(exports)) await stage.addClass(name);
  return stage;
}
