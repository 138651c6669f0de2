/** Views of the list that somebody gave a name. They are addresses, so that one can be sent to others as well. Pure. */

export interface SavedFilter {
  readonly name: string;
  /** What stands behind the path, as `?q=state%3Astuck&sort=-size`; empty: all. */
  readonly query: string;
}

const AT_MOST = 50;
const LONGEST_NAME = 60;

/** What the browser kept; what cannot be read is left out. */
export function parseFilters(text: string | undefined): readonly SavedFilter[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? parsed.flatMap(filterIn).slice(0, AT_MOST) : [];
  } catch {
    return []; // an older page, or a hand, wrote something else
  }
}

function filterIn(value: unknown): readonly SavedFilter[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('query' in value)) return [];
  const { name, query } = value;
  if (typeof name !== 'string' || typeof query !== 'string') return [];
  return query === '' || query.startsWith('?') ? [{ name, query }] : [];
}

/** Under a name that is taken it takes the place of the other; the newest stands first. */
export function withFilter(filters: readonly SavedFilter[], { name, query }: SavedFilter): readonly SavedFilter[] {
  const short = name.trim().slice(0, LONGEST_NAME);
  if (short === '') return filters;
  return [{ name: short, query }, ...filters.filter((each) => each.name !== short)].slice(0, AT_MOST);
}

export function withoutFilter(filters: readonly SavedFilter[], name: string): readonly SavedFilter[] {
  return filters.filter((each) => each.name !== name);
}
