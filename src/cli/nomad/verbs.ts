import { assess } from './assess.ts';
import { check } from './check.ts';
import { convert } from './convert.ts';
import { core } from './core.ts';
import { explainLine } from './explain-line.ts';
import type { NomadVerbs } from './nomad.ts';
import { rightsize } from './rightsize.ts';

/** The verbs of `larder nomad`, in the order in which a migration needs them. */
export const verbs: NomadVerbs = (command, context) => {
  assess(command, context);
  convert(command, context);
  check(command, context);
  explainLine(command, context);
  core(command, context);
  rightsize(command, context);
};
