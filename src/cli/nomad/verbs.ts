import type { Verbs } from '../lazy-groups.ts';
import { assess } from './assess.ts';
import { check } from './check.ts';
import { convert } from './convert.ts';
import { core } from './core.ts';
import { explainLine } from './explain-line.ts';
import { rightsize } from './rightsize.ts';

/** The verbs of `larder nomad`, in the order in which a migration needs them. */
export const verbs: Verbs = (command, context) => {
  assess(command, context);
  convert(command, context);
  check(command, context);
  explainLine(command, context);
  core(command, context);
  rightsize(command, context);
};
