import type { Note, Row } from '../account.ts';
import type { EnvDraft } from '../draft.ts';
import type { TaskScope } from '../scope.ts';

/** What `${NAME}` of a job is in a pod. */
export type Variable =
  | { readonly kind: 'literal'; readonly text: string; readonly note?: Note }
  /** Known when the pod runs: `text` holds `$(NAME)`, for which `env` must be declared first. */
  | { readonly kind: 'runtime'; readonly text: string; readonly env: readonly EnvDraft[]; readonly note?: Note }
  /** Nomad's, and without a twin: the text stays, and a person must look. */
  | { readonly kind: 'manual'; readonly note: Note };

/** Undefined: not one of these names. */
export type Resolver = (name: string, scope: TaskScope) => Variable | undefined;

/** A row of the mapping for names that a text may refer to, with what they are in a pod. */
export interface VariableRow extends Row {
  readonly resolve: Resolver;
}

export function literal(text: string): Variable {
  return { kind: 'literal', text };
}

export function manual(text: string, todo: string): Variable {
  return { kind: 'manual', note: { class: 'manual', text, todo } };
}

/** `difference`: in what the value is not the one that Nomad gave. */
export function fieldRef(name: string, fieldPath: string, difference?: string): Variable {
  const note: Note | undefined = difference === undefined ? undefined : { class: 'approximate', text: difference };
  return {
    kind: 'runtime',
    text: `$(${name})`,
    env: [{ name, valueFrom: { fieldRef: { fieldPath } } }],
    ...(note ? { note } : {}),
  };
}

/** A key of a name's own list: what an object has by inheritance is none. */
export function oneOf<T>(list: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(list, name) ? list[name] : undefined;
}
