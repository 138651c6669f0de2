/** Jobs and a tree that fits them, written by hand: what passes all checks, to be broken by one change at a time. */
import { type Loaded, load } from '../jobspec/load.ts';
import { policySchema } from '../policy.ts';
import type { Node, Plain } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import type { Intention } from '../translate/scope.ts';
import { type Subject, type SubjectInput, subjectOf } from './subject.ts';
import { readTree } from './tree.ts';
import { reportOf, type WrittenAccount } from './written-report.ts';

/** A job as a map of its attributes; blocks may be written as maps. Every value has a line of its own. */
export function jobOf(name: string, content: Readonly<Record<string, Plain>>): Loaded {
  let line = 1;
  const file = `modules/${name}/jobspec.nomad.hcl`;
  const next = (): Position => {
    line += 1;
    return { file, line, column: 1, offset: line, end: { line, column: 2, offset: line } };
  };
  const entriesOf = (map: Readonly<Record<string, Plain>>): { key: string; value: Node; at: Position }[] =>
    Object.entries(map).map(([key, value]) => ({ key, at: next(), value: nodeOf(value) }));
  const nodeOf = (value: Plain): Node => {
    if (value === null || typeof value !== 'object') return { kind: 'scalar', value, at: next() };
    if (isList(value)) return { kind: 'list', items: value.map(nodeOf), at: next() };
    return { kind: 'map', entries: entriesOf(value), at: next() };
  };
  const attributes = entriesOf(content).map(({ key, value, at }) => ({ name: key, value, at }));
  const at = next();
  const loaded = load(file, {
    attributes: [],
    blocks: [{ type: 'job', labels: [{ text: name, at }], at, attributes, blocks: [] }],
  });
  if (!loaded.job || loaded.diagnostics.length > 0) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

const litestreamConfig = `dbs:
  - path: /alloc/data/web.db
    replicas:
      - type: s3
        bucket: backups
        path: web
`;
const secretTemplate = `{{ with secret "nomad/data/default/web" }}
DATABASE_URL="{{ .Data.data.DATABASE_URL }}"
{{ end }}
`;

export const web = jobOf('web', {
  group: {
    web: {
      network: { mode: 'bridge', port: { http: { to: 8080 }, metrics: { to: 9102 } } },
      constraint: [{ attribute: '${attr.cpu.arch}', value: 'amd64' }],
      volume: { data: { type: 'csi', source: 'shared_web_data', access_mode: 'single-node-writer' } },
      service: {
        name: 'web',
        port: 'http',
        tags: [
          'traefik.enable=true',
          'traefik.http.routers.web.rule=Host(`web.example.com`) && PathPrefix(`/app`)',
          'traefik.http.routers.web.priority=20',
          'traefik.http.routers.web.middlewares=compress',
        ],
        check: { type: 'http', path: '/healthz', interval: '15s', timeout: '2500ms', expose: true },
        connect: {
          sidecar_service: {
            proxy: {
              expose: { path: { path: '/metrics', protocol: 'http', local_path_port: 9102, listener_port: 'metrics' } },
            },
          },
        },
      },
      task: {
        restore: {
          driver: 'docker',
          lifecycle: { hook: 'prestart' },
          config: {
            image: 'litestream/litestream:0.5.6',
            args: ['restore', '-if-replica-exists', '/alloc/data/web.db'],
          },
          resources: { cpu: 50, memory: 64 },
        },
        replicate: {
          driver: 'docker',
          lifecycle: { hook: 'prestart', sidecar: true },
          config: { image: 'litestream/litestream:0.5.6', args: ['replicate'] },
          template: { data: litestreamConfig, destination: 'local/litestream.yml', perms: '0444' },
          resources: { cpu: 50, memory: 64 },
        },
        web: {
          driver: 'docker',
          config: {
            image: 'example/web:1.2.3',
            mounts: [{ type: 'bind', source: 'local/extra', target: '/etc/extra', readonly: true }],
            auth: { username: 'puller', password: 'hunter2-registry' },
          },
          env: { MODE: 'production', GREETING: 'costs $(much)' },
          template: { data: secretTemplate, destination: 'secrets/web.env', env: true },
          volume_mount: { volume: 'data', destination: '/data' },
          resources: { cpu: 200, memory: 128, memory_max: 256 },
        },
      },
    },
  },
});

export const nightly = jobOf('nightly', {
  type: 'batch',
  periodic: { cron: '0 3 * * *', prohibit_overlap: true },
  group: {
    nightly: {
      task: {
        run: { driver: 'docker', config: { image: 'example/nightly:4' }, resources: { cpu: 100, memory: 100 } },
      },
    },
  },
});

const resources = (cpu: string, memory: string, most: string): string =>
  `resources: { requests: { cpu: ${cpu}, memory: ${memory} }, limits: { cpu: ${cpu}, memory: ${most} } }`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { app: web }
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      nodeSelector: { kubernetes.io/arch: amd64 }
      initContainers:
        - name: restore
          image: litestream/litestream:0.5.6
          args: [restore, -if-replica-exists, /alloc/data/web.db]
          ${resources('50m', '64Mi', '64Mi')}
          volumeMounts: [{ name: alloc, mountPath: /alloc }]
        - name: replicate
          image: litestream/litestream:0.5.6
          restartPolicy: Always
          args: [replicate]
          ${resources('50m', '64Mi', '64Mi')}
          volumeMounts:
            - { name: alloc, mountPath: /alloc }
            - { name: config, mountPath: /local/litestream.yml, subPath: litestream.yml }
      containers:
        - name: web
          image: docker.io/example/web:1.2.3
          ports: [{ name: http, containerPort: 8080 }]
          env:
            - { name: MODE, value: production }
            - { name: GREETING, value: costs $$(much) }
            - name: DATABASE_URL
              valueFrom: { secretKeyRef: { name: web-secrets, key: DATABASE_URL } }
          ${resources('200m', '128Mi', '256Mi')}
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 15, timeoutSeconds: 3 }
          volumeMounts:
            - { name: data, mountPath: /data }
            - { name: extra, mountPath: /etc/extra, readOnly: true }
            - { name: alloc, mountPath: /alloc }
      volumes:
        - { name: alloc, emptyDir: {} }
        - { name: extra, emptyDir: {} }
        - { name: data, persistentVolumeClaim: { claimName: web-data } }
        - { name: config, configMap: { name: web-config, defaultMode: 0444 } }
`;

const cronjob = `apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, labels: { app: nightly } }
spec:
  schedule: 0 3 * * *
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        metadata: { labels: { app: nightly } }
        spec:
          restartPolicy: OnFailure
          containers:
            - name: run
              image: example/nightly:4
              ${resources('100m', '100Mi', '100Mi')}
`;

const text = (lines: string, indent: string): string =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`)
    .join('\n');

const main = (...files: readonly string[]): string =>
  files
    .map(
      (file) =>
        `resource "kubernetes_manifest" "${file.split('.')[0]}" {\n  manifest = yamldecode(file("\${path.module}/manifests/${file}"))\n}\n`,
    )
    .join('\n');

const head = (apiVersion: string, kind: string, name: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

/** The tree that fits the jobs above. */
export const written: Readonly<Record<string, string>> = {
  'modules-k8s/web/main.tf': main(
    ...['deployment.yaml', 'service.yaml', 'pvc.yaml', 'configmap.yaml', 'externalsecret.yaml'],
    ...['ingressroute.yaml', 'networkpolicy.yaml'],
  ),
  'modules-k8s/web/manifests/deployment.yaml': deployment,
  'modules-k8s/web/manifests/service.yaml': `${head('v1', 'Service', 'web')}spec:
  selector: { app: web }
  ports: [{ name: http, port: 8080, targetPort: http }]
`,
  'modules-k8s/web/manifests/pvc.yaml': `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: web-data, annotations: { volume-name: shared_web_data } }
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: glusterfs-nfs
  resources: { requests: { storage: 1Gi } }
`,
  'modules-k8s/web/manifests/configmap.yaml': `${head('v1', 'ConfigMap', 'web-config')}data:
  litestream.yml: |
${text(litestreamConfig, '    ')}
`,
  'modules-k8s/web/manifests/externalsecret.yaml': `${head('external-secrets.io/v1', 'ExternalSecret', 'web-secrets')}spec:
  refreshInterval: 1h
  secretStoreRef: { name: vault-backend, kind: ClusterSecretStore }
  target: { name: web-secrets }
  data:
    - secretKey: DATABASE_URL
      remoteRef: { key: nomad/default/web, property: DATABASE_URL }
`,
  'modules-k8s/web/manifests/ingressroute.yaml': `${head('traefik.io/v1alpha1', 'IngressRoute', 'web')}spec:
  entryPoints: [websecure]
  routes:
    - kind: Rule
      match: Host(\`web.example.com\`) && PathPrefix(\`/app\`)
      priority: 20
      middlewares: [{ name: web-compress }]
      services: [{ name: web, port: 8080 }]
`,
  'modules-k8s/web/manifests/networkpolicy.yaml': `${head('networking.k8s.io/v1', 'NetworkPolicy', 'web')}spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: front } } }] }]
  egress:
    - ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
`,
  'modules-k8s/nightly/main.tf': main('cronjob.yaml'),
  'modules-k8s/nightly/manifests/cronjob.yaml': cronjob,
};

/** What the report of a conversion would say: every line is carried over, except where `told` says otherwise. */
export function accountsOf(
  jobs: readonly Loaded[],
  told: Readonly<Record<string, WrittenAccount['class']>> = {},
): readonly WrittenAccount[] {
  return jobs.flatMap(({ items }) =>
    items.map(({ path, at }) => ({
      file: at.file,
      line: at.line,
      path,
      row: 'test.row',
      class: told[path] ?? 'direct',
      text: '',
    })),
  );
}

export interface Changes extends Partial<Omit<SubjectInput, 'tree' | 'report'>> {
  readonly files?: Readonly<Record<string, string>>;
  readonly accounts?: readonly WrittenAccount[];
}

export function subjectWith({ files = written, accounts, jobs = [web, nightly], ...rest }: Changes = {}): Subject {
  return subjectOf({
    tree: readTree(new Map(Object.entries(files))),
    jobs,
    report: reportOf(accounts ?? accountsOf(jobs)),
    policy: policySchema.parse({}),
    intentions: [],
    volumes: new Map(),
    input: new Map(),
    ...rest,
  });
}

/** The tree with one change; the text that is replaced must be there once or more. */
export function changed(file: string, from: string | RegExp, to: string): Readonly<Record<string, string>> {
  const path = Object.keys(written).find((each) => each.endsWith(`/${file}`)) ?? '';
  const before = written[path] ?? '';
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not have ${from}`);
  return { ...written, [path]: after };
}

export const intention = (source: string): Intention => ({
  source,
  destination: 'web',
  action: 'allow',
  permissions: [],
  precedence: 9,
  file: 'intentions.hcl',
  line: 3,
});
