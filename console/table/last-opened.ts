/** Which volume was looked at last, so that the list comes back to its row; forgotten with the page. */
interface Opened {
  readonly namespace: string;
  readonly claim: string;
}

let last: Opened | undefined;

export function rememberOpened(opened: Opened): void {
  last = opened;
}

/** Its place among the rows that are shown; -1: none. */
export function lastOpenedAt(rows: readonly Opened[]): number {
  const { namespace, claim } = last ?? {};
  return claim === undefined ? -1 : rows.findIndex((row) => row.namespace === namespace && row.claim === claim);
}
