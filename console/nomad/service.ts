/** Services in the order in which they can move, and words for how ready they are. Pure. */
import type { Report, ReportModule } from '../../src/nomad/report/report.ts';

export const verdictLooks = {
  go: { word: 'ready', shape: 'circle', tone: 'ok', rank: 0 },
  decide: { word: 'decide first', shape: 'triangle', tone: 'warn', rank: 1 },
  refused: { word: 'refused', shape: 'square', tone: 'danger', rank: 2 },
} as const satisfies Record<ReportModule['verdict'], unknown>;

export const classLooks = {
  direct: { word: 'direct', head: 'Direct', mark: '=', means: 'the same in Kubernetes' },
  approximate: {
    word: 'approximate',
    head: 'Approximate',
    mark: '~',
    means: 'written, and it behaves a little differently',
  },
  manual: { word: 'for a person', head: 'For a person', mark: '!', means: 'nothing is written, or a person must look' },
  dropped: { word: 'dropped', head: 'Dropped', mark: '×', means: 'has no meaning there, and nothing is lost' },
} as const;

export interface Service {
  readonly module: ReportModule;
  /** From 1; undefined for one of which nothing is written. */
  readonly step: number | undefined;
}

/** Ready ones first, then those with the fewest things to decide. */
export function servicesOf({ modules, order }: Report): readonly Service[] {
  const stepOf = new Map(order.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
  const services = modules.map((module): Service => {
    return { module, step: module.verdict === 'refused' ? undefined : stepOf.get(module.name) };
  });
  return services.toSorted(
    ({ module: one, step: first = 0 }, { module: other, step: second = 0 }) =>
      verdictLooks[one.verdict].rank - verdictLooks[other.verdict].rank ||
      one.todos.length - other.todos.length ||
      first - second ||
      (one.name < other.name ? -1 : 1),
  );
}

/** A word of the filter is part of a name, a file or a verdict. */
export function servicesLike(services: readonly Service[], text: string): readonly Service[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return services.filter(({ module: { name, job, file, verdict } }) => {
    const all = `${name} ${job} ${file} ${verdictLooks[verdict].word}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
