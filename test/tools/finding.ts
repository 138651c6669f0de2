/** Something that fails the suite, for a person to read. */
export interface Finding {
  readonly name: string;
  /** File and line, or the command that repeats it. */
  readonly where: string;
  readonly detail: string;
}
