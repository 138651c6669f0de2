/** Where in cluster.yaml: keys and indexes from the top. */
export type SpecPath = readonly (string | number)[];

/** What is wrong with a cluster.yaml, and what is accepted there. */
export interface SpecFinding {
  /** A rule of `rules.ts`, or `schema` for a value that is none of the accepted ones, or `yaml`. */
  readonly rule: string;
  /** A warning leaves the exit code alone: the cluster would work, and less well. */
  readonly severity: 'error' | 'warning';
  readonly path: SpecPath;
  readonly message: string;
}
