/** Pod: its defaults, and the few rules without which a pod makes no sense (pkg/apis/core, read in 1.36). */
import { age } from '../age.ts';
import { duplicate, type FieldProblem, invalidValue, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isTerminating } from '../metadata.ts';
import { isLabel } from '../names.ts';
import type { Cells } from '../row.ts';
import { templateParts } from './pod-template.ts';
import { podStatusUpdate, podUpdateProblems, withAddresses } from './pod-update.ts';

const GRACE_SECONDS = 30;

export const podRules: Rules = {
  defaults: withDefaults,
  create: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qosOf(pod) } }),
  problems: podProblems,
  updateProblems: podUpdateProblems,
  updateStatus: podStatusUpdate,
  graceSeconds: (pod, asked) => {
    const phase = textAt(pod, 'status', 'phase');
    if (!textAt(pod, 'spec', 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
    const seconds = asked ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? GRACE_SECONDS;
    return seconds < 0 ? 1 : seconds;
  },
};

function withDefaults(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec');
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  const parts = templateParts(spec);
  const lists = Object.fromEntries(
    ['initContainers', 'containers'].flatMap((name) =>
      at(parts, name) === undefined
        ? []
        : [[name, listAt(parts, name).map((container) => withOwnDefaults(container, spec))] as const],
    ),
  );
  return withAddresses({
    ...pod,
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      enableServiceLinks: true,
      ...spec,
      ...parts,
      ...lists,
      ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    },
  });
}

const UNTAINTED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const TOLERATED_SECONDS = 300;

/** What the admission plugins ServiceAccount, Priority and DefaultTolerationSeconds add to a new pod. */
export function withPodAdmission(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec');
  const account = textAt(spec, 'serviceAccountName') ?? 'default';
  return withTolerations({
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      priority: 0,
      preemptionPolicy: textAt(spec, 'preemptionPolicy') ?? 'PreemptLowerPriority',
    },
  });
}

/** What DefaultTolerationSeconds adds to a pod whenever it is written. */
export function withTolerations(pod: JsonObject): JsonObject {
  const given = listAt(pod, 'spec', 'tolerations');
  const added = UNTAINTED.filter((key) => !given.some((toleration) => tolerates(toleration, key))).map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATED_SECONDS,
  }));
  return added.length === 0 ? pod : withAt(pod, ['spec', 'tolerations'], [...given, ...added]);
}

function tolerates(toleration: Json, key: string): boolean {
  const effect = textAt(toleration, 'effect') ?? '';
  return [key, ''].includes(textAt(toleration, 'key') ?? '') && ['NoExecute', ''].includes(effect);
}

/** What a container of a pod gets, and one of a template does not: what it may have is what it asks for. */
function withOwnDefaults(container: Json, spec: JsonObject): Json {
  if (!isObject(container)) return container;
  const limits = objectAt(container, 'resources', 'limits');
  const requests = { ...limits, ...objectAt(container, 'resources', 'requests') };
  const asking =
    Object.keys(requests).length === 0 ? container : withAt(container, ['resources', 'requests'], requests);
  if (at(spec, 'hostNetwork') !== true || at(asking, 'ports') === undefined) return asking;
  const ports = listAt(asking, 'ports').map((port) =>
    isObject(port) ? { hostPort: at(port, 'containerPort') ?? 0, ...port } : port,
  );
  return { ...asking, ports };
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

export const podCells: Cells = {
  Ready: (pod) => {
    const statuses = listAt(pod, 'status', 'containerStatuses');
    const ready = statuses.filter((status) => at(status, 'ready') === true).length;
    return `${ready}/${listAt(pod, 'spec', 'containers').length}`;
  },
  Status: statusText,
  Restarts: restartsText,
};

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

export const podWideCells: Cells = {
  IP: (pod) => textAt(listAt(pod, 'status', 'podIPs')[0], 'ip') ?? '<none>',
  Node: (pod) => textAt(pod, 'spec', 'nodeName') || '<none>',
  'Nominated Node': (pod) => textAt(pod, 'status', 'nominatedNodeName') || '<none>',
  'Readiness Gates': (pod) => {
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
};
