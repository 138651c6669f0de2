/** What a rule is, and what rules look up. */
import { contains, parseAddress, parseRange, type Range } from '../address.ts';
import type { ClusterSpec, NodeSpec } from '../cluster-spec.ts';
import type { SpecFinding, SpecPath } from '../finding.ts';

export interface SpecRule {
  readonly id: string;
  readonly meaning: string;
  readonly severity: SpecFinding['severity'];
  /** A recorded deviation with this rule's name lets it pass. */
  readonly mayDeviate?: true;
  broken(spec: ClusterSpec): readonly Breach[];
}

export interface Breach {
  readonly path: SpecPath;
  readonly message: string;
}

/** Members of etcd, in the order of the file. */
export function servers({ nodes }: ClusterSpec): readonly NodeSpec[] {
  return nodes.filter(({ role }) => role === 'server-agent');
}

export function standsBesideNomad({ coexist, nodes }: Pick<ClusterSpec, 'coexist' | 'nodes'>): boolean {
  return coexist === 'nomad' || nodes.some((node) => node.coexist === 'nomad');
}

interface Occurrence {
  readonly value: string;
  readonly path: SpecPath;
  readonly of: string;
  /** In place of the value, where that is long. */
  readonly shown?: string;
}

/** The second and later places of a value, each naming who has it first; one breach per place. One owner may say it twice. */
export function twice(all: readonly Occurrence[], what: string): readonly Breach[] {
  const owners = new Map<string, Occurrence>();
  const breaches = new Map<string, Breach>();
  for (const occurrence of all) {
    const earlier = owners.get(occurrence.value);
    if (earlier === undefined) owners.set(occurrence.value, occurrence);
    else if (indexOf(earlier) !== indexOf(occurrence)) {
      const place = occurrence.path.join('.');
      if (!breaches.has(place)) breaches.set(place, breachOf(occurrence, earlier, what));
    }
  }
  return [...breaches.values()];
}

/** Which item of its list it stands in. */
function indexOf({ path }: Occurrence): string | number | undefined {
  return path.find((step) => typeof step === 'number');
}

function breachOf({ value, path, of, shown }: Occurrence, earlier: Occurrence, what: string): Breach {
  const thing = `${what} ${shown ?? value}`.trim();
  const message = of === earlier.of ? `${thing} stands twice` : `${thing} of ${of} is also that of ${earlier.of}`;
  return { path, message };
}

export function ranges({
  cidrs,
}: ClusterSpec): readonly { what: string; text: string; path: SpecPath; range: Range }[] {
  return (['pods', 'services'] as const).flatMap((what) => {
    const range = parseRange(cidrs[what]);
    return range === undefined ? [] : [{ what, text: cidrs[what], path: ['cidrs', what], range }];
  });
}

export function within(range: Range, address: string | undefined): boolean {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed !== undefined && contains(range, parsed);
}

/** One spelling per address. */
export function plain(address: string): string {
  const parsed = parseAddress(address);
  return parsed === undefined ? address : `${parsed.family}:${parsed.value}`;
}

export function shortName(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
