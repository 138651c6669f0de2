import type { Item } from '../jobspec/field.ts';

export const checkIds = [
  ...['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9', 'C10'],
  ...['C11', 'C12', 'C13', 'C14', 'C15', 'C16', 'C17', 'C18'],
] as const;
export type CheckId = (typeof checkIds)[number];

/**
 * What a check found. `error`: the tree does not do what the job did, and no line of the report says so. `warning`: a
 * person should look. `skipped`: the check could not be made, and why.
 */
export interface Finding {
  readonly check: string;
  readonly severity: 'error' | 'warning' | 'skipped';
  /** Of the written tree where something stands there, else of the input. */
  readonly file: string;
  readonly line?: number;
  /** What it is about: `Deployment/web`, `job.web.group.web`. */
  readonly object: string;
  readonly message: string;
  /** What to do next. */
  readonly todo: string;
}

/** A finding about something of the input. */
export function atItem(item: Item): Pick<Finding, 'file' | 'line' | 'object'> {
  return { file: item.at.file, line: item.at.line, object: item.path };
}

/** Whether a part of a job that was read is something written, and no default or text. */
export function isItem(value: unknown): value is Item {
  // of a block with an attribute `path`, that one took its place
  return (
    typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string' && 'at' in value
  );
}
