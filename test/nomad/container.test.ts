import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, jobOf, list, looked, type Parts } from './manifest.ts';
import { accountsOf, translated } from './translated.ts';

const app = (parts: Parts, given = {}) => looked(jobOf(parts), given).container('app');
const configOf = (config: string, ...path: readonly (string | number)[]) => at(app({ config }), ...path);

test("docker's command is no entrypoint: Kubernetes calls it args", () => {
  assert.deepEqual(configOf('command = "run"\nargs = ["-a", "b"]', 'args'), ['run', '-a', 'b']);
  assert.equal(configOf('command = "run"', 'command'), undefined);
  assert.deepEqual(configOf('entrypoint = ["/init", "x"]\nargs = ["y"]', 'command'), ['/init', 'x']);
  assert.equal(configOf('', 'args'), undefined);
});

test('podman: an entrypoint is one word or a list, docker:// is no part of the image', () => {
  const text = jobOf({ driver: 'podman', config: 'entrypoint = "/init"' }).replace(
    'nginx:1.27.3',
    'docker://nginx:1.27.3',
  );
  const container = looked(text).container('app');
  assert.deepEqual(at(container, 'command'), ['/init']);
  assert.equal(at(container, 'image'), 'nginx:1.27.3');
  const listed = looked(jobOf({ driver: 'podman', config: 'entrypoint = ["/init", "x"]\nworking_dir = "/srv"' }));
  assert.deepEqual(at(listed.container('app'), 'command'), ['/init', 'x']);
  assert.equal(at(listed.container('app'), 'workingDir'), '/srv');
});

test('of a registry that is not known to be public it is asked which pull secret it needs, unless the task logs in', () => {
  const of = (image: string, config = '', given = {}) =>
    translated(jobOf({ config }).replace('nginx:1.27.3', image), given);
  const asked = (image: string, config = ''): readonly string[] =>
    of(image, config)
      .questions.map(({ id }) => id)
      .filter((id) => id.startsWith('registry.'));
  const own = 'reg.example.org:5000/a/b:1';
  assert.deepEqual(asked(own), ['registry.reg.example.org:5000.secret']);
  for (const image of ['redis', 'grafana/grafana:11', 'ghcr.io/a/b:1', 'docker://quay.io/a/b:1']) {
    assert.deepEqual(asked(image), [], image);
  }
  assert.deepEqual(asked(own, 'auth {\n username = "a"\n password = "b"\n }'), []);
  const secretsOf = (given: object) =>
    at(of(own, '', given).manifests.get('deployment.yaml'), 'spec', 'template', 'spec', 'imagePullSecrets');
  assert.equal(secretsOf({}), undefined);
  assert.deepEqual(secretsOf({ answers: { 'registry.reg.example.org:5000.secret': 'pull' } }), [{ name: 'pull' }]);
});

test('an image keeps its tag and digest, letter by letter', () => {
  for (const image of [
    'redis',
    'redis:7.2-alpine',
    'reg.example.org:5000/a/b:v1.0.0+x',
    `a@sha256:${'0'.repeat(64)}`,
  ]) {
    assert.equal(at(looked(jobOf({}).replace('nginx:1.27.3', image)).container('app'), 'image'), image);
  }
  const local = looked(jobOf({}).replace('nginx:1.27.3', 'oci-archive:/images/a.tar'));
  assert.equal(local.classOf('config.image'), 'manual');
});

test('env is text as HCL writes it, and null is not there', () => {
  const env = 'env = {\n RATIO = 1.50\n BIG = 100000000000\n ON = true\n NONE = null\n EMPTY = ""\n}';
  const result = looked(jobOf({ task: env }));
  assert.deepEqual(at(result.container('app'), 'env'), [
    { name: 'RATIO', value: '1.5' },
    { name: 'BIG', value: '100000000000' },
    { name: 'ON', value: 'true' },
    { name: 'EMPTY', value: '' },
  ]);
  assert.equal(result.classOf('env.NONE'), 'dropped');
});

test('what a variable names stands before it; those that name each other keep their order', () => {
  const names = (env: string) => list(at(app({ task: `env {\n${env}\n}` }), 'env')).map((each) => at(each, 'name'));
  assert.deepEqual(names('A = "${B}/${C}"\nB = "${C}"\nC = "c"'), ['C', 'B', 'A']);
  assert.deepEqual(names('A = "${B}"\nB = "${A}"'), ['B', 'A']);
  assert.deepEqual(names('A = "$(B)"\nB = "b"'), ['A', 'B']);
});

test('users are numbers', () => {
  const context = (user: string) => at(app({ task: `user = "${user}"` }), 'securityContext');
  assert.deepEqual(context('1000'), { runAsUser: 1000 });
  assert.deepEqual(context('1000:2000'), { runAsUser: 1000, runAsGroup: 2000 });
  assert.deepEqual(context('root'), { runAsUser: 0 });
  assert.equal(context('nobody'), undefined);
  assert.equal(looked(jobOf({ task: 'user = "nobody"' })).classOf('user'), 'manual');
});

const other = (name: string, lines: string) => `task "${name}" {
  driver = "docker"
  ${lines}
  config {
    image = "alpine"
  }
}`;
const hook = (text: string, sidecar = false) => `lifecycle {\n hook = "${text}"\n sidecar = ${sidecar}\n}`;

test('prestart tasks keep the order of the source, and sidecars stay', () => {
  const group = [other('b', hook('prestart')), other('a', hook('prestart', true)), other('c', hook('prestart'))].join(
    '\n',
  );
  const { pod } = looked(jobOf({ group }));
  assert.deepEqual(
    list(at(pod(), 'initContainers')).map((each) => [at(each, 'name'), at(each, 'restartPolicy')]),
    [
      ['b', undefined],
      ['a', 'Always'],
      ['c', undefined],
    ],
  );
  assert.deepEqual(
    list(at(pod(), 'containers')).map((each) => at(each, 'name')),
    ['app'],
  );
});

test('what runs after the others has no place in a pod, and each of its lines is told', () => {
  for (const lines of [hook('poststop'), hook('poststart')]) {
    const result = looked(jobOf({ group: other('late', `${lines}\nenv {\n A = "a"\n}`) }));
    assert.equal(result.container('late'), undefined);
    for (const path of ['task.late', 'late.env.A', 'late.config.image', 'late.lifecycle.hook']) {
      assert.equal(result.classOf(path), 'manual', path);
    }
  }
});

test('a Job ends with its leader: the others become sidecars', () => {
  const text = jobOf({ job: 'type = "batch"', group: other('log', ''), task: 'leader = true' });
  const { pod } = looked(text);
  assert.deepEqual(
    list(at(pod(), 'containers')).map((each) => at(each, 'name')),
    ['app'],
  );
  assert.equal(at(pod(), 'initContainers', 0, 'restartPolicy'), 'Always');
});

test('a pod ends in the longest time of its tasks, and 5 s as Nomad does without any', () => {
  const grace = (parts: Parts) => at(looked(jobOf(parts)).pod(), 'terminationGracePeriodSeconds');
  assert.equal(grace({}), 5);
  assert.equal(grace({ task: 'kill_timeout = "90s"', group: other('b', 'kill_timeout = "10s"') }), 90);
  assert.equal(grace({ group: 'shutdown_delay = "20s"', task: 'kill_timeout = "30s"\nshutdown_delay = "5s"' }), 55);
  // a sidecar is told to end only when the others have
  const beside = 'lifecycle {\n hook = "prestart"\n sidecar = true\n}\nkill_timeout = "20s"';
  assert.equal(grace({ task: 'kill_timeout = "10s"', group: other('b', beside) }), 30);
});

test('a delay is slept before the end; a signal is sent after it', () => {
  const stop = (parts: Parts) => at(app(parts), 'lifecycle', 'preStop');
  assert.deepEqual(stop({ group: 'shutdown_delay = "20s"' }), { sleep: { seconds: 20 } });
  const script = at(stop({ task: 'kill_signal = "SIGQUIT"\nshutdown_delay = "3s"' }), 'exec', 'command', 2);
  assert.match(String(script), /^sleep 3; kill -s QUIT 1 &&/);
  assert.equal(stop({ task: 'kill_signal = "SIGTERM"' }), undefined);
});

test('a cluster that takes stop signals is told the signal, which needs no shell in the image', () => {
  const policy = { stopSignals: true };
  const found = looked(jobOf({ task: 'kill_signal = "SIGQUIT"\nshutdown_delay = "3s"' }), { policy });
  const lifecycle = at(found.container('app'), 'lifecycle');
  assert.deepEqual(lifecycle, { preStop: { sleep: { seconds: 3 } }, stopSignal: 'SIGQUIT' });
  assert.deepEqual(at(found.pod(), 'os'), { name: 'linux' });
  assert.equal(found.classOf('kill_signal'), 'direct');
  const number = looked(jobOf({ task: 'kill_signal = "10"' }), { policy });
  assert.match(String(at(number.container('app'), 'lifecycle', 'preStop', 'exec', 'command', 2)), /^kill -s 10 1/);
});

test('requests and limits as Nomad means them', () => {
  const resources = (lines: string, config = '') => at(app({ task: `resources {\n${lines}\n}`, config }), 'resources');
  assert.deepEqual(at(app({}), 'resources'), {
    requests: { cpu: '100m', memory: '300Mi' },
    limits: { cpu: '1000m', memory: '300Mi' },
  });
  assert.deepEqual(resources('cpu = 500\nmemory = 256\nmemory_max = 512'), {
    requests: { cpu: '500m', memory: '256Mi' },
    limits: { cpu: '2000m', memory: '512Mi' },
  });
  assert.deepEqual(resources('memory = 256\nmemory_max = -1'), {
    requests: { cpu: '100m', memory: '256Mi' },
    limits: { cpu: '1000m' },
  });
  assert.deepEqual(resources('cores = 2\nmemory = 64'), {
    requests: { cpu: '2', memory: '64Mi' },
    limits: { cpu: '2', memory: '64Mi' },
  });
  // a limit of CPU was there only with cpu_hard_limit
  assert.deepEqual(resources('cpu = 300', 'cpu_hard_limit = true'), {
    requests: { cpu: '300m', memory: '300Mi' },
    limits: { cpu: '300m', memory: '300Mi' },
  });
  // the larger of memory_max and memory_hard_limit counts
  for (const [max, hard, limit] of [
    [512, 1024, '1024Mi'],
    [2048, 1024, '2048Mi'],
  ]) {
    const found = resources(`memory = 256\nmemory_max = ${max}`, `memory_hard_limit = ${hard}`);
    assert.equal(at(found, 'limits', 'memory'), limit);
    assert.equal(at(found, 'requests', 'memory'), '256Mi');
  }
});

test('a limit is never below its request, whatever the job says', () => {
  const bytes = (text: unknown): number => Number(String(text).replace('Mi', ''));
  for (const memory of [1, 300, 4000]) {
    for (const max of [-1, 0, 1, 300, 5000]) {
      for (const hard of [0, 1, 6000]) {
        const config = hard === 0 ? '' : `memory_hard_limit = ${hard}`;
        const found = app({ task: `resources {\n memory = ${memory}\n memory_max = ${max}\n}`, config });
        const limit = at(found, 'resources', 'limits', 'memory');
        const request = at(found, 'resources', 'requests', 'memory');
        if (limit !== undefined) assert.ok(bytes(limit) >= bytes(request), `${memory} ${max} ${hard}`);
        else assert.equal(max, -1);
      }
    }
  }
});

test('CPU by the policy: what a MHz is, and whether there is a limit', () => {
  const cpu = (policy: object) =>
    at(app({ task: 'resources {\n cpu = 1000\n}' }, { policy: { cpu: policy } }), 'resources');
  assert.equal(at(cpu({ millicoresPerMhz: 0.5 }), 'requests', 'cpu'), '500m');
  assert.equal(at(cpu({ limits: false }), 'limits', 'cpu'), undefined);
  assert.equal(at(cpu({ limitFactor: 2 }), 'limits', 'cpu'), '2000m');
});

test('devices: a GPU by its vendor, one without is asked for, another is for a person', () => {
  const gpu = (device: string, given = {}) =>
    looked(jobOf({ task: `resources {\n device "${device}" {\n count = 2\n }\n}` }), given);
  const limits = (device: string, given = {}) => at(gpu(device, given).container('app'), 'resources', 'limits');
  assert.equal(at(limits('nvidia/gpu'), 'nvidia.com/gpu'), '2');
  assert.equal(at(limits('amd/gpu/Radeon'), 'amd.com/gpu'), '2');
  assert.equal(gpu('gpu').questions[0]?.id, 'web.device.gpu');
  assert.equal(at(limits('gpu', { answers: { 'web.device.gpu': 'amd.com/gpu' } }), 'amd.com/gpu'), '2');
  assert.equal(gpu('usb/stick').classOf('device.usb/stick.count'), 'manual');
});

test('the NVIDIA runtime asks for a GPU; NVIDIA_* in env would see all of them', () => {
  const { pod, container, questions } = looked(jobOf({ config: 'runtime = "nvidia"' }));
  assert.equal(at(pod(), 'runtimeClassName'), 'nvidia');
  assert.equal(at(container('app'), 'resources', 'limits', 'nvidia.com/gpu'), '1');
  assert.equal(questions[0]?.id, 'web.app.gpus');
  const all = looked(jobOf({ config: 'runtime = "nvidia"', task: 'env {\n NVIDIA_VISIBLE_DEVICES = "all"\n}' }));
  assert.match(accountsOf(all, 'config.runtime')[0]?.todo ?? '', /NVIDIA_VISIBLE_DEVICES=all/);
});

test('rights of a container', () => {
  const context = (config: string) => configOf(config, 'securityContext');
  assert.deepEqual(context('cap_add = ["CAP_NET_ADMIN", "sys_time"]\ncap_drop = ["all"]'), {
    capabilities: { add: ['NET_ADMIN', 'SYS_TIME'], drop: ['ALL'] },
  });
  assert.deepEqual(context('privileged = true\nreadonly_rootfs = true'), {
    privileged: true,
    readOnlyRootFilesystem: true,
  });
  assert.equal(context('privileged = false'), undefined);
  assert.deepEqual(
    context('security_opt = ["no-new-privileges", "apparmor=own", "seccomp=unconfined", "label=level:s0"]'),
    {
      allowPrivilegeEscalation: false,
      appArmorProfile: { type: 'Localhost', localhostProfile: 'own' },
      seccompProfile: { type: 'Unconfined' },
      seLinuxOptions: { level: 's0' },
    },
  );
  assert.equal(looked(jobOf({ config: 'security_opt = ["seccomp=/etc/own.json"]' })).classOf('security_opt'), 'manual');
});

test('the API server refuses no-new-privileges beside all rights: the rights stay, and it is told', () => {
  for (const rights of ['privileged = true', 'cap_add = ["SYS_ADMIN"]', 'devices = [{ host_path = "/dev/fuse" }]']) {
    const result = looked(jobOf({ config: `security_opt = ["no-new-privileges:true"]\n${rights}` }));
    assert.equal(at(result.container('app'), 'securityContext', 'allowPrivilegeEscalation'), undefined, rights);
    assert.equal(result.classOf('security_opt'), 'manual', rights);
  }
});

test('groups and kernel settings are of the whole pod, and several tasks add to them', () => {
  const group = other('b', '').replace(
    'image = "alpine"',
    'image = "alpine"\ngroup_add = ["44", "video"]\nsysctl = { "net.core.somaxconn" = "1" }',
  );
  const result = looked(
    jobOf({ group, config: 'group_add = ["44", "109"]\nsysctl = { "kernel.shm_rmid_forced" = "1" }' }),
  );
  const context = at(result.pod(), 'securityContext');
  assert.deepEqual(list(at(context, 'supplementalGroups')).toSorted(), [109, 44]);
  assert.deepEqual(
    list(at(context, 'sysctls'))
      .map((each) => at(each, 'name'))
      .toSorted(),
    ['kernel.shm_rmid_forced', 'net.core.somaxconn'],
  );
  assert.equal(result.classOf('b.config.group_add'), 'manual');
});

test('networks of the node and of others', () => {
  const pod = (config: string) => looked(jobOf({ config })).pod();
  assert.equal(at(pod('network_mode = "host"'), 'hostNetwork'), true);
  assert.equal(at(pod('network_mode = "host"'), 'dnsPolicy'), 'ClusterFirstWithHostNet');
  assert.equal(at(pod('network_mode = "bridge"'), 'hostNetwork'), undefined);
  assert.equal(at(pod('pid_mode = "host"'), 'hostPID'), true);
  assert.equal(at(pod('ipc_mode = "host"'), 'hostIPC'), true);
  assert.equal(looked(jobOf({ config: 'network_mode = "lan"' })).classOf('network_mode'), 'manual');
  assert.equal(looked(jobOf({ config: 'network_mode = "container:x"' })).classOf('network_mode'), 'dropped');
});

test('names of hosts: an address, IPv6 too; the gateway of docker has none', () => {
  const result = looked(jobOf({ config: 'extra_hosts = ["db:10.0.0.1", "six:2001:db8::1", "host:host-gateway"]' }));
  assert.deepEqual(at(result.pod(), 'hostAliases'), [
    { ip: '10.0.0.1', hostnames: ['db'] },
    { ip: '2001:db8::1', hostnames: ['six'] },
  ]);
  assert.equal(result.classOf('extra_hosts'), 'manual');
  const named = looked(
    jobOf({
      config:
        'dns_servers = ["1.1.1.1"]\ndns_search_domains = ["a.b"]\ndns_options = ["ndots:1", "rotate"]\nhostname = "h"',
    }),
  );
  assert.deepEqual(at(named.pod(), 'dnsConfig'), {
    nameservers: ['1.1.1.1'],
    searches: ['a.b'],
    options: [{ name: 'ndots', value: '1' }, { name: 'rotate' }],
  });
  assert.equal(at(named.pod(), 'hostname'), 'h');
  assert.equal(looked(jobOf({ config: 'hostname = "Not_One"' })).classOf('hostname'), 'manual');
});

test('labels become annotations, as a block, a map or a list of maps', () => {
  const annotations = (config: string) =>
    at(looked(jobOf({ config })).workload(), 'spec', 'template', 'metadata', 'annotations');
  assert.deepEqual(annotations('labels {\n team = "core"\n}'), { team: 'core' });
  assert.deepEqual(annotations('labels = { "com.example/x" = "1" }'), { 'com.example/x': '1' });
  assert.deepEqual(annotations('labels = [{ a = "1" }, { b = "2" }]'), { a: '1', b: '2' });
});

test('a device is mounted into a privileged container, and the report says so', () => {
  const result = looked(jobOf({ config: 'devices = [{ host_path = "/dev/net/tun" }]' }));
  assert.equal(at(result.container('app'), 'securityContext', 'privileged'), true);
  assert.deepEqual(at(result.container('app'), 'volumeMounts', 0), {
    name: 'device-dev-net-tun',
    mountPath: '/dev/net/tun',
  });
  assert.match(accountsOf(result, 'devices.host_path')[0]?.todo ?? '', /privileged/);
});

test('shared memory is a disk in memory, which the limit has room for', () => {
  const result = looked(jobOf({ config: 'shm_size = 134217728' }));
  assert.deepEqual(at(result.pod(), 'volumes', 0, 'emptyDir'), { medium: 'Memory', sizeLimit: '134217728' });
  assert.equal(at(result.container('app'), 'volumeMounts', 0, 'mountPath'), '/dev/shm');
  assert.equal(at(result.container('app'), 'resources', 'limits', 'memory'), '428Mi');
});

test('who logs in to a registry is in no output', () => {
  for (const driver of ['docker', 'podman']) {
    const result = looked(
      jobOf({ driver, config: 'auth {\n username = "planted-user"\n password = "planted-password"\n}' }),
    );
    const all = JSON.stringify([[...result.manifests], result.accounts, result.questions, result.diagnostics]);
    assert.doesNotMatch(all, /planted/);
    const [name] = list(at(result.pod(), 'imagePullSecrets')).map((each) => at(each, 'name'));
    const secret = [...result.manifests.values()].find((each) => at(each, 'metadata', 'name') === name);
    assert.equal(at(secret, 'spec', 'target', 'template', 'type'), 'kubernetes.io/dockerconfigjson');
    assert.equal(result.classOf('auth.password'), 'approximate');
  }
});

test('the longest registry of the policy that fits says which secret pulls', () => {
  const policy = { registries: { 'reg.example.org': 'all', 'reg.example.org/team': 'team' } };
  const text = jobOf({}).replace('nginx:1.27.3', 'reg.example.org/team/app:1');
  assert.deepEqual(at(looked(text, { policy }).pod(), 'imagePullSecrets'), [{ name: 'team' }]);
  assert.equal(at(looked(jobOf({}), { policy }).pod(), 'imagePullSecrets'), undefined);
});

test('drivers without an image are in no pod, and each line says so', () => {
  for (const driver of ['exec', 'raw_exec', 'java', 'qemu', 'exec2', 'lxc']) {
    const result = looked(
      jobOf({ driver, group: other('beside', ''), task: 'env {\n A = "a"\n}', config: 'command = "x"' }),
    );
    assert.equal(result.container('app'), undefined, driver);
    assert.ok(result.container('beside'));
    for (const path of ['app.driver', 'app.config.command', 'app.env.A'])
      assert.equal(result.classOf(path), 'manual', path);
    assert.equal(JSON.stringify([...result.manifests]).includes('"image":""'), false);
  }
});

test('a group without a container is no workload', () => {
  const { manifests, classOf } = looked(jobOf({ driver: 'exec', group: 'count = 2' }));
  assert.equal(manifests.has('deployment.yaml'), false);
  assert.equal(classOf('group.app.count'), 'manual');
});

test('with a base image of the policy the program is the command; what ran on the node is still for a person', () => {
  const policy = { drivers: { exec: 'debian:12', java: 'temurin:21', raw_exec: 'debian:12' } };
  const run = (driver: string, config: string) => {
    const result = looked(jobOf({ driver }).replace(/image = .*/, config), { policy });
    return {
      command: at(result.container('app'), 'command'),
      image: at(result.container('app'), 'image'),
      class: result.classOf('app.driver'),
    };
  };
  assert.deepEqual(run('exec', 'command = "/bin/x"\nargs = ["-a"]'), {
    command: ['/bin/x', '-a'],
    image: 'debian:12',
    class: 'approximate',
  });
  assert.deepEqual(run('java', 'jar_path = "/a.jar"\njvm_options = ["-Xmx1g"]\nargs = ["s"]').command, [
    'java',
    '-Xmx1g',
    '-jar',
    '/a.jar',
    's',
  ]);
  assert.deepEqual(run('java', 'class = "Main"\nclass_path = "/c"').command, ['java', '-cp', '/c', 'Main']);
  assert.equal(run('raw_exec', 'command = "/bin/x"').class, 'manual');
});

test('what an artifact fetches goes where the task finds it, before the task starts', () => {
  const task = 'artifact {\n source = "https://e.org/a.tar.gz"\n destination = "local/a"\n}';
  const { pod, container } = looked(jobOf({ task, config: 'args = ["local/a/run"]' }));
  const fetch = at(pod(), 'initContainers', 0);
  assert.match(
    String(at(fetch, 'command', 2)),
    /curl .* 'https:\/\/e\.org\/a\.tar\.gz'\ntar -xzf \/tmp\/artifact -C '\/local\/a'/,
  );
  assert.deepEqual(at(fetch, 'volumeMounts', 0), at(container('app'), 'volumeMounts', 0));
  assert.ok(at(fetch, 'resources', 'limits', 'memory'));
});

test('an artifact that needs a credential is not fetched, and its credential stands nowhere', () => {
  for (const lines of [
    'source = "https://e.org/a?token=planted"',
    'source = "https://e.org/a"\nheaders {\n Authorization = "planted"\n}',
  ]) {
    const result = looked(jobOf({ task: `artifact {\n${lines}\n}` }));
    assert.equal(at(result.pod(), 'initContainers'), undefined);
    assert.equal(result.classOf('artifact.source'), 'manual');
    assert.doesNotMatch(JSON.stringify([[...result.manifests], result.accounts]), /planted/);
  }
});

test('an identity is a token of the cluster, in a file', () => {
  const { pod, container, classOf } = looked(
    jobOf({
      task: 'identity {\n name = "aws"\n aud = ["sts"]\n file = true\n ttl = "2m"\n}\nidentity {\n env = true\n}',
    }),
  );
  assert.deepEqual(at(pod(), 'volumes', 0, 'projected', 'sources', 0, 'serviceAccountToken'), {
    audience: 'sts',
    expirationSeconds: 600,
    path: 'nomad_aws.jwt',
  });
  assert.equal(at(container('app'), 'volumeMounts', 0, 'mountPath'), '/var/run/secrets/nomad/aws');
  assert.equal(classOf('identity[1].env'), 'manual');
});

test('what is written and empty is told as empty', () => {
  const keys = [
    'args',
    'entrypoint',
    'cap_add',
    'security_opt',
    'extra_hosts',
    'dns_servers',
    'group_add',
    'devices',
    'mounts',
    'ports',
  ];
  const config = [...keys.map((key) => `${key} = []`), 'labels = {}', 'sysctl = {}'].join('\n');
  const result = looked(jobOf({ config }));
  for (const key of [...keys, 'labels', 'sysctl']) assert.equal(result.classOf(`config.${key}`), 'dropped', key);
  assert.deepEqual(at(result.pod(), 'dnsConfig'), undefined);
  assert.equal(at(result.container('app'), 'command'), undefined);
});

test('a task whose config names no image is in no pod', () => {
  const result = looked(jobOf({ group: other('beside', '') }).replace('image = "nginx:1.27.3"', 'command = "x"'));
  assert.equal(result.container('app'), undefined);
  assert.equal(result.classOf('app.config.command'), 'manual');
});

test('a credential in meta or in a label is in no annotation', () => {
  const meta = 'meta {\n api_token = "planted-value-1"\n}';
  const result = looked(
    jobOf({ job: meta, group: meta, task: meta, config: 'labels = { "db.password" = "planted-value-2" }' }),
  );
  assert.doesNotMatch(JSON.stringify([[...result.manifests], result.accounts]), /planted/);
  assert.equal(result.classOf('meta.api_token'), 'manual');
  assert.equal(result.classOf('labels.db.password'), 'manual');
});
