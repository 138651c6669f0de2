import type { Verbs } from '../lazy-groups.ts';
import { inventory } from './inventory.ts';
import { schema } from './schema.ts';
import { validate } from './validate.ts';

/** The verbs of `larder cluster`, in the order in which an operator needs them. */
export const verbs: Verbs = (command, context) => {
  validate(command, context);
  schema(command, context);
  inventory(command, context);
};
