/** What migrations by hand get wrong, one test each: the mistake is named, and the conversion does not make it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, entry, fixture } from './fixture.ts';
import { at, jobOf, list, looked } from './manifest.ts';
import { accountsOf } from './translated.ts';

test('mistake: a Service selects the pods of two workloads', () => {
  const service = (name: string, port: number) =>
    `network {\n port "${name}" {\n to = ${port}\n}\n}\nservice {\n name = "${name}"\n port = "${name}"\n}`;
  const task = 'task "w" {\n driver = "docker"\n config {\n image = "nginx:1"\n}\n}';
  const job = `group "worker" {\n${service('w', 9)}\n${task}\n}`;
  const text = jobOf({ job, group: service('http', 80) });
  const manifests = [...looked(text).manifests.values()];
  const of = (kind: string) => manifests.filter((each) => at(each, 'kind') === kind);
  const pods = of('Deployment').map((each) => Object.entries(at(each, 'spec', 'template', 'metadata', 'labels') ?? {}));
  assert.equal(of('Service').length, 2);
  for (const service of of('Service')) {
    const wanted = Object.entries(at(service, 'spec', 'selector') ?? {});
    const hit = pods.filter((labels) =>
      wanted.every(([key, value]) => labels.some(([k, v]) => k === key && v === value)),
    );
    assert.equal(hit.length, 1, JSON.stringify(wanted));
  }
});

test('mistake: a restore of Litestream that fails leaves an empty database, which replaces the good backup', () => {
  const restore = container(fixture('litestream-open'), 'restore');
  assert.equal(at(restore, 'command'), undefined, 'no shell that goes on after an error');
  const words = list(at(restore, 'args')).join(' ');
  assert.match(words, /^restore -if-db-not-exists -if-replica-exists /);
  assert.doesNotMatch(words, /\|\||;|true/);
});

test('mistake: a rollout starts a second writer beside the first', () => {
  const strategy = (parts: Parameters<typeof jobOf>[0]) => at(looked(jobOf(parts)).workload(), 'spec', 'strategy');
  const volume = 'volume "data" {\n type = "csi"\n source = "data"\n access_mode = "single-node-writer"\n}';
  for (const parts of [
    { group: volume },
    { task: 'resources {\n device "nvidia/gpu" {}\n}' },
    { group: 'network {\n port "p" {\n static = 53\n}\n}' },
  ]) {
    assert.deepEqual(strategy(parts), { type: 'Recreate' });
    const several = strategy({ ...parts, group: `count = 2\n${parts.group ?? ''}` });
    assert.equal(at(several, 'rollingUpdate', 'maxSurge'), 0);
  }
  assert.equal(at(strategy({}), 'rollingUpdate', 'maxSurge'), 0);
});

test('mistake: an NFS volume in the pod loses its mount options, and a server that is gone hangs the node', () => {
  const found = fixture('docker-mounts');
  const options = at(found.manifests.get('persistentvolume.yaml'), 'spec', 'mountOptions');
  assert.deepEqual(options, ['soft', 'nolock', 'timeo=30']);
  for (const manifest of found.manifests.values()) {
    for (const each of list(at(manifest, 'spec', 'template', 'spec', 'volumes')))
      assert.equal(at(each, 'nfs'), undefined);
  }
});

test('mistake: a directory in memory counts against the limit, and the container is killed', () => {
  const config = 'mount {\n type = "tmpfs"\n target = "/cache"\n tmpfs_options {\n size = 67108864\n}\n}';
  const found = looked(jobOf({ config, task: 'resources {\n memory = 256\n}' }));
  assert.equal(at(found.container('app'), 'resources', 'limits', 'memory'), '320Mi');
});

test('mistake: the prefix of the class stands in the name of the directory twice', () => {
  const found = looked(jobOf({ group: 'volume "data" {\n type = "csi"\n source = "glusterfs_web_data"\n}' }));
  const claim = found.manifests.get('pvc.yaml');
  assert.deepEqual(at(claim, 'metadata', 'annotations'), { 'volume-name': 'web_data' });
  assert.doesNotMatch(JSON.stringify([...found.manifests.values()]), /glusterfs_/);
});

test('mistake: a constraint on the architecture or the node is lost', () => {
  const group = `constraint {\n attribute = "\${attr.cpu.arch}"\n value = "arm64"\n}
    constraint {\n attribute = "\${attr.unique.hostname}"\n value = "Hestia"\n}`;
  assert.deepEqual(at(looked(jobOf({ group })).pod(), 'nodeSelector'), {
    'kubernetes.io/arch': 'arm64',
    'kubernetes.io/hostname': 'hestia',
  });
});

test('mistake: the tag or the major version of an image changes', () => {
  for (const image of [
    'quay.io/a/b:15.4-alpine3.18',
    'b',
    `b:1@sha256:${'0'.repeat(64)}`,
    'localhost:5000/b:0.3.0-rc1',
  ]) {
    const found = looked(jobOf({}).replace('nginx:1.27.3', image));
    assert.equal(at(found.container('app'), 'image'), image);
  }
});

test('mistake: priority and HostRegexp of a router are lost', () => {
  const rule = 'HostRegexp(`^[a-z]+\\\\.example\\\\.org$`) && PathPrefix(`/api`)';
  const tags = ['traefik.enable=true', `traefik.http.routers.r.rule=${rule}`, 'traefik.http.routers.r.priority=7'];
  const service = `service {\n port = "80"\n tags = [${tags.map((each) => `"${each}"`).join(', ')}]\n}`;
  const route = at(looked(jobOf({ group: service })).manifests.get('ingressroute.yaml'), 'spec', 'routes', 0);
  assert.equal(at(route, 'match'), rule.replaceAll('\\\\', '\\'));
  assert.equal(at(route, 'priority'), 7);
});

test('mistake: command of Docker, which leaves the entrypoint alone, becomes command of Kubernetes, which replaces it', () => {
  const found = looked(jobOf({ config: 'command = "serve"\nargs = ["--port", "80"]' })).container('app');
  assert.equal(at(found, 'command'), undefined);
  assert.deepEqual(at(found, 'args'), ['serve', '--port', '80']);
});

test('mistake: an application on 127.0.0.1, which only its proxy reached, is reached by nobody', () => {
  const proxy = 'connect {\n sidecar_service {\n proxy {\n local_service_address = "127.0.0.1"\n}\n}\n}';
  const group = `network {\n mode = "bridge"\n}\nservice {\n port = "8080"\n${proxy}\n}`;
  const found = looked(jobOf({ group, task: 'env {\n BIND_ADDRESS = "127.0.0.1:8080"\n}' }));
  assert.equal(found.classOf('env.BIND_ADDRESS'), 'manual');
  assert.equal(found.classOf('proxy.local_service_address'), 'manual');
});

test('mistake: a name of Consul is left, or the port of its URL is not that of the Service', () => {
  const db = jobOf({ group: 'service {\n name = "db"\n port = "5433"\n}' }).replace('"web"', '"db"');
  const task = 'env {\n A = "http://db.virtual.consul/x"\n B = "postgres://db.service.consul/y"\n}';
  const found = looked([jobOf({ task }), db]);
  const env = at(found.container('app', 'deployment'), 'env');
  const host = 'db.default.svc.cluster.local:5433';
  assert.equal(at(entry(env, 'name', 'A'), 'value'), `http://${host}/x`);
  assert.equal(at(entry(env, 'name', 'B'), 'value'), `postgres://${host}/y`);
  assert.doesNotMatch(JSON.stringify([...found.manifests.values()]), /\.consul/);
});

test('mistake: a CronJob without a zone, and a year that is read as a second', () => {
  const periodic = (cron: string) => looked(jobOf({ job: `type = "batch"\nperiodic {\n crons = ["${cron}"]\n}` }));
  assert.equal(at(periodic('0 3 * * *').workload(), 'spec', 'timeZone'), 'Etc/UTC');
  const year = periodic('30 4 1 1 * 2031');
  assert.equal(at(year.workload(), 'spec', 'suspend'), true);
  assert.equal(year.classOf('periodic.crons'), 'manual');
});

test('mistake: a template is put together by sed in an init container instead of staying one', () => {
  const template = `template {
    data = "user = app\\npassword = {{ with secret \\"secret/data/web\\" }}{{ .Data.data.password }}{{ end }}\\n"
    destination = "secrets/app.ini"
  }`;
  const found = looked(jobOf({ task: `vault {}\n${template}` }));
  assert.equal(at(found.pod(), 'initContainers'), undefined);
  const secret = found.manifests.get('externalsecret.yaml');
  const data = Object.values(at(secret, 'spec', 'target', 'template', 'data') ?? {});
  assert.match(String(data[0]), /^user = app\npassword = \{\{.*\}\}\n$/);
  assert.ok(accountsOf(found, 'template.data').every((each) => each.class !== 'manual'));
});
