/**
 * Random histories of one object that several managers write: server-side applies, updates, and patches of all kinds.
 * A seed is one history. What the API answers to each step is recorded from a real server (record.ts) and compared with
 * what the server under test answers (vectors.test.ts).
 */
import { createRandom, type SeededRandom } from '../simulation/random.ts';

export interface Step {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `$NS` stands for the namespace: `/api/v1/namespaces/$NS/configmaps/x/status?fieldManager=a`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: object;
}

export type Subject = 'configmap' | 'claim' | 'pod' | 'account' | 'cronjob';
export const SUBJECTS: readonly Subject[] = ['configmap', 'claim', 'pod', 'account', 'cronjob'];

type Draw = SeededRandom['pick'];
type Part = readonly [path: string, values: readonly unknown[]];

interface Scheme {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** What every write of the whole object says. */
  readonly base: object;
  /** Members that a write may say, with the values that it may give them. */
  readonly parts: readonly Part[];
  /** The same for the address of the status; empty when the kind has none. */
  readonly status: readonly Part[];
}

// nothing that a controller of a real cluster would answer: no owners that are not there, no phases, no replicas
const NAMES: readonly Part[] = [
  ['metadata.labels.one', ['a', 'b']],
  ['metadata.labels.two', ['a', 'b']],
  ['metadata.annotations.note', ['a', 'b']],
];

const METADATA: readonly Part[] = [
  ...NAMES,
  ['metadata.finalizers', [['example.com/a'], ['example.com/b'], ['example.com/b', 'example.com/a']]],
];

const CONDITION = (type: string, status: string, more: object = {}) => ({ type, status, ...more });
const TIME = '2026-01-01T00:00:00Z';

const SCHEMES: Readonly<Record<Subject, Scheme>> = {
  configmap: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    base: {},
    parts: [
      ...METADATA,
      ['data.a', ['1', '2']],
      ['data.b', ['1', '2', '']],
      ['data.c', ['1', '2']],
      ['binaryData.k', ['YQ==', 'Yg==']],
      ['data', [{}, { a: '1', d: '1' }]],
    ],
    status: [],
  },
  claim: {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    base: {
      // a controller puts the finalizer back when a write drops it
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { accessModes: ['ReadWriteMany'], storageClassName: 'none' },
    },
    parts: [
      ...NAMES,
      ['spec.resources.requests.storage', ['1Gi', '1Gi', '1024Mi', '2Gi']],
      ['spec.volumeMode', ['Filesystem']],
      ['spec.selector.matchLabels.x', ['y']],
    ],
    status: [
      ['status.allocatedResources.storage', ['1Gi', '2Gi']],
      [
        'status.conditions',
        [
          [CONDITION('Resizing', 'True')],
          [CONDITION('FileSystemResizePending', 'True', { message: 'm', lastTransitionTime: TIME })],
          [CONDITION('FileSystemResizePending', 'False'), CONDITION('Resizing', 'True', { reason: 'R' })],
        ],
      ],
    ],
  },
  pod: {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    base: { spec: { automountServiceAccountToken: false, containers: [{ name: 'one', image: 'i:1' }] } },
    parts: [
      ...METADATA,
      ['spec.containers', [[{ name: 'one', image: 'i:2' }], [{ name: 'one', image: 'i:1', command: ['x'] }]]],
      ['spec.activeDeadlineSeconds', [100, 50]],
      ['spec.tolerations', [[{ key: 'k', operator: 'Exists' }]]],
      ['spec.terminationGracePeriodSeconds', [30, 5]],
    ],
    status: [
      ['status.phase', ['Pending', 'Running']],
      ['status.message', ['m', 'n']],
      ['status.podIPs', [[{ ip: '10.0.0.1' }]]],
      [
        'status.conditions',
        [
          [CONDITION('Ready', 'True')],
          [CONDITION('Ready', 'False', { reason: 'R' }), CONDITION('PodScheduled', 'True')],
          [CONDITION('example.com/mine', 'True', { lastTransitionTime: TIME })],
        ],
      ],
    ],
  },
  cronjob: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    base: {
      spec: {
        suspend: true,
        schedule: '0 0 1 1 *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'one', image: 'i:1' }] } } },
        },
      },
    },
    parts: [
      ...METADATA,
      ['spec.failedJobsHistoryLimit', [0, 1]],
      ['spec.concurrencyPolicy', ['Forbid', 'Replace']],
      ['spec.jobTemplate.spec.template.metadata.labels.more', ['a', 'b']],
      ['spec.jobTemplate.spec.template.spec.nodeSelector.zone', ['a', 'b']],
      ['spec.jobTemplate.spec.template.spec.tolerations', [[{ key: 'k', operator: 'Exists' }], []]],
      [
        'spec.jobTemplate.spec.template.spec.volumes',
        [
          [{ name: 'v', emptyDir: {} }],
          [
            { name: 'w', configMap: { name: 'c' } },
            { name: 'v', emptyDir: { medium: 'Memory' } },
          ],
        ],
      ],
      [
        'spec.jobTemplate.spec.template.spec.containers',
        [
          [{ name: 'one', image: 'i:2', env: [{ name: 'A', value: '1' }] }],
          [
            { name: 'two', image: 'i:1', args: ['x'] },
            { name: 'one', image: 'i:1' },
          ],
          [{ name: 'one', image: 'i:1', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }],
          [
            {
              name: 'one',
              image: 'i:1',
              env: [
                { name: 'B', value: '2' },
                { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              ],
            },
          ],
        ],
      ],
    ],
    status: [],
  },
  account: {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    base: {},
    parts: [
      ...METADATA,
      ['automountServiceAccountToken', [true, false]],
      ['secrets', [[{ name: 'a' }], [{ name: 'b' }, { name: 'a' }], [{ name: 'c' }], []]],
      ['imagePullSecrets', [[{ name: 'a' }], [{ name: 'b' }, { name: 'a' }], []]],
    ],
    status: [],
  },
};

const STEPS = 10;
const JSON_TYPE = 'application/json';

/** The address of the kind's objects. */
function collection({ apiVersion, plural }: Scheme): string {
  return `/${apiVersion === 'v1' ? 'api' : 'apis'}/${apiVersion}/namespaces/$NS/${plural}`;
}

export function sequence(subject: Subject, seed: number): readonly Step[] {
  const draw = createRandom(`${subject}/${seed}`).pick;
  const scheme = SCHEMES[subject];
  return Array.from({ length: STEPS }, (_, index) => (index === 0 ? first(scheme, draw) : next(scheme, draw)));
}

function first(scheme: Scheme, draw: Draw): Step {
  const body = whole(scheme, draw);
  if (draw([true, false])) return apply(scheme, draw, body);
  return {
    method: 'POST',
    path: `${collection(scheme)}?fieldManager=${draw(['u', 'v'])}`,
    contentType: JSON_TYPE,
    body,
  };
}

function next(scheme: Scheme, draw: Draw): Step {
  const kinds = ['apply', 'apply', 'apply', 'merge', 'strategic', 'put', 'json'] as const;
  const { status } = scheme;
  if (status.length > 0 && draw([true, false, false])) return writeStatus(scheme, draw);
  const manager = `fieldManager=${draw(['u', 'v'])}`;
  const path = `${collection(scheme)}/x?${manager}`;
  switch (draw(kinds)) {
    case 'apply':
      return apply(scheme, draw, whole(scheme, draw));
    case 'merge':
      return patch(path, 'merge-patch', said(scheme.parts, draw, true));
    case 'strategic':
      return patch(path, 'strategic-merge-patch', said(scheme.parts, draw, true));
    case 'put':
      return { method: 'PUT', path, contentType: JSON_TYPE, body: whole(scheme, draw) };
    case 'json':
      return patch(path, 'json-patch', operations(scheme, draw));
  }
}

function writeStatus(scheme: Scheme, draw: Draw): Step {
  const body = { ...typed(scheme), ...said(scheme.status, draw, false) };
  const path = `${collection(scheme)}/x/status`;
  switch (draw(['apply', 'merge', 'strategic'] as const)) {
    case 'apply':
      return patch(`${path}?fieldManager=${draw(['a', 'b'])}&force=${draw(['true', 'false'])}`, 'apply-patch', body);
    case 'merge':
      return patch(`${path}?fieldManager=u`, 'merge-patch', said(scheme.status, draw, true));
    case 'strategic':
      return patch(`${path}?fieldManager=u`, 'strategic-merge-patch', said(scheme.status, draw, true));
  }
}

function apply(scheme: Scheme, draw: Draw, body: object): Step {
  const force = draw([true, false, false]) ? '&force=true' : '';
  return patch(`${collection(scheme)}/x?fieldManager=${draw(['a', 'b'])}${force}`, 'apply-patch', body);
}

function patch(path: string, kind: string, body: object): Step {
  const contentType = `application/${kind}+${kind === 'apply-patch' ? 'yaml' : 'json'}`;
  return { method: 'PATCH', path, contentType, body };
}

/** A JSON patch of members that may be there or not. */
function operations(scheme: Scheme, draw: Draw): object {
  const [path, values] = draw(scheme.parts);
  const pointer = `/${path.replaceAll('.', '/')}`;
  return draw([true, false])
    ? [{ op: 'add', path: pointer, value: draw(values) }]
    : [
        { op: 'test', path: '/metadata/name', value: 'x' },
        { op: 'remove', path: pointer },
      ];
}

const typed = ({ apiVersion, kind }: Scheme): object => ({ apiVersion, kind, metadata: { name: 'x' } });

function whole(scheme: Scheme, draw: Draw): object {
  return laid(laid(typed(scheme), scheme.base), said(scheme.parts, draw, false));
}

/** About a third of the parts. `removing`: some as null. */
function said(parts: readonly Part[], draw: Draw, removing: boolean): object {
  let body: object = {};
  for (const [path, values] of parts) {
    if (draw([true, true, false])) continue;
    const value = removing && draw([true, false, false]) ? null : draw(values);
    const names = path.split('.');
    body = laid(
      body,
      names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value),
    );
  }
  return body;
}

/** One object laid over another, as a merge patch without removals. */
function laid(under: object, over: unknown): object {
  const members = new Map<string, unknown>(Object.entries(under));
  for (const [name, value] of Object.entries(over ?? {})) {
    const before = members.get(name);
    members.set(name, isPlain(before) && isPlain(value) ? laid(before, value) : value);
  }
  return Object.fromEntries(members);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
