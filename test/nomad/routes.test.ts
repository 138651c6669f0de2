import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IngressRoute } from '@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute';
import { accountsOf, type Given, type Translated, translated } from './translated.ts';
import { at, manifestIn, ofKind } from './written.ts';

function routed(tags: readonly string[], given?: Given): Translated {
  const list = tags.map((tag) => JSON.stringify(tag).replaceAll('${', '$${')).join(',\n');
  return translated(
    `job "app" {
  group "app" {
    network {
      port "http" {
        to = 8080
      }
    }
    service {
      name = "app"
      port = "http"
      tags = [${list}]
    }
    task "main" {
      driver = "docker"
      config {
        image = "example.org/app:1"
      }
    }
  }
}
`,
    given,
  );
}

const on = 'traefik.enable=true';
const host = 'traefik.http.routers.app.rule=Host(`app.example.org`)';
const route = ['spec', 'routes', 0] as const;

test('one plain host is an Ingress, with entry points and TLS as before', () => {
  const result = routed([
    on,
    host,
    'traefik.http.routers.app.entrypoints=web,websecure',
    'traefik.http.routers.app.tls=true',
  ]);
  const ingress = manifestIn(result, 'ingress.yaml');
  assert.deepEqual(at(ingress, 'metadata', 'annotations'), {
    'traefik.ingress.kubernetes.io/router.entrypoints': 'web,websecure',
    'traefik.ingress.kubernetes.io/router.tls': 'true',
  });
  assert.equal(at(ingress, 'spec', 'ingressClassName'), 'traefik');
  assert.equal(at(ingress, 'spec', 'rules', 0, 'host'), 'app.example.org');
  const backend = at(ingress, 'spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service');
  assert.deepEqual(backend, { name: 'app', port: { number: 8080 } });
  assert.deepEqual(ofKind(result, 'IngressRoute'), []);
  const always = routed([on, host], { policy: { ingress: { kind: 'IngressRoute' } } });
  assert.equal(at(manifestIn(always, 'ingressroute.yaml'), ...route, 'match'), 'Host(`app.example.org`)');
});

test('regression: rules, priorities and several routers keep their text in IngressRoutes', () => {
  const rule = 'Host(`app.example.org`) && (PathPrefix(`/a`) || HostRegexp(`^b[0-9]{1,2}$`))';
  const result = routed([
    on,
    host,
    `traefik.http.routers.deep.rule=${rule}`,
    'traefik.http.routers.deep.priority=42',
    'traefik.http.routers.deep.entryPoints=internal',
  ]);
  assert.deepEqual(ofKind(result, 'Ingress'), []);
  assert.equal(at(manifestIn(result, 'ingressroute.yaml'), ...route, 'match'), 'Host(`app.example.org`)');
  const deep = manifestIn(result, 'ingressroute-deep.yaml');
  assert.equal(at(deep, ...route, 'match'), rule);
  assert.equal(at(deep, ...route, 'priority'), 42);
  assert.deepEqual(at(deep, 'spec', 'entryPoints'), ['internal']);
  for (const manifest of ofKind(result, 'IngressRoute')) {
    assert.doesNotThrow(() => new IngressRoute(JSON.parse(JSON.stringify(manifest))).validate());
  }
});

test('a rule that is written anew keeps the priority that its length gave it', () => {
  const old = 'Host(`a.example.org`, `b.example.org`)';
  const written = manifestIn(routed([on, `traefik.http.routers.app.rule=${old}`]), 'ingressroute.yaml');
  assert.equal(at(written, ...route, 'match'), 'Host(`a.example.org`) || Host(`b.example.org`)');
  assert.equal(at(written, ...route, 'priority'), old.length);
});

test('a middleware of the outside stays named, so that nothing is served without it, and is told', () => {
  const result = routed([
    on,
    host,
    'traefik.http.routers.app.middlewares=auth@file,own',
    'traefik.http.middlewares.own.compress=true',
  ]);
  const written = manifestIn(result, 'ingressroute.yaml');
  assert.deepEqual(at(written, ...route, 'middlewares'), [{ name: 'auth@file' }, { name: 'own' }]);
  const told = accountsOf(result, 'service.tags').filter((each) => each.class === 'manual');
  assert.match(told.map(({ text }) => text).join(), /auth@file/);
  assert.deepEqual(at(manifestIn(result, 'middleware.yaml'), 'spec'), { compress: {} });
});

test('a middleware of another job is found there; two of one name carry the names of their modules', () => {
  const job = (name: string, tags: string): string => `job "${name}" {
  group "${name}" {
    service {
      name = "${name}"
      port = "80"
      tags = [${tags}]
    }
    task "main" {
      driver = "docker"
      config {
        image = "example.org/x:1"
      }
    }
  }
}`;
  const define = '"traefik.enable=true", "traefik.http.middlewares.strip.stripprefix.prefixes=/x"';
  const use =
    '"traefik.enable=true", "traefik.http.routers.b.rule=Host(`b`)", "traefik.http.routers.b.middlewares=strip@consulcatalog"';
  const shared = translated([job('a', define), job('b', use)]);
  assert.deepEqual(at(manifestIn(shared, 'b/ingressroute.yaml'), ...route, 'middlewares'), [{ name: 'strip' }]);
  const twice = translated([job('a', define), job('b', `${define}, ${use}`)]);
  assert.equal(at(manifestIn(twice, 'middleware.yaml'), 'metadata', 'name'), 'a-strip');
  assert.deepEqual(at(manifestIn(twice, 'b/ingressroute.yaml'), ...route, 'middlewares'), [{ name: 'b-strip' }]);
});

test('users and hashes are never written', () => {
  const result = routed([
    on,
    host,
    'traefik.http.routers.app.middlewares=login',
    'traefik.http.middlewares.login.basicauth.users=admin:$apr1$planted$hash',
  ]);
  assert.doesNotMatch(JSON.stringify([...result.manifests.values(), ...result.accounts]), /planted/);
  assert.equal(at(manifestIn(result, 'middleware.yaml'), 'spec', 'basicAuth', 'secret'), 'login-users');
});

test('nothing is opened that was not: enable=false, enable not said, no rule, a rule that is none', () => {
  const routes = (tags: readonly string[], given?: Given): number => {
    const result = routed(tags, given);
    return ofKind(result, 'Ingress').length + ofKind(result, 'IngressRoute').length;
  };
  assert.equal(routes(['traefik.enable=false', host]), 0);
  assert.equal(routes([host]), 0);
  assert.equal(routes([host], { answers: { 'traefik.exposedByDefault': 'true' } }), 1);
  assert.equal(routes([on]), 0);
  assert.equal(routes([on, 'traefik.http.routers.app.entrypoints=web']), 0);
  assert.equal(routes([on, 'traefik.http.routers.app.rule=Host(`a`']), 0);
  assert.equal(routes([on, host, 'traefik.http.routers.app.service=api@internal']), 0);
});

test('a service of the route: port, scheme, sticky sessions, transport', () => {
  const result = routed([
    on,
    host,
    'traefik.http.services.app.loadbalancer.server.port=9090',
    'traefik.http.services.app.loadbalancer.server.scheme=https',
    'traefik.http.services.app.loadbalancer.sticky.cookie=true',
    'traefik.http.services.app.loadbalancer.passHostHeader=false',
    'traefik.http.services.app.loadbalancer.serversTransport=loose',
    'traefik.http.serversTransports.loose.insecureSkipVerify=true',
  ]);
  const written = manifestIn(result, 'ingressroute.yaml');
  assert.deepEqual(at(written, ...route, 'services', 0), {
    name: 'app',
    port: 9090,
    scheme: 'https',
    sticky: { cookie: {} },
    passHostHeader: false,
    serversTransport: 'loose',
  });
  const ports = at(manifestIn(result, 'service.yaml'), 'spec', 'ports', 1);
  assert.deepEqual(ports, { name: 'port-9090', port: 9090, targetPort: 9090 });
  assert.equal(at(manifestIn(result, 'serverstransport.yaml'), 'spec', 'insecureSkipVerify'), true);
});

test('routers of TCP and UDP', () => {
  const result = routed([
    on,
    'traefik.tcp.routers.db.rule=HostSNI(`*`)',
    'traefik.tcp.routers.db.entrypoints=postgres',
    'traefik.tcp.routers.db.tls.passthrough=true',
    'traefik.udp.routers.log.entrypoints=syslog',
  ]);
  const tcp = manifestIn(result, 'ingressroutetcp.yaml');
  assert.deepEqual(at(tcp, ...route), { match: 'HostSNI(`*`)', services: [{ name: 'app', port: 8080 }] });
  assert.deepEqual(at(tcp, 'spec', 'tls'), { passthrough: true });
  const udp = manifestIn(result, 'ingressrouteudp.yaml');
  assert.deepEqual(at(udp, 'spec', 'entryPoints'), ['syslog']);
  // the job's port says nothing of UDP, its tag does: both are kept, and the route names the right one
  assert.deepEqual(at(udp, ...route), { services: [{ name: 'app', port: 'http-udp' }] });
  const ports = at(manifestIn(result, 'service.yaml'), 'spec', 'ports');
  assert.deepEqual(ports, [
    { name: 'http', port: 8080, targetPort: 'http', protocol: 'TCP' },
    { name: 'http-udp', port: 8080, targetPort: 'http-udp', protocol: 'UDP' },
  ]);
});

test('a router of UDP has its server port in the Service, and what UDP has not is told', () => {
  const result = routed([
    on,
    'traefik.udp.routers.log.entrypoints=syslog',
    'traefik.udp.routers.log.rule=HostSNI(`*`)',
    'traefik.udp.services.log.loadbalancer.server.port=5514',
    'traefik.udp.services.log.loadbalancer.proxyprotocol.version=2',
  ]);
  assert.deepEqual(at(manifestIn(result, 'ingressrouteudp.yaml'), ...route), {
    services: [{ name: 'app', port: 5514 }],
  });
  const ports = at(manifestIn(result, 'service.yaml'), 'spec', 'ports');
  assert.deepEqual(at(ports, 1), { name: 'port-5514', port: 5514, targetPort: 5514, protocol: 'UDP' });
  const told = accountsOf(result, 'service.tags').filter(({ class: each }) => each === 'manual');
  assert.deepEqual(
    told.map(({ row, text }) => `${row}: ${text}`),
    [
      'traefik.service: loadbalancer.proxyprotocol.version: Traefik 3 has no option proxyprotocol here',
      'traefik.udp-router: rule is no option of a router of UDP',
    ],
  );
});

test('a router of UDP that cannot be written is for a person', () => {
  for (const [tags, text] of [
    [['traefik.udp.routers.log.service=log'], /needs an entry point/],
    [
      ['traefik.udp.routers.log.entrypoints=syslog', 'traefik.udp.routers.log.service=elsewhere@file'],
      /leads to elsewhere@file, which no tag of this service declares/,
    ],
    [
      ['traefik.udp.routers.log.entrypoints=syslog', 'traefik.udp.services.log.weighted.services[0].name=one'],
      /its service is weighted/,
    ],
  ] as const) {
    const result = routed([on, ...tags]);
    assert.ok(!result.manifests.has('ingressrouteudp.yaml'), String(text));
    const told = accountsOf(result, 'service.tags').find(({ row }) => row === 'traefik.udp-router');
    assert.match(told?.text ?? '', text);
    assert.equal(told?.class, 'manual');
    assert.match(told?.todo ?? '', /by hand/);
  }
});

test('every tag has an account, whatever it is', () => {
  const result = routed([
    on,
    host,
    'traefik.http.routers.app.nonsense=1',
    'traefik.nonsense.x=1',
    'traefik.consulcatalog.connect=true',
    'mine',
  ]);
  const lines = new Set(accountsOf(result, 'service.tags').map(({ item }) => item.at.line));
  assert.equal(lines.size, 6);
});
