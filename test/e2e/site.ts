/**
 * Where a journey is made. Every journey is one body for all places: it gets a `Place` and asks it for what it needs,
 * and nothing in it depends on which place that is.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../tools/control-plane.ts';
import { ACCOUNT, accountFor } from './account.ts';
import { type AuditEntry, auditOf } from './audit.ts';
import { clientOf } from './claims.ts';
import {
  type Larder,
  type Run,
  type RunningOperator,
  runLarder,
  startLarder,
  startOperator,
  temporaryFolder,
} from './larder.ts';

/** One test, whatever the place. */
export interface Journey {
  readonly name: string;
  readonly run: (t: TestContext) => Promise<void>;
}

/** A Kubernetes API, without an operator for `example.com/dirs`. */
export interface Cluster {
  readonly client: Client;
  /** Path, the administrator's. */
  readonly kubeconfig: string;
}

/** Larder on a cluster, with the classes of `larder up` and one folder for both of its exports. */
export interface Site {
  /** A new one after `crash`. */
  readonly client: Client;
  /** Path, the administrator's. */
  readonly kubeconfig: string;
  readonly export: string;
  /** What a namespace or a class of a journey is called here. */
  named(name: string): string;
  /** Undefined where the cluster's own default is one of ours. */
  readonly defaultClass: string | undefined;
  /** Whether the whole cluster is the journey's: it makes its namespaces, and applies what is for all of them. */
  readonly ours: boolean;
  /** Runs a command line of the product as its user does. */
  run(args: readonly string[]): Promise<Run>;
  /** kill -9 of what provisions, in the middle of whatever it does, and its start again. */
  crash(): Promise<void>;
}

/** All that a place starts ends with the test. */
export interface Place {
  /** For the names of tests. */
  readonly name: string;
  cluster(t: TestContext): Promise<Cluster>;
  site(t: TestContext): Promise<Site>;
}

const allOurs = { named: (name: string) => name, defaultClass: undefined, ours: true } as const;

/** Both in one process, as after `npm start`. */
export const embedded: Place = {
  name: 'the embedded API',
  async cluster(t) {
    const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
    t.after(() => larder.kill('SIGKILL'));
    return { client: await clientOf(larder), kubeconfig: larder.kubeconfig };
  },
  async site(t) {
    const data = temporaryFolder((remove) => t.after(remove));
    let larder: Larder = await startLarder(data);
    t.after(() => larder.kill('SIGKILL'));
    let client = await clientOf(larder);
    return {
      get client() {
        return client;
      },
      get kubeconfig() {
        return larder.kubeconfig;
      },
      export: larder.export,
      ...allOurs,
      run: (args) => runLarder(args, { KUBECONFIG: larder.kubeconfig }),
      async crash() {
        larder.kill('SIGKILL');
        await larder.exited;
        larder = await startLarder(data);
        client = await clientOf(larder);
      },
    };
  },
};

/** A kube-controller-manager with its default limits binds six claims a second. */
const FAST_MANAGER = {
  'kube-controller-manager': ['--kube-api-qps=1000', '--kube-api-burst=1000'],
} as const;

/** `larder operator` on a real control plane, with the account that the documentation makes for it and no other right. */
export const real: Place = {
  name: 'a real control plane',
  async cluster(t) {
    const plane = await planeFor(t);
    return { client: await clientOf(plane), kubeconfig: plane.kubeconfig };
  },
  async site(t) {
    // Registered first, so that it runs before the control plane ends.
    let refusals = async (): Promise<readonly AuditEntry[]> => [];
    t.after(async () => assert.deepEqual(await refusals(), [], 'what the account may not do'));
    const plane = await planeFor(t, { audit: true });
    const client = await clientOf(plane);
    refusals = async () =>
      (await auditOf(plane, client)).filter(({ user, code }) => user === ACCOUNT && (code === 401 || code === 403));
    const own = await accountFor(t, plane);
    for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
    const folder = temporaryFolder((remove) => t.after(remove));
    let operator: RunningOperator = await startOperator(siteArgs(own, folder));
    t.after(() => operator.kill('SIGKILL'));
    return {
      client,
      kubeconfig: plane.kubeconfig,
      export: folder,
      ...allOurs,
      run: (args) => runLarder(args, { KUBECONFIG: plane.kubeconfig, ...addressOf(operator) }),
      async crash() {
        operator.kill('SIGKILL');
        await operator.exited;
        operator = await startOperator(siteArgs(own, folder));
      },
    };
  },
};

/** One control plane for one test; its logs stay when that test fails. */
export async function planeFor(t: TestContext, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const plane = await startControlPlane({ ...options, flags: { ...FAST_MANAGER, ...options.flags } });
  t.after(async () => {
    const failed = Reflect.get(t, 'passed') !== true; // the published types do not have it yet
    if (failed) t.diagnostic(`the logs of the control plane are in ${plane.folder}`);
    await plane.close({ keep: failed });
  });
  return plane;
}

/** Alone, so that a restart after a kill does not wait for the lease of the one that was killed. */
function siteArgs(kubeconfig: string, folder: string): readonly string[] {
  return [
    ...['--kubeconfig', kubeconfig, '--leader-election', 'false', '--watch-interval', '5s', '--allow-local'],
    ...['--export', `127.0.0.1:/storage/v=${folder}`, '--export', `local:${folder}`],
  ];
}

/** How the command line finds an operator that no kubeconfig names. */
export function addressOf({ console }: RunningOperator): Record<string, string> {
  return { LARDER_OPERATOR: console.origin, LARDER_OPERATOR_TOKEN: console.searchParams.get('token') ?? '' };
}

/** Sums what the operator's own metrics say. */
export function figuresOf({ console }: RunningOperator): (pattern: RegExp) => Promise<number> {
  return async (pattern) => {
    const text = await (await fetch(new URL('/metrics', console))).text();
    const lines = pattern.global ? [...text.matchAll(pattern)] : [pattern.exec(text) ?? []];
    return lines.reduce((sum, [, value]) => sum + Number(value), 0);
  };
}
