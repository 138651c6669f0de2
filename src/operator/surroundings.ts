/** Reads from the cluster all that a takeover has to look at, with the rights of whoever asks. Changes nothing. */
import { z } from 'zod';
import { type Client, errorOfResponse, kinds } from '../kube/index.ts';
import { queryOf } from '../kube/resource.ts';
import type { Clock } from '../telemetry/clock.ts';
import { featuresOff } from './features.ts';
import { deployment, type Installation, installationOf } from './installation.ts';
import { refusalsOf } from './permissions.ts';
import { LEASE_NAME } from './rbac.ts';
import type { Lock, Surroundings } from './takeover.ts';

export type Search =
  | { readonly kind: 'found'; readonly at: Surroundings }
  /** None, or several of which one must be named. */
  | { readonly kind: 'choose'; readonly installations: readonly Installation[] };

export interface SearchOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Of the Deployment; absent: the only one there is. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const LEADER = 'control-plane.alpha.kubernetes.io/leader';

const lockObject = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(''),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ holderIdentity: z.string().optional(), renewTime: z.string().optional() }).default({}),
});
const record = z.object({ holderIdentity: z.string().default(''), renewTime: z.string().default('') });

export async function surroundings(options: SearchOptions, signal: AbortSignal): Promise<Search> {
  const { client, clock, name, namespace } = options;
  const deployments = await listRaw(client, '/apis/apps/v1/deployments', deployment, signal);
  const installations = deployments.flatMap((each) => installationOf(each) ?? []);
  const wanted = installations.filter(
    (each) =>
      each.product === 'nfs-subdir' &&
      (namespace === undefined || each.namespace === namespace) &&
      (name === undefined || each.name === name),
  );
  const [peer] = wanted;
  if (!peer || wanted.length > 1) return { kind: 'choose', installations: wanted };
  const { items: volumes } = await client.list(kinds.PersistentVolume, { signal });
  const { items: classes } = await client.list(kinds.StorageClass, { signal });
  const account = { namespace: peer.namespace, name: peer.account };
  const refused = await refusalsOf({ client, clock, leaseNamespace: undefined }, account, signal);
  const at: Surroundings = {
    peer,
    others: installations.filter((each) => each !== peer),
    classes,
    volumes,
    locks: await locksOf(options, peer.provisioner.replaceAll('/', '-'), signal),
    leases: await locksOf(options, LEASE_NAME, signal),
    claimed: await claimedBy(client, peer, signal),
    off: featuresOff(refused),
  };
  return { kind: 'found', at };
}

async function listRaw<T>(client: Client, path: string, shape: z.ZodType<T>, signal: AbortSignal) {
  const response = await client.request({ method: 'GET', path, headers: { accept: 'application/json' } }, { signal });
  const body = await response.text();
  if (response.status !== 200) throw errorOfResponse(`list ${path}`, { ...response, body });
  return z.object({ items: z.array(shape) }).parse(JSON.parse(body)).items;
}

async function locksOf({ client, clock }: SearchOptions, name: string, signal: AbortSignal) {
  if (name === '') return [];
  const query = queryOf({ fieldSelector: `metadata.name=${name}` });
  const endpoints = await listRaw(client, `/api/v1/endpoints${query}`, lockObject, signal);
  const leases = await listRaw(client, `/apis/coordination.k8s.io/v1/leases${query}`, lockObject, signal);
  const lockOf = (kind: Lock['kind'], object: z.infer<typeof lockObject>, held: z.infer<typeof record>): Lock => ({
    kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    holder: held.holderIdentity,
    ageMs: clock.now() - (Date.parse(held.renewTime) || 0),
  });
  return [
    ...endpoints.flatMap((each) => {
      const text = each.metadata.annotations[LEADER];
      const held = heldIn(text ?? '');
      return held ? [lockOf('Endpoints', each, held)] : [];
    }),
    ...leases.map((each) => lockOf('Lease', each, record.parse(each.spec))),
  ];
}

/** Undefined for an annotation that no library of leader election wrote. */
function heldIn(text: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return undefined; // anybody who may write Endpoints can put something else there: it locks nothing
  }
}

/** The peer's chart mounts through a claim where the export needs mount options. */
async function claimedBy(client: Client, { mounted, namespace }: Installation, signal: AbortSignal) {
  if (mounted.kind !== 'claim') return undefined;
  const claim = await client.get(kinds.PersistentVolumeClaim, { namespace, name: mounted.name }, { signal });
  const volume = await client.get(kinds.PersistentVolume, { name: claim.spec.volumeName ?? '' }, { signal });
  return volume.spec.nfs;
}
