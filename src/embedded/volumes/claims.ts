/** Binds claims: gathers what `bind` needs to know of one, and carries out what it decides. */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type Node, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { nameOf } from '../../kube/object.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Notice } from '../events.ts';
import { annotation } from './annotation.ts';
import { bind, type ClaimDecision, type ClaimView } from './bind.ts';
import { guarded, patchClaim, patchClaimStatus, patchVolume, patchVolumeStatus } from './binding.ts';
import type { VolumeCaches } from './caches.ts';
import { classOf, defaultClass } from './class.ts';
import type { Notices } from './notices.ts';

export interface ReconcilerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly caches: VolumeCaches;
  readonly notices: Notices;
}

/** The store commits in groups: writes that wait together cost one flush. */
const CONCURRENCY = 16;

export function createClaimController(options: ReconcilerOptions): Controller {
  const { caches, notices } = options;
  return createController({
    ...options,
    name: 'claim-binder',
    concurrency: CONCURRENCY,
    async reconcile(key, { signal }) {
      const claim = caches.claims.get(key);
      if (!claim) {
        notices.forget(key);
        return { kind: 'done' };
      }
      return settleConflict(() => act(options, { key, claim, signal }, bind(viewOf(caches, key, claim))));
    },
  });
}

function viewOf(caches: VolumeCaches, key: string, claim: PersistentVolumeClaim): ClaimView {
  const className = classOf(claim);
  const users = caches.pods.byIndex('claim', key).filter(({ metadata, status }) => {
    const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    return !ended && metadata.deletionTimestamp === undefined;
  });
  return {
    claim,
    named: claim.spec.volumeName ? caches.volumes.get(claim.spec.volumeName) : undefined,
    volumes: [...caches.volumes.byIndex('claim', key), ...caches.volumes.byIndex('free', className ?? '')],
    storageClass: className ? caches.classes.get(className) : undefined,
    fallback: defaultClass(claim, caches.classes.list()),
    consumers: users.map(({ metadata }) => metadata.name).sort(),
    node: readyNode(caches.nodes.list()),
  };
}

/** The first by name, so that one answer is given however the list is ordered. */
function readyNode(nodes: Iterable<Node>): ClaimView['node'] {
  const [first] = [...nodes].filter(isReady).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return first && { name: first.metadata.name, labels: first.metadata.labels ?? {} };
}

export function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

interface Subject {
  readonly key: string;
  readonly claim: PersistentVolumeClaim;
  readonly signal: AbortSignal;
}

async function act(options: ReconcilerOptions, subject: Subject, decision: ClaimDecision): Promise<Outcome> {
  const { client, log, notices } = options;
  const { key, claim, signal } = subject;
  switch (decision.kind) {
    case 'bind':
      await complete(options, subject, decision.volume);
      notices.forget(key);
      return { kind: 'done' };
    case 'wait':
      await setStatus(client, subject, 'Pending');
      return decision.notice ? notices.say(key, claim, decision.notice) : quiet(notices, key);
    case 'assign-class':
      await client.patch(
        kinds.PersistentVolumeClaim,
        nameOf(key),
        guarded(claim, { spec: { storageClassName: decision.className } }),
        { signal },
      );
      log.info({ claim: key, class: decision.className }, 'default class assigned');
      return { kind: 'done' };
    case 'select-node':
      await annotate(client, subject, { [annotation.selectedNode]: decision.node });
      return quiet(notices, key);
    case 'provision':
      await askProvisioner(client, subject, decision.provisioner);
      return notices.say(key, claim, decision.notice);
    case 'lose':
      return lose(options, subject, decision.notice);
    case 'leave':
      return quiet(notices, key);
    default:
      decision satisfies never;
      return { kind: 'done' };
  }
}

/** The volume's half first: once it names the claim no other claim can have it, wherever this stops. */
async function complete({ client, log }: ReconcilerOptions, subject: Subject, found: PersistentVolume): Promise<void> {
  const { key, signal } = subject;
  const name = { name: found.metadata.name };
  let volume = found;
  let claim = subject.claim;
  const reserve = patchVolume(volume, claim);
  if (reserve) volume = await client.patch(kinds.PersistentVolume, name, reserve, { signal });
  const volumeStatus = patchVolumeStatus(volume, 'Bound');
  if (volumeStatus) {
    volume = await client.patch(kinds.PersistentVolume, name, volumeStatus, { signal, subresource: 'status' });
  }
  const attach = patchClaim(claim, volume);
  if (attach) claim = await client.patch(kinds.PersistentVolumeClaim, nameOf(key), attach, { signal });
  const status = patchClaimStatus(claim, 'Bound', volume);
  if (!status) return;
  await client.patch(kinds.PersistentVolumeClaim, nameOf(key), status, { signal, subresource: 'status' });
  log.info({ claim: key, volume: volume.metadata.name }, 'claim bound');
}

async function setStatus(client: Client, { key, claim, signal }: Subject, phase: 'Pending' | 'Lost'): Promise<boolean> {
  const status = patchClaimStatus(claim, phase);
  if (!status) return false;
  await client.patch(kinds.PersistentVolumeClaim, nameOf(key), status, { signal, subresource: 'status' });
  return true;
}

async function askProvisioner(client: Client, subject: Subject, provisioner: string): Promise<void> {
  await annotate(client, subject, { [annotation.betaProvisioner]: provisioner, [annotation.provisioner]: provisioner });
}

async function annotate(
  client: Client,
  subject: Subject,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  const { key, claim, signal } = subject;
  const present = claim.metadata.annotations ?? {};
  if (Object.entries(annotations).every(([name, value]) => present[name] === value)) return;
  const patch = guarded(claim, { metadata: { annotations } });
  await client.patch(kinds.PersistentVolumeClaim, nameOf(key), patch, { signal });
}

/** A claim must not be called lost because the cache of volumes is behind. */
async function lose(options: ReconcilerOptions, subject: Subject, notice: Notice): Promise<Outcome> {
  const { client, notices, log } = options;
  const { key, claim, signal } = subject;
  const { volumeName } = claim.spec;
  if (claim.status?.phase === 'Lost') return { kind: 'done' };
  const volume = volumeName ? await read(client, volumeName, signal) : undefined;
  const owner = volume?.spec.claimRef?.uid ?? claim.metadata.uid;
  if (volume && owner === claim.metadata.uid) {
    return { kind: 'again', afterMs: 500, reason: 'volume not yet in the cache' };
  }
  if (await setStatus(client, subject, 'Lost')) {
    log.warn({ claim: key, volume: volumeName, reason: notice.reason }, 'claim lost');
    notices.say(key, claim, notice);
  }
  return { kind: 'done' };
}

async function read(client: Client, name: string, signal: AbortSignal): Promise<PersistentVolume | undefined> {
  try {
    return await client.get(kinds.PersistentVolume, { name }, { signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}

function quiet(notices: Notices, key: string): Outcome {
  notices.forget(key);
  return { kind: 'done' };
}

/** Somebody changed or removed the object since the cache saw it: the change is on its way and brings the key back. */
export async function settleConflict(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!isKubeError(error, 'KUBE_CONFLICT', 'KUBE_NOT_FOUND')) throw error;
    return { kind: 'again', afterMs: 100, reason: 'changed meanwhile' };
  }
}
