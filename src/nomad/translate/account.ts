import type { Item } from '../jobspec/field.ts';

/**
 * What became of a line. `direct`: the same in Kubernetes. `approximate`: written, and it behaves a little differently.
 * `manual`: nothing was written, or a person must look. `dropped`: it has no meaning there, and nothing is lost.
 */
export type Class = 'direct' | 'approximate' | 'manual' | 'dropped';

/** One row of the mapping, as the support matrix shows it. */
export interface Row {
  /** `docker.image`: family and key; the report and the documents call a row by it. */
  readonly id: string;
  /** As a jobspec spells it. */
  readonly nomad: string;
  /** What it becomes. */
  readonly kubernetes: string;
  /** Of the usual case; a case may be worse, never silently. */
  readonly class: Class;
  /** What a person should know: why it is so, what differs. A sentence or more, may be empty where nothing differs. */
  readonly why: string;
}

export interface Note {
  /** Where this case is not of the row's class. */
  readonly class?: Class;
  /** What became of it here, instead of the row's own words. */
  readonly text?: string;
  /** What a person has to do; it goes on the list of the module. */
  readonly todo?: string;
}

/** What became of one item by one row. */
export interface Account {
  readonly item: Item;
  readonly row: string;
  readonly class: Class;
  readonly text: string;
  readonly todo?: string;
}
