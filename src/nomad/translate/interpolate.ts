import type { Note } from './account.ts';
import type { EnvDraft } from './draft.ts';
import type { TaskScope } from './scope.ts';
import type { Variable } from './variable/variable.ts';
import { variableRows } from './variable/variable-rows.ts';

/**
 * How Kubernetes reads the text. `expanded`: `$(NAME)` is replaced when the pod starts (command, args, value of env,
 * subPathExpr), so what looks like it and is not ours is escaped. `verbatim`: nothing is replaced (mountPath, image,
 * labels), so what is known only then stays as it was and is a note. `shell`: a program reads it with the environment at
 * hand (a script, a file of a template): the text stays, and `env` is what must be declared for it.
 */
export type Reading = 'expanded' | 'verbatim' | 'shell';

export interface Interpolated {
  readonly text: string;
  /** To be declared on the container, in this order, before what uses the text. `declare` does so. */
  readonly env: readonly EnvDraft[];
  readonly notes: readonly Note[];
}

/** What a name of Nomad's is in a pod; undefined for one that is not Nomad's and not the task's own. */
export function variable(name: string, scope: TaskScope): Variable | undefined {
  for (const { resolve } of variableRows) {
    const found = resolve(name, scope);
    if (found) return found;
  }
  return undefined;
}

/** Nomad's own grammar of a reference, and `${env["NAME"]}` of its driver configurations. */
const reference = /\$\{(?:env\["([^"\]]+)"\]|([A-Za-z0-9_.-]+))\}/g;

/** The names that a text refers to, in their order, each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(reference)].map(nameOf))];
}

function nameOf([, quoted, plain = '']: RegExpExecArray): string {
  return quoted === undefined ? plain : `env.${quoted}`;
}

/** Text of a job as a pod needs it. An unknown `${NAME}` stays as it is, as Nomad leaves it. */
export function interpolate(text: string, scope: TaskScope, reading: Reading = 'expanded'): Interpolated {
  const env: EnvDraft[] = [];
  const notes: Note[] = [];
  let done = 0;
  let result = '';
  for (const match of text.matchAll(reference)) {
    const put = replaced(match[0], nameOf(match), { scope, reading, env, notes });
    result += foreign(text.slice(done, match.index), reading, /^[$(]/.test(put)) + put;
    done = match.index + match[0].length;
  }
  return { text: result + foreign(text.slice(done), reading), env: unique(env), notes };
}

interface Replacing {
  readonly scope: TaskScope;
  readonly reading: Reading;
  readonly env: EnvDraft[];
  readonly notes: Note[];
}

function replaced(written: string, name: string, { scope, reading, env, notes }: Replacing): string {
  const found = variable(name, scope);
  if (!found) return written;
  if (found.note) notes.push(found.note);
  if (found.kind === 'manual') return written;
  if (reading === 'shell') {
    if (found.kind === 'runtime') env.push(...found.env);
    if (!env.some((each) => each.name === name) && found.text !== `$(${name})`) env.push({ name, value: found.text });
    return written;
  }
  if (found.kind === 'literal') return foreign(found.text, reading);
  if (reading === 'verbatim') {
    notes.push({
      class: 'manual',
      text: `${written} is known only when the pod runs, and Kubernetes replaces nothing here`,
      todo: `Write what ${written} stands for.`,
    });
    return written;
  }
  env.push(...found.env);
  return found.text;
}

/**
 * `$(X)` of a job means nothing to Nomad, and must mean nothing to Kubernetes, which also makes one `$` of two. `ends`:
 * a reference of ours follows, whose `$` must not pair with one before it.
 */
function foreign(text: string, reading: Reading, ends = false): string {
  if (reading !== 'expanded') return text;
  return text.replaceAll(ends ? /\$+(?=\(|$)|\${2,}/g : /\$+(?=\()|\${2,}/g, (run) => run + run);
}

function unique(env: readonly EnvDraft[]): readonly EnvDraft[] {
  return env.filter((each, index) => env.findIndex(({ name }) => name === each.name) === index);
}

/** Adds to a container's variables those that it lacks, before the others, so that `$(NAME)` finds them. */
export function declare({ container }: Pick<TaskScope, 'container'>, env: readonly EnvDraft[]): void {
  const lacking = env.filter(({ name }) => !container.env.some((each) => each.name === name));
  container.env.unshift(...lacking);
}
