import type { Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { joined } from '../carry.ts';
import { rewriteHosts } from '../consul-name.ts';
import { declare, interpolate, type Reading } from '../interpolate.ts';
import type { Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { Sourced } from '../sourced.ts';

interface Speaking {
  readonly use: Use;
  readonly reading?: Reading;
  /** Of the row, where the text is not simply what was written. */
  readonly note?: Note;
}

/** Text of a job in the words of the cluster: names of Consul and references of Nomad replaced, variables declared. */
export function reworded(text: string, scope: TaskScope, reading: Reading = 'expanded'): { text: string; note: Note } {
  const hosts = rewriteHosts(text, scope);
  const { text: result, env, notes } = interpolate(hosts.text, scope, reading);
  declare(scope, env);
  return { text: result, note: joined([...hosts.notes, ...notes]) };
}

export function spoken(
  scope: TaskScope,
  item: Item,
  text: string,
  { use, reading, note = {} }: Speaking,
): Sourced<string> {
  const said = reworded(text, scope, reading);
  return use.take({ path: item.path, at: item.at }, said.text, joined([note, said.note]));
}

/** Several texts that stand in several items together, such as command and args. */
export function spokenAll(
  scope: TaskScope,
  { items }: { readonly items: readonly Item[] },
  texts: readonly string[],
  use: Use,
): readonly Sourced<string>[] {
  const said = texts.map((text) => reworded(text, scope));
  const note = joined(said.map((each) => each.note));
  const [first, ...others] = said;
  if (!first) return [];
  const start = use.take(items, first.text, note);
  return [start, ...others.map(({ text }) => new Sourced(text, start.from))];
}
