import { z } from 'zod';
import type { Item } from '../jobspec/field.ts';

/** The part of migration-report.json that the checks read. */
const shape = z.object({
  accounts: z.array(
    z.object({
      file: z.string(),
      line: z.number().int(),
      path: z.string(),
      row: z.string(),
      class: z.enum(['direct', 'approximate', 'manual', 'dropped']),
      text: z.string().default(''),
      todo: z.string().optional(),
    }),
  ),
});

export type WrittenAccount = z.infer<typeof shape>['accounts'][number];

export interface WrittenReport {
  readonly accounts: readonly WrittenAccount[];
  /** All accounts of an item. */
  of(item: Item): readonly WrittenAccount[];
  /** Whether the report tells a person that the value of this very item is not simply carried over. */
  tells(item: Item): boolean;
  /**
   * Whether the report tells that nothing was written for it: it is manual or dropped, or, where it has no account of its
   * own, a block around it.
   */
  lost(item: Item): boolean;
  /**
   * Whether nothing was written for one entry of a list: an account at its line says so, and, where other entries stand on
   * that line, it says one of the words.
   */
  lostEntry(item: Item, words: readonly string[]): boolean;
  /** Whether an account of this very item says that word, which has then been looked at. */
  names(item: Item, word: string): boolean;
  /** Whether the words of an account of a file have this in them. */
  mentions(file: string, text: string): boolean;
}

export type ReadReport =
  | { readonly kind: 'report'; readonly report: WrittenReport }
  | { readonly kind: 'unreadable'; readonly message: string };

export function readReport(text: string): ReadReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { kind: 'unreadable', message: `is not JSON: ${cause instanceof Error ? cause.message : cause}` };
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) return { kind: 'unreadable', message: z.prettifyError(parsed.error) };
  return { kind: 'report', report: reportOf(parsed.data.accounts) };
}

export function reportOf(accounts: readonly WrittenAccount[]): WrittenReport {
  const byItem = Map.groupBy(accounts, ({ file, path }) => `${file}\n${path}`);
  const of = ({
    path,
    at,
  }: Pick<Item, 'path'> & { readonly at: { readonly file: string } }): readonly WrittenAccount[] =>
    byItem.get(`${at.file}\n${path}`) ?? [];
  const lost = ({ path, at }: Item): boolean => {
    const own = of({ path, at });
    return own.length > 0 ? own.some(isLost) : around(path).some((each) => of({ path: each, at }).some(isLost));
  };
  const words = new Map<string, string>();
  for (const { file, text, todo = '' } of accounts) words.set(file, `${words.get(file) ?? ''}${text} ${todo}\n`);
  return {
    accounts,
    mentions: (file, text) => words.get(file)?.includes(text) === true,
    of,
    lost,
    tells: (item) => of(item).some((account) => account.class !== 'direct') || lost(item),
    lostEntry: (item, words) => {
      const here = of(item).filter(({ line }) => line >= item.at.line && line <= item.at.end.line);
      const named = here.some((account) => isLost(account) && words.some((word) => says(account, word)));
      return named || (here.length > 0 && here.every(isLost)) || (here.length === 0 && lost(item));
    },
    names: (item, word) => of(item).some((account) => account.class !== 'direct' && says(account, word)),
  };
}

function isLost({ class: each }: WrittenAccount): boolean {
  return each === 'manual' || each === 'dropped';
}

/** The word as such: `a` is not said by `data`. */
export function says({ text, todo = '' }: WrittenAccount, word: string): boolean {
  const said = `${text} ${todo}`;
  const isEdge = (character: string | undefined): boolean => character === undefined || !/[\w-]/.test(character);
  for (let at = word === '' ? -1 : said.indexOf(word); at >= 0; at = said.indexOf(word, at + 1))
    if (isEdge(said[at - 1]) && isEdge(said[at + word.length])) return true;
  return false;
}

/** `a.b.c` stands in `a.b`, which stands in `a`. Names may hold dots themselves: such a prefix is nobody's path. */
function around(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
