import type { Item } from '../jobspec/field.ts';
import type { WorkloadDraft } from './draft.ts';
import type { ServiceTarget } from './service-index.ts';

/** Somebody calls a service: what network policies must let through. */
export interface Edge {
  readonly from: Caller;
  readonly to: ServiceTarget;
  /** How it was found, as a person reads it. */
  readonly why: string;
  /** Where the job says so; empty where a name in a text says so. */
  readonly items: readonly Item[];
}

/** `traefik`: the router, wherever it runs. */
export type Caller = WorkloadDraft | 'traefik';

/** Adds an edge, once. */
export function addEdge(edges: Edge[], edge: Edge): void {
  const known = edges.find(({ from, to }) => from === edge.from && to === edge.to);
  if (!known) edges.push(edge);
}
