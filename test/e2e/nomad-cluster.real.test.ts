/** What is converted, on a real control plane: every manifest is one that the server takes, and a converted service gets its storage from Larder. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isObject } from '../../src/kube/reader.ts';
import { type Converted, convertedFolder, convertedTexts, corpus, corpusJobs } from '../nomad/converted.ts';
import { eventually, temporaryFolder } from './larder.ts';
import {
  type Applied,
  examples,
  foldersOf,
  installDefinitions,
  kubectlFor,
  lackingDefinitions,
  lackingExamples,
  refusals,
  treeOf,
} from './nomad.ts';
import { onReal } from './real.ts';
import type { Journey, Place, Site } from './site.ts';

const journeys = (place: Place): readonly Journey[] => [
  { name: 'a cluster takes what was converted, and Larder provides its storage', run: (t) => run(t, place) },
];

const lacking = await lackingDefinitions();

for (const { name, run: journey, skip } of await onReal(journeys)) {
  test(name, { skip: skip || lacking }, journey);
}

async function run(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const applied = await kubectlFor(t, site);
  await installDefinitions(applied);
  await t.test('the parts of core that need no chart', () => coreApplies(t, site, applied));
  for (const name of corpusJobs()) {
    await t.test(`the corpus: ${name}`, () => taken(site, applied, convertedFolder(join(corpus, name))));
  }
  for (const name of foldersOf(examples)) {
    await t.test(`the examples: ${name}`, () => taken(site, applied, convertedFolder(join(examples, name))));
  }
  await t.test('the examples are beside the checkout', { skip: lackingExamples }, () => undefined);
  await t.test('a job of two volumes is really there, with directories of the same names', () =>
    created(site, applied, convertedTexts(shelf), {
      kinds: [...stored, 'ConfigMap'],
      directories: ['glusterfs_shelf_books', 'glusterfs_shelf_covers'],
    }),
  );
  await t.test('examples are really there', { skip: lackingExamples }, async () => {
    await created(site, applied, convertedFolder(join(examples, 'vaultwarden')), {
      kinds: stored,
      directories: ['glusterfs_vaultwarden_data'],
    });
    await created(site, applied, convertedFolder(join(examples, 'searxng')), {
      kinds: stored,
      directories: ['glusterfs_searxng_config'],
    });
    // those with volumes have no file of a template: these have
    await created(site, applied, convertedFolder(join(examples, 'nomad-fixtures')), {
      kinds: ['Deployment', 'Service', 'ConfigMap'],
      directories: [],
    });
  });
  await t.test('measured requests are written', () => rightsized(t, site, applied));
}

async function taken(site: Site, applied: Applied, converted: Converted): Promise<void> {
  const found = await refusals(site, applied, treeOf(converted));
  assert.deepEqual(
    found.map(({ file, line, message }) => `${file}:${line} ${message}`),
    [],
  );
}

async function coreApplies(t: TestContext, site: Site, { said }: Applied): Promise<void> {
  const out = temporaryFolder((remove) => t.after(remove));
  const words = [
    '--out',
    out,
    '--nfs',
    'nas:/storage/v',
    '--vault',
    'https://vault.example.com:8200',
    '--node',
    'one=10.0.0.1',
  ];
  const run = await site.run(['nomad', 'core', ...words]);
  assert.equal(run.code, 0, run.stderr);
  await said(['create', 'namespace', 'external-secrets']);
  await said(['apply', '--server-side', '-f', join(out, 'k8s/core/vault-integration/cluster-secret-store.yaml')]);
  // the class of this name is there with other parameters, which nobody may change
  await said(['delete', 'storageclass', 'glusterfs-nfs']);
  await said(['apply', '--server-side', '-f', join(out, 'k8s/storage/storage-class.yaml')]);
  const again = await site.run(['nomad', 'core', ...words]);
  assert.equal(again.code, 1, 'files that are there are not replaced');
  assert.match(again.stderr, /nothing was written/);
}

/** Two volumes of a CSI plugin, a template that is a file, a service. */
const shelf: ReadonlyMap<string, string> = new Map([
  [
    'shelf/jobspec.nomad.hcl',
    `job "shelf" {
  group "shelf" {
    network {
      mode = "bridge"
      port "http" { to = 8000 }
    }
    volume "books" {
      type            = "csi"
      source          = "glusterfs_shelf_books"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }
    volume "covers" {
      type            = "csi"
      source          = "glusterfs_shelf_covers"
      access_mode     = "multi-node-multi-writer"
      attachment_mode = "file-system"
    }
    service {
      name = "shelf"
      port = "http"
    }
    task "shelf" {
      driver = "docker"
      config {
        image   = "example/shelf:3.1"
        volumes = ["local/shelf.conf:/etc/shelf.conf"]
      }
      template {
        data        = "title = Books\\n"
        destination = "local/shelf.conf"
      }
      volume_mount {
        volume      = "books"
        destination = "/books"
      }
      volume_mount {
        volume      = "covers"
        destination = "/covers"
      }
      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`,
  ],
]);

const stored = ['Deployment', 'Service', 'PersistentVolumeClaim'] as const;

interface Wanted {
  /** Each is among the objects that are there. */
  readonly kinds: readonly string[];
  /** Of the export, by name. */
  readonly directories: readonly string[];
}

/** Everything of a module is applied and read back; each claim is bound to a directory with the name that the Nomad volume had. */
async function created(
  site: Site,
  { said }: Applied,
  converted: Converted,
  { kinds, directories }: Wanted,
): Promise<void> {
  const manifests = treeOf(converted).modules.flatMap((module) => module.manifests);
  const there: string[] = [];
  for (const { object, kind, name } of manifests) {
    const text = JSON.stringify(object);
    await said(['apply', '--server-side', '-f', '-'], text);
    const found = (await said(['get', '-f', '-', '-o', 'name'], text)).trim();
    assert.ok(found.endsWith(`/${name}`), `${kind} ${name} is there as ${found}`);
    there.push(kind);
  }
  for (const kind of kinds) assert.ok(there.includes(kind), `${kind} is among ${there}`);
  for (const { kind, name, namespace } of manifests.filter((each) => each.kind === 'PersistentVolumeClaim')) {
    await eventually(`${kind} ${name} is bound`, async () => {
      const phase = await said(['get', kind, name, '-n', namespace, '-o', 'jsonpath={.status.phase}']);
      return phase === 'Bound' ? phase : undefined;
    });
  }
  assert.deepEqual(
    directories.filter((each) => !readdirSync(site.export).includes(each)),
    [],
    `directories of ${site.export}`,
  );
}

const manifest = `# measured in the first week
apiVersion: apps/v1
kind: Deployment
metadata: { name: measured, namespace: default }
spec:
  selector: { matchLabels: { app: measured } }
  template:
    metadata: { labels: { app: measured } }
    spec:
      containers:
        - name: measured
          image: example/measured:1
          resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } } # guessed
`;

async function rightsized(t: TestContext, site: Site, { said }: Applied): Promise<void> {
  const folder = temporaryFolder((remove) => t.after(remove));
  const file = join(folder, 'manifests/deployment.yaml');
  mkdirSync(dirname(file));
  writeFileSync(file, manifest);
  const autoscaler = {
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name: 'measured-vpa', namespace: 'default' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'measured' },
      updatePolicy: { updateMode: 'Off' },
    },
  };
  const status = {
    recommendation: {
      containerRecommendations: [{ containerName: 'measured', target: { cpu: '23m', memory: '157286400' } }],
    },
  };
  await said(['apply', '--server-side', '-f', '-'], JSON.stringify(autoscaler));
  const served = await said(['get', 'crd', 'verticalpodautoscalers.autoscaling.k8s.io', '-o', 'json']);
  const words = hasStatus(served) ? ['--subresource', 'status'] : [];
  await said(['patch', 'vpa', 'measured-vpa', '--type', 'merge', ...words, '-p', JSON.stringify({ status })]);
  const shown = await site.run(['nomad', 'rightsize', folder]);
  assert.equal(shown.code, 1, shown.stderr);
  assert.match(shown.stdout, /deployment\.yaml:13 .*requests\.cpu +500m +23m/);
  assert.equal(readFileSync(file, 'utf8'), manifest, 'shown, not written');
  const run = await site.run(['nomad', 'rightsize', folder, '--write']);
  assert.equal(run.code, 0, run.stderr);
  assert.equal(
    readFileSync(file, 'utf8'),
    manifest.replace('cpu: 500m, memory: 1Gi }, limits', 'cpu: 23m, memory: 150Mi }, limits'),
  );
}

/** Whether the definition keeps the status behind a request of its own. */
function hasStatus(definition: string): boolean {
  const parsed: unknown = JSON.parse(definition);
  return isObject(parsed) && JSON.stringify(parsed['spec']).includes('"subresources":{"status"');
}
