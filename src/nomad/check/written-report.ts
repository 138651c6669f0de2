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
  /**
   * Whether the report tells a person that this is not simply carried over: the item itself, or a block around it, is
   * approximate, manual or dropped.
   */
  tells(item: Item): boolean;
  /** Whether the report tells that nothing was written for it: manual or dropped, it or a block around it. */
  lost(item: Item): boolean;
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
  const isLost = (item: Parameters<typeof of>[0]): boolean =>
    of(item).some(({ class: each }) => each === 'manual' || each === 'dropped');
  const lost = ({ path, at }: Item): boolean => [path, ...around(path)].some((each) => isLost({ path: each, at }));
  const words = new Map<string, string>();
  for (const { file, text, todo = '' } of accounts) words.set(file, `${words.get(file) ?? ''}${text} ${todo}\n`);
  return {
    accounts,
    mentions: (file, text) => words.get(file)?.includes(text) === true,
    of,
    lost,
    tells: (item) => of(item).some((account) => account.class !== 'direct') || lost(item),
  };
}

/** `a.b.c` stands in `a.b`, which stands in `a`. Names may hold dots themselves: such a prefix is nobody's path. */
function around(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
