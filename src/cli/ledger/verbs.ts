import type { Verbs } from '../lazy-groups.ts';
import { appendFile } from './append-file.ts';
import { exportRecords } from './export.ts';
import { init } from './init.ts';
import { key } from './key.ts';
import { merge } from './merge.ts';
import { operator } from './operator.ts';
import { publish } from './publish.ts';
import { report } from './report.ts';
import { serve } from './serve.ts';
import { show } from './show.ts';
import { tombstone } from './tombstone.ts';
import { verify } from './verify.ts';

/** The verbs of `larder ledger`, in the order in which somebody needs them. */
export const verbs: Verbs = (command, context) => {
  init(command, context);
  verify(command, context);
  show(command, context);
  report(command, context);
  exportRecords(command, context);
  operator(command, context);
  key(command, context);
  merge(command, context);
  tombstone(command, context);
  appendFile(command, context);
  publish(command, context);
  serve(command, context);
};
