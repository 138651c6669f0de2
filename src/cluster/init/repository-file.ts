/** A file of the operators' repository, before it is written. */
export interface RepositoryFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}
