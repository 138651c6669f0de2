/** Webhooks of a check, and how to know that the server asks them. */
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { configMap, configMaps } from './objects.ts';
import { post } from './persona.ts';
import type { Answer, Api } from './target.ts';
import type { WebhookServer } from './webhook-server.ts';

export const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

export interface Hook {
  readonly path: string;
  readonly name?: string;
  readonly rules?: readonly object[];
  /** Members of the webhook that differ from the usual. */
  readonly more?: object;
}

export interface Registering {
  readonly phase: 'mutating' | 'validating';
  /** Begins the configuration's name, by which configurations are ordered. */
  readonly prefix?: string;
  readonly namespace: string;
  readonly hooks: readonly Hook[];
}

const CONFIG_MAPS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };

/** One webhook as a configuration has it, asked about ConfigMaps in one namespace. */
function webhook(server: WebhookServer, namespace: string, { path, name, rules, more }: Hook): object {
  return {
    name: name ?? `${path.slice(1)}.conformance.example.com`,
    clientConfig: { url: `${server.url}${path}`, caBundle: server.caBundle },
    rules: rules ?? [CONFIG_MAPS],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  };
}

/**
 * Resolves when the server asks them: a configuration reaches it a moment after it is written, all of it at once. What a
 * marked ConfigMap makes the last webhook hear tells. @throws Error when the configuration is refused.
 */
export async function register(api: Api, server: WebhookServer, wanted: Registering): Promise<void> {
  const { phase, namespace, hooks } = wanted;
  const mark = randomBytes(4).toString('hex');
  const ready = `/ready-${mark}`;
  const signal = { path: ready, more: { objectSelector: { matchLabels: { mark } } } };
  const collection = `${REGISTRATION}/${phase}webhookconfigurations`;
  const name = `${wanted.prefix ?? 'hook'}-${mark}`;
  const webhooks = [...hooks, signal].map((hook) => webhook(server, namespace, hook));
  const { status, text } = await api.call(collection, post({ metadata: { name }, webhooks }));
  if (status !== 201) throw new Error(text);
  // at the end of a whole file the connection may be gone first; then it stays, for a namespace that nobody uses
  after(() => api.call(`${collection}/${name}`, { method: 'DELETE' }).catch(() => undefined));
  const heard = (): boolean => server.received.some(({ path }) => path.startsWith(ready));
  const limit = performance.now() + 15_000;
  server.answer(ready, () => ({ allowed: true }));
  let refused = false; // by a condition that cannot be evaluated, before the last webhook could be asked
  while (!heard() && !refused && performance.now() < limit) {
    const probe = post(configMap(`probe-${mark}`, {}, { labels: { mark } }));
    const answer = await api.call(`${configMaps(namespace)}?dryRun=All`, probe);
    refused = answer.status === 403 && answer.text.includes('resulted in error');
  }
  server.received.length = 0;
}

/** A patch as webhooks send it. */
export function patching(...operations: readonly object[]): object {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}

export function warningsOf({ headers }: Answer): string {
  const { warning = '' } = headers;
  return typeof warning === 'string' ? warning : warning.join(', ');
}
