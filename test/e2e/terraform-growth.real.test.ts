/** The module nfs-provisioner with the webhook, and where no volumes are made: what the chart has under webhook and provisioner.enabled. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { clusterAccess, rulesOf } from '../../src/operator/rbac.ts';
import {
  CONFIGURATION,
  paths,
  SERVICE,
  webhookAccess,
  webhookSecretAccess,
  webhooks,
} from '../../src/operator/webhook/manifests.ts';
import { lacking } from '../tools/run-tool.ts';
import { modules, workspaceFor } from './terraform.ts';
import { offline, type Planned, plannedIn, rulesIn, wanted } from './terraform-plan.ts';

const skip = await lacking('tofu', 'terraform-provider-kubernetes');

const call = (name: string, ...lines: readonly string[]): string =>
  [`module "${name}" {`, 'source = "./modules-k8s/nfs-provisioner"', `namespace = "${name}"`, ...lines, '}'].join('\n');
const image = 'provisioner_image = "example.org/larder"';
const peer = 'provisioner_image = "example.org/nfs-subdir-external-provisioner"';

const planned = [
  offline,
  call('plain', image),
  call('asked', image, 'webhook_enabled = true', 'webhook_excluded_namespaces = ["ci", "kube-system"]'),
  call('growth', image, 'provisioner_enabled = false', 'kubelet = "direct"', 'webhook_enabled = true'),
  call('trusting', image, 'kubelet = "direct"', 'kubelet_insecure_tls = true'),
  call('by-proxy', image, 'provisioner_enabled = false', 'kubelet = "proxy"'),
].join('\n');

test('what the module makes with a webhook, and without a provisioner', { skip }, async (t) => {
  const plan = await plannedIn(t, planned);
  await t.test('the webhook is off unless it is asked for', () => {
    for (const type of ['service', 'secret', 'cluster_role', 'role'])
      assert.equal(plan('plain', type, 'webhook'), undefined);
    assert.equal(plan('plain', 'mutating_webhook_configuration'), undefined);
    assert.deepEqual(argsOf(plan, 'plain'), ['operator', '--host', '0.0.0.0', '--port', '8080']);
  });
  await t.test('the webhook is that of the chart', () => isThatOfTheChart(plan));
  await t.test('the operator serves it, and may keep its certificate and nothing else', () => servesIt(plan));
  await t.test('without a provisioner there is no class, no export, no root', () => makesNothing(plan));
  await t.test('kubelets are asked as the module says', () => {
    const grants = (kubelet: 'direct' | 'proxy', provisions: boolean) =>
      wanted(rulesOf(clusterAccess(kubelet, provisions)));
    assert.deepEqual(rulesIn(plan('growth', 'cluster_role')), grants('direct', false));
    assert.deepEqual(rulesIn(plan('by-proxy', 'cluster_role')), grants('proxy', false));
    assert.deepEqual(rulesIn(plan('trusting', 'cluster_role')), grants('direct', true));
    assert.deepEqual(argsOf(plan, 'trusting').slice(5), ['--kubelet', 'direct', '--kubelet-insecure-tls']);
    assert.deepEqual(argsOf(plan, 'by-proxy').slice(5), ['--no-provisioner', '--kubelet', 'proxy']);
  });
});

const deployment = z.object({
  spec: z.tuple([
    z.object({
      template: z.tuple([
        z.object({
          spec: z.tuple([
            z.object({
              volume: z.array(z.json()).default([]),
              container: z.tuple([
                z.object({
                  args: z.array(z.string()),
                  env: z.array(z.object({ name: z.string() })),
                  port: z.array(z.object({ name: z.string(), container_port: z.number() })),
                  volume_mount: z.array(z.json()).default([]),
                  security_context: z.tuple([
                    z.object({
                      run_as_user: z.coerce.number(),
                      run_as_non_root: z.boolean(),
                      capabilities: z.tuple([
                        z.object({ add: z.array(z.string()).nullable(), drop: z.array(z.string()) }),
                      ]),
                    }),
                  ]),
                }),
              ]),
            }),
          ]),
        }),
      ]),
    }),
  ]),
});

function podOf(plan: Planned, module: string) {
  const [pod] = deployment.parse(plan(module, 'deployment')).spec[0].template[0].spec;
  return { ...pod.container[0], volume: pod.volume };
}

const argsOf = (plan: Planned, module: string): readonly string[] => podOf(plan, module).args;

const hook = z.object({
  metadata: z.tuple([z.object({ name: z.string() })]),
  webhook: z.tuple([
    z.object({
      name: z.string(),
      failure_policy: z.string(),
      timeout_seconds: z.number(),
      side_effects: z.string(),
      admission_review_versions: z.array(z.string()),
      reinvocation_policy: z.string().optional(),
      client_config: z.tuple([z.object({ service: z.tuple([z.object({ name: z.string(), path: z.string() })]) })]),
      rule: z.array(z.record(z.string(), z.json())),
      namespace_selector: z.array(
        z.object({ match_expressions: z.array(z.object({ operator: z.string(), values: z.array(z.string()) })) }),
      ),
    }),
  ]),
});

/** Both are told in the words of the API. */
function isThatOfTheChart(plan: Planned): void {
  const values = parse(readFileSync(resolve(modules, '../helm/larder/files/webhooks.yaml'), 'utf8'));
  for (const [phase, path] of [
    ['mutating', paths.claims],
    ['validating', paths.settings],
  ] as const) {
    const { metadata, webhook } = hook.parse(plan('asked', `${phase}_webhook_configuration`));
    const [made] = webhook;
    const [ours] = webhooks[phase];
    assert.equal(metadata[0].name, CONFIGURATION);
    assert.deepEqual(made.client_config[0].service[0], { name: SERVICE, path });
    const { rules, ...said } = ours;
    assert.deepEqual(
      [made.name, made.failure_policy, made.timeout_seconds, made.side_effects, made.admission_review_versions],
      [said.name, said.failurePolicy, said.timeoutSeconds, said.sideEffects, said.admissionReviewVersions],
    );
    assert.deepEqual(
      made.rule.map((each) => [
        each['api_groups'],
        each['api_versions'],
        each['operations'],
        each['resources'],
        each['scope'],
      ]),
      rules.map((each) => [each.apiGroups, each.apiVersions, each.operations, each.resources, each.scope]),
    );
    assert.equal(values[phase].length, 1, 'the chart has one, too');
  }
  const [mutating] = hook.parse(plan('asked', 'mutating_webhook_configuration')).webhook;
  assert.equal(mutating.reinvocation_policy, webhooks.mutating[0].reinvocationPolicy);
  const [selector] = mutating.namespace_selector[0]?.match_expressions ?? [];
  assert.equal(selector?.operator, 'NotIn');
  assert.deepEqual(selector?.values.toSorted(), ['asked', 'ci', 'kube-node-lease', 'kube-public', 'kube-system']);
}

function servesIt(plan: Planned): void {
  const pod = podOf(plan, 'asked');
  assert.deepEqual(pod.args.slice(5), ['--enable-webhook', '--webhook-port', '9443']);
  assert.deepEqual(
    pod.port.map(({ name, container_port }) => [name, container_port]),
    [
      ['http', 8080],
      ['webhook', 9443],
    ],
  );
  assert.match(JSON.stringify(plan('asked', 'service', 'webhook')), /"port":443,.*"target_port":"webhook"/);
  assert.match(JSON.stringify(plan('asked', 'secret', 'webhook')), new RegExp(`"name":"${SERVICE}","namespace":`));
  assert.deepEqual(rulesIn(plan('asked', 'cluster_role', 'webhook')), wanted(rulesOf(webhookAccess)));
  assert.deepEqual(rulesIn(plan('asked', 'role', 'webhook')), wanted(rulesOf(webhookSecretAccess)));
}

function makesNothing(plan: Planned): void {
  const pod = podOf(plan, 'growth');
  assert.deepEqual(pod.args.slice(5), [
    ...['--no-provisioner', '--kubelet', 'direct'],
    ...['--kubelet-ca', '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'],
    ...['--enable-webhook', '--webhook-port', '9443'],
  ]);
  assert.deepEqual(
    pod.env.map(({ name }) => name),
    ['ENABLE_LEADER_ELECTION', 'POD_NAMESPACE', 'NODE_NAME'],
  );
  assert.deepEqual([pod.volume, pod.volume_mount], [[], []]);
  const [security] = pod.security_context;
  assert.deepEqual([security.run_as_user, security.run_as_non_root], [65532, true]);
  assert.deepEqual([security.capabilities[0].add ?? [], security.capabilities[0].drop], [[], ['ALL']]);
  assert.equal(plan('growth', 'storage_class'), undefined);
  assert.equal(plan('growth', 'persistent_volume', 'export'), undefined);
  assert.match(JSON.stringify(plan('growth', 'namespace')), /"pod-security.kubernetes.io\/enforce":"restricted"/);
  assert.match(JSON.stringify(plan('plain', 'namespace')), /"pod-security.kubernetes.io\/enforce":"baseline"/);
}

/** Each in a module of its own, and what it is told. */
const refused: readonly (readonly [lines: readonly string[], says: string])[] = [
  [[image, 'provisioner_enabled = false'], 'nothing would be measured, so nothing would grow.'],
  [
    [image, 'provisioner_enabled = false', 'kubelet = "direct"', 'mount_options = ["vers=4.1"]'],
    'mount_options is set: nobody would mount the export.',
  ],
  [
    [peer, 'provisioner_enabled = false', 'kubelet = "direct"'],
    'nfs-subdir-external-provisioner, which does nothing else.',
  ],
  [[peer, 'webhook_enabled = true'], 'nfs-subdir-external-provisioner, which has no webhook.'],
];

test('what does not go together is refused by name', { skip }, async (t) => {
  const { tofu, write } = await workspaceFor(t, '', `${offline}${call('m', image)}`);
  for (const [lines, says] of refused) {
    write(`${offline}${call('m', ...lines)}`);
    const said = (await tofu(1, 'plan', '-input=false')).replaceAll(/[│\s]+/g, ' ');
    assert.ok(said.includes(says), said);
    assert.equal([...said.matchAll(/Error: /g)].length, 1, said);
  }
});

test('a class that an earlier version of the module made is kept, not made anew', { skip }, async (t) => {
  const { tofu, folder } = await workspaceFor(t, '', `${offline}${call('m', image)}`);
  const lock = readFileSync(resolve(folder, '.terraform.lock.hcl'), 'utf8');
  const provider = `provider["${/^provider "([^"]+)"/m.exec(lock)?.[1]}"]`;
  const attributes = {
    ...{ id: 'glusterfs-nfs', storage_provisioner: 'larder.dev/directory', reclaim_policy: 'Retain' },
    ...{ volume_binding_mode: 'Immediate', allow_volume_expansion: true, mount_options: [], allowed_topologies: [] },
    parameters: { pathPattern: 'glusterfs_${.PVC.annotations.volume-name}', adopt: 'any' },
    metadata: [{ name: 'glusterfs-nfs', uid: 'u', resource_version: '1', annotations: null, labels: null }],
  };
  const made = { module: 'module.m', mode: 'managed', type: 'kubernetes_storage_class', name: 'this', provider };
  const resources = [{ ...made, instances: [{ schema_version: 0, attributes }] }];
  const state = { version: 4, terraform_version: '1.9.0', serial: 1, lineage: 'test', outputs: {}, resources };
  writeFileSync(resolve(folder, 'terraform.tfstate'), JSON.stringify(state));
  const said = await tofu(0, 'plan', '-input=false', '-refresh=false');
  assert.match(
    said,
    /module\.m\.kubernetes_storage_class\.this has moved to module\.m\.kubernetes_storage_class\.this\[0\]/,
  );
  assert.match(said, /Plan: \d+ to add, 0 to change, 0 to destroy\./);
});
