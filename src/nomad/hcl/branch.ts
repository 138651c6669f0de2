/** What the grammar makes of a text: plain data, so that everything after the parser is pure. Comments are not in it. */
export interface Branch {
  /** Name of the rule, or the token itself (`{`, `=`); `ERROR` where the grammar could not go on. */
  readonly type: string;
  /** Offsets in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly children: readonly Branch[];
}

/** Where the grammar lost its way: what follows cannot be trusted. */
export interface Failure {
  readonly kind: 'unexpected' | 'too-deep';
  readonly start: number;
  readonly end: number;
}
