/**
 * What an API server knows of its webhooks, as far as whoever serves one reads it. The kinds are not kept in caches and
 * never written whole: a patch changes the authorities and nothing else.
 */
import { defineResource } from './define-resource.ts';
import type { KubeObject } from './object.ts';
import type { JsonPatchOperation } from './patch.ts';
import { listOf, object, repeated, required, text } from './reader.ts';

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly RegisteredWebhook[];
}

export interface RegisteredWebhook {
  readonly name: string;
  readonly clientConfig: {
    readonly url?: string;
    readonly service?: { readonly namespace: string; readonly name: string };
    /** Base64 of PEM; absent = what the system trusts. */
    readonly caBundle?: string;
  };
}

const webhooks = listOf(
  object<RegisteredWebhook>({
    name: required(repeated),
    clientConfig: required(
      object<RegisteredWebhook['clientConfig']>({
        url: text,
        service: object<NonNullable<RegisteredWebhook['clientConfig']['service']>>({
          namespace: required(repeated),
          name: required(repeated),
        }),
        caBundle: text,
      }),
    ),
  }),
);

const read = object<Omit<WebhookConfiguration, keyof KubeObject>>({ webhooks });
const address = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;

/** The two kinds of configurations; what is read of them is the same. */
export const webhookConfigurations = {
  mutating: defineResource<WebhookConfiguration>(
    { ...address, plural: 'mutatingwebhookconfigurations', kind: 'MutatingWebhookConfiguration' },
    read,
  ),
  validating: defineResource<WebhookConfiguration>(
    { ...address, plural: 'validatingwebhookconfigurations', kind: 'ValidatingWebhookConfiguration' },
    read,
  ),
} as const;

/** PEM of the authorities that each of its webhooks trusts; empty = none is named. */
export function bundlesOf({ webhooks = [] }: WebhookConfiguration): readonly string[] {
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'));
}

/** The host names under which the API server asks. */
export function hostsOf({ webhooks = [] }: WebhookConfiguration): readonly string[] {
  const hosts = webhooks.map(({ clientConfig: { service, url = '' } }) =>
    service ? `${service.name}.${service.namespace}.svc` : hostIn(url),
  );
  return [...new Set(hosts)].filter((host) => host !== '');
}

/** Sets the authorities (PEM) of all its webhooks; refused by the API server when it has changed since it was read. */
export function withBundle(
  { metadata, webhooks = [] }: WebhookConfiguration,
  pem: string,
): readonly JsonPatchOperation[] {
  const value = Buffer.from(pem).toString('base64');
  return [
    // `test` alone would be answered as a bad request; with the version in the object it is a conflict.
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...webhooks.map((_, index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }) as const),
  ];
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}
