/** A demand of the requirement as a test; the names of these are what docs/requirements.md is made from. */
import type { TestContext } from 'node:test';

export interface Clause<World> {
  readonly ids: readonly string[];
  /** As the requirement would say it. */
  readonly title: string;
  readonly run: (world: World, t: TestContext) => Promise<void>;
}

export const nameOf = ({ ids, title }: Pick<Clause<never>, 'ids' | 'title'>): string => `${ids.join(', ')}: ${title}`;
