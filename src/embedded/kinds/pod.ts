/** Pod: its defaults, and the few rules without which a pod makes no sense (pkg/apis/core, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { age } from '../age.ts';
import { duplicate, type FieldProblem, forbiddenField, invalidValue, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt, without } from '../json.ts';
import type { Column, Rules } from '../kind.ts';
import { isTerminating } from '../metadata.ts';
import { isLabel } from '../names.ts';

const GRACE_SECONDS = 30;

export const podRules: Rules = {
  defaults: withDefaults,
  create: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qosOf(pod) } }),
  problems: podProblems,
  updateProblems: podUpdateProblems,
  graceSeconds: (pod, asked) => {
    const phase = textAt(pod, 'status', 'phase');
    if (!textAt(pod, 'spec', 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
    const seconds = asked ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? GRACE_SECONDS;
    return seconds < 0 ? 1 : seconds;
  },
};

function withDefaults(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec');
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount') ?? 'default';
  const lists = Object.fromEntries(
    ['initContainers', 'containers'].flatMap((name) =>
      at(spec, name) === undefined ? [] : [[name, listAt(spec, name).map(withContainerDefaults)] as const],
    ),
  );
  return {
    ...pod,
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
      ...spec,
      ...lists,
      serviceAccountName: account,
      serviceAccount: account,
    },
    status: { phase: 'Pending', qosClass: qosOf(pod), ...objectAt(pod, 'status') },
  };
}

function withContainerDefaults(container: Json): Json {
  if (!isObject(container)) return container;
  const image = textAt(container, 'image') ?? '';
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: image.includes('@') || (tag !== undefined && tag !== 'latest') ? 'IfNotPresent' : 'Always',
    ...container,
  };
}

/** Guaranteed when every container has equal requests and limits of both, BestEffort when none has any. */
function qosOf(pod: JsonObject): string {
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  const sets = containers.map((container) => ({
    limits: objectAt(container, 'resources', 'limits'),
    requests: objectAt(container, 'resources', 'requests'),
  }));
  const named = ['cpu', 'memory'];
  const any = sets.some(({ limits, requests }) => named.some((name) => name in limits || name in requests));
  if (!any) return 'BestEffort';
  const equal = sets.every(({ limits, requests }) =>
    named.every((name) => name in limits && (requests[name] ?? limits[name]) === limits[name]),
  );
  return equal ? 'Guaranteed' : 'Burstable';
}

function podProblems(pod: JsonObject): readonly FieldProblem[] {
  const containers = listAt(pod, 'spec', 'containers');
  const volumes = listAt(pod, 'spec', 'volumes');
  const seen = new Set<string>();
  return [
    ...(containers.length === 0 ? [required('spec.containers')] : []),
    ...containers.flatMap((container, index) => containerProblems(container, `spec.containers[${index}]`)),
    ...volumes.flatMap((volume, index) => {
      const name = textAt(volume, 'name') ?? '';
      const problems = labelProblems(name, `spec.volumes[${index}].name`);
      if (seen.has(name)) return [...problems, duplicate(`spec.volumes[${index}].name`, name)];
      seen.add(name);
      return problems;
    }),
  ];
}

function containerProblems(container: Json, field: string): readonly FieldProblem[] {
  const image = textAt(container, 'image') ? [] : [required(`${field}.image`)];
  return [...labelProblems(textAt(container, 'name') ?? '', `${field}.name`), ...image];
}

function labelProblems(name: string, field: string): readonly FieldProblem[] {
  return name === '' ? [required(field)] : isLabel(name).map((text) => invalidValue(field, name, text));
}

const UPDATE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function podUpdateProblems(pod: JsonObject, current: JsonObject): readonly FieldProblem[] {
  return sameJson(fixedSpec(pod), fixedSpec(current)) ? [] : [forbiddenField('spec', UPDATE_TEXT)];
}

/** The spec without what may change. */
function fixedSpec(pod: JsonObject): JsonObject {
  const spec = without(objectAt(pod, 'spec'), 'activeDeadlineSeconds', 'tolerations', 'schedulingGates');
  const fixed = (name: string): readonly Json[] =>
    listAt(spec, name).map((container) => (isObject(container) ? without(container, 'image') : container));
  return { ...spec, containers: fixed('containers'), initContainers: fixed('initContainers') };
}

export const podColumns: readonly Column[] = [
  {
    name: 'Ready',
    description: 'The aggregate readiness state of this pod for accepting traffic.',
    cell: (pod) => {
      const statuses = listAt(pod, 'status', 'containerStatuses');
      const ready = statuses.filter((status) => at(status, 'ready') === true).length;
      return `${ready}/${listAt(pod, 'spec', 'containers').length}`;
    },
  },
  { name: 'Status', description: 'The aggregate status of the containers in this pod.', cell: statusText },
  {
    name: 'Restarts',
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    cell: restartsText,
  },
];

function statusText(pod: JsonObject): string {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  const ended = phase === 'Succeeded' || phase === 'Failed';
  if (isTerminating(pod) && !ended) return 'Terminating';
  const states = listAt(pod, 'status', 'containerStatuses').map((status) => objectAt(status, 'state'));
  const reasons = states.map((state) => textAt(state, 'waiting', 'reason') ?? textAt(state, 'terminated', 'reason'));
  return reasons.find((reason) => reason !== undefined) ?? textAt(pod, 'status', 'reason') ?? phase;
}

function restartsText(pod: JsonObject, nowMs: number): string {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const count = statuses.reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0);
  const times = statuses.flatMap((status) => textAt(status, 'lastState', 'terminated', 'finishedAt') ?? []).sort();
  return count > 0 && times.length > 0 ? `${count} (${age(times.at(-1), nowMs)} ago)` : String(count);
}

export const podWideColumns: readonly Column[] = [
  {
    name: 'IP',
    priority: 1,
    description: 'podIP address allocated to the pod.',
    cell: (pod) => textAt(listAt(pod, 'status', 'podIPs')[0], 'ip') ?? '<none>',
  },
  {
    name: 'Node',
    priority: 1,
    description: 'NodeName indicates in which node this pod is scheduled.',
    cell: (pod) => textAt(pod, 'spec', 'nodeName') || '<none>',
  },
  {
    name: 'Nominated Node',
    priority: 1,
    description: 'nominatedNodeName is set only when this pod preempts other pods on the node.',
    cell: (pod) => textAt(pod, 'status', 'nominatedNodeName') || '<none>',
  },
  {
    name: 'Readiness Gates',
    priority: 1,
    description: 'If specified, all readiness gates will be evaluated for pod readiness.',
    cell: (pod) => {
      const gates = listAt(pod, 'spec', 'readinessGates');
      const conditions = listAt(pod, 'status', 'conditions');
      const passed = gates.filter((gate) =>
        conditions.some(
          (condition) =>
            textAt(condition, 'type') === textAt(gate, 'conditionType') && textAt(condition, 'status') === 'True',
        ),
      );
      return gates.length === 0 ? '<none>' : `${passed.length}/${gates.length}`;
    },
  },
];
