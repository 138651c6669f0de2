import type { Class, Note } from '../account.ts';
import { interpolate } from '../interpolate.ts';
import type { GroupScope, TaskScope } from '../scope.ts';

/** The scope of a task; without a label of the group's main task, whose variables those of a service are. */
export function taskScope(scope: GroupScope, task?: string): TaskScope | undefined {
  const of = scope.workload.pod.containers.filter((container) => container.task !== undefined);
  const container =
    of.find((each) => task !== undefined && each.task?.label.text === task) ??
    of.find((each) => each.task?.lifecycle === undefined) ??
    of[0];
  return container?.task ? { ...scope, task: container.task, container } : undefined;
}

export interface Filled {
  readonly text: string;
  /** What a person should know of it; empty where nothing is to be said. */
  readonly note: Note;
}

/** Text of a service or check with Nomad's variables filled in, as far as they are known before the pod runs. */
export function filled(text: string, scope: GroupScope, task?: string): Filled {
  const of = taskScope(scope, task);
  if (!of || !text.includes('${')) return { text, note: {} };
  const { text: known, notes } = interpolate(text, of, 'verbatim');
  return { text: known, note: worst(notes) };
}

const order: readonly (Class | undefined)[] = ['manual', 'approximate', 'dropped', 'direct', undefined];

/** Of several notes the one that a person must see. */
export function worst(notes: readonly Note[]): Note {
  return notes.toSorted((left, right) => order.indexOf(left.class) - order.indexOf(right.class))[0] ?? {};
}
