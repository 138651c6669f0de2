import type { Verbs } from '../lazy-groups.ts';
import { apply } from './apply-change.ts';
import { approveChange } from './approve-change.ts';
import { diffChange } from './diff-change.ts';
import { listChanges, showChange } from './list-changes.ts';
import { newChange } from './new-change.ts';
import { rollback } from './rollback-change.ts';
import { updateChange } from './update-change.ts';

/** The verbs of `larder change`, in the order in which somebody needs them. */
export const verbs: Verbs = (command, context) => {
  newChange(command, context);
  updateChange(command, context);
  diffChange(command, context);
  approveChange(command, context);
  apply(command, context);
  rollback(command, context);
  listChanges(command, context);
  showChange(command, context);
};
