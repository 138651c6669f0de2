import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, jobOf, list, looked } from './manifest.ts';
import { accountsOf } from './translated.ts';

test('each type of job is the workload that runs as it did', () => {
  const kindOf = (job: string, group = '') => at(looked(jobOf({ job, group })).workload(), 'kind');
  assert.equal(kindOf(''), 'Deployment');
  assert.equal(kindOf('type = "batch"'), 'Job');
  assert.equal(kindOf('type = "system"'), 'DaemonSet');
  assert.equal(kindOf('type = "sysbatch"'), 'DaemonSet');
  assert.equal(kindOf('type = "batch"\nperiodic {\n crons = ["@daily"]\n}'), 'CronJob');
  assert.equal(kindOf('type = "batch"\nparameterized {}'), 'CronJob');
  const volume = 'volume "data" {\n type = "csi"\n source = "data"\n per_alloc = true\n}';
  assert.equal(kindOf('', volume), 'StatefulSet');
});

test('a run on every node waits in a container that does nothing, because a pod of a DaemonSet never ends', () => {
  const { pod, container } = looked(jobOf({ job: 'type = "sysbatch"' }));
  assert.deepEqual(
    list(at(pod(), 'containers')).map((each) => at(each, 'name')),
    ['pause'],
  );
  assert.ok(container('app'), 'the task is an init container');
  assert.ok(at(container('pause'), 'resources', 'limits', 'memory'));
});

test('on every node at times is nothing that Kubernetes has: the CronJob is suspended, and told', () => {
  const { workload, classOf } = looked(jobOf({ job: 'type = "sysbatch"\nperiodic {\n cron = "@daily"\n}' }));
  assert.equal(at(workload(), 'spec', 'suspend'), true);
  assert.equal(classOf('web.type'), 'manual');
});

test('a system job ignores its count, and runs beside the control plane', () => {
  const { workload, pod, classOf } = looked(jobOf({ job: 'type = "system"', group: 'count = 3' }));
  assert.equal(at(workload(), 'spec', 'replicas'), undefined);
  assert.equal(classOf('group.app.count'), 'dropped');
  assert.deepEqual(list(at(pod(), 'tolerations')), [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
  ]);
});

test('count of a batch job is parallelism and completions; attempts are its back-off', () => {
  const group = 'count = 3\nrestart {\n attempts = 5\n}';
  const { workload, pod } = looked(jobOf({ job: 'type = "batch"', group }));
  assert.equal(at(workload(), 'spec', 'parallelism'), 3);
  assert.equal(at(workload(), 'spec', 'completions'), 3);
  assert.equal(at(workload(), 'spec', 'backoffLimit'), 5);
  assert.equal(at(pod(), 'restartPolicy'), 'OnFailure');
});

test('without restart a batch job has three attempts; with none it is not tried again', () => {
  assert.equal(at(looked(jobOf({ job: 'type = "batch"' })).workload(), 'spec', 'backoffLimit'), 3);
  const none = looked(jobOf({ job: 'type = "batch"', group: 'restart {\n attempts = 0\n}' }));
  assert.equal(at(none.workload(), 'spec', 'backoffLimit'), 0);
  assert.equal(at(none.pod(), 'restartPolicy'), 'Never');
});

const periodic = (lines: string) => jobOf({ job: `type = "batch"\nperiodic {\n${lines}\n}` });

test('a CronJob says its zone, which Nomad means to be UTC', () => {
  const spec = (lines: string) => at(looked(periodic(lines)).workload(), 'spec');
  assert.equal(at(spec('cron = "@daily"'), 'timeZone'), 'Etc/UTC');
  assert.equal(at(spec('cron = "@daily"\ntime_zone = "Europe/Berlin"'), 'timeZone'), 'Europe/Berlin');
  assert.equal(looked(periodic('cron = "@daily"\ntime_zone = "Local"')).classOf('periodic.time_zone'), 'manual');
});

test('overlap is allowed unless it is prohibited, and a disabled one is suspended', () => {
  const spec = (lines: string) => at(looked(periodic(`cron = "@daily"\n${lines}`)).workload(), 'spec');
  assert.equal(at(spec(''), 'concurrencyPolicy'), 'Allow');
  assert.equal(at(spec('prohibit_overlap = true'), 'concurrencyPolicy'), 'Forbid');
  assert.equal(at(spec('enabled = false'), 'suspend'), true);
  assert.equal(at(spec('enabled = true'), 'suspend'), false);
});

test('a sixth field is the year: the CronJob is suspended rather than run at a time that nobody meant', () => {
  const { workload, classOf } = looked(periodic('cron = "0 0 1 1 * 2030"\nenabled = true'));
  assert.equal(at(workload(), 'spec', 'suspend'), true);
  assert.equal(classOf('periodic.cron'), 'manual');
});

test('several schedules are several CronJobs with names of their own', () => {
  const { manifests } = looked(periodic('crons = ["@daily", "0 3 * * 1", "0 0 L * *"]'));
  const jobs = [...manifests.values()].filter((each) => at(each, 'kind') === 'CronJob');
  assert.deepEqual(
    jobs.map((each) => [at(each, 'metadata', 'name'), at(each, 'spec', 'schedule'), at(each, 'spec', 'suspend')]),
    [
      ['web', '@daily', undefined],
      ['web-2', '0 3 * * 1', undefined],
      ['web-3', '0 0 1 1 *', true],
    ],
  );
});

test('every name is one that Kubernetes takes, however the job is called', () => {
  const name = fc
    .oneof(
      fc.string({ minLength: 1, maxLength: 90, unit: fc.constantFrom('a', 'Z', '_', '.', '-', ' ', '9', 'ü', '/') }),
      fc.string({ minLength: 1, maxLength: 20 }),
    )
    .filter((text) => !/["\\$%\p{Cc}]/u.test(text));
  fc.assert(
    fc.property(name, name, name, (job, group, task) => {
      const text = `job "${job}" {
        type = "batch"
        periodic {
          crons = ["@daily", "@hourly"]
        }
        group "${group}" {
          task "${task}" {
            driver = "docker"
            config {
              image = "nginx"
            }
          }
        }
      }`;
      const { manifests, pod } = looked(text);
      const names = [...manifests.values()].map((each) => String(at(each, 'metadata', 'name')));
      const containers = list(at(pod(), 'containers')).map((each) => String(at(each, 'name')));
      for (const each of [...names, ...containers]) assert.match(each, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      const cronJobs = [...manifests.values()].filter((each) => at(each, 'kind') === 'CronJob');
      assert.equal(new Set(cronJobs.map((each) => at(each, 'metadata', 'name'))).size, 2);
      for (const each of cronJobs) assert.ok(String(at(each, 'metadata', 'name')).length <= 52);
    }),
    { numRuns: 40 },
  );
});

test('an old pod goes before a new one comes: Kubernetes would run two writers', () => {
  const strategy = (group: string) => at(looked(jobOf({ group })).workload(), 'spec', 'strategy');
  assert.deepEqual(strategy('count = 4'), {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
  assert.deepEqual(strategy('count = 4\nupdate {\n max_parallel = 2\n}'), {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 2, maxSurge: 0 },
  });
  assert.deepEqual(strategy('count = 4\nupdate {\n max_parallel = 0\n}'), {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '100%', maxSurge: 0 },
  });
});

test('whoever holds a device, the port of a node or its network is alone', () => {
  const type = (parts: Parameters<typeof jobOf>[0]) => at(looked(jobOf(parts)).workload(), 'spec', 'strategy', 'type');
  assert.equal(type({ task: 'resources {\n device "nvidia/gpu" {}\n}' }), 'Recreate');
  assert.equal(type({ config: 'runtime = "nvidia"' }), 'Recreate');
  assert.equal(type({ config: 'network_mode = "host"' }), 'Recreate');
  assert.equal(type({ group: 'network {\n port "p" {\n static = 53\n}\n}' }), 'Recreate');
  assert.equal(type({}), 'RollingUpdate');
});

test('canaries come beside the old, but never beside one that must be alone', () => {
  const canary = 'count = 3\nupdate {\n canary = 2\n auto_promote = true\n}';
  const beside = looked(jobOf({ group: canary }));
  assert.deepEqual(at(beside.workload(), 'spec', 'strategy', 'rollingUpdate'), { maxUnavailable: 0, maxSurge: 2 });
  const alone = looked(jobOf({ group: 'update {\n canary = 1\n}', config: 'network_mode = "host"' }));
  assert.equal(at(alone.workload(), 'spec', 'strategy', 'type'), 'Recreate');
  assert.equal(alone.classOf('update.canary'), 'manual');
});

test("a group's update wins over its job's, key by key, and what it replaces is told", () => {
  const job = 'update {\n max_parallel = 2\n min_healthy_time = "30s"\n}';
  const result = looked(jobOf({ job, group: 'count = 5\nupdate {\n max_parallel = 3\n}' }));
  assert.equal(at(result.workload(), 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'), 3);
  assert.equal(at(result.workload(), 'spec', 'minReadySeconds'), 30);
  assert.equal(result.classOf('job.web.update.max_parallel'), 'dropped');
});

test('times of an update: the deadline is above the time that a pod must be ready', () => {
  const spec = (update: string) => at(looked(jobOf({ group: `update {\n${update}\n}` })).workload(), 'spec');
  assert.equal(at(spec(''), 'minReadySeconds'), 10);
  assert.equal(at(spec(''), 'progressDeadlineSeconds'), 600);
  assert.equal(at(spec('progress_deadline = "0"'), 'progressDeadlineSeconds'), 600);
  const late = spec('min_healthy_time = "20m"');
  assert.equal(at(late, 'minReadySeconds'), 1200);
  assert.equal(at(late, 'progressDeadlineSeconds'), 1201);
});

test('what Kubernetes never does by itself is for a person', () => {
  const result = looked(
    jobOf({
      group: `update {
        auto_revert = true
        health_check = "manual"
        canary = 1
        auto_promote = false
      }
      reschedule {
        attempts = 0
        unlimited = false
      }
      disconnect {
        replace = false
      }
      max_run_duration = "1h"`,
    }),
  );
  for (const path of [
    'auto_revert',
    'health_check',
    'auto_promote',
    'reschedule.attempts',
    'disconnect.replace',
    'max_run_duration',
  ]) {
    assert.equal(result.classOf(path), 'manual', path);
  }
});

test('a limit of time ends a Job', () => {
  const { workload } = looked(jobOf({ job: 'type = "batch"', group: 'max_run_duration = "90m"' }));
  assert.equal(at(workload(), 'spec', 'activeDeadlineSeconds'), 5400);
});

test('two groups: selectors never meet', () => {
  const { manifests } = looked(`job "web" {
    group "a" {
      task "t" {
        driver = "docker"
        config {
          image = "nginx"
        }
      }
    }
    group "b" {
      task "t" {
        driver = "docker"
        config {
          image = "nginx"
        }
      }
    }
  }`);
  const workloads = [...manifests.values()].filter((each) => at(each, 'kind') === 'Deployment');
  assert.deepEqual(
    workloads.map((each) => at(each, 'spec', 'selector', 'matchLabels')),
    [
      { app: 'web', component: 'a' },
      { app: 'web', component: 'b' },
    ],
  );
  for (const each of workloads) {
    assert.deepEqual(at(each, 'spec', 'template', 'metadata', 'labels'), at(each, 'spec', 'selector', 'matchLabels'));
  }
});

test('scaling by CPU is an autoscaler, and then nobody else says how many', () => {
  const scaling = (check: string, more = '') => `scaling {
      min = 2
      max = 6
      ${more}
      policy {
        check "c" {
          source = "nomad-apm"
          query = "${check}"
          strategy "target-value" {
            target = 60
          }
        }
      }
    }`;
  const scaled = looked(jobOf({ group: scaling('avg_cpu') }));
  const autoscaler = at(scaled.manifests.get('horizontalpodautoscaler.yaml'), 'spec');
  assert.equal(at(autoscaler, 'minReplicas'), 2);
  assert.equal(at(autoscaler, 'maxReplicas'), 6);
  assert.equal(at(autoscaler, 'metrics', 0, 'resource', 'target', 'averageUtilization'), 60);
  assert.equal(at(scaled.workload(), 'spec', 'replicas'), undefined);
  // without an autoscaler there are as many as Nomad starts with
  for (const group of [scaling('requests'), scaling('avg_cpu', 'enabled = false')]) {
    const result = looked(jobOf({ group }));
    assert.equal(result.manifests.has('horizontalpodautoscaler.yaml'), false);
    assert.equal(at(result.workload(), 'spec', 'replicas'), 2);
  }
  assert.equal(looked(jobOf({ group: scaling('requests') })).classOf('check.c.query'), 'manual');
  // where a second pod would be a second writer, or wait for ever
  const volume = 'volume "data" {\n type = "csi"\n source = "data"\n access_mode = "single-node-writer"\n}';
  for (const more of [
    { group: `${scaling('avg_cpu')}\n${volume}` },
    { group: scaling('avg_cpu'), task: 'resources {\n device "nvidia/gpu" {}\n}' },
    { group: `${scaling('avg_cpu')}\nnetwork {\n port "p" {\n static = 53\n}\n}` },
  ]) {
    const alone = looked(jobOf(more));
    assert.equal(alone.manifests.has('horizontalpodautoscaler.yaml'), false);
    assert.equal(at(alone.workload(), 'spec', 'replicas'), 2);
    for (const line of ['scaling.max', 'check.c.query']) assert.equal(alone.classOf(line), 'manual');
  }
});

test('each workload is watched by a VerticalPodAutoscaler that changes nothing, unless the policy says otherwise', () => {
  const vpa = looked(jobOf({})).manifests.get('vpa.yaml');
  assert.equal(at(vpa, 'metadata', 'name'), 'web-vpa');
  assert.deepEqual(at(vpa, 'spec', 'targetRef'), { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' });
  assert.equal(at(vpa, 'spec', 'updatePolicy', 'updateMode'), 'Off');
  assert.equal(looked(jobOf({}), { policy: { vpa: 'none' } }).manifests.has('vpa.yaml'), false);
});

test('a namespace of its own is made once, in the first module that is in it', () => {
  const first = jobOf({ job: 'namespace = "team"' });
  const { manifests } = looked([first, first.replace('"web"', '"api"')]);
  const made = [...manifests].filter(([, each]) => at(each, 'kind') === 'Namespace').map(([file]) => file);
  assert.deepEqual(made, ['namespace.yaml']);
  assert.equal(at(manifests.get('api/deployment.yaml'), 'metadata', 'namespace'), 'team');
  assert.equal(looked(jobOf({})).manifests.has('namespace.yaml'), false);
});

test('priority 50 is no priority; others are a class above or below it', () => {
  const value = (priority: number) =>
    at(looked(jobOf({ job: `priority = ${priority}` })).manifests.get('priorityclass.yaml'), 'value');
  assert.equal(value(50), undefined);
  assert.equal(value(80), 30_000);
  assert.equal(value(20), -30_000);
  assert.equal(at(looked(jobOf({ job: 'priority = 80' })).pod(), 'priorityClassName'), 'web-priority');
});

test('where a job may run: everywhere is nothing, a place without a label is for a person', () => {
  const classOf = (job: string, path: string, policy = {}) => looked(jobOf({ job }), { policy }).classOf(path);
  assert.equal(classOf('datacenters = ["*"]', 'datacenters'), 'dropped');
  assert.equal(classOf('datacenters = ["dc1"]', 'datacenters'), 'dropped');
  assert.equal(classOf('datacenters = ["north"]', 'datacenters'), 'manual');
  assert.equal(classOf('region = "global"', 'region'), 'dropped');
  assert.equal(classOf('region = "eu"', 'region'), 'manual');
  assert.equal(classOf('node_pool = "all"', 'node_pool'), 'dropped');
  const policy = { nodeLabels: { 'node.datacenter': 'zone', 'node.pool': 'pool' } };
  const placed = looked(jobOf({ job: 'datacenters = ["north", "south"]\nnode_pool = "big"' }), { policy });
  const required = at(placed.pod(), 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  const expressions = list(at(required, 'nodeSelectorTerms', 0, 'matchExpressions'));
  assert.deepEqual(expressions.slice(0, 2), [
    { key: 'zone', operator: 'In', values: ['north', 'south'] },
    { key: 'pool', operator: 'In', values: ['big'] },
  ]);
});

test('a datacenter that all jobs share is the cluster', () => {
  const first = jobOf({ job: 'datacenters = ["home"]' });
  const result = looked([first, first.replace('"web"', '"api"')]);
  assert.deepEqual(
    accountsOf(result, 'datacenters').map((account) => account.class),
    ['dropped', 'dropped'],
  );
});

test("meta: the task's before the group's before the job's", () => {
  const meta = (value: string) => `meta {\n who = "${value}"\n}`;
  const { workload, container } = looked(
    jobOf({ job: meta('job'), group: meta('group'), task: `${meta('task')}\nenv {\n WHO = "\${NOMAD_META_who}"\n}` }),
  );
  assert.equal(at(workload(), 'spec', 'template', 'metadata', 'annotations', 'meta.larder.dev/who'), 'task');
  assert.deepEqual(at(container('app'), 'env', 0), { name: 'WHO', value: 'task' });
});

test('a CSI plugin is refused, with what to do instead', () => {
  const { diagnostics } = looked(jobOf({ task: 'csi_plugin {\n id = "nfs"\n type = "node"\n mount_dir = "/csi"\n}' }));
  const [refusal] = diagnostics.filter(({ code }) => code === 'LARDER_NOMAD_REFUSED');
  assert.equal(refusal?.severity, 'error');
  assert.match(refusal?.message ?? '', /CSI plugin nfs .* StorageClass/);
  assert.equal(refusal?.at?.line, 7);
});
