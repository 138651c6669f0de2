/** A demand of a requirement and the tests that show it; a test that is not there is an error. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Demand {
  /** Of the requirement, or its chapter and the place in it. */
  readonly id: string;
  readonly demand: string;
  /** Path from the root and title, without the place that stands before the titles of tests that run in several. */
  readonly shown: readonly (readonly [path: string, title: string])[];
}

const root = resolve(import.meta.dirname, '../../..');
const special = /[.*+?^${}()|[\]\\]/g;

/** Whether the file tells a test of this title: a call of `test`, or the name of one that a list hands to it. */
export function tells(text: string, title: string): boolean {
  const words = title.replaceAll(special, String.raw`\$&`).replaceAll("'", String.raw`\\?'`);
  const place = String.raw`(?:on \$\{place\.name\},? )?`;
  return new RegExp(String.raw`(?:\btest\(|\bname:|\btitle:)\s*(['"\`])${place}${words}\1`).test(text);
}

/**
 * @throws Error for a demand without a test, for a test that is not there, and for an identifier that comes twice.
 */
export function demandRows(demands: readonly Demand[]): readonly (readonly string[])[] {
  const texts = new Map<string, string>();
  const textOf = (path: string): string => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    if (!existsSync(join(root, path))) throw new Error(`${path} shows a demand and is not there`);
    const text = readFileSync(join(root, path), 'utf8');
    texts.set(path, text);
    return text;
  };
  const ids = demands.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`${twice} is there twice`);
  return demands.map(({ id, demand, shown }) => {
    if (shown.length === 0) throw new Error(`no test shows ${id}: ${demand}`);
    for (const [path, title] of shown) {
      if (!tells(textOf(path), title)) throw new Error(`${id} is shown by a test that is not in ${path}: ${title}`);
    }
    const files = new Set(shown.map(([path]) => path));
    return [id, demand, shown.map(([, title]) => title).join('; '), [...files].map((path) => `\`${path}\``).join(', ')];
  });
}
