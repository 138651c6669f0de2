import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accountsOf,
  type Changes,
  changed,
  intention,
  jobOf,
  nightly,
  subjectWith,
  web,
  written,
} from './check.fixture.ts';
import { findingsOf } from './findings.ts';
import { schemaFindings } from './schema.ts';
import { readTree } from './tree.ts';

async function findings(changes: Changes = {}): Promise<readonly string[]> {
  const subject = subjectWith(changes);
  const found = [...findingsOf(subject), ...(await schemaFindings(subject.tree))];
  return found
    .filter(({ severity }) => severity === 'error')
    .map(
      ({ check, file, line, message }) => `${check} ${file.slice(file.lastIndexOf('/') + 1)}:${line ?? ''} ${message}`,
    );
}

test('a tree that fits its jobs passes every check', async () => {
  assert.deepEqual(await findings(), []);
});

const broken: readonly (readonly [check: string, file: string, from: string | RegExp, to: string, says: RegExp])[] = [
  [
    'C1',
    'deployment.yaml',
    'web:1.2.3',
    'web:1.3.0',
    /:30 no container has the image example\/web:1\.2\.3 .* has docker\.io\/example\/web:1\.3\.0/,
  ],
  ['C1', 'cronjob.yaml', /image: .*\n/, 'tty: true\n', /the container run has no image/],
  ['C2', 'deployment.yaml', /.*name: MODE.*\n/, '', /lacks the variable MODE/],
  ['C2', 'deployment.yaml', 'value: production', 'value: staging', /MODE has another value/],
  ['C2', 'deployment.yaml', /- name: DATABASE_URL\n.*\n/, '\n', /lacks the variable DATABASE_URL of the template/],
  [
    'C3',
    'externalsecret.yaml',
    'property: DATABASE_URL',
    'property: DB_URL',
    /no ExternalSecret .* key DATABASE_URL of nomad\/data\/default\/web/,
  ],
  [
    'C3',
    'configmap.yaml',
    'bucket: backups',
    'bucket: backups\n        key: hunter2-registry',
    /credential of .* plain text/,
  ],
  ['C4', 'deployment.yaml', 'containerPort: 8080', 'containerPort: 80', /no container has the port 8080/],
  ['C4', 'service.yaml', 'targetPort: http', 'targetPort: 80', /no Service reaches port 8080/],
  ['C5', 'service.yaml', 'selector: { app: web }', 'selector: { app: wob }', /finds no pods/],
  [
    'C5',
    'cronjob.yaml',
    'metadata: { labels: { app: nightly } }',
    'metadata: { labels: { app: web } }',
    /finds the pods of .*CronJob\/nightly.* at random/,
  ],
  ['C6', 'deployment.yaml', 'mountPath: /data', 'mountPath: /var/data', /no mount at \/data/],
  [
    'C6',
    'deployment.yaml',
    'mountPath: /etc/extra, readOnly: true',
    'mountPath: /etc/extra',
    /writable here and read-only/,
  ],
  [
    'C6',
    'deployment.yaml',
    'persistentVolumeClaim: { claimName: web-data }',
    'emptyDir: {}',
    /outlives its pods, and is emptyDir/,
  ],
  ['C7', 'configmap.yaml', 'type: s3', 'type: s4', /byte for byte/],
  ['C7', 'deployment.yaml', 'defaultMode: 0444', 'defaultMode: 0400', /mode 0444/],
  [
    'C8',
    'deployment.yaml',
    'limits: { cpu: 200m, memory: 256Mi }',
    'limits: { cpu: 200m, memory: 128Mi }',
    /other memory than the 256 MiB/,
  ],
  ['C8', 'cronjob.yaml', 'limits: { cpu: 100m, memory: 100Mi }', 'limits: { memory: 100Mi }', /has no limits\.cpu/],
  ['C9', 'deployment.yaml', 'path: /healthz', 'path: /', /no probe asks HTTP \/healthz on port 8080/],
  ['C9', 'deployment.yaml', 'periodSeconds: 15', 'periodSeconds: 10', /another periodSeconds than the 15/],
  ['C9', 'deployment.yaml', 'timeoutSeconds: 3', 'timeoutSeconds: 2', /another timeoutSeconds than the 3/],
  [
    'C9',
    'deployment.yaml',
    'readinessProbe:',
    'livenessProbe: { tcpSocket: { port: 9102 } }\n          readinessProbe:',
    /only the proxy/,
  ],
  [
    'C10',
    'deployment.yaml',
    'kubernetes.io/arch: amd64',
    'kubernetes.io/os: linux',
    /attr\.cpu\.arch.* neither here nor in the report/,
  ],
  ['C11', 'ingressroute.yaml', 'PathPrefix(`/app`)', 'PathPrefix(`/`)', /no route has the rule/],
  ['C11', 'ingressroute.yaml', 'priority: 20', 'priority: 10', /another priority than the 20/],
  ['C11', 'ingressroute.yaml', 'web-compress', 'web-other', /lacks the middleware compress/],
  [
    'C12',
    'configmap.yaml',
    'data:\n',
    'data:\n  upstream: http://db.virtual.consul:5432\n',
    /db\.virtual\.consul is a name of Consul/,
  ],
  [
    'C12',
    'configmap.yaml',
    'data:\n',
    'data:\n  upstream: http://web.default.svc.cluster.local:80\n',
    /has the ports 8080/,
  ],
  ['C13', 'networkpolicy.yaml', 'matchLabels: { app: web }', 'matchLabels: { app: wob }', /protects nothing/],
  ['C13', 'networkpolicy.yaml', /port: 53/g, 'port: 443', /DNS is not among it/],
  ['C14', 'cronjob.yaml', '0 3 * * *', '0 3 * * * 2030', /no schedule of five fields/],
  ['C14', 'cronjob.yaml', '  timeZone: Etc/UTC\n', '', /controller's clock/],
  ['C14', 'cronjob.yaml', 'Forbid', 'Allow', /concurrencyPolicy is not the Forbid/],
  [
    'C14',
    'cronjob.yaml',
    'metadata: { name: nightly',
    `metadata: { name: ${'n'.repeat(53)}`,
    /53 characters; 52 are the most/,
  ],
  [
    'C15',
    'deployment.yaml',
    'strategy: { type: Recreate }',
    'strategy: { type: RollingUpdate }',
    /the volume web-data has one writer/,
  ],
  [
    'C16',
    'deployment.yaml',
    'args: [restore, -if-replica-exists, /alloc/data/web.db]',
    'command: [sh, -c, litestream restore /alloc/data/web.db || true]',
    /empty database/,
  ],
  [
    'C16',
    'configmap.yaml',
    'bucket: backups',
    'bucket: other',
    /backups of the configuration .* stands in no manifest/,
  ],
  [
    'C16',
    'deployment.yaml',
    'args: [restore, -if-replica-exists, /alloc/data/web.db]',
    'args: [version]',
    /nothing restores/,
  ],
  ['C18', 'deployment.yaml', 'image: docker.io/example/web:1.2.3', 'image: [1]', /containers\.0\.image must be string/],
  ['C18', 'deployment.yaml', 'kind: Deployment', 'kind: [Deployment', /is no YAML/],
  [
    'C18',
    'deployment.yaml',
    'configMap: { name: web-config',
    'configMap: { name: web-conf',
    /needs the ConfigMap web-conf/,
  ],
  ['C18', 'deployment.yaml', 'key: DATABASE_URL', 'key: URL', /needs the key URL of the Secret web-secrets/],
  [
    'C18',
    'deployment.yaml',
    '- { name: extra, emptyDir: {} }',
    '- { name: other, emptyDir: {} }',
    /mounts the volume extra, which the pod does not have/,
  ],
  ['C18', 'service.yaml', 'name: web }', 'name: Web }', /"Web" is no name/],
  [
    'C18',
    'main.tf',
    'manifests/service.yaml',
    'manifests/deployment.yaml',
    /2 resources apply manifests\/deployment\.yaml/,
  ],
  [
    'C18',
    'main.tf',
    'manifests/service.yaml',
    'manifests/deployment.yaml',
    /no resource applies manifests\/service\.yaml/,
  ],
];

for (const [check, file, from, to, says] of broken) {
  test(`${check} finds that ${file} has ${to || 'lost'} instead of ${from}`, async () => {
    const found = await findings({ files: changed(file, from, to) });
    assert.ok(
      found.some((each) => each.startsWith(`${check} `) && says.test(each)),
      `${says} is not among\n${found.join('\n')}`,
    );
  });
}

const HOST = 'deployment.yaml';

test('what the report tells a person is no finding', async () => {
  const path = 'job.web.group.web.task.web.env.MODE';
  const accounts = accountsOf([web, nightly], { [path]: 'manual' });
  assert.deepEqual(await findings({ files: changed(HOST, 'value: production', 'value: staging'), accounts }), []);
});

test('C8: whether a task may use all memory of its node is not known without its job', () => {
  const files = changed('deployment.yaml', /(limits: \{[^}]*?),? memory: [^,} ]+/, '$1');
  const of = (jobs: Changes['jobs']): readonly string[] =>
    findingsOf(subjectWith({ files, ...(jobs ? { jobs } : {}) }))
      .filter(({ message }) => /has no limits\.memory/.test(message))
      .map(({ severity }) => severity);
  assert.deepEqual(of(undefined), ['error']);
  assert.deepEqual(of([]), ['warning']);
});

test('C2: a fact of the node that a value is made of is no variable that somebody added', () => {
  const fact = '- { name: NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }';
  const told = (more: string): boolean => {
    const files = changed('deployment.yaml', /( *)(- \{ name: MODE,.*\n)/, `$1${fact}\n${more}$1$2`);
    return findingsOf(subjectWith({ files })).some(({ message }) => message.includes('the variable NODE_NAME'));
  };
  assert.equal(told(''), true);
  assert.equal(told('$1- { name: NOMAD_NODE, value: at $(NODE_NAME) }\n'), false);
});

test('C11: a middleware is looked for under the name that a manifest can have', () => {
  const rule = 'traefik.http.routers.web.rule=Host(`w.example.com`)';
  const tags = ['traefik.enable=true', rule, 'traefik.http.routers.web.middlewares=My_Compress'];
  const service = { name: 'web', port: 'http', tags };
  const task = { driver: 'docker', config: { image: 'example/web:1.2.3' } };
  const network = { port: { http: { to: 8080 } } };
  const job = jobOf('web', { group: { web: { network, service, task: { web: task } } } });
  const files = changed('ingressroute.yaml', /match: .*/, 'match: Host(`w.example.com`)');
  const found = (name: string): readonly string[] => {
    const path = Object.keys(files).find((each) => each.endsWith('/ingressroute.yaml')) ?? '';
    const named = { ...files, [path]: (files[path] ?? '').replaceAll('compress', name) };
    return findingsOf(subjectWith({ files: named, jobs: [job] })).flatMap(({ check, message }) =>
      check === 'C11' && /middleware/.test(message) ? [message] : [],
    );
  };
  assert.deepEqual(found('my-compress'), []);
  assert.equal(found('other').length, 1);
});

test('C1: a job without a module is found', async () => {
  const files = Object.fromEntries(Object.entries(written).filter(([file]) => !file.includes('/nightly/')));
  assert.match((await findings({ files })).join('\n'), /C1 .*no module was written for this job/);
});

test('C13: a source of an intention that no policy lets in is found, one that is let in is not', async () => {
  const front = jobOf('front', {
    group: { front: { service: { name: 'front' }, task: { front: { driver: 'exec' } } } },
  });
  const pods = (written['modules-k8s/nightly/manifests/cronjob.yaml'] ?? '').replaceAll('nightly', 'front');
  const files = {
    ...written,
    'modules-k8s/front/main.tf': written['modules-k8s/nightly/main.tf'] ?? '',
    'modules-k8s/front/manifests/cronjob.yaml': pods,
  };
  const jobs = [web, nightly, front];
  assert.deepEqual(await findings({ jobs, files, intentions: [intention('front')] }), []);
  const shut = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      text.replace('matchLabels: { app: front }', 'matchLabels: { app: back }'),
    ]),
  );
  const found = await findings({ jobs, files: shut, intentions: [intention('front')] });
  assert.match(found.join('\n'), /C13 intentions\.hcl:3 the intention lets front reach web/);
});

test('C17: a line without an account, with another line, and an account without a line', async () => {
  const all = accountsOf([web, nightly]);
  assert.match((await findings({ accounts: all.slice(1) })).join('\n'), /^C17 .*the report says nothing about it$/);
  const moved = all.map((each, index) => (index === 3 ? { ...each, line: 999 } : each));
  assert.match((await findings({ accounts: moved })).join('\n'), /^C17 .*the report has it at line 999$/);
  const more = [
    ...all,
    { ...all[0], path: 'job.web.gone', file: web.file, line: 1, row: 'r', class: 'direct', text: '' } as const,
  ];
  const warnings = findingsOf(subjectWith({ accounts: more })).filter(({ severity }) => severity === 'warning');
  assert.deepEqual(
    warnings.map(({ object }) => object),
    ['job.web.gone'],
  );
});

test('a line of a finding is that of the text', () => {
  const tree = readTree(
    new Map([
      [
        'modules-k8s/a/manifests/x.yaml',
        '# first\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k:\n    - 1\n',
      ],
    ]),
  );
  const manifest = tree.modules[0]?.manifests[0];
  assert.equal(manifest?.lineOf('metadata', 'name'), 5);
  assert.equal(manifest?.lineOf('data', 'k', 0), 8);
  assert.equal(manifest?.lineOf('data', 'missing'), 6);
});

test('a kind without a schema is skipped by name', async () => {
  const tree = readTree(
    new Map([['modules-k8s/a/manifests/x.yaml', 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a }\n']]),
  );
  const [finding] = await schemaFindings(tree);
  assert.equal(finding?.severity, 'skipped');
  assert.match(finding?.message ?? '', /example\.com\/v1\/Thing/);
});
