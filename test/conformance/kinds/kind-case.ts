/** What the suite does with a kind: a sample, changes to it and mistakes in it. The answers are recorded in ../vectors. */

/** NS in a path or a body is the namespace of the run, RUN a word that no other run uses. */
export interface KindCase {
  /** Of the collection. */
  readonly path: string;
  /** A small object of the kind. Its name is that of the case, or its own. */
  readonly sample: Sample;
  /** More new objects, by what they show; made and removed again. */
  readonly variants?: Readonly<Record<string, Sample>>;
  /** What replaces it in the end, when that is not the sample. */
  readonly replacement?: Sample;
  /** A merge patch. */
  readonly merge?: Sample;
  /** A strategic merge patch. */
  readonly strategic?: Sample;
  /** What a second manager applies. */
  readonly applied?: Sample;
  /** A merge patch of the status. */
  readonly status?: Sample;
  /** Replicas to scale to. */
  readonly replicas?: number;
  /** Refused when created, by what is wrong with them. */
  readonly wrong?: Readonly<Record<string, Sample>>;
  /** Merge patches that are refused, by what is wrong with them. */
  readonly wrongChanges?: Readonly<Record<string, Sample>>;
  /** Selectors and other queries of a list. */
  readonly lists?: readonly string[];
  /** Something else may write to objects of the kind at any time: versions and status say nothing. */
  readonly managed?: true;
}

export interface Sample {
  readonly metadata?: object;
  readonly [member: string]: unknown;
}
