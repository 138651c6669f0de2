/** What a pod says about itself, wherever it is said: the defaults of a template and its few rules (pkg/apis/core, read in 1.36). */
import { type FieldProblem, invalidValue, notSupported, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt, withAt } from '../json.ts';
import { isLabel } from '../names.ts';

/** -rw-r--r-- */
const READABLE = 0o644;
const TOKEN_SECONDS = 3600;

/** A PodTemplateSpec with what was left out. */
function withTemplateDefaults(template: JsonObject): JsonObject {
  const spec = objectAt(template, 'spec');
  return {
    metadata: {},
    ...template,
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      ...spec,
      ...templateParts(spec),
    },
  };
}

/** The containers and volumes of a pod or of a template, with what was left out. */
export function templateParts(spec: JsonObject): JsonObject {
  return {
    ...listed(spec, 'initContainers', withContainerDefaults),
    ...listed(spec, 'containers', withContainerDefaults),
    ...listed(spec, 'volumes', withVolumeDefaults),
  };
}

/** A member that is a list, with every item changed; nothing when there is none. */
function listed(object: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  if (at(object, name) === undefined) return {};
  return { [name]: listAt(object, name).map((item) => (isObject(item) ? change(item) : item)) };
}

/** A member that is an object, changed; nothing when there is none. */
function nested(object: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const inner = at(object, name);
  return isObject(inner) ? { [name]: change(inner) } : {};
}

function withContainerDefaults(container: JsonObject): JsonObject {
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(textAt(container, 'image') ?? ''),
    ...container,
    ...listed(container, 'env', withVariableDefaults),
    ...nested(container, 'livenessProbe', withProbeDefaults),
    ...nested(container, 'readinessProbe', withProbeDefaults),
    ...nested(container, 'startupProbe', withProbeDefaults),
    ...nested(container, 'lifecycle', (lifecycle) => ({
      ...lifecycle,
      ...nested(lifecycle, 'preStop', withHandlerDefaults),
      ...nested(lifecycle, 'postStart', withHandlerDefaults),
    })),
  };
}

/** An image that may change under its name is pulled every time. */
function pullPolicy(image: string): string {
  const tag = image === '' ? '' : /:([^:/@]+)$/.exec(image)?.[1];
  return image.includes('@') || (tag !== undefined && tag !== 'latest') ? 'IfNotPresent' : 'Always';
}

function withVariableDefaults(variable: JsonObject): JsonObject {
  const source = at(variable, 'valueFrom');
  if (!isObject(source)) return variable;
  return { ...variable, valueFrom: { ...source, ...withReferenceDefaults(source) } };
}

/** References to a field, or to a resource, of the pod itself. */
function withReferenceDefaults(source: JsonObject): JsonObject {
  return {
    ...nested(source, 'fieldRef', (reference) => ({ apiVersion: 'v1', ...reference })),
    ...nested(source, 'resourceFieldRef', (reference) => ({ divisor: '0', ...reference })),
  };
}

function withProbeDefaults(probe: JsonObject): JsonObject {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...withHandlerDefaults(probe),
  };
}

function withHandlerDefaults(handler: JsonObject): JsonObject {
  return {
    ...handler,
    ...nested(handler, 'httpGet', (get) => ({ path: '/', scheme: 'HTTP', ...get })),
    ...nested(handler, 'grpc', (grpc) => ({ ...grpc, service: textAt(grpc, 'service') ?? '' })),
  };
}

function withVolumeDefaults(volume: JsonObject): JsonObject {
  const readable = (source: JsonObject): JsonObject => ({ defaultMode: READABLE, ...source });
  const empty = Object.keys(volume).length === 1 && Object.hasOwn(volume, 'name');
  return {
    ...volume,
    ...(empty ? { emptyDir: {} } : {}),
    ...nested(volume, 'configMap', readable),
    ...nested(volume, 'secret', readable),
    ...nested(volume, 'downwardAPI', (source) => ({
      ...readable(source),
      ...listed(source, 'items', withItemDefaults),
    })),
    ...nested(volume, 'projected', (source) => ({
      ...readable(source),
      ...listed(source, 'sources', withSourceDefaults),
    })),
    ...nested(volume, 'hostPath', (source) => ({ type: '', ...source })),
    ...nested(volume, 'ephemeral', (source) => ({
      ...source,
      ...nested(source, 'volumeClaimTemplate', (template) => ({
        metadata: {},
        ...template,
        ...nested(template, 'spec', (spec) => ({ volumeMode: 'Filesystem', ...spec })),
      })),
    })),
  };
}

function withItemDefaults(item: JsonObject): JsonObject {
  return { ...item, ...withReferenceDefaults(item) };
}

function withSourceDefaults(source: JsonObject): JsonObject {
  return {
    ...source,
    ...nested(source, 'serviceAccountToken', (token) => ({ expirationSeconds: TOKEN_SECONDS, ...token })),
    ...nested(source, 'downwardAPI', (inner) => ({ ...inner, ...listed(inner, 'items', withItemDefaults) })),
  };
}

/** `field`: of the template. */
export function templateProblems(template: Json | undefined, field: string): readonly FieldProblem[] {
  const containers = listAt(template, 'spec', 'containers');
  return [
    ...(containers.length === 0 ? [required(`${field}.spec.containers`)] : []),
    ...containers.flatMap((container, index) => containerProblems(container, `${field}.spec.containers[${index}]`)),
    ...listAt(template, 'spec', 'initContainers').flatMap((container, index) =>
      containerProblems(container, `${field}.spec.initContainers[${index}]`),
    ),
  ];
}

function containerProblems(container: Json, field: string): readonly FieldProblem[] {
  const name = textAt(container, 'name') ?? '';
  const named =
    name === '' ? [required(`${field}.name`)] : isLabel(name).map((text) => invalidValue(`${field}.name`, name, text));
  return [...named, ...(textAt(container, 'image') ? [] : [required(`${field}.image`)])];
}

/** Pods that somebody keeps alive always start again. */
export function restartProblems(template: Json | undefined, field: string): readonly FieldProblem[] {
  const policy = textAt(template, 'spec', 'restartPolicy') ?? '';
  return policy === 'Always' ? [] : [notSupported(`${field}.spec.restartPolicy`, policy, ['Always'])];
}

/** Templates stand at different places; the object with the one at `path` filled in. */
export function withTemplateAt(object: JsonObject, path: readonly string[]): JsonObject {
  return withAt(object, path, withTemplateDefaults(objectAt(object, ...path)));
}
