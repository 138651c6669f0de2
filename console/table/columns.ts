/** Which columns of the list are shown; the name always is. Pure. */

export const columnNames = {
  namespace: 'Namespace',
  used: 'Used',
  size: 'Size',
  full: 'Full in',
  trend: 'Last day',
  state: 'State',
} as const;
export type ColumnName = keyof typeof columnNames;

/** In the order of the table. */
export const allColumns: readonly ColumnName[] = ['namespace', 'used', 'size', 'full', 'trend', 'state'];

export type Hidden = ReadonlySet<ColumnName>;

/** From the address, as `namespace,trend`; what it does not know is passed over. */
export function parseHidden(text: string): Hidden {
  const words = text.split(',');
  return new Set(allColumns.filter((name) => words.includes(name)));
}

/** One more or one less, as it stands in the address. */
export function toggledText(hidden: Hidden, name: ColumnName): string {
  return allColumns.filter((each) => (each === name) !== hidden.has(each)).join(',');
}
