/** Defaults and rules of the kinds of apps/v1 (pkg/apis/apps, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, notSupported, required } from '../field.ts';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
  withAt,
  without,
} from '../json.ts';
import type { Rules } from '../kind.ts';
import { negativeProblems } from './integer.ts';
import { printedSelector, selectorProblems, templateLabelProblems } from './pod-selector.ts';
import { restartProblems, templateProblems, withTemplateAt } from './pod-template.ts';

const TEMPLATE = 'spec.template';
const HISTORY = 10;
const PROGRESS_SECONDS = 600;

/** The spec with its pods filled in and the members that were left out. */
function withSpecDefaults(workload: JsonObject, fallbacks: JsonObject): JsonObject {
  const filled = withTemplateAt(workload, ['spec', 'template']);
  return { ...filled, spec: { ...fallbacks, ...objectAt(filled, 'spec') }, status: objectAt(filled, 'status') };
}

function podProblems(workload: JsonObject): readonly FieldProblem[] {
  const template = at(workload, 'spec', 'template');
  return [...templateProblems(template, TEMPLATE), ...restartProblems(template, TEMPLATE)];
}

function selectorChange(workload: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const selector = at(workload, 'spec', 'selector') ?? null;
  return sameJson(selector, at(current, 'spec', 'selector') ?? null)
    ? []
    : [invalidValue('spec.selector', printedSelector(selector), IMMUTABLE)];
}

/** Controllers write the status, nobody else has one to begin with. */
const withoutStatus = (workload: JsonObject): JsonObject => ({ ...workload, status: {} });

export const deploymentRules: Rules = {
  defaults: (deployment) => {
    const filled = withSpecDefaults(deployment, {
      replicas: 1,
      revisionHistoryLimit: HISTORY,
      progressDeadlineSeconds: PROGRESS_SECONDS,
    });
    return withAt(filled, ['spec', 'strategy'], strategyOf(objectAt(filled, 'spec', 'strategy')));
  },
  create: withoutStatus,
  problems: (deployment) => [
    ...negativeProblems(deployment, 'spec.replicas'),
    ...selectorProblems(deployment, 'deployment'),
    ...templateLabelProblems(deployment),
    ...podProblems(deployment),
    ...strategyProblems(objectAt(deployment, 'spec', 'strategy')),
    ...negativeProblems(
      deployment,
      'spec.minReadySeconds',
      'spec.revisionHistoryLimit',
      'spec.progressDeadlineSeconds',
    ),
    ...progressProblems(deployment),
  ],
  updateProblems: selectorChange,
};

function strategyOf(strategy: JsonObject): JsonObject {
  const type = textAt(strategy, 'type') || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const rolling = objectAt(strategy, 'rollingUpdate');
  return { ...strategy, type, rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...rolling } };
}

function strategyProblems(strategy: JsonObject): readonly FieldProblem[] {
  const field = 'spec.strategy';
  const rolling = at(strategy, 'rollingUpdate');
  switch (textAt(strategy, 'type')) {
    case 'Recreate':
      return rolling === undefined
        ? []
        : [forbiddenField(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      return isNone(at(rolling, 'maxUnavailable')) && isNone(at(rolling, 'maxSurge'))
        ? [
            invalidValue(
              `${field}.rollingUpdate.maxUnavailable`,
              at(rolling, 'maxUnavailable') ?? 0,
              'may not be 0 when `maxSurge` is 0',
            ),
          ]
        : [];
    default:
      // as the server's own type prints itself
      return [
        notSupported(field, { Type: textAt(strategy, 'type') ?? '', RollingUpdate: rolling ?? null }, [
          'Recreate',
          'RollingUpdate',
        ]),
      ];
  }
}

function isNone(amount: Json | undefined): boolean {
  return amount === 0 || amount === '0%';
}

function progressProblems(deployment: JsonObject): readonly FieldProblem[] {
  const field = 'spec.progressDeadlineSeconds';
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds');
  const ready = numberAt(deployment, 'spec', 'minReadySeconds') ?? 0;
  if (seconds === undefined || seconds < 0 || seconds > ready) return [];
  return [invalidValue(field, seconds, 'must be greater than minReadySeconds')];
}

export const replicaSetRules: Rules = {
  defaults: (replicaSet) => {
    const filled = withSpecDefaults(replicaSet, { replicas: 1 });
    return withAt(filled, ['status'], { replicas: 0, ...objectAt(filled, 'status') });
  },
  create: withoutStatus,
  problems: (replicaSet) => [
    ...negativeProblems(replicaSet, 'spec.replicas', 'spec.minReadySeconds'),
    ...selectorProblems(replicaSet, 'deployment'), // the real text
    ...templateLabelProblems(replicaSet),
    ...podProblems(replicaSet),
  ],
  updateProblems: selectorChange,
};

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const UNCHANGEABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export const statefulSetRules: Rules = {
  defaults: (set) => {
    const filled = withSpecDefaults(set, {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: HISTORY,
    });
    const spec = objectAt(filled, 'spec');
    const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy');
    return {
      ...filled,
      spec: {
        ...spec,
        updateStrategy: updateStrategyOf(objectAt(spec, 'updateStrategy'), { partition: 0 }),
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain', ...retention },
        ...claimTemplates(spec),
      },
      status: { replicas: 0, availableReplicas: 0, ...objectAt(filled, 'status') },
    };
  },
  create: withoutStatus,
  problems: (set) => [
    ...negativeProblems(set, 'spec.replicas', 'spec.minReadySeconds'),
    ...selectorProblems(set, 'statefulset'),
    ...templateLabelProblems(set),
    ...podProblems(set),
  ],
  updateProblems: (set, current) => {
    const fixed = (object: JsonObject): JsonObject => without(objectAt(object, 'spec'), ...CHANGEABLE);
    return sameJson(fixed(set), fixed(current)) ? [] : [forbiddenField('spec', UNCHANGEABLE)];
  },
};

/** The claims that a set makes for its pods are claims like others. */
function claimTemplates(spec: JsonObject): JsonObject {
  if (at(spec, 'volumeClaimTemplates') === undefined) return {};
  const templates = listAt(spec, 'volumeClaimTemplates').map((template) => {
    if (!isObject(template)) return template;
    return {
      ...template,
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      spec: { volumeMode: 'Filesystem', ...objectAt(template, 'spec') },
      status: { phase: 'Pending', ...objectAt(template, 'status') },
    };
  });
  return { volumeClaimTemplates: templates };
}

function updateStrategyOf(strategy: JsonObject, rolling: JsonObject): JsonObject {
  const type = textAt(strategy, 'type') || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  return { ...strategy, type, rollingUpdate: { ...rolling, ...objectAt(strategy, 'rollingUpdate') } };
}

const TEMPLATE_GENERATION = ['metadata', 'annotations', 'deprecated.daemonset.template.generation'];

export const daemonSetRules: Rules = {
  defaults: (set) => {
    const filled = withSpecDefaults(set, { revisionHistoryLimit: HISTORY });
    const strategy = updateStrategyOf(objectAt(filled, 'spec', 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 });
    const status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      ...objectAt(filled, 'status'),
    };
    const complete = { ...withAt(filled, ['spec', 'updateStrategy'], strategy), status };
    return withAt(complete, TEMPLATE_GENERATION, textAt(complete, ...TEMPLATE_GENERATION) ?? '0');
  },
  create: (set) => withAt(withoutStatus(set), TEMPLATE_GENERATION, '1'),
  update: (set, current) => {
    const before = Number(textAt(current, ...TEMPLATE_GENERATION) ?? '1');
    const same = sameJson(at(set, 'spec', 'template'), at(current, 'spec', 'template'));
    return withAt(set, TEMPLATE_GENERATION, String(same ? before : before + 1));
  },
  problems: (set, current) => [
    ...(current ? selectorChange(set, current) : []), // here it comes first
    ...templateLabelProblems(set),
    ...((at(set, 'spec', 'selector') ?? null) === null ? [] : selectorProblems(set, 'daemonset')),
    ...podProblems(set),
    ...negativeProblems(set, 'spec.minReadySeconds', 'spec.revisionHistoryLimit'),
  ],
};

export const revisionRules: Rules = {
  problems: (revision) => [
    ...(at(revision, 'data') === undefined ? [required('data', 'data is mandatory')] : []),
    ...negativeProblems(revision, 'revision'),
  ],
  updateProblems: (revision, current) =>
    sameJson(at(revision, 'data'), at(current, 'data'))
      ? []
      : [invalidValue('data', at(revision, 'data') ?? null, IMMUTABLE)],
};
