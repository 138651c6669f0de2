import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plain } from '../../src/nomad/source/node.ts';
import { type Translated, translated } from './translated.ts';
import { at, items, ofKind } from './written.ts';

/** Few names, so that jobs meet: services share names, and speak of each other and of strangers. */
const name = fc.constantFrom('web', 'api', 'db', 'my-cache', 'Front_End');
const port = fc.constantFrom('80', '8080', '9000', 'http', 'none');

const service = fc.record({
  name: fc.option(name, { nil: undefined }),
  port: fc.option(port, { nil: undefined }),
  mesh: fc.boolean(),
  upstream: fc.option(name, { nil: undefined }),
  host: fc.option(fc.constantFrom('a.example.org', 'b.example.org'), { nil: undefined }),
});
const mention = fc.tuple(
  fc.constantFrom(
    'http://NAME.virtual.consul',
    'NAME.service.consul:80',
    'redis://NAME.service.consul:1/0',
    'NAME.virtual.consul',
  ),
  fc.oneof(name, fc.constant('stranger')),
);
const group = fc.record({
  services: fc.array(service, { maxLength: 3 }),
  mentions: fc.array(mention, { maxLength: 2 }),
  hosted: fc.boolean(),
});
const project = fc.array(fc.array(group, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

type Service = typeof service extends fc.Arbitrary<infer T> ? T : never;
type Group = typeof group extends fc.Arbitrary<infer T> ? T : never;

function serviceText({ name: named, port: given, mesh, upstream, host }: Service): string {
  const tags =
    host === undefined ? [] : ['traefik.enable=true', `traefik.http.routers.${host[0]}.rule=Host(\`${host}\`)`];
  const upstreams =
    upstream === undefined ? '' : `upstreams {\n destination_name = "${upstream}"\n local_bind_port = 7000\n}`;
  return `service {
${named === undefined ? '' : `name = "${named}"`}
${given === undefined ? '' : `port = "${given}"`}
tags = ${JSON.stringify(tags)}
${mesh ? `connect {\n sidecar_service {\n proxy {\n ${upstreams}\n }\n }\n}` : ''}
}`;
}

function groupText({ services, mentions, hosted }: Group, index: number): string {
  const env = mentions.map(([form, of], at) => `V${at} = "${form.replace('NAME', of)}"`);
  return `group "g${index}" {
  network {
    mode = "${hosted ? 'host' : 'bridge'}"
    port "http" {
      ${hosted ? 'static = 8080' : 'to = 8080'}
    }
  }
  ${services.map(serviceText).join('\n')}
  task "main" {
    driver = "docker"
    config {
      image = "example.org/x:1"
    }
    env {
      ${env.join('\n')}
    }
  }
}`;
}

const textsOf = (groups: readonly (readonly Group[])[]): readonly string[] =>
  groups.map((each, index) => `job "job${index}" {\n${each.map(groupText).join('\n')}\n}`);

/** The labels of the pods of all workloads. */
function pods(result: Translated): readonly Plain[] {
  return ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) =>
    ofKind(result, kind).map((each) => at(each, 'spec', 'template', 'metadata', 'labels') ?? {}),
  );
}

function matches(selector: Plain | undefined, labels: Plain): boolean {
  return Object.entries(Object(selector)).every(([key, value]) => at(labels, key) === value);
}

test('property: every Service has its own name, and selects the pods of exactly one workload (C5)', () => {
  fc.assert(
    fc.property(project, (groups) => {
      const result = translated(textsOf(groups));
      const services = ofKind(result, 'Service');
      const names = services.map((each) => at(each, 'metadata', 'name'));
      assert.equal(new Set(names).size, names.length, names.join());
      for (const each of services) {
        const found = pods(result).filter((labels) => matches(at(each, 'spec', 'selector'), labels));
        assert.equal(found.length, 1, String(at(each, 'metadata', 'name')));
      }
    }),
    { numRuns: 60 },
  );
});

test('property: every name of a Service that is written exists, with its port; every other name is told (C12)', () => {
  fc.assert(
    fc.property(project, (groups) => {
      const result = translated(textsOf(groups));
      const known = new Map(
        ofKind(result, 'Service').map((each) => [
          String(at(each, 'metadata', 'name')),
          items(at(each, 'spec', 'ports')).map((one) => String(at(one, 'port'))),
        ]),
      );
      const text = JSON.stringify([...result.manifests.values()]);
      for (const [whole, service, number] of text.matchAll(/([a-z0-9-]+)\.default\.svc\.cluster\.local(?::(\d+))?/g)) {
        const ports = known.get(service ?? '');
        assert.ok(ports && (number === undefined || ports.includes(number)), whole);
      }
      const told = result.accounts.filter((each) => each.class === 'manual').map((each) => each.text);
      for (const [left] of text.matchAll(/[A-Za-z_-]+\.(?:virtual|service)\.consul/g)) {
        assert.ok(
          told.some((each) => each.includes(left)),
          left,
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('property: policies and routes find what they name, and every call that was found is let in (C13)', () => {
  fc.assert(
    fc.property(project, (groups) => {
      const result = translated(textsOf(groups));
      const all = pods(result);
      const services = new Set(ofKind(result, 'Service').map((each) => at(each, 'metadata', 'name')));
      for (const policy of ofKind(result, 'NetworkPolicy')) {
        assert.equal(
          all.filter((labels) => matches(at(policy, 'spec', 'podSelector', 'matchLabels'), labels)).length,
          1,
        );
        for (const rule of items(at(policy, 'spec', 'ingress'))) {
          const peers = items(at(rule, 'from'));
          assert.ok(at(rule, 'from') === undefined || peers.length > 0, 'a rule without anybody lets in everybody');
          for (const peer of peers) {
            const selector = at(peer, 'podSelector', 'matchLabels');
            assert.ok(selector === undefined || all.some((labels) => matches(selector, labels)));
          }
        }
      }
      for (const route of ofKind(result, 'IngressRoute')) {
        assert.ok(services.has(at(route, 'spec', 'routes', 0, 'services', 0, 'name')));
      }
      for (const ingress of ofKind(result, 'Ingress')) {
        const backend = at(ingress, 'spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service', 'name');
        assert.ok(services.has(backend));
      }
    }),
    { numRuns: 60 },
  );
});

test('property: nothing of a network or service is without a rule', () => {
  fc.assert(
    fc.property(project, (groups) => {
      const unknown = translated(textsOf(groups)).accounts.filter(({ row }) => row === 'unknown');
      assert.deepEqual(unknown, []);
    }),
    { numRuns: 30 },
  );
});
