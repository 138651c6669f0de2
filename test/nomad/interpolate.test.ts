import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plain } from '../../src/nomad/source/node.ts';
import { type Given, translated } from './translated.ts';

/**
 * What Kubernetes makes of a text when a container starts: `$(NAME)` of a variable that is there, `$$` one `$`, anything
 * else as it is.
 */
function expanded(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (all, name?: string) => {
    if (all === '$$') return '$';
    return env.get(name ?? '') ?? all;
  });
}

function deploymentOf(lines: string, given: Given = {}): string {
  const { manifests } = translated(job(lines), given);
  return JSON.stringify(manifests.get('deployment.yaml'));
}

function job(lines: string): string {
  return `job "web" {
  datacenters = ["dc7"]
  meta {
    tier = "front"
  }
  group "g" {
    network {
      port "http" {
        to = 8080
      }
      port "admin-ui" {
        static = 9000
      }
    }
    task "t" {
      driver = "docker"
      ${lines}
    }
  }
}`;
}

function container(text: string): { readonly args: readonly string[]; readonly env: readonly Plain[] } {
  const lines = `env {
        OWN = "mine"
      }
      config {
        image = "alpine:3.21"
        args  = [${JSON.stringify(text)}]
      }`;
  const found: unknown = JSON.parse(deploymentOf(lines));
  const first = at(found, 'spec', 'template', 'spec', 'containers', '0');
  const args = at(first, 'args');
  const env = at(first, 'env');
  assert.ok(Array.isArray(args) && Array.isArray(env));
  return { args: args.map(String), env };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = Object.entries(Object(found)).find(([name]) => name === key)?.[1];
  return found;
}

const fixed: readonly (readonly [string, string])[] = [
  ['${NOMAD_JOB_NAME}/${NOMAD_GROUP_NAME}/${NOMAD_TASK_NAME}', 'web/g/t'],
  ['${NOMAD_TASK_DIR}/a ${NOMAD_SECRETS_DIR} ${NOMAD_ALLOC_DIR}', '/local/a /secrets /alloc'],
  ['${NOMAD_PORT_http}', '8080'],
  ['${NOMAD_ALLOC_PORT_http}', '8080'],
  ['${NOMAD_PORT_admin_ui}', '9000'],
  ['${NOMAD_META_tier} ${NOMAD_META_TIER}', 'front front'],
  ['${NOMAD_DC}', 'dc7'],
  ['${NOMAD_CPU_LIMIT}', '100'],
  ['${UNKNOWN} ${not.known}', '${UNKNOWN} ${not.known}'],
  ['${OWN}', '$(OWN)'],
  ['${NOMAD_NAMESPACE}', '$(NOMAD_NAMESPACE)'],
  ['${NOMAD_ADDR_http}', '$(NOMAD_IP_http):8080'],
  ['${NOMAD_ALLOC_ADDR_http}', '$(NOMAD_ALLOC_IP_http):8080'],
  ['${node.unique.name}', '$(NODE_NAME)'],
  ['${NOMAD_MEMORY_LIMIT}m', '$(NOMAD_MEMORY_LIMIT)m'],
  // nothing of the job's own may be taken for a variable of Kubernetes
  ['$(OWN)', '$$(OWN)'],
  ['$(date +%s)', '$$(date +%s)'],
  ['echo $$', 'echo $$$$'],
  ['cost $5', 'cost $5'],
];

test('references in arguments', () => {
  for (const [text, wanted] of fixed) assert.equal(container(text).args[0], wanted, text);
});

test('what is known only in the pod is declared before it is used', () => {
  const { env } = container('${NOMAD_ALLOC_ID} ${NOMAD_IP_http} ${NOMAD_IP_admin_ui} ${NOMAD_MEMORY_LIMIT}');
  const field = (name: string) =>
    at(
      env.find((each) => at(each, 'name') === name),
      'valueFrom',
    );
  assert.deepEqual(field('NOMAD_ALLOC_ID'), { fieldRef: { fieldPath: 'metadata.uid' } });
  assert.deepEqual(field('NOMAD_IP_http'), { fieldRef: { fieldPath: 'status.podIP' } });
  // a static port is bound on the node
  assert.deepEqual(field('NOMAD_IP_admin_ui'), { fieldRef: { fieldPath: 'status.hostIP' } });
  assert.deepEqual(field('NOMAD_MEMORY_LIMIT'), { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } });
});

test('what exists only beside Nomad stays, and is for a person', () => {
  for (const name of [
    'NOMAD_TOKEN',
    'VAULT_TOKEN',
    'CONSUL_HTTP_ADDR',
    'NOMAD_ALLOC_INDEX',
    'node.class',
    'attr.os.name',
  ]) {
    const text = `\${${name}}`;
    const { accounts } = translated(
      job(`config {
        image = "alpine:3.21"
        args  = ["${text}"]
      }`),
    );
    const account = accounts.find(({ item }) => item.path.endsWith('.config.args'));
    assert.equal(account?.class, 'manual', name);
    assert.ok(account?.todo, name);
  }
});

test('a text without references reaches the program as it was written', () => {
  const piece = fc.oneof(
    fc.constantFrom('$', '$$', '(', ')', '$(', '$(OWN)', '${', '}', 'OWN', ' '),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      // what HCL itself would read is not the matter here
      const text = pieces.join('').replaceAll(/[$%]\{|[^\x20-\x7e]|\\|"/g, '');
      const { args } = container(text);
      assert.equal(expanded(args[0] ?? '', new Map([['OWN', 'mine']])), text);
    }),
    { numRuns: 60 },
  );
});

test('a reference beside dollars is still a reference', () => {
  for (const before of ['', '$', '$ ', '$5']) {
    const { args } = container(`${before}.\${OWN}`);
    assert.equal(expanded(args[0] ?? '', new Map([['OWN', 'mine']])), `${before}.mine`);
  }
});
