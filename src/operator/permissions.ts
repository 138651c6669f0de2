/** Finds out at the start what this account may do, so that what it may not is left alone and said once. */
import type { Verb } from '../kube/access.ts';
import { allowed, type Question } from '../kube/allowed.ts';
import type { Client } from '../kube/client.ts';
import { type Clock, DeadlineExceeded, sleep, withDeadline } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { type FeatureOff, features, featuresOf, featuresOff, permission } from './features.ts';
import { LEASE_NAME } from './rbac.ts';
import { OperatorError } from './registry.ts';

export interface PermissionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the Lease is; absent: no election. */
  readonly leaseNamespace: string | undefined;
  /** False: what only a provisioner needs is not asked for; default true. */
  readonly provisions?: boolean;
}

/** An API server that starts beside us answers within that time; after it everything counts as granted. */
const PATIENCE_MS = 15_000;
const TRIES = 30;
/** A role that was applied together with this process may be seen a moment later. */
const SETTLE_MS = 2_000;

/** @throws OperatorError LARDER_PERMISSIONS when it could not stand for election. */
export async function permissions(options: PermissionOptions, signal: AbortSignal): Promise<readonly FeatureOff[]> {
  const { clock, leaseNamespace, log } = options;
  const refused = await withDeadline(
    clock,
    'asking for permissions',
    PATIENCE_MS,
    (end) => settled(options, end),
    signal,
  ).catch((failure: unknown) => {
    if (!(failure instanceof DeadlineExceeded)) throw failure;
    log.warn({ err: failure }, 'the API server did not say what this account may do');
    return new Set<string>();
  });
  const leases = [...refused].filter((each) => each.endsWith(' leases'));
  if (leaseNamespace !== undefined && leases.length > 0) {
    throw new OperatorError(
      'LARDER_PERMISSIONS',
      `this account may not ${leases.join(', ')} in namespace ${leaseNamespace}, so two operators could work at once: ` +
        'grant it (docs/reference/rbac.yaml), or, where only one ever runs (replicas: 1, strategy Recreate), ' +
        'start with --leader-election false',
    );
  }
  const off = featuresOff(refused, options.provisions);
  for (const { feature, missing, without } of off) {
    const level = feature === 'provisioning' ? 'error' : 'warn';
    log[level]({ feature, missing, without }, 'feature is off: the account may not do what it needs');
  }
  return off;
}

async function settled(options: PermissionOptions, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const refused = await refusals(options, signal);
  if (refused.size === 0) return refused;
  await sleep(options.clock, SETTLE_MS, signal);
  return refusals(options, signal);
}

/** What another account could not do; empty also when nobody may ask. */
export async function refusalsOf(
  options: Omit<PermissionOptions, 'log'>,
  account: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  return refusals({ ...options, account, tries: 1 }, signal);
}

/** Each permission is asked for once, whichever features need it. */
async function refusals(
  options: Omit<PermissionOptions, 'log'> & Pick<Question, 'account'> & { readonly tries?: number },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { account, leaseNamespace, tries = TRIES } = options;
  const questions = new Map<string, Question>();
  for (const feature of featuresOf(options.provisions ?? true)) {
    for (const access of features[feature].needs) {
      for (const verb of access.verbs) questions.set(permission(access, verb), { access, verb });
    }
  }
  if (leaseNamespace !== undefined) {
    const access = { group: 'coordination.k8s.io', resource: 'leases' };
    const named = { access, namespace: leaseNamespace, name: LEASE_NAME };
    for (const verb of ['get', 'update'] satisfies Verb[]) questions.set(permission(access, verb), { ...named, verb });
    // `create` cannot be limited to a name, and is asked without one.
    questions.set(permission(access, 'create'), { access, verb: 'create', namespace: leaseNamespace });
  }
  const refused = new Set<string>();
  await Promise.all(
    [...questions].map(async ([what, question]) => {
      const asked = account ? { ...question, account } : question;
      const answer = await allowed({ ...options, tries }, asked, signal);
      if (answer === false) refused.add(what);
    }),
  );
  return refused;
}
