/** Defaults and rules of Job and CronJob (pkg/apis/batch and pkg/registry/batch, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, IMMUTABLE, invalidValue, notAmong, required } from '../field.ts';
import { at, type Json, type JsonObject, member, objectAt, textAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { negativeProblems } from './integer.ts';
import { printedLabels, printedSelector, selects, templateLabelProblems } from './pod-selector.ts';
import { templateProblems, withTemplateAt } from './pod-template.ts';
import { isTimeZone, scheduleProblem } from './schedule.ts';

const RETRIES = 6;
const LARGEST_INT32 = 2_147_483_647;
const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const RESTARTS = ['OnFailure', 'Never'];
const MODES = ['NonIndexed', 'Indexed'];

export const jobRules: Rules = {
  defaults: withJobDefaults,
  create: (job) => withSelector({ ...job, status: {} }),
  problems: (job) => [...generatedProblems(job), ...specProblems(job)],
  // the real server looks at the spec twice
  updateProblems: (job, current) => [...specProblems(job), ...changeProblems(job, current)],
};

function withJobDefaults(job: JsonObject): JsonObject {
  const filled = withTemplateAt(job, ['spec', 'template']);
  const spec = objectAt(filled, 'spec');
  const single = at(spec, 'completions') === undefined && at(spec, 'parallelism') === undefined;
  const labels = at(filled, 'metadata', 'labels') ?? at(spec, 'template', 'metadata', 'labels');
  return {
    ...withAt(filled, ['metadata', 'labels'], labels),
    spec: {
      parallelism: 1,
      ...(single ? { completions: 1 } : {}),
      backoffLimit: at(spec, 'backoffLimitPerIndex') === undefined ? RETRIES : LARGEST_INT32,
      manualSelector: false,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: at(spec, 'podFailurePolicy') === undefined ? 'TerminatingOrFailed' : 'Failed',
      ...spec,
    },
    status: objectAt(filled, 'status'),
  };
}

/** Unless its maker wants it otherwise, a job knows its pods by its own uid. */
function withSelector(job: JsonObject): JsonObject {
  if (at(job, 'spec', 'manualSelector') === true) return job;
  const uid = textAt(job, 'metadata', 'uid') ?? '';
  const name = textAt(job, 'metadata', 'name') ?? '';
  const labels = { ...ownLabels(uid, name), ...objectAt(job, 'spec', 'template', 'metadata', 'labels') };
  const labelled = withAt(job, ['spec', 'template', 'metadata', 'labels'], labels);
  const matched = { [UID_LABEL]: uid, ...objectAt(job, 'spec', 'selector', 'matchLabels') };
  return withAt(labelled, ['spec', 'selector', 'matchLabels'], matched);
}

/** In the order in which the server looks at them. */
function ownLabels(uid: string, name: string): Readonly<Record<string, string>> {
  return { 'controller-uid': uid, 'job-name': name, [UID_LABEL]: uid, 'batch.kubernetes.io/job-name': name };
}

function generatedProblems(job: JsonObject): readonly FieldProblem[] {
  if (at(job, 'spec', 'manualSelector') === true) return [];
  const uid = textAt(job, 'metadata', 'uid') ?? '';
  const selector = at(job, 'spec', 'selector') ?? null;
  if (selector === null) return [];
  const expected = ownLabels(uid, textAt(job, 'metadata', 'name') ?? '');
  const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const field = 'spec.template.metadata.labels';
  const wrong = Object.entries(expected).flatMap(([label, value]) => {
    const found = textAt(labels, label);
    if (found === undefined) return [required(`${field}[${label}]`, `must be '${value}'`)];
    return found === value ? [] : [invalidValue(`${field}[${label}]`, printedLabels(labels), `must be '${value}'`)];
  });
  if (selects(selector, expected)) return wrong;
  return [...wrong, invalidValue('spec.selector', printedSelector(selector), '`selector` not auto-generated')];
}

function specProblems(job: JsonObject): readonly FieldProblem[] {
  const mode = textAt(job, 'spec', 'completionMode') ?? '';
  const indexed = mode === 'Indexed' && at(job, 'spec', 'completions') === undefined;
  return [
    ...negativeProblems(
      job,
      'spec.parallelism',
      'spec.completions',
      'spec.activeDeadlineSeconds',
      'spec.backoffLimit',
      'spec.ttlSecondsAfterFinished',
    ),
    ...(MODES.includes(mode) ? [] : [notAmong('spec.completionMode', mode, MODES)]),
    ...(indexed ? [required('spec.completions', 'when completion mode is Indexed')] : []),
    ...jobTemplateProblems(at(job, 'spec', 'template'), 'spec.template'),
    ...((at(job, 'spec', 'selector') ?? null) === null ? [required('spec.selector')] : []),
    ...templateLabelProblems(job),
  ];
}

/** Pods of a job end: they may not start again for ever. */
function jobTemplateProblems(template: Json | undefined, field: string): readonly FieldProblem[] {
  const policy = textAt(template, 'spec', 'restartPolicy') ?? '';
  const place = `${field}.spec.restartPolicy`;
  const problems = templateProblems(template, field);
  if (RESTARTS.includes(policy)) return problems;
  const texts = RESTARTS.map((name) => JSON.stringify(name)).join(', ');
  return [
    ...problems,
    policy === 'Always' || policy === ''
      ? required(place, `valid values: ${texts}`)
      : notAmong(place, policy, RESTARTS),
  ];
}

const FIXED = [
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

function changeProblems(job: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const before = objectAt(current, 'spec');
  const spec = at(before, 'suspend') === true ? withFreedom(objectAt(job, 'spec'), before) : objectAt(job, 'spec');
  const names = [...(isElastic(spec, before) ? [] : ['completions']), ...FIXED];
  return names
    .filter((name) => !sameJson(member(spec, name) ?? null, member(before, name) ?? null))
    .map((name) => {
      const value = at(job, 'spec', name);
      return invalidValue(`spec.${name}`, name === 'selector' ? printedSelector(value) : (value ?? null), IMMUTABLE);
    });
}

/** Where its pods go may still be changed while a job waits. */
function withFreedom(spec: JsonObject, before: JsonObject): JsonObject {
  const free = ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates'];
  const pod = FREE_METADATA.reduce(
    (template, name) => withAt(template, ['metadata', name], at(before, 'template', 'metadata', name)),
    objectAt(spec, 'template'),
  );
  const template = free.reduce(
    (changed, name) => withAt(changed, ['spec', name], at(before, 'template', 'spec', name)),
    pod,
  );
  return { ...spec, template };
}

const FREE_METADATA = ['labels', 'annotations'];

/** An indexed job may change its size when completions and parallelism change together. */
function isElastic(spec: JsonObject, before: JsonObject): boolean {
  if (textAt(spec, 'completionMode') !== 'Indexed') return false;
  return spec['completions'] === spec['parallelism'] && before['completions'] === before['parallelism'];
}

const POLICIES = ['Allow', 'Forbid', 'Replace'];

export const cronJobRules: Rules = {
  defaults: (cronJob) => {
    const filled = withTemplateAt(cronJob, ['spec', 'jobTemplate', 'spec', 'template']);
    const named = withAt(
      filled,
      ['spec', 'jobTemplate', 'metadata'],
      objectAt(filled, 'spec', 'jobTemplate', 'metadata'),
    );
    return {
      ...named,
      spec: {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
        ...objectAt(named, 'spec'),
      },
      status: objectAt(named, 'status'),
    };
  },
  create: (cronJob) => ({ ...cronJob, status: {} }),
  problems: (cronJob) => {
    const policy = textAt(cronJob, 'spec', 'concurrencyPolicy') ?? '';
    const template = at(cronJob, 'spec', 'jobTemplate', 'spec', 'template');
    return [
      ...scheduleProblems(textAt(cronJob, 'spec', 'schedule') ?? ''),
      ...negativeProblems(cronJob, 'spec.startingDeadlineSeconds'),
      ...zoneProblems(textAt(cronJob, 'spec', 'timeZone')),
      ...(POLICIES.includes(policy) ? [] : [notAmong('spec.concurrencyPolicy', policy, POLICIES)]),
      ...jobTemplateProblems(template, 'spec.jobTemplate.spec.template'),
      ...negativeProblems(cronJob, 'spec.successfulJobsHistoryLimit', 'spec.failedJobsHistoryLimit'),
    ];
  },
};

function scheduleProblems(schedule: string): readonly FieldProblem[] {
  if (schedule === '') return [required('spec.schedule')];
  const problem = scheduleProblem(schedule);
  return problem === undefined ? [] : [invalidValue('spec.schedule', schedule, problem)];
}

function zoneProblems(zone: string | undefined): readonly FieldProblem[] {
  const field = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalidValue(field, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local')
    return [
      invalidValue(field, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    ];
  return isTimeZone(zone) ? [] : [invalidValue(field, zone, `unknown time zone ${zone}`)];
}
