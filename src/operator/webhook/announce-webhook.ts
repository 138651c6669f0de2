/** Tells the embedded API about the webhook of this process. On a cluster the chart does, or an administrator with docs/reference/webhook.yaml. */
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import type { Client } from '../../kube/client.ts';
import { defineResource } from '../../kube/define-resource.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { nothing } from '../../kube/projection.ts';
import type { Resource } from '../../kube/resource.ts';
import { webhookConfigurations } from '../../kube/webhook-configuration.ts';
import type { AdmissionServer, WebhookPlace } from './admission-server.ts';
import { CONFIGURATION, configurations, SERVICE } from './manifests.ts';

const plain: readonly Resource<KubeObject>[] = Object.values(webhookConfigurations).map((resource) =>
  defineResource<KubeObject>(resource, nothing),
);

const NAMESPACE = 'larder-system';
const REGISTERED_BY = 'larder.dev/registered-by';
const UP = 'larder-up';

/** Only this process asks, so that any port will do. */
export function localWebhook({ values }: ResolvedConfiguration, host: string): { readonly webhook?: WebhookPlace } {
  if (!values.enableWebhook) return {};
  const certificate = { kind: 'own', namespace: NAMESPACE, lifetimeMs: values.webhookCertificateLifetime } as const;
  return { webhook: { host, port: 0, certificate } };
}

/** A webhook that nobody serves would delay every claim: when it is off, none stays registered. */
export async function announceWebhook(
  client: Client,
  webhook: Pick<AdmissionServer, 'listen'> | undefined,
  host: string,
): Promise<void> {
  if (webhook) return register(client, `https://${host}:${await webhook.listen()}`);
  for (const resource of plain) await unregister(client, resource);
}

/** One that somebody else made is not ours to take away. */
async function unregister(client: Client, resource: Resource<KubeObject>): Promise<void> {
  const name = { name: CONFIGURATION };
  try {
    const { metadata } = await client.get(resource, name);
    if (metadata.labels?.[REGISTERED_BY] !== UP) return;
    await client.delete(resource, name, { preconditions: { uid: metadata.uid } });
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_NOT_FOUND')) throw failure;
  }
}

/** `url` without a path. What the webhook is trusted by stays as it is. */
async function register(client: Client, url: string): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await made(client.create(kinds.Namespace, namespace));
  const metadata = { name: SERVICE, namespace: NAMESPACE };
  await made(client.create(kinds.Secret, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' }));
  for (const configuration of configurations({ kind: 'url', url }, NAMESPACE)) {
    const labels = { [REGISTERED_BY]: UP };
    const value = { ...configuration, metadata: { ...configuration.metadata, labels } };
    const resource = plain.find(({ kind }) => kind === value.kind);
    if (!resource) continue;
    const name = { name: value.metadata.name };
    await client.patch(resource, name, { kind: 'apply', value }, { force: true, fieldManager: 'larder-registration' });
  }
}

async function made(creation: Promise<KubeObject>): Promise<void> {
  await creation.catch((failure: unknown) => {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure;
  });
}
