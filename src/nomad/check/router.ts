import type { Service } from '../jobspec/job.ts';

/** A router as the tags of a service say it, read by Traefik's own rules. */
export interface Router {
  readonly name: string;
  readonly protocol: 'http' | 'tcp' | 'udp';
  /** Empty over UDP, which has nothing to tell calls by: all that comes to the entry point is taken. */
  readonly rule: string;
  readonly priority?: number;
  /** Absent: every entry point that Traefik takes by default. */
  readonly entryPoints?: readonly string[];
  readonly tls: boolean;
  /** Without their provider. */
  readonly middlewares: readonly string[];
  /** `name@file` and the like: of other providers than the tags. */
  readonly foreign: readonly string[];
}

export interface DeclaredMiddleware {
  readonly name: string;
  readonly protocol: 'http' | 'tcp';
  readonly options: readonly MiddlewareOption[];
}

export interface MiddlewareOption {
  /** `ipallowlist`, `sourcerange`: in any case. */
  readonly path: readonly string[];
  readonly value: string;
  /** Of the tag in its list. */
  readonly index: number;
}

type Tags = NonNullable<Service['tags']>['value'];

/** Enabled routers of a service's tags; option names are case-insensitive. */
export function routersOf(tags: Tags): readonly Router[] {
  const options = optionsOf(tags);
  if (options.get('traefik.enable') === 'false') return [];
  const names = new Set(
    [...options.keys()].flatMap(
      (key) => /^traefik\.((?:http|tcp)\.routers\.[^.]+(?=\.rule$)|udp\.routers\.[^.]+)/.exec(key)?.[1] ?? [],
    ),
  );
  return [...names].map((key) => routerOf(key, options));
}

/** The last of several tags of one name counts. */
function optionsOf(tags: Tags): ReadonlyMap<string, string> {
  return new Map(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      return at < 0
        ? ([tag.toLowerCase(), 'true'] as const)
        : ([tag.slice(0, at).toLowerCase(), tag.slice(at + 1)] as const);
    }),
  );
}

function routerOf(key: string, options: ReadonlyMap<string, string>): Router {
  const option = (name: string): string | undefined => options.get(`traefik.${key}.${name}`);
  const all = listed(option('middlewares') ?? '');
  const isOwn = (each: string): boolean =>
    !each.includes('@') || each.endsWith('@consulcatalog') || each.endsWith('@nomad');
  const priority = option('priority');
  const entryPoints = listed(option('entrypoints') ?? '');
  return {
    name: key.slice(key.lastIndexOf('.') + 1),
    protocol: key.startsWith('tcp') ? 'tcp' : key.startsWith('udp') ? 'udp' : 'http',
    rule: key.startsWith('udp') ? '' : (option('rule') ?? ''),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(entryPoints.length === 0 ? {} : { entryPoints }),
    tls: [...options].some(
      ([name, value]) => name.startsWith(`traefik.${key}.tls`) && !(name.endsWith('.tls') && value === 'false'),
    ),
    middlewares: all.filter(isOwn).map((each) => each.replace(/@.*/, '')),
    foreign: all.filter((each) => !isOwn(each)),
  };
}

export function listed(text: string): readonly string[] {
  return text.split(',').flatMap((each) => each.trim() || []);
}

/** Middlewares that the tags define, with their options as they are written. */
export function middlewaresOf(tags: Tags): readonly DeclaredMiddleware[] {
  if (optionsOf(tags).get('traefik.enable') === 'false') return [];
  const found = new Map<string, DeclaredMiddleware & { readonly options: MiddlewareOption[] }>();
  for (const [index, tag] of tags.entries()) {
    const [key = '', value = 'true'] = tag.split(/=(.*)/s);
    const [traefik, protocol, part, name, ...path] = key.split('.');
    if (traefik?.toLowerCase() !== 'traefik' || part?.toLowerCase() !== 'middlewares') continue;
    const kind = protocol?.toLowerCase();
    if ((kind !== 'http' && kind !== 'tcp') || name === undefined || path.length === 0) continue;
    const id = `${kind}.${name}`;
    const known = found.get(id) ?? { name, protocol: kind, options: [] };
    const before = known.options.findIndex(
      (each) => each.path.join('.').toLowerCase() === path.join('.').toLowerCase(),
    );
    if (before >= 0) known.options.splice(before, 1);
    known.options.push({ path, value, index });
    found.set(id, known);
  }
  return [...found.values()];
}
