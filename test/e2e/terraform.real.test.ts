/** The Terraform modules by themselves: their layout, what they refuse, and what they would make. Nothing is asked of a cluster. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { clusterAccess, leaseAccess, rulesOf } from '../../src/operator/rbac.ts';
import { version } from '../../src/operator/version.ts';
import { lacking, runTool } from '../tools/run-tool.ts';
import { temporaryFolder } from './larder.ts';
import { modules, workspaceFor } from './terraform.ts';
import { offline, type Planned, plannedIn, rulesIn, textOf, wanted } from './terraform-plan.ts';

const skip = await lacking('tofu', 'terraform-provider-kubernetes');

test('the Terraform files are formatted', { skip }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove));
  const { code, output } = await runTool('tofu', ['fmt', '-check', '-diff', '-recursive', modules], { home });
  assert.deepEqual([code, output], [0, '']);
});

test('the root example is valid', { skip }, async (t) => {
  const { tofu } = await workspaceFor(t, '');
  assert.match(await tofu(0, 'validate'), /^Success!/);
});

const docs = resolve(modules, '../../docs/guides');
const pages = ['install-terraform.md', 'moving-hostpath.md'].map((name) => join(docs, name));
const beside = ['AGENTS.md', 'modules-k8s/volume/README.md'].map((name) => join(modules, name));

test('the examples of the pages are valid', { skip }, async (t) => {
  const examples = [...pages, ...beside].map((path) => {
    const text = readFileSync(path, 'utf8').replaceAll('"../volume"', '"./modules-k8s/volume"');
    return [...text.matchAll(/```hcl\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  });
  const [[first = '', second = ''] = [], ...others] = examples;
  const volume = first.slice(first.indexOf('module "myapp_data"'));
  for (const blocks of others) assert.equal(blocks[0], volume);
  const root = [first, second].join('\n').replace('REGISTRY', 'registry.example.org');
  const { tofu } = await workspaceFor(t, '', `${versions}${root}`);
  assert.match(await tofu(0, 'validate'), /^Success!/);
});

const versions = `
terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}
`;

/** Module, variable, a value that is refused, and what the refusal says. */
const refused: readonly (readonly [module: string, variable: string, value: string, says: string])[] = [
  ['nfs-provisioner', 'namespace', '"Larder_System"', 'namespace is a Kubernetes name: 1 to 63 lower-case letters'],
  ['nfs-provisioner', 'nfs_server', '"nas:/v"', 'nfs_server is a host name or an IP address, without a path.'],
  ['nfs-provisioner', 'nfs_path', '"/"', 'nfs_path is an absolute path below /'],
  ['nfs-provisioner', 'nfs_path', '"/storage/v/"', 'nfs_path is an absolute path below /'],
  ['nfs-provisioner', 'storage_class_name', '"-nfs"', 'storage_class_name is a Kubernetes name'],
  ['nfs-provisioner', 'reclaim_policy', '"Recycle"', 'reclaim_policy is "Retain" or "Delete".'],
  ['nfs-provisioner', 'on_delete', '"archive"', 'on_delete is "delete", "retain" or null.'],
  ['nfs-provisioner', 'path_pattern', '"glusterfs_shared"', 'path_pattern needs a variable of the claim'],
  [
    'nfs-provisioner',
    'mount_options',
    '["vers=4.1,softerr"]',
    'mount_options is a list with one option in each element',
  ],
  [
    'nfs-provisioner',
    'provisioner_name',
    '"larder.dev/directory/two"',
    'provisioner_name is written NAME or DOMAIN/NAME',
  ],
  ['nfs-provisioner', 'provisioner_tag', '"a:b"', 'provisioner_tag is a tag'],
  ['nfs-provisioner', 'provisioner_image', '"example.org/larder:1.0"', 'the tag is provisioner_tag.'],
  ['nfs-provisioner', 'adopt', '"all"', 'adopt is "any", "listed" or "none".'],
  ['nfs-provisioner', 'kubelet', '"Direct"', 'kubelet is "off", "direct" or "proxy".'],
  ['volume', 'service', '"my_app"', 'No "_": it stands between service and type'],
  ['volume', 'type', '"../data"', 'type is 1 to 63 lower-case letters'],
  ['volume', 'size', '"10 GB"', 'size is a whole number of bytes or one with a unit'],
  ['volume', 'access_modes', '["ReadWriteOncePod"]', 'ReadWriteOncePod needs a CSI driver.'],
  ['volume', 'annotations', '{ "volume-name" = "x" }', 'annotations must not have "volume-name"'],
  ['volume', 'nfs_path', '"storage"', 'nfs_path is an absolute path below /'],
  ['test-service', 'service', '""', 'service is 1 to 41 lower-case letters'],
  ['test-service', 'existing_path', '"data"', 'existing_path is an absolute path'],
];

/** The same, known when the values of other variables are: Terraform looks at these when there is nothing else. */
const refusedTogether: typeof refused = [
  ['nfs-provisioner', 'on_delete', '"delete"', 'on_delete has an effect with reclaim_policy = "Delete" only'],
  ['nfs-provisioner', 'provisioner_enabled', 'false', 'nothing would be measured, so nothing would grow.'],
];

const needed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nfs-provisioner': { provisioner_image: '"example.org/larder"', reclaim_policy: '"Retain"' },
  volume: { service: '"myapp"', type: '"data"', size: '"1Gi"' },
};

const line = z.object({ diagnostic: z.object({ severity: z.string(), detail: z.string() }).optional() });

for (const [what, cases] of [
  ['a value that makes no sense is', refused],
  ['values that do not go together are', refusedTogether],
] as const) {
  test(`${what} refused with what is accepted`, { skip }, (t) => refuses(t, cases));
}

async function refuses(t: TestContext, cases: typeof refused): Promise<void> {
  const calls = cases.map(([module, variable, value], index) => {
    const values = { ...needed[module], [variable]: value };
    const inputs = Object.entries(values).map(([name, text]) => `${name} = ${text}`);
    return [`module "m${index}" {`, `source = "./modules-k8s/${module}"`, ...inputs, '}'].join('\n');
  });
  const { tofu } = await workspaceFor(t, '', offline + calls.join('\n'));
  const lines = (await tofu(1, 'plan', '-json', '-input=false')).trim().split('\n');
  const said = lines
    .map((text) => line.parse(JSON.parse(text)).diagnostic)
    .flatMap((each) => (each?.severity === 'error' ? [each.detail] : []));
  for (const [module, variable, value, says] of cases) {
    assert.ok(
      said.some((detail) => detail.includes(says)),
      `${module} ${variable} = ${value}`,
    );
  }
  assert.equal(said.length, cases.length, said.join('\n'));
}

const three = `${offline}
module "plain" {
  source            = "./modules-k8s/nfs-provisioner"
  provisioner_image = "example.org/larder"
}
module "mounted" {
  source            = "./modules-k8s/nfs-provisioner"
  provisioner_image = "example.org/larder"
  namespace         = "second"
  create_namespace  = false
  mount_options     = ["vers=4.1", "softerr"]
  reclaim_policy    = "Delete"
  on_delete         = "delete"
}
module "peer" {
  source            = "./modules-k8s/nfs-provisioner"
  provisioner_image = "registry.k8s.io/sig-storage/nfs-subdir-external-provisioner"
  provisioner_tag   = "v4.0.2"
  namespace         = "nfs"
}
module "protected" {
  source  = "./modules-k8s/volume"
  service = "myapp"
  type    = "data"
  size    = "1Gi"
  growing = true
}
`;

const container = z.object({
  args: z.array(z.string()).nullable(),
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string().nullable() })),
  volume_mount: z.array(z.object({ name: z.string(), mount_path: z.string() })),
  liveness_probe: z.array(z.object({ http_get: z.array(z.object({ path: z.string() })) })),
  readiness_probe: z.array(z.object({ http_get: z.array(z.object({ path: z.string() })) })),
  security_context: z.array(z.record(z.string(), z.json())),
});
const deployment = z.object({
  spec: z.tuple([
    z.object({
      strategy: z.tuple([z.object({ type: z.string() })]),
      template: z.tuple([
        z.object({
          spec: z.tuple([
            z.object({
              container: z.tuple([container]),
              volume: z.tuple([z.object({ nfs: z.json(), persistent_volume_claim: z.json() })]),
            }),
          ]),
        }),
      ]),
    }),
  ]),
});

test('what the module nfs-provisioner would make', { skip }, async (t) => {
  const planned = await plannedIn(t, three);
  await t.test('has the environment and mount of nfs-subdir-external-provisioner', () => isLikePeer(planned));
  await t.test('has the roles of the operator and three capabilities', () => hasLeastPrivilege(planned));
  await t.test('mounts with options by a claimed volume', () => mountsByClaim(planned));
  await t.test('gives the image of nfs-subdir-external-provisioner its own permissions', () => servesPeer(planned));
});

function isLikePeer(planned: Planned): void {
  const [spec] = deployment.parse(planned('plain', 'deployment')).spec;
  const [pod] = spec.template[0].spec;
  const [main] = pod.container;
  assert.equal(spec.strategy[0].type, 'Recreate');
  assert.equal(main.image, `example.org/larder:${version}`, 'the tag is that of this version');
  assert.deepEqual(main.args, ['operator', '--host', '0.0.0.0', '--port', '8080']);
  assert.deepEqual(
    main.env.map(({ name, value }) => `${name}=${value}`),
    [
      ...['PROVISIONER_NAME=larder.dev/directory', 'NFS_SERVER=127.0.0.1', 'NFS_PATH=/storage/v'],
      ...['ENABLE_LEADER_ELECTION=true', 'POD_NAMESPACE=null', 'NODE_NAME=null'],
    ],
  );
  assert.deepEqual(main.volume_mount, [{ name: 'export', mount_path: '/persistentvolumes' }]);
  assert.deepEqual(pod.volume[0].nfs, [{ server: '127.0.0.1', path: '/storage/v', read_only: null }]);
  assert.deepEqual(
    [main.liveness_probe[0]?.http_get[0]?.path, main.readiness_probe[0]?.http_get[0]?.path],
    ['/healthz', '/readyz'],
  );
}

function hasLeastPrivilege(planned: Planned): void {
  const [main] = deployment.parse(planned('plain', 'deployment')).spec[0].template[0].spec[0].container;
  const [security = {}] = main.security_context;
  assert.deepEqual(security['capabilities'], [{ add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'], drop: ['ALL'] }]);
  assert.deepEqual([security['read_only_root_filesystem'], security['allow_privilege_escalation']], [true, false]);
  assert.deepEqual(rulesIn(planned('plain', 'cluster_role')), wanted(rulesOf(clusterAccess('off'))));
  assert.deepEqual(rulesIn(planned('plain', 'role')), wanted(rulesOf(leaseAccess)));
  assert.deepEqual(planned('plain', 'storage_class')?.['parameters'], {
    pathPattern: 'glusterfs_${.PVC.annotations.volume-name}',
    adopt: 'any',
  });
}

function mountsByClaim(planned: Planned): void {
  const mounted = deployment.parse(planned('mounted', 'deployment')).spec[0].template[0].spec[0];
  assert.deepEqual(mounted.volume[0], {
    nfs: [],
    persistent_volume_claim: [{ claim_name: 'larder-export', read_only: false }],
  });
  assert.ok(planned('mounted', 'persistent_volume_claim', 'export'));
  assert.match(
    JSON.stringify(planned('mounted', 'persistent_volume', 'export')),
    /"mount_options":\["softerr","vers=4.1"\]/,
  );
  assert.deepEqual(planned('mounted', 'storage_class')?.['parameters'], {
    pathPattern: 'glusterfs_${.PVC.annotations.volume-name}',
    adopt: 'any',
    onDelete: 'delete',
  });
  assert.equal(planned('mounted', 'namespace'), undefined);
}

function servesPeer(planned: Planned): void {
  const [main] = deployment.parse(planned('peer', 'deployment')).spec[0].template[0].spec[0].container;
  assert.deepEqual([main.args ?? [], main.liveness_probe, main.readiness_probe], [[], [], []]);
  assert.deepEqual(
    main.env.slice(0, 3).map(({ name }) => name),
    ['PROVISIONER_NAME', 'NFS_SERVER', 'NFS_PATH'],
  );
  const update = textOf([''], ['persistentvolumeclaims'], [], ['get', 'list', 'update', 'watch']);
  assert.ok(rulesIn(planned('peer', 'cluster_role')).includes(update), 'the peer updates claims');
  assert.ok(
    rulesIn(planned('peer', 'role')).some((each) => each.includes('"endpoints"')),
    'the peer locks by Endpoints',
  );
  const growing = planned('protected', 'persistent_volume_claim', 'protected_growing');
  assert.match(JSON.stringify(growing), /"volume-name":"myapp_data"/);
}
