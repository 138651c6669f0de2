import { dig, type Fields, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import type { WrittenManifest, WrittenTree } from './tree.ts';

/** C18: a route leads to a Service of the tree, at a port that it has. */
export function backendFindings({ modules }: WrittenTree): readonly Finding[] {
  const all = modules.flatMap(({ manifests }) => manifests);
  const namespaces = new Set(all.map(({ namespace }) => namespace));
  const services = new Map(
    all.filter(({ kind }) => kind === 'Service').map((each) => [`${each.namespace}/${each.name}`, each]),
  );
  return all.flatMap((manifest) =>
    backendsOf(manifest)
      // what other namespaces hold is not ours to know
      .filter(({ namespace }) => namespaces.has(namespace))
      .flatMap((backend) => wrong(manifest, backend, services.get(`${backend.namespace}/${backend.name}`))),
  );
}

interface Backend {
  readonly name: string;
  readonly namespace: string;
  /** Number or name; empty: none is named. */
  readonly port: string;
  readonly path: readonly (string | number)[];
}

function wrong(
  manifest: WrittenManifest,
  { name, namespace, port, path }: Backend,
  service: WrittenManifest | undefined,
): readonly Finding[] {
  const ports = maps(dig(service?.object, 'spec', 'ports'));
  const isNamed = dig(service?.object, 'spec', 'type') === 'ExternalName' && ports.length === 0;
  const { file, kind } = manifest;
  const over = kind === 'IngressRouteUDP' ? 'UDP' : 'TCP';
  const spoken = ports.filter(({ protocol }) => (word(protocol) || 'TCP') === over);
  const isThere = port === '' || isNamed || spoken.some((each) => word(each['port']) === port || each['name'] === port);
  if (service && isThere) return [];
  const listed =
    ports.map((each) => `${word(each['port'])}${each['protocol'] === 'UDP' ? '/udp' : ''}`).join(', ') || 'none';
  const message = service
    ? `it leads to port ${port}${over === 'UDP' ? '/udp' : ''} of the Service ${name}, which has the ports ${listed}`
    : `it leads to the Service ${name}, which is not among those of the namespace ${namespace} in this tree`;
  return [
    {
      check: 'C18',
      severity: 'error',
      file,
      line: manifest.lineOf(...path),
      object: `${kind}/${manifest.name}`,
      message,
      todo: service ? 'Name one of its ports.' : 'Name a Service that is written, or write this one.',
    },
  ];
}

function backendsOf(manifest: WrittenManifest): readonly Backend[] {
  const { kind, object } = manifest;
  if (kind === 'Ingress') return ingressBackends(manifest);
  if (/^IngressRoute(?:TCP|UDP)?$/.test(kind)) {
    return maps(dig(object, 'spec', 'routes')).flatMap((route, index) =>
      maps(route['services']).flatMap((service, at) =>
        ofTraefik(manifest, service, ['spec', 'routes', index, 'services', at]),
      ),
    );
  }
  if (kind !== 'Middleware') return [];
  const service = dig(object, 'spec', 'errors', 'service');
  return maps([service]).flatMap((each) => ofTraefik(manifest, each, ['spec', 'errors', 'service']));
}

function ingressBackends({ namespace, object }: WrittenManifest): readonly Backend[] {
  const of = (backend: unknown, path: readonly (string | number)[]): readonly Backend[] => {
    const name = word(dig(backend, 'service', 'name'));
    const port = word(dig(backend, 'service', 'port', 'number')) || word(dig(backend, 'service', 'port', 'name'));
    return name === '' ? [] : [{ name, namespace, port, path: [...path, 'service'] }];
  };
  const rules = maps(dig(object, 'spec', 'rules')).flatMap((rule, index) =>
    maps(dig(rule, 'http', 'paths')).flatMap(({ backend }, at) =>
      of(backend, ['spec', 'rules', index, 'http', 'paths', at, 'backend']),
    ),
  );
  return [...of(dig(object, 'spec', 'defaultBackend'), ['spec', 'defaultBackend']), ...rules];
}

/** A TraefikService is none of Kubernetes', and `api@internal` is Traefik itself. */
function ofTraefik(
  { namespace }: WrittenManifest,
  service: Fields,
  path: readonly (string | number)[],
): readonly Backend[] {
  const name = word(service['name']);
  if (name === '' || name.includes('@') || service['kind'] === 'TraefikService') return [];
  return [{ name, namespace: word(service['namespace']) || namespace, port: word(service['port']), path }];
}
