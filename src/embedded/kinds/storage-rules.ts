/** Defaults and rules of the kinds of storage.k8s.io beside StorageClass (pkg/apis/storage, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import {
  duplicate,
  type FieldProblem,
  forbiddenField,
  IMMUTABLE,
  invalidValue,
  notAmong,
  notSupported,
  required,
} from '../field.ts';
import { at, type Json, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isQualifiedName, isSubdomain } from '../names.ts';
import { amount } from './amount.ts';
import { NEGATIVE } from './integer.ts';

const LONGEST_DRIVER = 63;
const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const MODES = ['Persistent', 'Ephemeral'];
const SHORTEST_TOKEN = 600;

/** Names of drivers are domains, in any case, and short. */
function driverNameProblems(name: string, field: string): readonly FieldProblem[] {
  if (name === '') return [required(field)];
  const long = name.length > LONGEST_DRIVER;
  return [
    ...(long
      ? [
          {
            reason: 'FieldValueTooLong' as const,
            field,
            body: `Too long: may not be more than ${LONGEST_DRIVER} bytes`,
          },
        ]
      : []),
    ...isSubdomain(name.toLowerCase()).map((text) => invalidValue(field, name, text)),
  ];
}

export const driverRules: Rules = {
  defaults: (driver) => ({
    ...driver,
    spec: {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
      ...objectAt(driver, 'spec'),
      volumeLifecycleModes: modesOf(driver),
    },
  }),
  problems: (driver) => {
    const policy = textAt(driver, 'spec', 'fsGroupPolicy') ?? '';
    return [
      ...(GROUP_POLICIES.includes(policy) ? [] : [notSupported('spec.fsGroupPolicy', policy, GROUP_POLICIES)]),
      ...tokenProblems(listAt(driver, 'spec', 'tokenRequests')),
      ...textsAt(driver, 'spec', 'volumeLifecycleModes').flatMap((mode) =>
        MODES.includes(mode) ? [] : [notAmong('spec.volumeLifecycleModes', mode, MODES)],
      ),
    ];
  },
  updateProblems: (driver, current) => [
    // the real text misspells the member
    ...immutable(driver, current, { path: ['spec', 'attachRequired'], field: 'spec.attachedRequired' }),
    ...immutable(driver, current, { path: ['spec', 'volumeLifecycleModes'], field: 'spec.volumeLifecycleModes' }),
  ],
};

function modesOf(driver: JsonObject): readonly Json[] {
  const modes = listAt(driver, 'spec', 'volumeLifecycleModes');
  return modes.length > 0 ? modes : ['Persistent'];
}

function tokenProblems(requests: readonly Json[]): readonly FieldProblem[] {
  const audiences = requests.map((request) => textAt(request, 'audience') ?? '');
  return requests.flatMap((request, index) => {
    const field = `spec.tokenRequests[${index}]`;
    const audience = audiences[index] ?? '';
    if (audiences.indexOf(audience) < index) return [duplicate(`${field}.audience`, audience)];
    const seconds = numberAt(request, 'expirationSeconds');
    if (seconds === undefined || seconds >= SHORTEST_TOKEN) return [];
    return [invalidValue(`${field}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')];
  });
}

function immutable(
  object: JsonObject,
  current: JsonObject,
  { path, field }: { readonly path: readonly string[]; readonly field: string },
): readonly FieldProblem[] {
  const value = at(object, ...path) ?? null;
  return sameJson(value, at(current, ...path) ?? null) ? [] : [invalidValue(field, value, IMMUTABLE)];
}

export const nodeRules: Rules = {
  problems: (node) => {
    const drivers = listAt(node, 'spec', 'drivers');
    const names = drivers.map((driver) => textAt(driver, 'name') ?? '');
    return drivers.flatMap((driver, index) => {
      const field = `spec.drivers[${index}]`;
      const name = names[index] ?? '';
      return [
        ...driverNameProblems(name, `${field}.name`),
        ...(textAt(driver, 'nodeID') ? [] : [required(`${field}.nodeID`)]),
        ...(names.indexOf(name) < index ? [duplicate(`${field}.name`, name)] : []),
        ...textsAt(driver, 'topologyKeys').flatMap((key) =>
          isQualifiedName(key).map((text) => invalidValue(field, key, text)),
        ),
      ];
    });
  },
  updateProblems: (node, current) =>
    listAt(node, 'spec', 'drivers').flatMap((driver) => {
      const before = listAt(current, 'spec', 'drivers').find((each) => at(each, 'name') === at(driver, 'name'));
      if (!before || sameJson(printedDriver(driver), printedDriver(before))) return [];
      return [invalidValue('spec.drivers', printedDriver(driver), IMMUTABLE)];
    }),
};

/** As the server's own type prints itself, without how many volumes fit, which may change. */
function printedDriver(driver: Json): JsonObject {
  return {
    Name: at(driver, 'name') ?? '',
    NodeID: at(driver, 'nodeID') ?? '',
    TopologyKeys: at(driver, 'topologyKeys') ?? null,
    Allocatable: null,
  };
}

export const capacityRules: Rules = {
  problems: (capacity) => {
    const name = textAt(capacity, 'storageClassName') ?? '';
    const size = textAt(capacity, 'capacity');
    return [
      ...isSubdomain(name).map((text) => invalidValue('storageClassName', name, text)),
      ...(size !== undefined && amount(size) < 0n ? [invalidValue('capacity', size, NEGATIVE)] : []),
    ];
  },
  updateProblems: (capacity, current) => [
    ...immutable(capacity, current, { path: ['nodeTopology'], field: 'nodeTopology' }),
    ...immutable(capacity, current, { path: ['storageClassName'], field: 'storageClassName' }),
  ],
};

export const attachmentRules: Rules = {
  defaults: (attachment) => ({ ...attachment, status: { attached: false, ...objectAt(attachment, 'status') } }),
  create: (attachment) => ({ ...attachment, status: {} }),
  problems: (attachment) => {
    const node = textAt(attachment, 'spec', 'nodeName') ?? '';
    return [
      ...driverNameProblems(textAt(attachment, 'spec', 'attacher') ?? '', 'spec.attacher'),
      ...sourceProblems(objectAt(attachment, 'spec', 'source')),
      ...isSubdomain(node).map((text) => invalidValue('spec.nodeName', node, text)),
    ];
  },
  updateProblems: (attachment, current) =>
    sameJson(at(attachment, 'spec'), at(current, 'spec'))
      ? []
      : [invalidValue('spec', printedSpec(objectAt(attachment, 'spec')), IMMUTABLE)],
};

function sourceProblems(source: JsonObject): readonly FieldProblem[] {
  const field = 'spec.source';
  const [inline, named] = [at(source, 'inlineVolumeSpec'), at(source, 'persistentVolumeName')];
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline === undefined && named === undefined) return [required(field, text)];
  if (inline !== undefined && named !== undefined) return [forbiddenField(field, text)];
  return named === '' ? [required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')] : [];
}

/** As the server's own type prints itself. */
function printedSpec(spec: JsonObject): JsonObject {
  return {
    Attacher: at(spec, 'attacher') ?? '',
    Source: {
      PersistentVolumeName: at(spec, 'source', 'persistentVolumeName') ?? null,
      InlineVolumeSpec: at(spec, 'source', 'inlineVolumeSpec') ?? null,
    },
    NodeName: at(spec, 'nodeName') ?? '',
  };
}

/** Keeps a class while a volume or a claim has it. */
export const ATTRIBUTES_PROTECTION = 'kubernetes.io/vac-protection';

export const attributesRules: Rules = {
  problems: (attributes) => {
    const driver = textAt(attributes, 'driverName') ?? '';
    const empty = Object.keys(objectAt(attributes, 'parameters')).length === 0;
    return [
      ...(driver === ''
        ? [required('driverName')]
        : isQualifiedName(driver.toLowerCase()).map((text) => invalidValue('driverName', driver.toLowerCase(), text))),
      ...(empty ? [required('parameters', 'must contain at least one key/value pair')] : []),
    ];
  },
  updateProblems: (attributes, current) =>
    ['driverName', 'parameters']
      .filter((name) => !sameJson(at(attributes, name) ?? null, at(current, name) ?? null))
      .map((name) => forbiddenField(name, `updates to ${name} are forbidden.`)),
};
