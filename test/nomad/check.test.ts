/** The translation against the checks, which know nothing of its rules: each job of the corpus passes all of them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Finding } from '../../src/nomad/check/finding.ts';
import { policySchema } from '../../src/nomad/policy.ts';
import { allOf, errorsOf } from './checked.ts';
import { type Converted, convertedFolder, convertedTexts, corpus, corpusJobs } from './converted.ts';

async function passes(folder: string): Promise<void> {
  const file = join(folder, 'policy.yaml');
  const policy = policySchema.parse(existsSync(file) ? parse(readFileSync(file, 'utf8')) : {});
  assert.deepEqual((await errorsOf(convertedFolder(folder), policy)).map(shown), []);
}

function shown({ check, severity, file, line, message }: Finding): string {
  return `${severity} ${check} ${file}:${line ?? ''} ${message}`;
}

for (const name of corpusJobs()) test(`${name} passes every check`, () => passes(join(corpus, name)));

/** Services as people run them, which are not part of the project. */
const examples = resolve(import.meta.dirname, '../../../shared/examples/nomad');
const exampleNames = existsSync(examples) ? readdirSync(examples).sort() : [];

test('the examples pass every check', async (t) => {
  if (exampleNames.length === 0) return t.skip('../shared/examples/nomad is not here');
  assert.ok(exampleNames.length >= 5, `${exampleNames.length} folders in ${examples}`);
  for (const name of exampleNames) await t.test(name, () => passes(join(examples, name)));
});

/** One job whose manifests are edited by hand, as a person does who means something else or nothing at all. */
const edited = resolve(import.meta.dirname, '../fixtures/nomad/edited');
const shop = convertedFolder(edited);

type Edit = (text: string) => string;

function instead(from: string | RegExp, to: string): Edit {
  return (text) => text.replace(from, () => to);
}

/** Each of two texts in the place of the other. */
function swapped(one: string, other: string): Edit {
  return (text) =>
    text
      .replaceAll(one, '\0')
      .replaceAll(other, () => one)
      .replaceAll('\0', () => other);
}

function editedWith(file: string, edit: Edit): Pick<Converted, 'project' | 'files'> {
  const path = `modules-k8s/shop/manifests/${file}`;
  const before = shop.files.get(path);
  if (before === undefined) throw new Error(`${path} is not among ${[...shop.files.keys()].join(', ')}`);
  const after = edit(before);
  assert.notEqual(after, before, 'the edit changes nothing');
  return { project: shop.project, files: new Map([...shop.files, [path, after]]) };
}

const TILL = 'deployment-till.yaml';

const broken: readonly (readonly [what: string, file: string, edit: Edit, found: RegExp])[] = [
  [
    'the claims of two volumes are swapped',
    TILL,
    swapped('claimName: shop-ledger', 'claimName: shop-photos'),
    /^error C6 .*deployment-till\.yaml:\d+ \/ledger .* the claim shop-photos of the directory shop_photos, and was the directory shop_ledger/,
  ],
  [
    'a claim names the directory of another volume',
    'pvc-ledger.yaml',
    instead('volume-name: shop_ledger', 'volume-name: shop_photos'),
    /^error C6 .* \/ledger .* the directory shop_photos/,
  ],
  [
    'a claim names no directory',
    'pvc-ledger.yaml',
    instead(/ {2}annotations:\n.*\n/, ''),
    /^error C6 .* \/ledger .* has no annotation volume-name/,
  ],
  [
    'a part of a volume is mounted',
    TILL,
    instead('mountPath: /ledger', 'mountPath: /ledger\n              subPath: old'),
    /^error C6 .* \/ledger .* only old of the claim/,
  ],
  [
    'two directories of the node are swapped',
    TILL,
    swapped('path: /srv/spool', 'path: /srv/print'),
    /^error C6 .* \/spool .* \/srv\/print of the node, and was \/srv\/spool/,
  ],
  [
    'a constraint is turned round',
    TILL,
    instead('operator: NotIn', 'operator: In'),
    /^error C10 .*deployment-till\.yaml:\d+ .*!= hestia .* kubernetes\.io\/hostname In hestia/,
  ],
  ['a constraint names another node', TILL, instead('- hestia', '- hermes'), /^error C10 .*!= hestia .* NotIn hermes/],
  [
    'a constraint lets in a third zone',
    TILL,
    instead('- south', '- south\n                      - east'),
    /^error C10 .*set_contains_any north,south .* In north, south, east/,
  ],
  ['a bound is lowered', TILL, instead('- "2"', '- "1"'), /^error C10 .*meta\.rack.* >= 3/],
  ['a bound is turned round', TILL, instead('operator: Gt', 'operator: Lt'), /^error C10 .*meta\.rack.* >= 3/],
  [
    'a label must be absent instead of present',
    TILL,
    instead('operator: Exists', 'operator: DoesNotExist'),
    /^error C10 .*meta\.quiet.* is_set/,
  ],
  [
    'a term beside the constraints lets in every node of Linux',
    TILL,
    instead(
      'nodeSelectorTerms:',
      'nodeSelectorTerms:\n              - matchExpressions:\n                  - { key: kubernetes.io/os, operator: In, values: [linux] }',
    ),
    /^error C10 .*!= hestia/,
  ],
  [
    'a route leads to a Service that is not there',
    'ingressroute.yaml',
    instead('- name: till\n', '- name: tills\n'),
    /^error C18 .*ingressroute\.yaml:\d+ it leads to the Service tills/,
  ],
  [
    'a route leads to a port that its Service has not',
    'ingressroute.yaml',
    instead('port: 8080', 'port: 8081'),
    /^error C18 .* port 8081 of the Service till, which has the ports 8080/,
  ],
  [
    'an Ingress leads to a Service that is not there',
    'ingress.yaml',
    instead('name: door\n                port', 'name: doors\n                port'),
    /^error C18 .*ingress\.yaml:\d+ it leads to the Service doors/,
  ],
  [
    'an Ingress leads to a port that its Service has not',
    'ingress.yaml',
    instead('number: 8001', 'number: 80'),
    /^error C18 .* port 80 of the Service door, which has the ports 8001/,
  ],
  [
    'a subPath is no key of its ConfigMap',
    TILL,
    instead('subPath: till.conf', 'subPath: tills.conf'),
    /^error C18 .* key tills\.conf of the ConfigMap shop-config/,
  ],
  [
    'a subPath is no key of its Secret',
    TILL,
    instead('subPath: keys.json', 'subPath: key.json'),
    /^error C18 .* key key\.json of the Secret shop-secrets/,
  ],
  [
    'two variables read the keys of each other',
    TILL,
    swapped('key: user\n', 'key: password\n'),
    /^error C2 .*deployment-till\.yaml:\d+ DB_USER is password of kv\/shop\/till here, and user of kv\/data\/shop\/till at/,
  ],
  [
    'two keys of the store are swapped',
    'externalsecret.yaml',
    swapped('property: user\n', 'property: password\n'),
    /^error C2 .* DB_PASSWORD is user of kv\/shop\/till here/,
  ],
  [
    'a key is read from another path of the store',
    'externalsecret.yaml',
    instead('key: kv/shop/till\n        property: password', 'key: kv/shop/door\n        property: password'),
    /^error C2 .* DB_PASSWORD is password of kv\/shop\/door here/,
  ],
  [
    'a variable is empty where the job reads a secret',
    TILL,
    instead(/name: DB_PASSWORD\n(?: {14}.*\n)+/, 'name: DB_PASSWORD\n              value: ""\n'),
    /^error C2 .* DB_PASSWORD is empty here/,
  ],
  [
    'a variable is text where the job reads a secret',
    TILL,
    instead(/name: DB_PASSWORD\n(?: {14}.*\n)+/, 'name: DB_PASSWORD\n              value: changeme\n'),
    /^error C2 .* DB_PASSWORD is a text here/,
  ],
  [
    'a secret within a text is another',
    'externalsecret.yaml',
    instead('{{ .user }}@db', '{{ .password }}@db'),
    /^error C2 .* DB_URL is …password of kv\/shop\/till… here/,
  ],
  [
    'two files are swapped',
    TILL,
    swapped('subPath: till.conf', 'subPath: menu.conf'),
    /^error C7 .*deployment-till\.yaml:\d+ \/local\/till\.conf is menu\.conf of ConfigMap\/shop-config, which is not the text/,
  ],
  [
    'two files are mounted in the place of each other',
    TILL,
    swapped('mountPath: /local/till.conf', 'mountPath: /local/menu.conf'),
    /^error C7 .* \/local\/till\.conf is menu\.conf/,
  ],
  [
    'a file is mounted elsewhere',
    TILL,
    instead('mountPath: /local/till.conf', 'mountPath: /etc/till.conf'),
    /^error C7 .* mounts no file at \/local\/till\.conf/,
  ],
  [
    'a file holds another secret',
    'externalsecret.yaml',
    instead('{{ .key }}', '{{ .user }}'),
    /^error C7 .* \/secrets\/keys\.json .* other secrets/,
  ],
  [
    'a wider route goes round the middlewares',
    'ingressroute.yaml',
    instead(
      '    - kind: Rule\n',
      '    - kind: Rule\n      match: Host(`till.example.org`)\n      services:\n        - name: till\n          port: 8080\n    - kind: Rule\n',
    ),
    /^error C11 .*ingressroute\.yaml:\d+ no tag asks for the route Host\(`till\.example\.org`\), which leads to till without office, slow/,
  ],
  [
    'the same route is there without its middlewares',
    'ingressroute.yaml',
    instead(
      '    - kind: Rule\n',
      '    - kind: Rule\n      match: "Host(`till.example.org`) && PathPrefix(`/pay`)"\n      services:\n        - name: till\n          port: 8080\n    - kind: Rule\n',
    ),
    /^error C11 .* no tag asks for the route .* without office, slow/,
  ],
  [
    'another Ingress opens the Service',
    'ingress.yaml',
    instead(
      /name: door\n( *)port:\n( *)number: 8001/,
      'name: till\n                port:\n                  number: 8080',
    ),
    /^error C11 .*ingress\.yaml:\d+ the route Host\(`door\.example\.org`\) leads to till, which is not the Service of door/,
  ],
  [
    'a list of addresses is widened',
    'middleware-office.yaml',
    instead(/- "10\.1\.0\.0\/16"\n *- "10\.2\.0\.0\/16"/, '- "0.0.0.0/0"'),
    /^error C11 .*middleware-office\.yaml:\d+ ipallowlist\.sourcerange of the middleware office is 0\.0\.0\.0\/0 here, and 10\.1\.0\.0\/16,10\.2\.0\.0\/16 in its tag/,
  ],
  [
    'a rate is raised',
    'middleware-slow.yaml',
    instead('average: 100', 'average: 100000'),
    /^error C11 .* ratelimit\.average of the middleware slow is 100000 here, and 100/,
  ],
  [
    'an option that excepts addresses is added',
    'middleware-office.yaml',
    instead('  ipAllowList:\n', '  ipAllowList:\n    ipStrategy:\n      depth: 1\n'),
    /^warning C11 .*middleware-office\.yaml:\d+ no tag has the option ipAllowList\.ipStrategy\.depth/,
  ],
  [
    'a route is at another entry point',
    'ingressroute.yaml',
    instead('- websecure', '- web'),
    /^error C11 .*ingressroute\.yaml:\d+ .* entry points web, and at websecure/,
  ],
  [
    'an Ingress is at all entry points',
    'ingress.yaml',
    instead(/ {2}annotations:\n.*\n/, ''),
    /^error C11 .*ingress\.yaml:\d+ .* entry points none of its own, so all, and at websecure/,
  ],
  [
    'the middlewares are in another order',
    'ingressroute.yaml',
    swapped('- name: office', '- name: slow'),
    /^error C11 .* in another order/,
  ],
  [
    'a route of UDP is at another entry point',
    'ingressrouteudp.yaml',
    instead('- syslog', '- dns'),
    /^error C11 .*ingressrouteudp\.yaml:\d+ the route log of UDP is at the entry points dns, and at syslog/,
  ],
  [
    'a route of UDP leads to another Service',
    'ingressrouteudp.yaml',
    instead('name: bell\n          port', 'name: till\n          port'),
    /^error C11 .*ingressrouteudp\.yaml:\d+ the route log of UDP leads to till, which is not the Service of bell/,
  ],
  [
    'a route of UDP leads to a port of TCP',
    'ingressrouteudp.yaml',
    instead('port: ring-udp', 'port: ring'),
    /^error C18 .*ingressrouteudp\.yaml:\d+ it leads to port ring\/udp of the Service bell, which has the ports 5514, 5514\/udp/,
  ],
  [
    'a route of UDP is not there any more',
    'ingressrouteudp.yaml',
    instead('kind: IngressRouteUDP', 'kind: IngressRouteTCP'),
    /^error C11 .* no route of UDP is that of the router log/,
  ],
  [
    'a source that an intention denies is let in',
    'networkpolicy-till.yaml',
    instead(
      '    - from:\n',
      '    - from:\n        - podSelector:\n            matchLabels:\n              app: shop\n              component: window\n',
    ),
    /^error C13 .*networkpolicy-till\.yaml:\d+ Deployment\/shop-window is let in to till, and the intention at intentions\.hcl:\d+ denies it/,
  ],
  [
    'all pods of the job are let in, among them one that an intention denies',
    'networkpolicy-till.yaml',
    instead('              component: door\n', ''),
    /^error C13 .* Deployment\/shop-window is let in to till, .* denies it/,
  ],
  [
    'the source is not named any more, so everybody is let in',
    'networkpolicy-till.yaml',
    instead(/ {4}- from:\n(?: {8}.*\n)+ {6}ports:/, '    - ports:'),
    /^error C13 .*networkpolicy-till\.yaml:\d+ everybody is let in to till, which is called by shop-door/,
  ],
  [
    'every namespace is let in',
    'networkpolicy-till.yaml',
    instead('    - from:\n', '    - from:\n        - namespaceSelector: {}\n'),
    /^error C13 .* everybody is let in to till/,
  ],
  [
    'all addresses are let in',
    'networkpolicy-till.yaml',
    instead('    - from:\n', '    - from:\n        - ipBlock: { cidr: 0.0.0.0/0 }\n'),
    /^error C13 .* everybody is let in to till/,
  ],
  [
    'a network is let in',
    'networkpolicy-till.yaml',
    instead('    - from:\n', '    - from:\n        - ipBlock: { cidr: 10.9.0.0/16 }\n'),
    /^warning C13 .* the addresses 10\.9\.0\.0\/16 are let in to till/,
  ],
  [
    'another namespace is let in',
    'networkpolicy-till.yaml',
    instead('name: monitoring', 'name: staging'),
    /^warning C13 .* the namespace staging is let in to till/,
  ],
  [
    'a pod of which nobody speaks is let in',
    'networkpolicy-door.yaml',
    instead(
      '    - from:\n',
      '    - from:\n        - podSelector:\n            matchLabels:\n              component: window\n',
    ),
    /^warning C13 .* Deployment\/shop-window is let in to door, and neither an intention nor the report/,
  ],
  [
    'who monitors is shut out',
    'networkpolicy-till.yaml',
    instead('name: monitoring', 'name: staging'),
    /^error C13 .*networkpolicy-till\.yaml:\d+ namespace monitoring is not let in to till/,
  ],
  [
    'who calls is shut out',
    'networkpolicy-till.yaml',
    instead('component: door', 'component: doors'),
    /^error C13 .* Deployment\/shop-door is not let in to till/,
  ],
  [
    'a policy is about other pods, so that its service has none',
    'networkpolicy-till.yaml',
    instead('component: till', 'component: window'),
    /^error C13 .* no policy limits who may reach till of Deployment\/shop-till/,
  ],
  [
    'more pods run than the job asked for',
    'deployment-door.yaml',
    instead('replicas: 1', 'replicas: 3'),
    /^warning C15 .*deployment-door\.yaml:\d+ replicas is 3, and the job has a count of 1/,
  ],
  [
    'more pods run than may',
    TILL,
    (text) =>
      text
        .replace('replicas: 2', 'replicas: 3')
        .replace(
          /ports:\n( *)- name: http\n *containerPort: 8080/,
          'ports:\n$1- name: http\n$1  containerPort: 8080\n$1  hostPort: 8080',
        ),
    /^error C15 .* replicas is 3, and the job has a count of 2; there may be only one: it holds port 8080 of its node/,
  ],
];

test('the job that is edited passes every check before, without a word', async () => {
  assert.deepEqual((await allOf(shop)).map(shown), []);
});

for (const [what, file, edit, wanted] of broken) {
  test(`it is found that ${what}`, async () => {
    const found = (await allOf(editedWith(file, edit))).map(shown);
    assert.ok(
      found.some((each) => wanted.test(each)),
      `${wanted} is not among\n${found.join('\n')}`,
    );
  });
}

/** What the jobs said is still so: these are a person's own matter. */
const kept: readonly (readonly [what: string, file: string, edit: Edit])[] = [
  ['a constraint is narrower', TILL, instead(/- north\n *- south/, '- north')],
  [
    'nodes are chosen by name instead of left out',
    TILL,
    instead(
      /operator: NotIn\n( *)values:\n *- hestia/,
      'operator: In\n                    values:\n                      - hermes',
    ),
  ],
];

for (const [what, file, edit] of kept) {
  test(`it is no error that ${what}`, async () => {
    assert.deepEqual((await errorsOf(editedWith(file, edit))).map(shown), []);
  });
}

test('a registered volume whose handle or driver was edited is another one, which the check tells', async () => {
  const policy = policySchema.parse({ storage: { csiDrivers: { ebs0: 'ebs.csi.aws.com' } } });
  const texts = new Map([
    [
      'web.nomad.hcl',
      `job "web" {
  group "web" {
    volume "data" {
      type        = "csi"
      source      = "web-data"
      access_mode = "single-node-writer"
    }
    task "web" {
      driver = "docker"
      config {
        image = "docker.io/library/nginx:1.27.3"
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
      }
    }
  }
}
`,
    ],
    [
      'main.tf',
      `resource "nomad_csi_volume_registration" "data" {
  plugin_id   = "ebs0"
  volume_id   = "web-data"
  name        = "web-data"
  external_id = "vol-1"
}
`,
    ],
  ]);
  const converted = convertedTexts(texts, { policy });
  const file = [...converted.files.keys()].find((path) => path.endsWith('/persistentvolume.yaml')) ?? '';
  const told = async (from: string, to: string) => {
    const before = converted.files.get(file) ?? '';
    assert.ok(before.includes(from), before);
    const files = new Map([...converted.files, [file, before.replace(from, to)]]);
    const findings = await allOf({ ...converted, files }, policy);
    return findings.map(({ message }) => message).filter((message) => message.includes('vol-'));
  };
  assert.deepEqual(await told('vol-1', 'vol-1'), []);
  assert.match(
    (await told('vol-1', 'vol-2')).join(),
    /is vol-2 of ebs\.csi\.aws\.com, and was the volume vol-1 of ebs\.csi\.aws\.com/,
  );
  assert.match((await told('ebs.csi.aws.com', 'efs.csi.aws.com')).join(), /is vol-1 of efs\.csi\.aws\.com, and was/);
});
