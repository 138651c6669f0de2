import type { Item } from '../../jobspec/field.ts';
import type { Service } from '../../jobspec/job.ts';

/** One tag of Traefik's, or one option of it. */
export interface Option {
  /** What follows the name of the router, middleware or service, in the case in which it was written. */
  readonly path: readonly string[];
  readonly value: string;
  readonly item: Item;
}

export const parts = ['routers', 'middlewares', 'services', 'serverstransports'] as const;
export const protocols = ['http', 'tcp', 'udp'] as const;

/** A router, middleware or service as its tags declare it, together. */
export interface Declared {
  readonly protocol: (typeof protocols)[number];
  readonly part: (typeof parts)[number];
  readonly name: string;
  readonly options: readonly Option[];
}

export interface TraefikTags {
  /** `traefik.enable`, absent where no tag says it. */
  readonly enable?: Option;
  readonly declared: readonly Declared[];
  /** Of Traefik, but about none of those: `traefik.consulcatalog.connect`. */
  readonly others: readonly Option[];
  /** Of something else. */
  readonly foreign: readonly Option[];
  /** Said again by a later tag. */
  readonly repeated: readonly Option[];
}

export function isTraefik(tag: string): boolean {
  return /^traefik\./i.test(tag);
}

/** Reads tags. Names of options are case-insensitive, names of routers and middlewares are not; a tag without `=` is true. */
export function readTags(tags: NonNullable<Service['tags']>, fill: (text: string) => string): TraefikTags {
  const options = tags.value.map((written, index): Option => {
    const [key, value] = fill(written).split(/=(.*)/s);
    const node = tags.node.kind === 'list' ? tags.node.items[index] : undefined;
    return { path: (key ?? '').split('.'), value: value ?? 'true', item: { path: tags.path, at: node?.at ?? tags.at } };
  });
  const all = options.filter(({ path }) => path[0]?.toLowerCase() === 'traefik' && path.length > 1);
  const foreign = options.filter((option) => !all.includes(option));
  // Traefik reads the tags into a map: of one name the last counts
  const ours = [...new Map(all.map((option) => [keyOf(option), option])).values()];
  const repeated = all.filter((option) => !ours.includes(option));
  const enable = ours.find(({ path }) => path.length === 2 && path[1]?.toLowerCase() === 'enable');
  const declared = new Map<string, Declared & { options: Option[] }>();
  const others: Option[] = [];
  for (const option of ours) {
    if (option === enable) continue;
    const [, first, second, name, ...path] = option.path;
    const protocol = protocols.find((each) => each === first?.toLowerCase());
    const part = parts.find((each) => each === second?.toLowerCase());
    if (!protocol || !part || name === undefined || path.length === 0) {
      others.push(option);
      continue;
    }
    const key = `${protocol}.${part}.${name}`;
    const known = declared.get(key) ?? { protocol, part, name, options: [] };
    known.options.push({ ...option, path });
    declared.set(key, known);
  }
  return { ...(enable ? { enable } : {}), declared: [...declared.values()], others, foreign, repeated };
}

/** Names of routers and the like keep their case. */
function keyOf({ path }: Option): string {
  return path.map((part, index) => (index === 3 ? part : part.toLowerCase())).join('.');
}

/** The option at a path, whatever its case. */
export function optionOf({ options }: Declared, ...path: readonly string[]): Option | undefined {
  return options.find((option) => option.path.join('.').toLowerCase() === path.join('.').toLowerCase());
}
