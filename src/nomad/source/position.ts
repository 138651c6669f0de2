/** Where something stands in an input. Lines and columns count from 1, columns in UTF-16 units as editors do; offsets from 0. */
export interface Position {
  /** Relative to the directory that is read, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  /** Of the first character after it. */
  readonly end: { readonly line: number; readonly column: number; readonly offset: number };
}

/** `modules/web/jobspec.nomad.hcl:12`, as people and editors write it. */
export function place({ file, line }: Pick<Position, 'file' | 'line'>): string {
  return `${file}:${line}`;
}
