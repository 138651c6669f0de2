/** What of a pod may change once it is there (ValidatePodUpdate in pkg/apis/core/validation, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField, invalidValue, required } from '../field.ts';
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

const LONGEST_SECONDS = 2 ** 31 - 1;
const TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function podUpdateProblems(pod: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const containers = ['containers', 'initContainers'].map((name) => containerProblems(pod, current, name));
  const stopped = containers.find(({ stops }) => stops);
  if (stopped) return stopped.problems;
  const images = containers.flatMap(({ problems }) => problems);
  const deadline = deadlineProblems(pod, current);
  if (deadline.stops) return [...images, ...deadline.problems];
  const fixed = sameJson(fixedSpec(pod), fixedSpec(current)) ? [] : [forbiddenField('spec', TEXT)];
  return [...images, ...deadline.problems, ...tolerationProblems(pod, current), ...fixed];
}

interface Findings {
  readonly problems: readonly FieldProblem[];
  /** Whether nothing else is looked at. */
  readonly stops: boolean;
}

function containerProblems(pod: JsonObject, current: JsonObject, name: string): Findings {
  const field = `spec.${name}`;
  const containers = listAt(pod, 'spec', name);
  if (containers.length !== listAt(current, 'spec', name).length) {
    return { problems: [forbiddenField(field, 'pod updates may not add or remove containers')], stops: true };
  }
  const problems = containers.flatMap((container, index) => {
    const image = textAt(container, 'image') ?? '';
    if (image === '') return [required(`${field}[${index}].image`)];
    if (image.trim() === image) return [];
    return [invalidValue(`${field}[${index}].image`, image, 'must not have leading or trailing whitespace')];
  });
  return { problems, stops: false };
}

/** A deadline can be set, and come nearer, but not go. */
function deadlineProblems(pod: JsonObject, current: JsonObject): Findings {
  const field = 'spec.activeDeadlineSeconds';
  const seconds = numberAt(pod, 'spec', 'activeDeadlineSeconds');
  const before = numberAt(current, 'spec', 'activeDeadlineSeconds');
  const refuse = (value: Json, text: string, stops: boolean): Findings => ({
    problems: [invalidValue(field, value, text)],
    stops,
  });
  if (seconds === undefined) {
    const text = 'must not update from a positive integer to nil value';
    return before === undefined ? { problems: [], stops: false } : refuse(null, text, false);
  }
  const range = `must be between 0 and ${LONGEST_SECONDS}, inclusive`;
  if (seconds < 0 || seconds > LONGEST_SECONDS) return refuse(seconds, range, true);
  if (before !== undefined && before < seconds)
    return refuse(seconds, 'must be less than or equal to previous value', true);
  return { problems: [], stops: false };
}

function tolerationProblems(pod: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const shapes = (object: JsonObject): readonly Json[] =>
    listAt(object, 'spec', 'tolerations').map((toleration) =>
      isObject(toleration) ? without(toleration, 'tolerationSeconds') : toleration,
    );
  const kept = shapes(pod);
  if (shapes(current).every((old) => kept.some((toleration) => sameJson(old, toleration)))) return [];
  return [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

/** The spec without what may change. */
function fixedSpec(pod: JsonObject): JsonObject {
  const spec = without(objectAt(pod, 'spec'), 'activeDeadlineSeconds', 'tolerations', 'schedulingGates');
  const fixed = (name: string): readonly Json[] =>
    listAt(spec, name).map((container) => (isObject(container) ? without(container, 'image') : container));
  return { ...spec, containers: fixed('containers'), initContainers: fixed('initContainers') };
}

/** A write of the status: owners and quality of service stay, and the first of the addresses is the address. */
export function podStatusUpdate(pod: JsonObject, current: JsonObject): JsonObject {
  const owners = at(current, 'metadata', 'ownerReferences');
  const quality = textAt(pod, 'status', 'qosClass') ?? textAt(current, 'status', 'qosClass');
  const kept = withAt(withAt(pod, ['metadata', 'ownerReferences'], owners), ['status', 'qosClass'], quality);
  return withAddresses(kept);
}

/** `podIP` and the first of `podIPs` are one field in two places. */
export function withAddresses(pod: JsonObject): JsonObject {
  const single = textAt(pod, 'status', 'podIP');
  const [first] = listAt(pod, 'status', 'podIPs');
  const address = textAt(first, 'ip');
  if (address !== undefined) return withAt(pod, ['status', 'podIP'], address);
  return single === undefined ? pod : withAt(pod, ['status', 'podIPs'], [{ ip: single }]);
}
