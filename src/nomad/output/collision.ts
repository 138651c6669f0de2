import type { Diagnostic } from '../source/diagnostic.ts';
import type { ModuleDraft } from '../translate/draft.ts';
import type { RenderedManifest, RenderedModule } from './render.ts';

/** A module and why nothing of it may be written. */
export interface Refusal {
  readonly module: ModuleDraft;
  readonly reason: string;
  readonly diagnostic: Diagnostic;
}

export interface Pair {
  readonly draft: ModuleDraft;
  readonly rendered: RenderedModule;
}

/**
 * Names that were different in Nomad and are the same in Kubernetes. Which of the two is meant cannot be told, so that
 * neither is written: one would silently take the other's place.
 */
export function collisions(pairs: readonly Pair[]): readonly Refusal[] {
  return [...sameModules(pairs), ...sameWorkloads(pairs), ...sameObjects(pairs)];
}

function sameModules(pairs: readonly Pair[]): readonly Refusal[] {
  const groups = Map.groupBy(pairs, ({ draft }) => draft.name);
  return [...groups].flatMap(([name, same]) => {
    if (same.length < 2) return [];
    const all = same.map(({ draft }) => `${JSON.stringify(draft.job.label.text)} in ${draft.file}`);
    const reason = `the jobs ${named(all)} become the module ${name}`;
    return same.map(({ draft }) => refusal(draft, reason, 'rename one of the jobs, or convert them into two folders'));
  });
}

function sameWorkloads(pairs: readonly Pair[]): readonly Refusal[] {
  return pairs.flatMap(({ draft }) => {
    const groups = Map.groupBy(draft.workloads, ({ name }) => name);
    return [...groups].flatMap(([name, same]) => {
      if (same.length < 2) return [];
      const all = same.map(({ group }) => JSON.stringify(group.label.text));
      return [refusal(draft, `the groups ${named(all)} become the workload ${name}`, 'rename one of the groups')];
    });
  });
}

/** One that several modules may hold: it is the same for all. */
const SHARED = new Set(['Namespace', 'PriorityClass']);

function sameObjects(pairs: readonly Pair[]): readonly Refusal[] {
  const all = pairs.flatMap((pair) =>
    pair.rendered.manifests.filter(({ kind }) => !SHARED.has(kind)).map((manifest) => ({ pair, manifest })),
  );
  const groups = Map.groupBy(all, ({ manifest }) => keyOf(manifest));
  return [...groups.values()].flatMap((same) => {
    const [first, second] = same;
    if (!first || !second || sameModule(same.map(({ pair }) => pair))) return [];
    const files = named([...new Set(same.map(({ pair }) => pair.draft.file))]);
    const { kind, name } = first.manifest;
    const reason = `${files} become the ${kind} ${name}${first.manifest.namespace ? ` in ${first.manifest.namespace}` : ''}`;
    const drafts = [...new Set(same.map(({ pair }) => pair.draft))];
    return drafts.map((draft) => refusal(draft, reason, 'rename one of them, or give the jobs different namespaces'));
  });
}

/** Two of them, and how many more: each of a hundred jobs would else name a hundred. */
function named(all: readonly string[]): string {
  const [first = '', second, ...rest] = all;
  if (second === undefined) return first;
  return rest.length === 0 ? `${first} and ${second} both` : `${first}, ${second} and ${rest.length} more all`;
}

function keyOf({ kind, namespace = '', name }: RenderedManifest): string {
  return `${kind}/${namespace}/${name}`;
}

/** Modules of one name are refused as a whole already. */
function sameModule(pairs: readonly Pair[]): boolean {
  const names = pairs.map(({ draft }) => draft.name);
  return new Set(names).size === 1 && new Set(pairs).size > 1;
}

function refusal(module: ModuleDraft, reason: string, remedy: string): Refusal {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'LARDER_NOMAD_NAME',
    message: `${reason}; none of them is written: ${remedy}`,
    at: module.job.at,
  };
  return { module, reason, diagnostic };
}
