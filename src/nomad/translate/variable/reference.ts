/** Accounts for what stands inside of texts: each name that an item refers to, by its row, where the item stands. */
import type { Item } from '../../jobspec/field.ts';
import { itemsOf, keyOf } from '../../jobspec/items.ts';
import type { Node } from '../../source/node.ts';
import type { Account, Class, Note, Row } from '../account.ts';
import { joined } from '../carry.ts';
import { hostsIn } from '../consul-name.ts';
import { namesIn } from '../interpolate.ts';
import type { GroupScope, ModuleScope, ProjectScope, TaskScope } from '../scope.ts';
import { taskScope } from '../service/filled.ts';
import type { Variable } from './variable.ts';
import { textRows, variableRows } from './variable-rows.ts';

/**
 * Of items whose text was carried; what was left or dropped as a whole says so itself. Constraints and the like ask for
 * attributes of nodes, which are rows of placement. Nothing is added twice for one name of an item.
 */
export function referenceAccounts(project: ProjectScope): readonly Account[] {
  const found = project.modules.flatMap((module) => {
    const scope: ModuleScope = { project, module, job: module.job };
    return module.workloads.flatMap((workload) => inGroup({ ...scope, group: workload.group, workload }));
  });
  if (found.length === 0) return [];
  const wanted = new Set(found.map(({ item }) => keyOf(item)));
  const accounts = Map.groupBy(
    project.accounts.list.filter(({ item }) => wanted.has(keyOf(item))),
    ({ item }) => keyOf(item),
  );
  return found.flatMap((text) => accountsFor(text, accounts.get(keyOf(text.item)) ?? []));
}

/** An item with a text in it that refers to something. */
interface Referring {
  readonly item: Item;
  readonly text: string;
  readonly scope: TaskScope;
}

function inGroup(scope: GroupScope): readonly Referring[] {
  const { task: tasks, ...rest } = scope.group;
  const main = taskScope(scope);
  return [
    ...(main ? texts(rest, main) : []),
    ...tasks.flatMap((task) => {
      const of = scope.workload.pod.containers.some((each) => each.task === task)
        ? taskScope(scope, task.label.text)
        : undefined;
      return of ? texts(task, of) : [];
    }),
  ];
}

const PLACEMENT = /\.(?:constraint|affinity|spread|device)(?:\[\d+\])?(?:\.|$)/;
/** `${JOB}` and its kin are of these names alone: a row of services. */
const NAMES = /\.service(?:\[\d+\])?\.name$/;

function texts(part: unknown, scope: TaskScope): readonly Referring[] {
  return itemsOf(part).flatMap((item): readonly Referring[] => {
    const node = 'node' in item ? nodeOf(item.node) : undefined;
    if (!node || PLACEMENT.test(item.path) || NAMES.test(item.path)) return [];
    // an entry of a list stands on a line of its own
    const parts = node.kind === 'list' ? node.items : [node];
    return parts.flatMap((each) => {
      const text = textOf(each);
      const at = node.kind === 'list' ? each.at : item.at;
      return /\$\{|\.consul|\benv/i.test(text) ? [{ item: { path: item.path, at }, text, scope }] : [];
    });
  });
}

function nodeOf(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'at' in value;
}

/** All texts of a value, each on its own line. */
function textOf(node: Node): string {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? node.value : '';
    case 'list':
      return node.items.map(textOf).join('\n');
    case 'map':
      return node.entries.map(({ value }) => textOf(value)).join('\n');
    default:
      return node satisfies never;
  }
}

function accountsFor({ item, text, scope }: Referring, all: readonly Account[]): readonly Account[] {
  const own = all.filter((each) => meets(each.item, item));
  const isManual = own.some(({ class: each }) => each === 'manual');
  if (!isManual && own.every(({ class: each }) => each === 'dropped')) return [];
  const known = own.flatMap(({ todo }) => todo ?? []);
  const found = [...variablesIn(text, scope, item), ...consulIn(text, scope, item)];
  return [...Map.groupBy(found, ({ row }) => row)].flatMap(([row, names]): readonly Account[] => {
    const { class: worst, text: said = '', todo } = joined(names.map((each) => noteOf(each, known)));
    const kind: Class = worst ?? row.class;
    // where nothing was written, only why is of interest
    if (isManual && kind !== 'manual') return [];
    return [{ item, row: row.id, class: kind, text: said, ...(todo === undefined ? {} : { todo }) }];
  });
}

/** What is to be done is said once, by the row that carried the item. */
function noteOf({ row, name, note }: Name, known: readonly string[]): Note {
  const { class: worse = row.class, text = row.kubernetes, todo } = note;
  const isSaid = todo === undefined || known.some((each) => each.includes(todo));
  return {
    class: worse,
    text: text.includes(name.replace(/^\$\{|\}$/g, '')) ? text : `${name}: ${text}`,
    ...(isSaid ? {} : { todo }),
  };
}

function meets({ at: one }: Item, { at: other }: Item): boolean {
  return one.offset < other.end.offset && other.offset < one.end.offset;
}

interface Name {
  readonly row: Row;
  /** As the text has it. */
  readonly name: string;
  readonly note: Note;
}

/** `{{ env "NAME" }}` of a template. */
const asked = /\b(?:env|mustEnv|envOrDefault)\s+["`]([A-Za-z_][\w.]*)["`]/g;

function variablesIn(text: string, scope: TaskScope, { path }: Item): readonly Name[] {
  const inFile = /\.template(?:\[\d+\])?\.data$/.test(path);
  const named = namesIn(text).map((name) => ({ name, written: `\${${name}}`, stays: inFile }));
  const called = inFile
    ? [...text.matchAll(asked)].map(([, name = '']) => ({ name, written: `env "${name}"`, stays: false }))
    : [];
  return [...named, ...called].flatMap(({ name, written, stays }): readonly Name[] => {
    for (const row of variableRows) {
      const found = row.resolve(name, scope);
      if (!found) continue;
      const note = found.note ?? { text: shownOf(found, row) };
      const text = `${written} stays in the file, and the variable is set: ${note.text ?? row.kubernetes}`;
      return [{ row, name: written, note: stays && found.kind !== 'manual' ? { ...note, text } : note }];
    }
    // a word of a script, or of a language that writes its own references so
    const isName = /^[A-Za-z_]/.test(name) && written.startsWith('$');
    return isName ? [{ row: textRows.unknown, name: written, note: {} }] : [];
  });
}

/** What is known now is shown, but what a job keeps in its meta: it may be anything. */
function shownOf(found: Variable, row: Row): string {
  return found.kind === 'literal' && row.id !== 'interpolation.meta' ? found.text : row.kubernetes;
}

/** Where names of Consul are rewritten; elsewhere a name is what another row makes of it. */
const REWRITTEN = /\.(?:env(?:\..+)?|config\.(?:command|args|entrypoint|jvm_options)|template(?:\[\d+\])?\.data)$/;

function consulIn(text: string, scope: TaskScope, { path }: Item): readonly Name[] {
  const isMiddleware = path.endsWith('.tags') && /^traefik\.\w+\.middlewares\./i.test(text);
  if (!REWRITTEN.test(path) && !isMiddleware) return [];
  return hostsIn(text, scope).map(({ host, kind, note }): Name => {
    const row = kind === 'service' || kind === 'srv' ? textRows.catalog : textRows.mesh;
    return { row, name: host, note };
  });
}
