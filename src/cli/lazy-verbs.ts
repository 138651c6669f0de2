import type { Verbs } from './lazy-groups.ts';

/** A file with verbs of the root. */
interface LazyVerbs {
  readonly names: readonly string[];
  verbs(): Promise<Verbs>;
}

/** The verbs that `larder` adds, those of its groups aside. Said as the first word, one needs nothing of the others. */
const lazyVerbs: readonly LazyVerbs[] = [
  { names: ['up'], verbs: async () => (await import('./up.ts')).up },
  { names: ['operator'], verbs: async () => (await import('./operator.ts')).operator },
  { names: ['volumes'], verbs: async () => (await import('./volumes.ts')).volumes },
  { names: ['takeover'], verbs: async () => (await import('./takeover.ts')).takeover },
  { names: ['explain'], verbs: async () => (await import('./explain.ts')).explain },
  {
    names: ['grow', 'pause', 'resume', 'approve'],
    verbs: async () => (await import('./claim-actions.ts')).claimActions,
  },
  { names: ['gitops'], verbs: async () => (await import('./gitops.ts')).gitops },
  { names: ['import'], verbs: async () => (await import('./import.ts')).importSettings },
  { names: ['recommend'], verbs: async () => (await import('./recommend.ts')).recommend },
  { names: ['record'], verbs: async () => (await import('./record.ts')).record },
  { names: ['simulate'], verbs: async () => (await import('./simulate.ts')).simulate },
  { names: ['statefulset'], verbs: async () => (await import('./stateful-set.ts')).statefulSet },
  { names: ['doctor'], verbs: async () => (await import('./doctor.ts')).doctor },
  { names: ['config'], verbs: async () => (await import('./config.ts')).config },
  { names: ['completion'], verbs: async () => (await import('./completion/completion.ts')).completion },
  { names: ['version'], verbs: async () => (await import('./version.ts')).version },
];

/** What adds the verb of that name to the root; undefined where it is none of them. */
export async function lazyVerb(name: string): Promise<Verbs | undefined> {
  return lazyVerbs.find(({ names }) => names.includes(name))?.verbs();
}
