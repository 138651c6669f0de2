/** Deployments and their like, and jobs. */
import type { KindCase, Sample } from './kind-case.ts';

const labels = { app: 'web' };
const selector = { matchLabels: labels };
const container = { name: 'main', image: 'registry.example/web:1' };
const template = { metadata: { labels }, spec: { containers: [container] } };

/** Everything that has defaults of its own inside a pod. */
const richTemplate = {
  metadata: { labels },
  spec: {
    hostNetwork: true,
    initContainers: [{ name: 'first', image: 'registry.example/init' }],
    containers: [
      {
        name: 'main',
        image: 'registry.example/web:latest',
        ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
        env: [
          { name: 'PLAIN', value: 'x' },
          { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'RESOURCE', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
        resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
        livenessProbe: { httpGet: { port: 80 } },
        readinessProbe: { tcpSocket: { port: 'dns' }, periodSeconds: 3 },
        startupProbe: { grpc: { port: 80 } },
        lifecycle: { preStop: { httpGet: { port: 80 } } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'scratch' },
      { name: 'config', configMap: { name: 'config' } },
      { name: 'secret', secret: { secretName: 'secret' } },
      { name: 'down', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      { name: 'all', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      { name: 'host', hostPath: { path: '/tmp' } },
      {
        name: 'own',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
    ],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  },
};

/** Without the token of its account, whose name nobody knows beforehand. */
const hidden = { automountServiceAccountToken: false };

const otherLabels = { metadata: { labels: { app: 'other' } }, spec: { containers: [container] } };
const noContainers = { metadata: { labels }, spec: { containers: [] } };
const badPolicy = { metadata: { labels }, spec: { containers: [container], restartPolicy: 'Never' } };
const jobTemplate = { spec: { containers: [container], restartPolicy: 'Never' } };

/** What is wrong with a set of pods, whatever keeps it. */
const wrongSets = (more: object = {}): Readonly<Record<string, Sample>> => ({
  'without a selector': { spec: { ...more, template } },
  'with an empty selector': { spec: { ...more, selector: {}, template } },
  'with a selector that does not fit its template': { spec: { ...more, selector, template: otherLabels } },
  'without containers': { spec: { ...more, selector, template: noContainers } },
  'with pods that do not start again': { spec: { ...more, selector, template: badPolicy } },
  'with nothing in it': { spec: {} },
  'with text where a number belongs': { spec: { ...more, minReadySeconds: 'soon', selector, template } },
});

const strategic = {
  spec: { template: { spec: { containers: [{ name: 'side', image: 'registry.example/side:2' }] } } },
};
const applied = {
  spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'LEVEL', value: 'info' }] }] } } },
};

const { metadata: _, ...rich } = richTemplate;

export const workloads: Readonly<Record<string, KindCase>> = {
  pod: {
    path: '/api/v1/namespaces/NS/pods',
    managed: true,
    sample: { metadata: { labels }, spec: { ...hidden, containers: [container] } },
    variants: { 'with much in it': { spec: { ...hidden, ...rich.spec } } },
    merge: { metadata: { labels: { more: 'x' } } },
    strategic: { spec: { containers: [{ name: 'main', image: 'registry.example/web:2' }] } },
    applied: { metadata: { labels: { of: 'second' } } },
    replacement: { metadata: { labels }, spec: { ...hidden, containers: [container] } },
    wrong: {
      'without containers': { spec: { ...hidden, containers: [] } },
      'with a container without a name': { spec: { ...hidden, containers: [{ image: 'x' }] } },
      'with a container without an image': { spec: { ...hidden, containers: [{ name: 'x' }] } },
    },
    wrongChanges: {
      'of the image to none': { spec: { containers: [{ name: 'main', image: '' }] } },
      'of the restart policy': { spec: { restartPolicy: 'Never' } },
    },
    lists: ['?fieldSelector=spec.nodeName%3D', '?fieldSelector=spec.image%3Dx'],
  },
  deployment: {
    path: '/apis/apps/v1/namespaces/NS/deployments',
    managed: true,
    sample: { metadata: { labels }, spec: { paused: true, selector, template } },
    variants: {
      'with much in its template': { spec: { selector, template: richTemplate } },
      'that is recreated': { spec: { replicas: 0, strategy: { type: 'Recreate' }, selector, template } },
      'with half a strategy': {
        spec: { replicas: 3, strategy: { rollingUpdate: { maxSurge: 1 } }, selector, template },
      },
      'with a status of its own': { spec: { selector, template }, status: { replicas: 5 } },
    },
    merge: { spec: { replicas: 2 }, metadata: { labels: { note: 'changed' } } },
    strategic,
    applied,
    status: { status: { replicas: 2, readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 } },
    replicas: 4,
    wrong: {
      ...wrongSets(),
      'with fewer than no replicas': { spec: { replicas: -1, selector, template } },
      'with an unknown strategy': { spec: { strategy: { type: 'Sometimes' }, selector, template } },
      'recreated and rolling': {
        spec: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } }, selector, template },
      },
    },
    wrongChanges: {
      'of the selector': { spec: { selector: { matchLabels: { app: 'other' } } } },
      'to fewer than no replicas': { spec: { replicas: -2 } },
    },
    lists: ['?labelSelector=app%3Dweb', '?fieldSelector=spec.replicas%3D1'],
  },
  replicaset: {
    path: '/apis/apps/v1/namespaces/NS/replicasets',
    managed: true,
    sample: { spec: { replicas: 0, selector, template } },
    variants: { 'with one replica by default': { spec: { selector: { matchLabels: { app: 'web' } }, template } } },
    merge: { spec: { minReadySeconds: 5 } },
    strategic,
    applied,
    replicas: 2,
    wrong: wrongSets(),
    wrongChanges: { 'of the selector': { spec: { selector: { matchLabels: { app: 'other' } } } } },
    lists: ['?fieldSelector=status.replicas%3D0'],
  },
  statefulset: {
    path: '/apis/apps/v1/namespaces/NS/statefulsets',
    managed: true,
    sample: { spec: { replicas: 0, selector, serviceName: 'web', template } },
    variants: {
      'with claims': {
        spec: {
          selector,
          serviceName: 'web',
          template,
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
            },
          ],
        },
      },
      'that waits for its owner': { spec: { updateStrategy: { type: 'OnDelete' }, selector, template } },
      'that is rolled in part': {
        spec: {
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
          podManagementPolicy: 'Parallel',
          selector,
          template,
        },
      },
    },
    merge: { spec: { minReadySeconds: 5 } },
    strategic,
    applied,
    status: { status: { replicas: 3, readyReplicas: 1 } },
    replicas: 2,
    wrong: wrongSets({ serviceName: 'web' }),
    wrongChanges: {
      'of the selector': { spec: { selector: { matchLabels: { app: 'other' } } } },
      'of the service': { spec: { serviceName: 'other' } },
      'of the pods’ order': { spec: { podManagementPolicy: 'Parallel' } },
    },
  },
  daemonset: {
    path: '/apis/apps/v1/namespaces/NS/daemonsets',
    managed: true,
    sample: { spec: { selector, template: { ...template, spec: { ...template.spec, nodeSelector: { a: 'b' } } } } },
    variants: { 'that waits for its owner': { spec: { updateStrategy: { type: 'OnDelete' }, selector, template } } },
    merge: { spec: { minReadySeconds: 5 } },
    strategic,
    applied,
    wrong: wrongSets(),
    wrongChanges: { 'of the selector': { spec: { selector: { matchLabels: { app: 'other' } } } } },
  },
  controllerrevision: {
    path: '/apis/apps/v1/namespaces/NS/controllerrevisions',
    sample: { revision: 3, data: { spec: { any: ['thing'] } } },
    merge: { revision: 4 },
    wrong: { 'without data': { revision: 1 }, 'of a negative number': { revision: -1, data: {} } },
    wrongChanges: { 'of the data': { data: { spec: { any: ['other'] } } } },
  },
  job: {
    path: '/apis/batch/v1/namespaces/NS/jobs',
    managed: true,
    sample: { spec: { suspend: true, template: jobTemplate } },
    variants: {
      'with pods of its own choice': {
        spec: {
          suspend: true,
          manualSelector: true,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, ...jobTemplate },
        },
      },
      'with an index': { spec: { suspend: true, completions: 3, completionMode: 'Indexed', template: jobTemplate } },
      'in parallel': { spec: { suspend: true, parallelism: 3, template: jobTemplate } },
    },
    merge: { spec: { ttlSecondsAfterFinished: 60 } },
    strategic: { metadata: { labels: { of: 'patch' } } },
    applied: { spec: { activeDeadlineSeconds: 100 } },
    wrong: {
      'without a template': { spec: {} },
      'whose pods start again for ever': { spec: { template: { spec: { containers: [container] } } } },
      'with a selector that nobody asked for': { spec: { selector, template: jobTemplate } },
      'with fewer than no completions': { spec: { completions: -1, template: jobTemplate } },
    },
    wrongChanges: {
      'of the completions': { spec: { completions: 7 } },
      'of the selector': { spec: { selector: { matchLabels: { app: 'other' } } } },
    },
    lists: ['?fieldSelector=status.successful%3D0'],
  },
  cronjob: {
    path: '/apis/batch/v1/namespaces/NS/cronjobs',
    managed: true,
    sample: { spec: { suspend: true, schedule: '*/5 * * * *', jobTemplate: { spec: { template: jobTemplate } } } },
    variants: {
      'in a time zone': {
        spec: {
          suspend: true,
          schedule: '@hourly',
          timeZone: 'Etc/UTC',
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: { template: jobTemplate } },
        },
      },
    },
    merge: { spec: { schedule: '0 1 * * *' } },
    strategic: {
      spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'main', args: ['x'] }] } } } } },
    },
    applied: { spec: { failedJobsHistoryLimit: 3 } },
    wrong: {
      'without a schedule': { spec: { jobTemplate: { spec: { template: jobTemplate } } } },
      'with a schedule that is none': {
        spec: { schedule: 'often', jobTemplate: { spec: { template: jobTemplate } } },
      },
      'in an unknown zone': {
        spec: { schedule: '@daily', timeZone: 'Moon/Base', jobTemplate: { spec: { template: jobTemplate } } },
      },
      'with an unknown policy': {
        spec: { schedule: '@daily', concurrencyPolicy: 'Maybe', jobTemplate: { spec: { template: jobTemplate } } },
      },
    },
  },
};
