import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CiliumNetworkPolicy } from '@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy';
import { precedence } from '../../src/nomad/translate/policy/decision.ts';
import type { Intention } from '../../src/nomad/translate/scope.ts';
import { convertedTexts } from './converted.ts';
import { accountsOf, type Given, type Translated, translated } from './translated.ts';
import { at, items, manifestIn, ofKind } from './written.ts';

interface Caller {
  readonly env?: Readonly<Record<string, string>>;
  readonly upstreams?: Readonly<Record<string, number>>;
}

function job(name: string, port: string, { env = {}, upstreams = {} }: Caller = {}): string {
  const variables = Object.entries(env).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const blocks = Object.entries(upstreams).map(
    ([to, bind]) => `upstreams {\n destination_name = "${to}"\n local_bind_port = ${bind}\n}`,
  );
  return `job "${name}" {
  datacenters = ["dc1"]
  group "${name}" {
    network {
      mode = "bridge"
    }
    service {
      name = "${name}"
      port = "${port}"
      connect {
        sidecar_service {
          proxy {
            ${blocks.join('\n')}
          }
        }
      }
    }
    task "main" {
      driver = "docker"
      config {
        image = "example.org/${name}:1"
      }
      env {
        ${variables.join('\n')}
      }
    }
  }
}
`;
}

const keeper = job('keeper', '9000');

/** What a value of the environment becomes beside a job `keeper` that listens on 9000. */
function spoken(value: string): { readonly text: string; readonly class: string } {
  const result = translated([job('reader', '80', { env: { X: value } }), keeper]);
  const env = items(at(manifestIn(result, 'deployment.yaml'), 'spec', 'template', 'spec', 'containers', 0, 'env'));
  const found = env.find((each) => at(each, 'name') === 'X');
  const classes = accountsOf(result, 'env.X').map((each) => each.class);
  const worst = ['manual', 'approximate', 'direct'].find((each) => classes.some((one) => one === each));
  return { text: String(at(found, 'value')), class: worst ?? '' };
}

const dns = 'keeper.default.svc.cluster.local';

test('regression: names of Consul become Services with the port that they really have', () => {
  for (const [before, after] of [
    ['http://keeper.virtual.consul', `http://${dns}:9000`],
    ['http://keeper.virtual.consul/feed?x=1', `http://${dns}:9000/feed?x=1`],
    ['http://keeper.virtual.consul:9000/x', `http://${dns}:9000/x`],
    ['http://keeper.virtual.consul:1234/x', `http://${dns}:9000/x`],
    ['https://user@keeper.service.consul', `https://user@${dns}:9000`],
    ['redis://keeper.connect.consul/1', `redis://${dns}:9000/1`],
    ['keeper.service.dc1.consul', dns],
    ['keeper.service.dc1.dc.consul:9000', `${dns}:9000`],
    ['keeper.virtual.team.ns.consul', dns],
    ['http://v2.keeper.service.consul:80', `http://${dns}:9000`],
    ['_keeper._tcp.service.consul', `_port-9000._tcp.${dns}`],
    ['_keeper._v1.service.dc1.consul', `_port-9000._tcp.${dns}`],
    ['a=http://keeper.virtual.consul b=keeper.service.consul:9000', `a=http://${dns}:9000 b=${dns}:9000`],
    ['KEEPER.Service.Consul', dns],
  ] as const) {
    assert.equal(spoken(before).text, after, before);
  }
});

test('names that nothing stands behind stay, and are told', () => {
  for (const text of [
    'http://stranger.virtual.consul',
    'keeper.service.dc9.consul',
    'keeper.virtual.far.peer.consul',
    'node1.node.consul',
    'prepared.query.consul',
  ]) {
    assert.deepEqual(spoken(text), { text, class: 'manual' });
  }
});

test('what only looks like a name of Consul stays', () => {
  for (const text of ['https://developer.hashicorp.consul.io/x', 'keeper.virtual.consulting', 'my-consul', 'consul']) {
    assert.equal(spoken(text).text, text);
  }
});

test('upstreams: the variables name the Service, with - and with _', () => {
  const result = translated([
    job('web', '80', {
      env: { A: '${NOMAD_UPSTREAM_ADDR_my_db}', B: '${NOMAD_UPSTREAM_IP_my-db}', C: '${NOMAD_UPSTREAM_PORT_my_db}' },
      upstreams: { 'my-db': 5432 },
    }),
    job('my-db', '5000'),
  ]);
  const env = items(at(manifestIn(result, 'deployment.yaml'), 'spec', 'template', 'spec', 'containers', 0, 'env'));
  const db = 'my-db.default.svc.cluster.local';
  assert.deepEqual(env, [
    { name: 'A', value: `${db}:5000` },
    { name: 'B', value: db },
    { name: 'C', value: '5000' },
  ]);
});

test('upstreams: an application that asks nothing in its job still finds them; an address written out is told', () => {
  const result = translated([
    job('web', '80', { env: { X: 'http://localhost:7000' }, upstreams: { db: 7000 } }),
    job('db', '5000'),
  ]);
  const env = items(at(manifestIn(result, 'deployment.yaml'), 'spec', 'template', 'spec', 'containers', 0, 'env'));
  assert.ok(env.some((each) => at(each, 'name') === 'NOMAD_UPSTREAM_ADDR_db'));
  assert.equal(accountsOf(result, 'upstreams.local_bind_port')[0]?.class, 'manual');
  const unknown = translated(job('web', '80', { upstreams: { ghost: 7000 } }));
  assert.equal(accountsOf(unknown, 'upstreams.destination_name')[0]?.class, 'manual');
});

function intention(source: string, destination: string, rest: Partial<Intention>): Intention {
  const between = { source, destination };
  return { ...between, permissions: [], precedence: precedence(between), file: 'i.hcl', line: 3, ...rest };
}

const three = [
  job('web', '80', { upstreams: { db: 7000 } }),
  job('spy', '81', { upstreams: { db: 7000 } }),
  job('db', '5000'),
];

function guarded(intentions: readonly Intention[], given: Given = {}): Translated {
  return translated(three, { ...given, surroundings: { intentions } });
}

/** The apps that a policy lets in, and namespaces behind a slash. */
function letIn(result: Translated, file = 'db/networkpolicy.yaml'): readonly string[] {
  return items(at(manifestIn(result, file), 'spec', 'ingress')).flatMap((rule) =>
    items(at(rule, 'from')).map((peer) => {
      const app = at(peer, 'podSelector', 'matchLabels', 'app');
      return String(app ?? `/${at(peer, 'namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name') ?? '*'}`);
    }),
  );
}

test('calls that the jobs speak of are let in, and nobody else', () => {
  const result = guarded([]);
  assert.deepEqual(letIn(result), ['web', 'spy', '/monitoring']);
  assert.deepEqual(at(manifestIn(result, 'db/networkpolicy.yaml'), 'spec', 'podSelector', 'matchLabels'), {
    app: 'db',
  });
  assert.equal(ofKind(result, 'NetworkPolicy').length, 1);
  assert.deepEqual(ofKind(guarded([], { policy: { policies: 'none' } }), 'NetworkPolicy'), []);
});

test('an intention counts before a call that was found; what it denies is told', () => {
  const result = guarded([intention('web', 'db', { action: 'allow' }), intention('*', 'db', { action: 'deny' })]);
  assert.deepEqual(letIn(result), ['web', '/monitoring']);
  const told = result.accounts.filter(({ row, class: kind }) => row === 'policy.edges' && kind === 'manual');
  assert.match(told[0]?.text ?? '', /not let in: spy: the intention at i\.hcl:3 denies it/);
});

test('everybody is let in by *, but not where somebody is denied', () => {
  assert.deepEqual(letIn(guarded([intention('*', 'db', { action: 'allow' })])), ['/*']);
  const but = guarded([intention('*', 'db', { action: 'allow' }), intention('spy', 'db', { action: 'deny' })]);
  assert.deepEqual(letIn(but), ['web', '/monitoring']);
});

test('requests: rules of HTTP with Cilium, nobody without', () => {
  const permissions = [
    { action: 'allow' as const, path: { kind: 'prefix' as const, value: '/v1' }, methods: ['GET'], headers: [] },
  ];
  const given = [intention('web', 'db', { permissions }), intention('spy', 'db', { action: 'allow' })];
  assert.deepEqual(letIn(guarded(given)), ['spy', '/monitoring']);
  const result = guarded(given, { policy: { policies: 'cilium' } });
  const policy = manifestIn(result, 'db/ciliumnetworkpolicy.yaml');
  assert.doesNotThrow(() => new CiliumNetworkPolicy(JSON.parse(JSON.stringify(policy))).validate());
  const limited = items(at(policy, 'spec', 'ingress')).find((rule) => at(rule, 'toPorts', 0, 'rules') !== undefined);
  assert.deepEqual(at(limited, 'fromEndpoints'), [{ matchLabels: { app: 'web' } }]);
  assert.deepEqual(at(limited, 'toPorts', 0, 'rules', 'http'), [{ method: '^GET$', path: '^/v1.*$' }]);
});

test('denied by default only on request, with DNS and the known calls allowed', () => {
  const policies = (kind: string): Translated => guarded([], { policy: { policies: kind, defaultDeny: true } });
  const web = manifestIn(policies('kubernetes'), 'networkpolicy.yaml');
  assert.equal(at(web, 'metadata', 'name'), 'web-default-deny');
  assert.deepEqual(at(web, 'spec', 'policyTypes'), ['Ingress', 'Egress']);
  assert.equal(at(web, 'spec', 'egress', 0, 'ports', 0, 'port'), 53);
  assert.deepEqual(at(web, 'spec', 'egress', 1, 'to', 0, 'podSelector', 'matchLabels'), { app: 'db' });
  for (const policy of ofKind(policies('cilium'), 'CiliumNetworkPolicy')) {
    assert.doesNotThrow(() => new CiliumNetworkPolicy(JSON.parse(JSON.stringify(policy))).validate());
  }
});

test('ports beside the mesh stay open: a hostPort, another service', () => {
  const text = job('db', '5000').replace('mode = "bridge"', 'mode = "bridge"\n port "admin" {\n static = 6000\n }');
  const result = translated([job('web', '80', { upstreams: { db: 7000 } }), text]);
  const rules = items(at(manifestIn(result, 'db/networkpolicy.yaml'), 'spec', 'ingress'));
  const open = rules.find((rule) => at(rule, 'from') === undefined);
  assert.deepEqual(at(open, 'ports'), [{ port: 6000, protocol: 'TCP' }]);
});

test('gateways: routes instead of workloads', () => {
  const gateway = (inner: string): string => `job "edge" {
  group "edge" {
    network {
      mode = "bridge"
    }
    service {
      name = "edge"
      connect {
        gateway {
          ${inner}
        }
      }
    }
  }
}`;
  const ingress = translated([
    gateway(
      'ingress {\n listener {\n port = 80\n protocol = "http"\n service {\n name = "keeper"\n hosts = ["k.example.org"]\n }\n }\n }',
    ),
    keeper,
  ]);
  assert.deepEqual(
    ofKind(ingress, 'Deployment').map((each) => at(each, 'metadata', 'name')),
    ['keeper'],
  );
  const rule = at(manifestIn(ingress, 'ingress.yaml'), 'spec', 'rules', 0);
  assert.equal(at(rule, 'host'), 'k.example.org');
  assert.ok(letIn(ingress, 'keeper/networkpolicy.yaml').includes('/traefik'));
  const outside = gateway('terminating {\n service {\n name = "legacy"\n }\n }');
  assert.equal(accountsOf(translated(outside), 'terminating.service.name')[0]?.class, 'manual');
  const answered = translated(outside, { answers: { 'external.legacy': 'legacy.example.org' } });
  assert.equal(at(manifestIn(answered, 'service.yaml'), 'spec', 'externalName'), 'legacy.example.org');
});

test('the proxy is gone: its settings are told where something may rely on them', () => {
  const text = job('web', '80').replace(
    'proxy {',
    'proxy {\n config {\n protocol = "http"\n local_request_timeout_ms = 1\n }\n',
  );
  const result = translated(text);
  assert.equal(accountsOf(result, 'config.protocol')[0]?.class, 'dropped');
  assert.equal(accountsOf(result, 'config.local_request_timeout_ms')[0]?.class, 'manual');
});

test('intentions that Terraform writes count as those of files', () => {
  const main = `resource "consul_config_entry" "a" {
  kind = "service-intentions"
  name = "db"
  config_json = jsonencode({ Sources = [{ Name = "web", Action = "allow" }] })
}
resource "consul_config_entry_service_intentions" "b" {
  name = "api"
  sources {
    name   = "*"
    action = "deny"
  }
}
resource "consul_intention" "c" {
  source_name      = "web"
  destination_name = "api"
  action           = "allow"
}
resource "consul_config_entry" "d" {
  kind        = "service-intentions"
  name        = "later"
  config_json = data.http.intentions.body
}
`;
  const { project } = convertedTexts(new Map([['main.tf', main]]));
  assert.deepEqual(
    project.surroundings.intentions.map(({ source, destination, action, file, line }) => [
      source,
      destination,
      action,
      file,
      line,
    ]),
    [
      ['web', 'db', 'allow', 'main.tf', 1],
      ['*', 'api', 'deny', 'main.tf', 8],
      ['web', 'api', 'allow', 'main.tf', 13],
    ],
  );
  assert.match(
    project.diagnostics[0]?.message ?? '',
    /service-intentions later: its config_json is known only to Terraform/,
  );
});

test('an upstream outside of the cluster is where the answer says; without a port nothing is guessed', () => {
  const reader = job('reader', '80', { env: { X: '${NOMAD_UPSTREAM_ADDR_goods}' }, upstreams: { goods: 7000 } });
  const value = (answers: Given['answers']) => {
    const result = translated(reader, answers ? { answers } : {});
    const env = items(at(manifestIn(result, 'deployment.yaml'), 'spec', 'template', 'spec', 'containers', 0, 'env'));
    assert.ok(result.questions.some(({ id }) => id === 'external.goods'));
    const classes = accountsOf(result, 'upstreams.destination_name').map((each) => each.class);
    return {
      value: at(
        env.find((each) => at(each, 'name') === 'X'),
        'value',
      ),
      classes,
    };
  };
  const answered = value({ 'external.goods': 'goods.example.net:5432' });
  assert.deepEqual(answered, { value: 'goods.example.net:5432', classes: ['approximate'] });
  for (const answers of [undefined, { 'external.goods': 'goods.example.net' }]) {
    assert.deepEqual(value(answers).classes, ['manual']);
  }
});

test('a caller on the network of its node is told on both sides: no rule of a policy names it', () => {
  const caller = job('reader', '80', { env: { X: 'http://keeper.virtual.consul' } }).replace('"bridge"', '"host"');
  const result = translated([caller, keeper]);
  const told = (file: string) =>
    result.accounts.filter(
      ({ row, class: is, item }) => row === 'policy.edges' && is === 'manual' && item.at.file === file,
    );
  assert.match(told('jobspec.nomad.hcl')[0]?.todo ?? '', /Take reader off the network of its node/);
  assert.match(told('1.nomad.hcl')[0]?.todo ?? '', /on the network of its node/);
});

test('a name without a port: the note says the port, and who must use it where it was another', () => {
  const noteOf = (host: string) => {
    const result = translated([job('reader', '80', { env: { X: host } }), keeper]);
    return accountsOf(result, 'env.X').find(({ text }) =>
      /keeper\.default\.svc\.cluster\.local listens on 9000/.test(text),
    );
  };
  const same = noteOf('keeper.service.consul');
  assert.ok(same, 'the port is told');
  assert.equal(same.todo, undefined, 'the job gives the number, so that it was the same');
  assert.match(noteOf('keeper.virtual.consul')?.todo ?? '', /uses port 9000: the mesh took any port/);
});

test('timeouts of Consul become those of Traefik where it routes, and are told elsewhere', () => {
  const resolver = `Kind = "service-resolver"\nName = "web"\nConnectTimeout = "5s"\nRequestTimeout = "90s"\n`;
  const defaults = `Kind = "service-defaults"\nName = "web"\nLocalRequestTimeoutMs = 120000\nProtocol = "http"\n`;
  const routed = (tags: string) => {
    const { conversion, files } = convertedTexts(
      new Map([
        ['web.nomad.hcl', job('web', '80').replace('connect {', `${tags}\nconnect {`)],
        ['resolver.hcl', resolver],
        ['defaults.hcl', defaults],
      ]),
    );
    const read = (file: string) => files.get(`modules-k8s/web/manifests/${file}`) ?? '';
    const classes = conversion.accounts.filter(({ row }) => row === 'traefik.timeouts').map((each) => each.class);
    return { transport: read('serverstransport.yaml'), route: read('ingressroute.yaml'), classes };
  };
  const on = routed('tags = ["traefik.enable=true", "traefik.http.routers.web.rule=Host(`web.example.org`)"]');
  assert.match(on.transport, /name: web-timeouts\n(?:.*\n)*? +dialTimeout: 5s\n +responseHeaderTimeout: 90s\n/);
  assert.match(on.route, /serversTransport: web-timeouts\n/);
  assert.deepEqual(on.classes, ['approximate']);
  assert.deepEqual(routed(''), { transport: '', route: '', classes: ['manual'] });
});
