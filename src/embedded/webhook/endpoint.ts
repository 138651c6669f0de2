/**
 * Where a webhook that is given as a Service is reached. There is no network of services here, so it is what the Service
 * leads to: the host of one of type ExternalName, or the first ready address of its EndpointSlices or Endpoints.
 */
import { at, type Json, type JsonObject, listAt, numberAt, textAt, textsAt } from '../json.ts';
import type { Reading } from '../store.ts';
import { keyFor, type Stored } from '../stored.ts';
import type { HookClient } from './hook.ts';

export type Endpoint =
  | { readonly kind: 'found'; readonly url: string; readonly address: string | undefined }
  | { readonly kind: 'unreachable'; readonly url: string; readonly reason: string };

export function endpointOf(reading: Reading, client: HookClient): Endpoint {
  if (client.kind === 'url') return { kind: 'found', url: client.url, address: undefined };
  const { namespace, name, port } = client;
  const path = client.path === '' || client.path.startsWith('/') ? client.path : `/${client.path}`;
  const url = `https://${name}.${namespace}.svc:${port}${path}`;
  const service = reading.get('services', keyFor(namespace, name));
  const quoted = JSON.stringify(name);
  if (!service) return { kind: 'unreachable', url, reason: `service ${quoted} not found` };
  const host = textAt(service.object, 'spec', 'externalName');
  if (textAt(service.object, 'spec', 'type') === 'ExternalName' && host) {
    return { kind: 'found', url, address: `${host}:${port}` };
  }
  const entry = listAt(service.object, 'spec', 'ports').find((each) => numberAt(each, 'port') === port);
  if (entry === undefined)
    return { kind: 'unreachable', url, reason: `no service port ${port} found for service ${quoted}` };
  const address = fromSlices(reading, service, entry) ?? fromEndpoints(reading, service, entry);
  if (address !== undefined) return { kind: 'found', url, address };
  return { kind: 'unreachable', url, reason: `no endpoints available for service ${quoted}` };
}

function fromSlices(reading: Reading, { namespace, name }: Stored, entry: Json): string | undefined {
  for (const { object } of reading.list('endpointslices.discovery.k8s.io', namespace)) {
    if (textAt(object, 'metadata', 'labels', 'kubernetes.io/service-name') !== name) continue;
    const ready = listAt(object, 'endpoints').find((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
    const address = joined(textsAt(ready, 'addresses')[0], listAt(object, 'ports'), entry);
    if (address !== undefined) return address;
  }
  return undefined;
}

function fromEndpoints(reading: Reading, { key }: Stored, entry: Json): string | undefined {
  const found: JsonObject | undefined = reading.get('endpoints', key)?.object;
  for (const subset of listAt(found, 'subsets')) {
    const address = joined(textAt(listAt(subset, 'addresses')[0], 'ip'), listAt(subset, 'ports'), entry);
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The port of the endpoints has the name of the Service's port. */
function joined(host: string | undefined, ports: readonly Json[], entry: Json): string | undefined {
  const name = textAt(entry, 'name') ?? '';
  const port = numberAt(
    ports.find((each) => (textAt(each, 'name') ?? '') === name),
    'port',
  );
  if (host === undefined || port === undefined) return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
