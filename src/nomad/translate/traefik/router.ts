import { type Match, parseMatch, plainHost, printMatch } from './match.ts';
import { modernMatch } from './modern-match.ts';
import { type Declared, type Option, optionOf, type TraefikTags } from './tag.ts';

/** What the tags of a router say, read. */
export interface Router {
  readonly declared: Declared;
  readonly name: string;
  readonly rule: RouterRule;
  readonly entryPoints?: Option;
  readonly middlewares?: Option;
  readonly priority?: Option;
  readonly tls: readonly Option[];
  readonly service?: Option;
  /** The declared service behind it; absent where the tags declare none. */
  readonly behind?: Declared;
  /** What is read here under no name. */
  readonly strange: readonly Option[];
}

export type RouterRule =
  | {
      readonly kind: 'rule';
      readonly option: Option;
      readonly match: Match;
      readonly text: string;
      readonly changed: boolean;
    }
  | { readonly kind: 'refused'; readonly option: Option; readonly why: string }
  /** Traefik makes one from its own configuration. */
  | { readonly kind: 'none' };

const known = /^(rule|entrypoints|middlewares|priority|service|tls|rulesyntax|observability)$/i;

export function routerOf(declared: Declared, tags: TraefikTags): Router {
  const [entryPoints, middlewares, priority, service] = ['entrypoints', 'middlewares', 'priority', 'service'].map(
    (key) => optionOf(declared, key),
  );
  const behind = serviceBehind(declared, tags, service);
  return {
    declared,
    name: declared.name,
    rule: ruleOf(declared),
    ...(entryPoints ? { entryPoints } : {}),
    ...(middlewares ? { middlewares } : {}),
    ...(priority ? { priority } : {}),
    ...(service ? { service } : {}),
    ...(behind ? { behind } : {}),
    tls: declared.options.filter(({ path }) => path[0]?.toLowerCase() === 'tls'),
    strange: declared.options.filter(({ path }) => !known.test(path[0] ?? '')),
  };
}

/** The service that is named, else the only one that the tags declare. */
function serviceBehind(
  { protocol }: Declared,
  { declared }: TraefikTags,
  named: Option | undefined,
): Declared | undefined {
  const services = declared.filter((each) => each.part === 'services' && each.protocol === protocol);
  if (named) return services.find(({ name }) => name === named.value.replace(/@\w+$/, ''));
  return services.length === 1 ? services[0] : undefined;
}

function ruleOf(declared: Declared): RouterRule {
  const option = optionOf(declared, 'rule');
  if (!option) return { kind: 'none' };
  const parsed = parseMatch(option.value);
  if (parsed.kind === 'refused') {
    return { kind: 'refused', option, why: `at character ${parsed.at + 1} Traefik expects ${parsed.expected}` };
  }
  const match = modernMatch(parsed.match);
  const changed = match !== parsed.match;
  return { kind: 'rule', option, match, text: changed ? printMatch(match) : option.value, changed };
}

/** The host of a route that an Ingress carries as well: nothing in it but a host, its entry points and plain TLS. */
export function simpleHost({
  rule,
  middlewares,
  priority,
  tls,
  behind,
  strange,
  declared,
}: Router): string | undefined {
  const server = (behind?.options ?? []).every(
    ({ path }) => path.join('.').toLowerCase() === 'loadbalancer.server.port',
  );
  const plainTls = tls.every(({ path }) => path.length === 1 || path[1]?.toLowerCase() === 'certresolver');
  const simple = !middlewares && !priority && server && plainTls && strange.length === 0;
  const observed = declared.options.some(({ path }) => /^(observability|rulesyntax)$/i.test(path[0] ?? ''));
  return simple && !observed && rule.kind === 'rule' ? plainHost(rule.match) : undefined;
}
