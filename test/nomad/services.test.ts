import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf, translated } from './translated.ts';
import { at, items, manifestIn, ofKind } from './written.ts';

/** A job of one group and one docker task. */
function job(group: string, { task = '', name = 'app' } = {}): string {
  return `job "${name}" {
  group "${name}" {
${group}
    task "main" {
      driver = "docker"
      config {
        image = "example.org/app:1"
      }
${task}
    }
  }
}
`;
}

const container = ['spec', 'template', 'spec', 'containers', 0] as const;

test('a port: its number inside, its label as name; static is a hostPort and one pod at a time', () => {
  const result = translated(job('network {\n port "http" {\n static = 80\n to = 8080\n }\n}'));
  const deployment = manifestIn(result, 'deployment.yaml');
  assert.deepEqual(at(deployment, ...container, 'ports'), [{ name: 'http', containerPort: 8080, hostPort: 80 }]);
  assert.equal(at(deployment, 'spec', 'strategy', 'type'), 'Recreate');
  assert.deepEqual(
    result.questions.filter(({ id }) => id.startsWith('app.')).map(({ id, fallback }) => [id, fallback]),
    [['app.port.http', 'hostPort']],
  );
  assert.equal(accountsOf(result, 'http.static')[0]?.class, 'approximate');
});

test('two labels of one number are one port of the container, which a cluster takes once', () => {
  const ports =
    'port "http" {\n to = 8080\n static = 80\n }\n port "metrics" {\n to = 8080\n }\n port "old" {\n to = 8080\n static = 81\n }';
  const result = translated(job(`network {\n ${ports}\n}\nservice {\n name = "m"\n port = "metrics"\n}`));
  const deployment = manifestIn(result, 'deployment.yaml');
  assert.deepEqual(at(deployment, ...container, 'ports'), [{ name: 'http', containerPort: 8080, hostPort: 80 }]);
  assert.equal(at(manifestIn(result, 'service.yaml'), 'spec', 'ports', 0, 'targetPort'), 'http');
  assert.equal(accountsOf(result, 'old.static')[0]?.class, 'manual');
});

test('a port that is picked is none that another has', () => {
  const result = translated(job('network {\n port "a" {}\n port "b" {\n to = 20000\n }\n}'));
  const ports = items(at(manifestIn(result, 'deployment.yaml'), ...container, 'ports'));
  assert.deepEqual(ports.map((port) => at(port, 'containerPort')).toSorted(), [20000, 20001]);
});

test('the answer decides how a port of the nodes is reached', () => {
  const text = job('network {\n port "http" {\n static = 31000\n to = 8080\n }\n}');
  const node = translated(text, { answers: { 'app.port.http': 'NodePort' } });
  const service = manifestIn(node, 'service.yaml');
  assert.equal(at(service, 'spec', 'type'), 'NodePort');
  assert.equal(at(service, 'spec', 'ports', 0, 'nodePort'), 31000);
  assert.equal(at(manifestIn(node, 'deployment.yaml'), ...container, 'ports', 0, 'hostPort'), undefined);
  const none = translated(text, { answers: { 'app.port.http': 'none' } });
  assert.deepEqual(ofKind(none, 'Service'), []);
  const low = translated(text.replace('31000', '80'), { answers: { 'app.port.http': 'NodePort' } });
  assert.equal(at(manifestIn(low, 'service.yaml'), 'spec', 'ports', 0, 'nodePort'), undefined);
});

test('a port that Nomad picks is picked once, and told to the application', () => {
  const result = translated(job('network {\n port "http" {}\n}\nservice {\n port = "http"\n}'));
  const main = at(manifestIn(result, 'deployment.yaml'), ...container);
  assert.equal(at(main, 'ports', 0, 'containerPort'), 20000);
  assert.deepEqual(at(main, 'env'), [{ name: 'NOMAD_PORT_http', value: '20000' }]);
  assert.equal(at(manifestIn(result, 'service.yaml'), 'spec', 'ports', 0, 'port'), 20000);
});

test('a port of the proxy alone is dropped with the meta that tells it', () => {
  const result = translated(
    job(`network {
  mode = "bridge"
  port "envoy_metrics" {
    to = 9102
  }
}
service {
  port = "8080"
  meta {
    envoy_metrics_port = "\${NOMAD_HOST_PORT_envoy_metrics}"
  }
  connect {
    sidecar_service {}
  }
}`),
  );
  const ports = at(manifestIn(result, 'deployment.yaml'), ...container, 'ports');
  assert.deepEqual(ports, [{ name: 'port-8080', containerPort: 8080 }]);
  for (const line of ['envoy_metrics', 'envoy_metrics.to', 'meta.envoy_metrics_port']) {
    assert.deepEqual(
      accountsOf(result, line).map((each) => each.class),
      ['dropped'],
      line,
    );
  }
});

test('host network, DNS and host name of the pod', () => {
  const result = translated(
    job('network {\n mode = "host"\n hostname = "one"\n dns {\n servers = ["10.0.0.1"]\n options = ["ndots:2"]\n }\n}'),
  );
  const pod = at(manifestIn(result, 'deployment.yaml'), 'spec', 'template', 'spec');
  assert.equal(at(pod, 'hostNetwork'), true);
  assert.equal(at(pod, 'dnsPolicy'), 'ClusterFirstWithHostNet');
  assert.equal(at(pod, 'hostname'), 'one');
  assert.deepEqual(at(pod, 'dnsConfig'), { nameservers: ['10.0.0.1'], options: [{ name: 'ndots', value: '2' }] });
});

test('no network at all is a policy that denies everything', () => {
  const policy = manifestIn(translated(job('network {\n mode = "none"\n}')), 'networkpolicy.yaml');
  assert.deepEqual(at(policy, 'spec'), {
    podSelector: { matchLabels: { app: 'app' } },
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('names of services: the given one folded, else the job where it is alone, else job and group', () => {
  const named = translated(job('service {\n name = "My_App"\n port = "8080"\n}'));
  assert.equal(at(manifestIn(named, 'service.yaml'), 'metadata', 'name'), 'my-app');
  assert.equal(accountsOf(named, 'service.name')[0]?.class, 'approximate');
  const unnamed = translated(job('service {\n port = "8080"\n}'));
  assert.equal(at(manifestIn(unnamed, 'service.yaml'), 'metadata', 'name'), 'app');
  const variables = translated(job('service {\n name = "${JOB}-${TASKGROUP}-x"\n port = "8080"\n}'));
  assert.equal(at(manifestIn(variables, 'service.yaml'), 'metadata', 'name'), 'app-app-x');
});

test('regression: one service of two workloads becomes two Services, each for the pods of one', () => {
  const group = (name: string): string => `group "${name}" {
  service {
    name = "twin"
    port = "80"
  }
  task "${name}" {
    driver = "docker"
    config {
      image = "example.org/twin:1"
    }
  }
}`;
  const result = translated(`job "pair" {\n${group('left')}\n${group('right')}\n}`);
  const services = ofKind(result, 'Service');
  assert.deepEqual(
    services.map((each) => [at(each, 'metadata', 'name'), at(each, 'spec', 'selector')]),
    [
      ['twin', { app: 'pair', component: 'left' }],
      ['twin-pair-right', { app: 'pair', component: 'right' }],
    ],
  );
  const told = result.accounts.filter(({ row, class: kind }) => row === 'service.name' && kind === 'manual');
  assert.equal(told.length, 1);
});

test('two services on one port are two Services; blocks that share a name are one with two ports', () => {
  const two = translated(job('service {\n name = "a"\n port = "80"\n}\nservice {\n name = "b"\n port = "80"\n}'));
  assert.equal(ofKind(two, 'Service').length, 2);
  const one = translated(job('service {\n name = "a"\n port = "80"\n}\nservice {\n name = "a"\n port = "81"\n}'));
  const [service, ...rest] = ofKind(one, 'Service');
  assert.deepEqual(rest, []);
  assert.deepEqual(
    items(at(service, 'spec', 'ports')).map((port) => at(port, 'port')),
    [80, 81],
  );
});

test('a service without a port, or with one that the job has not, gets no Service and says so', () => {
  const result = translated(job('service {\n name = "a"\n}\nservice {\n name = "b"\n port = "nowhere"\n}'));
  assert.deepEqual(ofKind(result, 'Service'), []);
  assert.equal(accountsOf(result, 'service[1].port')[0]?.class, 'manual');
});

test('an address of somebody else is a Service without selector, and never the pods', () => {
  const result = translated(job('service {\n name = "a"\n port = "80"\n address = "10.0.0.9"\n}'));
  assert.equal(at(manifestIn(result, 'service.yaml'), 'spec', 'selector'), undefined);
  assert.deepEqual(at(manifestIn(result, 'endpointslice.yaml'), 'endpoints', 0, 'addresses'), ['10.0.0.9']);
  const six = translated(job('service {\n name = "a"\n port = "80"\n address = "2001:db8::9"\n}'));
  assert.equal(at(manifestIn(six, 'endpointslice.yaml'), 'addressType'), 'IPv6');
  const named = translated(job('service {\n name = "a"\n port = "80"\n address = "x.example.org"\n}'));
  assert.equal(at(manifestIn(named, 'service.yaml'), 'spec', 'externalName'), 'x.example.org');
});

const check = (inner: string, service = ''): string =>
  job(`network {
  port "http" {
    to = 8080
  }
  port "admin" {
    to = 8081
  }
}
service {
  name = "app"
  port = "http"
${service}
  check {
    interval = "15s"
    timeout  = "1500ms"
${inner}
  }
}`);

test('a check is a readiness probe, and by policy a patient liveness probe with a startup probe', () => {
  const main = at(manifestIn(translated(check('type = "http"\npath = "/up"')), 'deployment.yaml'), ...container);
  assert.deepEqual(at(main, 'readinessProbe'), {
    httpGet: { path: '/up', port: 'http' },
    periodSeconds: 15,
    timeoutSeconds: 2,
    failureThreshold: 1,
  });
  assert.equal(at(main, 'livenessProbe', 'failureThreshold'), 5);
  assert.deepEqual([at(main, 'startupProbe', 'periodSeconds'), at(main, 'startupProbe', 'failureThreshold')], [10, 30]);
  const without = translated(check('type = "http"\npath = "/up"'), { policy: { liveness: false } });
  assert.equal(at(manifestIn(without, 'deployment.yaml'), ...container, 'livenessProbe'), undefined);
});

test('check_restart restarts after its limit, also without the policy; the service may say it for all', () => {
  const restart = 'check_restart {\n limit = 3\n grace = "10m"\n}';
  for (const text of [check(`type = "tcp"\n${restart}`), check('type = "tcp"', restart)]) {
    const result = translated(text, { policy: { liveness: false } });
    const main = at(manifestIn(result, 'deployment.yaml'), ...container);
    assert.equal(at(main, 'livenessProbe', 'failureThreshold'), 3);
    assert.equal(at(main, 'startupProbe', 'failureThreshold'), 60);
  }
});

test('kinds of checks: tcp, grpc, script; another port; a task', () => {
  const probe = (inner: string): unknown =>
    at(manifestIn(translated(check(inner)), 'deployment.yaml'), ...container, 'readinessProbe');
  assert.deepEqual(at(Object(probe('type = "tcp"\nport = "admin"')), 'tcpSocket'), { port: 'admin' });
  assert.deepEqual(at(Object(probe('type = "grpc"\ngrpc_service = "a.b"')), 'grpc'), { port: 8080, service: 'a.b' });
  assert.deepEqual(at(Object(probe('type = "grpc"\ngrpc_use_tls = true')), 'tcpSocket'), { port: 'http' });
  assert.deepEqual(at(Object(probe('type = "script"\ncommand = "/bin/x"\nargs = ["-a"]')), 'exec'), {
    command: ['/bin/x', '-a'],
  });
  assert.deepEqual(at(Object(probe('type = "http"\npath = "up"\nprotocol = "https"\nmethod = "HEAD"')), 'httpGet'), {
    path: '/up',
    port: 'http',
    scheme: 'HTTPS',
  });
  assert.deepEqual(at(Object(probe('type = "http"\npath = "/rpc"\nmethod = "POST"')), 'tcpSocket'), { port: 'http' });
});

test('regression: a probe never aims at a port of the proxy', () => {
  const exposed = `network {
  mode = "bridge"
  port "probe" {}
}
service {
  name = "app"
  port = "8080"
  connect {
    sidecar_service {
      proxy {
        expose {
          path {
            path            = "/up"
            protocol        = "http"
            local_path_port = 8080
            listener_port   = "probe"
          }
        }
      }
    }
  }
  check {
    type     = "http"
    path     = "/up"
    port     = "probe"
    interval = "10s"
    timeout  = "2s"
  }
}`;
  for (const text of [exposed, exposed.replace('port     = "probe"\n', 'expose   = true\n')]) {
    const main = at(manifestIn(translated(job(text)), 'deployment.yaml'), ...container);
    assert.equal(at(main, 'readinessProbe', 'httpGet', 'port'), 'port-8080', text);
  }
});

test('a header with a credential is in no manifest; another is', () => {
  const result = translated(
    check(
      'type = "http"\npath = "/"\nheader {\n Authorization = ["Bearer planted-token"]\n Host = ["a.example.org"]\n}',
    ),
  );
  const manifest = JSON.stringify([...result.manifests.values()]);
  assert.doesNotMatch(manifest, /planted-token/);
  assert.match(manifest, /a\.example\.org/);
  assert.equal(accountsOf(result, 'header.Authorization')[0]?.class, 'manual');
});

test('of several checks one is the readiness probe, one the liveness probe, the others are told', () => {
  const one = (name: string): string =>
    `check {\n name = "${name}"\n type = "http"\n path = "/${name}"\n interval = "10s"\n timeout = "2s"\n}`;
  const result = translated(job(`service {\n port = "80"\n${['alive', 'ready', 'third'].map(one).join('\n')}\n}`));
  const main = at(manifestIn(result, 'deployment.yaml'), ...container);
  assert.equal(at(main, 'readinessProbe', 'httpGet', 'path'), '/ready');
  assert.equal(at(main, 'livenessProbe', 'httpGet', 'path'), '/alive');
  assert.equal(accountsOf(result, 'check[2].path')[0]?.class, 'manual');
});

test('regression: an application that listens on 127.0.0.1 is told, a client that calls there is not', () => {
  const result = translated(
    job('service {\n port = "80"\n}', { task: 'env {\n HTTP_HOST = "127.0.0.1"\n DB_HOST = "127.0.0.1"\n}' }),
  );
  const rows = (name: string): readonly string[] => accountsOf(result, `env.${name}`).map(({ row }) => row);
  assert.ok(rows('HTTP_HOST').includes('service.loopback'));
  assert.ok(!rows('DB_HOST').includes('service.loopback'));
});

test('regression: of two blocks of one service, the port of a task that is in no pod is for a person', () => {
  const own =
    'network {\n port "http" {\n to = 1\n }\n}\nservice {\n name = "web"\n port = "8080"\n}\n task "unknown" {}';
  const result = translated(job(own, { task: 'service {\n name = "web"\n port = "http"\n}' }));
  const ports = items(at(manifestIn(result, 'service.yaml'), 'spec', 'ports'));
  assert.deepEqual(
    ports.map((port) => at(port, 'port')),
    [1],
  );
  const classes = accountsOf(result, 'service.port').map((each) => [each.class, each.text]);
  assert.ok(
    classes.some(([verdict, text]) => verdict === 'manual' && /8080/.test(text ?? '')),
    JSON.stringify(classes),
  );
});
