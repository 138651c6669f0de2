import { dig, maps, word, words } from './dig.ts';
import { listed } from './router.ts';
import type { WrittenManifest } from './tree.ts';
import { textMap } from './workload.ts';

/** A rule that a manifest gives to Traefik, whichever of its kinds says it. */
export interface WrittenRoute {
  readonly manifest: WrittenManifest;
  /** Where it stands in the manifest. */
  readonly path: readonly (string | number)[];
  readonly protocol: 'http' | 'tcp' | 'udp';
  /** In the words of Traefik 3; empty for what takes all that nothing else does, and over UDP. */
  readonly rule: string;
  readonly priority?: number;
  readonly entryPoints: readonly string[];
  readonly tls: boolean;
  /** Names of their resources. */
  readonly middlewares: readonly string[];
  readonly services: readonly { readonly name: string; readonly namespace: string }[];
}

const protocols: Readonly<Record<string, WrittenRoute['protocol']>> = {
  IngressRoute: 'http',
  IngressRouteTCP: 'tcp',
  IngressRouteUDP: 'udp',
};

export function writtenRoutes(manifest: WrittenManifest): readonly WrittenRoute[] {
  if (manifest.kind === 'Ingress') return ofIngress(manifest);
  const protocol = Object.hasOwn(protocols, manifest.kind) ? protocols[manifest.kind] : undefined;
  return protocol === undefined ? [] : ofTraefik(manifest, protocol);
}

function ofTraefik(manifest: WrittenManifest, protocol: WrittenRoute['protocol']): readonly WrittenRoute[] {
  const { object, namespace } = manifest;
  return maps(dig(object, 'spec', 'routes')).map(({ match, priority, middlewares, services }, index) => ({
    manifest,
    path: ['spec', 'routes', index],
    protocol,
    rule: word(match),
    ...(typeof priority === 'number' ? { priority } : {}),
    entryPoints: words(dig(object, 'spec', 'entryPoints')),
    tls: dig(object, 'spec', 'tls') !== undefined,
    middlewares: maps(middlewares).map(({ name }) => word(name)),
    services: maps(services).map((each) => ({
      name: word(each['name']),
      namespace: word(each['namespace']) || namespace,
    })),
  }));
}

const PREFIX = 'traefik.ingress.kubernetes.io/router.';

function ofIngress(manifest: WrittenManifest): readonly WrittenRoute[] {
  const { object, namespace } = manifest;
  const annotations = textMap(dig(object, 'metadata', 'annotations'));
  const option = (name: string): string => annotations[`${PREFIX}${name}`] ?? '';
  const isSecured = Object.entries(annotations).some(
    ([key, value]) => key.startsWith(`${PREFIX}tls`) && value !== 'false',
  );
  const shared = {
    manifest,
    protocol: 'http',
    ...(option('priority') === '' ? {} : { priority: Number(option('priority')) }),
    entryPoints: listed(option('entrypoints')),
    tls: isSecured || dig(object, 'spec', 'tls') !== undefined,
    middlewares: listed(option('middlewares')).map((name) => name.replace(/@kubernetescrd$/, '')),
  } as const;
  const of = (backend: unknown): WrittenRoute['services'] =>
    maps([dig(backend, 'service')]).map(({ name }) => ({ name: word(name), namespace }));
  const rules = maps(dig(object, 'spec', 'rules')).flatMap((rule, index) =>
    maps(dig(rule, 'http', 'paths')).map(({ path, pathType, backend }, at): WrittenRoute => {
      const place = ['spec', 'rules', index, 'http', 'paths', at];
      return { ...shared, path: place, rule: ruleOf(word(rule['host']), word(path), pathType), services: of(backend) };
    }),
  );
  const rest = dig(object, 'spec', 'defaultBackend');
  return rest === undefined
    ? rules
    : [...rules, { ...shared, path: ['spec', 'defaultBackend'], rule: '', services: of(rest) }];
}

function ruleOf(host: string, path: string, type: unknown): string {
  const hosts = host === '' ? [] : [`Host(\`${host}\`)`];
  const paths =
    type === 'Exact' ? [`Path(\`${path}\`)`] : path === '' || path === '/' ? [] : [`PathPrefix(\`${path}\`)`];
  return [...hosts, ...paths].join(' && ');
}
