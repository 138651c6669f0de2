/** Job and CronJob (pkg/printers, read in 1.36). */
import { age } from '../age.ts';
import { at, isObject, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { isTerminating } from '../metadata.ts';
import { type Cell, row } from '../row.ts';
import { cronJobRules, jobRules } from './job-rules.ts';
import { selectorText } from './selector-text.ts';

const listed = (spec: Json | undefined, member: 'name' | 'image'): string =>
  listAt(spec, 'template', 'spec', 'containers')
    .map((container) => textAt(container, member) ?? '')
    .join(',');

const wideOf = (specOf: (object: JsonObject) => Json | undefined): Readonly<Record<string, Cell>> => ({
  Containers: (object) => listed(specOf(object), 'name'),
  Images: (object) => listed(specOf(object), 'image'),
  Selector: (object) => selectorText(at(specOf(object), 'selector')),
});

/** The first condition that is true says it, in this order. */
const STATES: readonly { readonly type: string; readonly text: string }[] = [
  { type: 'Complete', text: 'Complete' },
  { type: 'Failed', text: 'Failed' },
  { type: '', text: 'Terminating' },
  { type: 'Suspended', text: 'Suspended' },
  { type: 'FailureTarget', text: 'FailureTarget' },
  { type: 'SuccessCriteriaMet', text: 'SuccessCriteriaMet' },
];

const statusText: Cell = (job) => {
  const conditions = listAt(job, 'status', 'conditions');
  const holds = (type: string): boolean =>
    type === ''
      ? isTerminating(job)
      : conditions.some((each) => textAt(each, 'type') === type && textAt(each, 'status') === 'True');
  return STATES.find(({ type }) => holds(type))?.text ?? 'Running';
};

const completionsText: Cell = (job) => {
  const succeeded = numberAt(job, 'status', 'succeeded') ?? 0;
  const wanted = numberAt(job, 'spec', 'completions');
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 0;
  if (wanted !== undefined) return `${succeeded}/${wanted}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
};

const durationText: Cell = (job, nowMs) => {
  const from = textAt(job, 'status', 'startTime');
  const to = textAt(job, 'status', 'completionTime');
  return from === undefined ? '' : age(from, to === undefined ? nowMs : Date.parse(to));
};

const suspendText: Cell = (cronJob) => {
  const suspend = at(cronJob, 'spec', 'suspend');
  return suspend === undefined ? '<unset>' : suspend === true ? 'True' : 'False';
};

const lastScheduleText: Cell = (cronJob, nowMs) => {
  const time = textAt(cronJob, 'status', 'lastScheduleTime');
  return time === undefined ? '<none>' : age(time, nowMs);
};

export const jobKinds: readonly Kind[] = [
  row('batch/v1', 'cronjobs', {
    counted: true,
    rules: cronJobRules,
    cells: {
      ...wideOf((cronJob) => at(cronJob, 'spec', 'jobTemplate', 'spec')),
      Schedule: (cronJob) => textAt(cronJob, 'spec', 'schedule') ?? '',
      Timezone: (cronJob) => textAt(cronJob, 'spec', 'timeZone') ?? '<none>',
      Suspend: suspendText,
      Active: (cronJob) => listAt(cronJob, 'status', 'active').length,
      'Last Schedule': lastScheduleText,
    },
  }),
  row('batch/v1', 'jobs', {
    counted: true,
    rules: jobRules,
    unknownField: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
    fields: { 'status.successful': (job) => String(numberAt(job, 'status', 'succeeded') ?? 0) },
    cells: {
      ...wideOf((job) => (isObject(job) ? at(job, 'spec') : undefined)),
      Status: statusText,
      Completions: completionsText,
      Duration: durationText,
    },
  }),
];
