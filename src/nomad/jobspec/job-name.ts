import type { Job } from './job.ts';

/** As a person calls the job; what is named after it is folded from this. */
export function jobName({ name, id, label }: Pick<Job, 'name' | 'id' | 'label'>): string {
  return name?.value ?? id?.value ?? label.text;
}
