import type { Item } from '../../jobspec/field.ts';
import { leavesOf } from '../../jobspec/items.ts';
import type { Node } from '../../source/node.ts';
import type { EnvDraft } from '../draft.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { bare, type S, Sourced } from '../sourced.ts';
import { ownPath, storeTodo } from './cleaned.ts';
import { type CredentialFound, credentialsIn, isCredential, sensitiveIn } from './credential.ts';
import { ownProperty } from './own-property.ts';
import { secretKey } from './secret-key.ts';

/** After all that writes variables and arguments, so that no credential of a job is left in a manifest. */
export const literalRules: readonly Rule<GroupScope>[] = [
  {
    id: 'secret.literal',
    nomad: 'a credential as text in env or args',
    kubernetes: 'a variable from the Secret, after somebody stored the value',
    class: 'manual',
    why: 'A value that stands in a job would stand in a manifest and in its history. It is told by the name of the variable, and by passwords in addresses.',
    apply: (scope, use) => {
      for (const container of scope.workload.pod.containers) {
        const { task } = container;
        if (!task) continue;
        const of: TaskScope = { ...scope, task, container };
        hideVariables(of, use);
        hideArguments(of, use);
      }
    },
  },
];

function hideVariables(scope: TaskScope, use: Use): void {
  const { container, task } = scope;
  for (const [at, draft] of container.env.entries()) {
    const value = draft.value === undefined ? undefined : bare(draft.value);
    const pair = task.env.find(({ key }) => key === draft.name);
    const isSensitive = sensitiveIn(pair?.node).length > 0;
    if (value === undefined || !(isSensitive || isCredential(draft.name, value) || credentialsIn(value).length > 0))
      continue;
    const from = pair ? [pair] : draft.value instanceof Sourced ? draft.value.from : [];
    const property = ownProperty(scope, [draft.name, `${wordOf(container.name)}_${draft.name}`], value);
    container.env[at] = fromSecret(scope, { name: draft.name, property, from });
    const text = `${draft.name} is a credential: the variable reads it from the Secret`;
    use.leave(from, { text, todo: storeTodo(scope, [property]) });
  }
}

interface Wanted {
  readonly name: string;
  readonly property: string;
  readonly from: readonly Item[];
}

function fromSecret(scope: TaskScope, { name, property, from }: Wanted): EnvDraft {
  const key = secretKey(scope, { source: 'vault', path: ownPath(scope), property, engine: 2 }, from);
  return { name, valueFrom: { secretKeyRef: { name: `${scope.module.name}-secrets`, key } } };
}

/** `--password=x` becomes `--password=$(PASSWORD)`, which Kubernetes replaces when the container starts. */
function hideArguments(scope: TaskScope, use: Use): void {
  const { container, task } = scope;
  const items = task.config ? leavesOf(task.config) : [];
  const sensitive = items.flatMap(({ node }) => sensitiveIn(node));
  const hide = (texts: readonly S<string>[]): readonly S<string>[] =>
    texts.map((each, at) => {
      const before = texts[at - 1];
      const found = foundIn(bare(each), { flag: before === undefined ? undefined : flagName(bare(before)), sensitive });
      return found.length === 0 ? each : hidden(scope, use, { each, found, items });
    });
  if (container.command) container.command = hide(container.command);
  if (container.args) container.args = hide(container.args);
}

interface Looking {
  /** The argument before, where it is a flag. */
  readonly flag: string | undefined;
  readonly sensitive: readonly string[];
}

function foundIn(text: string, { flag, sensitive }: Looking): readonly CredentialFound[] {
  const whole = { start: 0, end: text.length, name: flag ?? 'argument', value: text };
  if (flag !== undefined && isCredential(flag, text)) return [whole];
  const marked = sensitive.find((value) => text.includes(value));
  if (marked === undefined) return credentialsIn(text);
  const start = text.indexOf(marked);
  // what is glued to a short flag may be the value itself
  const name = flag !== undefined && /^[a-z]+(?:[-_][a-z]+)*$/.test(flag) ? flag : 'sensitive';
  return [{ start, end: start + marked.length, name, value: marked }];
}

interface Hiding {
  readonly each: S<string>;
  readonly found: readonly CredentialFound[];
  readonly items: ReturnType<typeof leavesOf>;
}

function hidden(scope: TaskScope, use: Use, { each, found, items }: Hiding): S<string> {
  const text = bare(each);
  const from = items.filter(({ node }) => holds(node, found[0]?.value ?? ''));
  const names: string[] = [];
  let result = '';
  let done = 0;
  for (const { start, end, name, value } of found) {
    const { variable, property } = declareSecret(scope, { name: wordOf(name).toUpperCase(), value, from });
    names.push(property);
    result += `${text.slice(done, start)}$(${variable})`;
    done = end;
  }
  result += text.slice(done);
  use.leave(from, { text: `arguments hold ${names.join(', ')}: read from the Secret`, todo: storeTodo(scope, names) });
  return each instanceof Sourced ? new Sourced(result, each.from) : result;
}

function holds(node: Node | undefined, value: string): boolean {
  if (node === undefined) return false;
  if (node.kind === 'list') return node.items.some((each) => holds(each, value));
  return node.kind === 'scalar' && String(node.value).includes(value);
}

function flagName(text: string): string | undefined {
  return /^--?([A-Za-z][\w-]*)$/.exec(text)?.[1];
}

interface Declaring {
  readonly name: string;
  readonly value: string;
  readonly from: readonly Item[];
}

/** A variable of its own for each value; one that the job has by that name is left alone. */
function declareSecret(
  scope: TaskScope,
  { name, value, from }: Declaring,
): { readonly variable: string; readonly property: string } {
  const { container } = scope;
  const property = ownProperty(scope, [name, `${wordOf(container.name)}_${name}`], value);
  for (let count = 1; ; count += 1) {
    const variable = count === 1 ? name : `${name}_${count}`;
    const wanted = fromSecret(scope, { name: variable, property, from });
    const there = container.env.find((each) => each.name === variable);
    if (!there) container.env.unshift(wanted);
    if (!there || JSON.stringify(there.valueFrom) === JSON.stringify(wanted.valueFrom)) return { variable, property };
  }
}

function wordOf(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]/g, '_');
}
