/** The usage of the cluster's claims and what governs them, for a file that can be played again. */
import { pvcPolicies } from '../expand/api/pvc-policy.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { RECORDING_VERSION, type RecordedAttributes, type RecordedClaim } from '../expand/simulate/recording.ts';
import { KEPT_EVERY_MS, type UsageHistory } from '../expand/usage/history.ts';
import { pointsIn } from '../expand/usage/look-back.ts';
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { isObject } from '../kube/reader.ts';
import { pathOf } from '../kube/resource.ts';
import { noClaim } from './access/visible.ts';
import type { Caches } from './caches.ts';
import type { RecordingAnswer, SeriesAnswer, SpanQuery } from './record-api.ts';

export interface Recording {
  /** Whether there is such a claim now. */
  knows(claim: { readonly namespace: string; readonly name: string }): boolean;
  recording(span: SpanQuery, signal: AbortSignal): Promise<RecordingAnswer>;
  series(
    claim: { readonly namespace: string; readonly name: string },
    span: SpanQuery,
    signal: AbortSignal,
  ): Promise<SeriesAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly caches: Pick<Caches, 'claims' | 'classes' | 'namespaces' | 'policies'>;
  readonly configuration: ResolvedConfiguration;
  readonly provisionerNames: readonly string[];
  /** The first that knows a claim is asked. */
  readonly histories: readonly UsageHistory[];
}

export function recordingOn({ client, caches, configuration, provisionerNames, histories }: Parts): Recording {
  return {
    knows: ({ namespace, name }) => caches.claims.get(`${namespace}/${name}`) !== undefined,
    async recording({ from, to }, signal) {
      const changed = configuration.origins.filter(({ source }) => source !== 'built-in');
      return {
        head: {
          larderRecording: RECORDING_VERSION,
          from,
          to,
          everyMs: KEPT_EVERY_MS,
          configuration: Object.fromEntries(changed.map(({ key, text }) => [key, text])),
          provisioners: [...provisionerNames],
        },
        objects: [
          ...[...caches.classes.list()].map(ownOnly),
          ...[...caches.namespaces.list()].map(ownOnly),
          ...(caches.policies.isServed() && caches.policies.size > 0 ? await policies(client, signal) : []),
        ],
        claims: await claimRows([...caches.claims.list()].filter(isBound), client, signal),
      };
    },
    async series({ namespace, name }, { from, to }, signal) {
      const key = `${namespace}/${name}`;
      const claim = caches.claims.get(key);
      if (!claim) throw noClaim({ namespace, name });
      const found = await pointsIn(histories, { key, uid: claim.metadata.uid, from, to }, signal);
      return {
        points: found.points.map(({ at, usedBytes, capacityBytes }) => [at, Number(usedBytes), Number(capacityBytes)]),
        notes: [...found.notes],
      };
    },
  };
}

function isBound({ status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound';
}

function claimRow({ metadata, spec }: PersistentVolumeClaim): RecordedClaim {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    storageClassName: spec.storageClassName ?? '',
    attributesClassName: spec.volumeAttributesClassName ?? '',
    request: spec.resources.requests['storage'] ?? '0',
    labels: { ...metadata.labels },
    annotations: deciding(metadata.annotations),
  };
}

/** With what the VolumeAttributesClasses say that they name: few clusters have any. */
async function claimRows(
  claims: readonly PersistentVolumeClaim[],
  client: Client,
  signal: AbortSignal,
): Promise<RecordedClaim[]> {
  const rows = claims.map(claimRow);
  const found = new Map<string, RecordedAttributes>();
  for (const name of new Set(rows.map(({ attributesClassName }) => attributesClassName))) {
    if (name !== '') found.set(name, await attributesClass(client, name, signal));
  }
  return rows.map((row) => {
    const of = found.get(row.attributesClassName);
    return of ? { ...row, attributesClass: of } : row;
  });
}

async function attributesClass(client: Client, name: string, signal: AbortSignal): Promise<RecordedAttributes> {
  try {
    const { driverName, parameters = {} } = await client.get(kinds.VolumeAttributesClass, { name }, { signal });
    return { kind: 'there', driverName, parameters: { ...parameters } };
  } catch (failure) {
    signal.throwIfAborted();
    if (isKubeError(failure, 'KUBE_NOT_FOUND')) return { kind: 'absent' };
    return { kind: 'unread', why: failure instanceof Error ? failure.message : String(failure) };
  }
}

/** Others may hold what is nobody's business. */
function deciding(annotations: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const ours = Object.entries(annotations ?? {}).filter(([key]) => /^(pvc-chonker\.io|larder\.dev)\//.test(key));
  return Object.fromEntries(ours);
}

function ownOnly<T extends { readonly metadata: PersistentVolumeClaim['metadata'] }>(
  object: T,
): Record<string, unknown> {
  const { name, namespace, labels = {}, annotations } = object.metadata;
  return { ...object, status: undefined, metadata: { name, namespace, labels, annotations: deciding(annotations) } };
}

/** As they were written: what is in memory is what they mean. */
async function policies(client: Client, signal: AbortSignal): Promise<readonly Record<string, unknown>[]> {
  const response = await client.request({ method: 'GET', path: pathOf(pvcPolicies) }, { signal });
  const list: unknown = JSON.parse(await response.text());
  const items = isObject(list) && Array.isArray(list['items']) ? list['items'] : [];
  return items.filter(isObject).map((item) => {
    const { name, namespace } = isObject(item['metadata']) ? item['metadata'] : {};
    return {
      apiVersion: `${pvcPolicies.group}/${pvcPolicies.version}`,
      kind: pvcPolicies.kind,
      metadata: { name, namespace },
      spec: item['spec'],
    };
  });
}
