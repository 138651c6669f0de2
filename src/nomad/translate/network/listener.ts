import type { ContainerDraft, WorkloadDraft } from '../draft.ts';
import type { GroupPort } from './port.ts';

/** The container that listens on a port. Containers of a pod share its network: a port that the job gives to nobody stays where a task has no image. */
export function listenerOf({ pod }: WorkloadDraft, { task, likely }: GroupPort): ContainerDraft | undefined {
  const of = pod.containers.filter((container) => container.task !== undefined);
  const its = of.find((container) => container.task?.label.text === task);
  return its ?? (likely ? (of.find((container) => !container.task?.lifecycle) ?? of[0]) : undefined);
}
