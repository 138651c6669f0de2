/**
 * What `larder nomad convert` writes, with OpenTofu on a real control plane: the whole tree, from `init` to `destroy`, and
 * the services of others that lie beside the checkout.
 */
import assert from 'node:assert/strict';
import { appendFileSync, globSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { controlPlaneFor, missingControlPlane } from '../tools/control-plane.ts';
import { writeProviderMirror } from '../tools/provider-mirror.ts';
import { lacking, runTool } from '../tools/run-tool.ts';
import { runLarder, temporaryFolder } from './larder.ts';
import {
  type Applied,
  examples,
  foldersOf,
  installDefinitions,
  kubectlFor,
  lackingDefinitions,
  lackingExamples,
} from './nomad.ts';

const skip =
  (await missingControlPlane()) ??
  ((await lacking('tofu', 'terraform-provider-kubectl')) || (await lackingDefinitions()) || false);

const EXAMPLES_AT_LEAST = 6;

/** A service with data, a secret, a route and a name that it calls. */
const shop = `job "shop" {
  group "shop" {
    network {
      mode = "bridge"
      port "http" { to = 8080 }
    }
    service {
      name = "shop"
      port = "http"
      tags = [
        "traefik.enable=true",
        "traefik.http.routers.shop.rule=Host(\`shop.example.org\`) && PathPrefix(\`/buy\`)",
      ]
    }
    volume "data" {
      type            = "csi"
      source          = "glusterfs_shop_data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }
    task "shop" {
      driver = "docker"
      config {
        image = "registry.example.org/shop:1.4"
        ports = ["http"]
      }
      env {
        STOCK = "http://stock.virtual.consul:9090"
        QUOTE = "a \\"quoted\\" $\${word} and 100%"
      }
      template {
        data        = <<-EOT
          {{ with secret "nomad/data/shop" }}
          TOKEN={{ .Data.data.token }}
          {{ end }}
        EOT
        destination = "secrets/env"
        env         = true
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
      }
    }
  }
}
`;

const stock = `job "stock" {
  group "stock" {
    network {
      mode = "bridge"
      port "api" { to = 9090 }
    }
    service {
      name = "stock"
      port = "api"
    }
    task "stock" {
      driver = "docker"
      config {
        image = "registry.example.org/stock:2.0"
        ports = ["api"]
      }
    }
  }
}
`;

test('a converted tree is initialised, planned, applied and destroyed; claims stay', { skip }, async (t) => {
  const { out, tofu, applied } = await opened(t, jobsIn);
  await isThere(applied);
  await followsInputs(out, tofu, applied);
  await tofu(0, 'destroy', '-input=false', '-auto-approve');
  assert.equal(
    await applied.said([
      'get',
      'deployments,services,ingressroutes,externalsecrets',
      '-A',
      '-l',
      'managed-by=terraform',
      '-o',
      'name',
    ]),
    '',
  );
  assert.equal(await applied.said(['get', 'pvc', '-o', 'name']), 'persistentvolumeclaim/shop-data\n');
});

test('the examples beside the checkout are one tree, and each of their manifests is there after its apply', {
  skip: skip || lackingExamples,
}, async (t) => {
  const { out, applied } = await opened(t, () => examples);
  assert.ok(foldersOf(examples).length >= EXAMPLES_AT_LEAST, String(foldersOf(examples)));
  const files = globSync('modules-k8s/*/manifests/*.yaml', { cwd: out }).toSorted();
  // fails by name where one of them is not there
  const there = await applied.said(['get', '-o', 'name', ...files.flatMap((file) => ['-f', join(out, file)])]);
  const names = there.trim().split('\n');
  assert.equal(new Set(names).size, files.length, there);
  const kinds = Map.groupBy(names, (name) => name.split('/')[0]);
  for (const kind of ['deployment.apps', 'service', 'persistentvolumeclaim', 'configmap', 'cronjob.batch', 'job.batch'])
    assert.ok((kinds.get(kind) ?? []).length > 0, `no ${kind} among\n${there}`);
  t.diagnostic(`${names.length} objects of ${readdirSync(join(out, 'modules-k8s')).length} modules are there`);
});

interface Opened {
  readonly out: string;
  readonly tofu: Tofu;
  readonly applied: Applied;
}

/** The jobs converted, and their tree checked, initialised, planned and applied on a cluster of its own; a second plan is empty. */
async function opened(t: TestContext, jobs: (folder: string) => string): Promise<Opened> {
  const plane = await controlPlaneFor(t);
  const applied = await kubectlFor(t, plane);
  await installDefinitions(applied);
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-nomad-');
  const out = await converted(jobs(folder), join(folder, 'out'));
  const configuration = await writeProviderMirror(
    temporaryFolder((remove) => t.after(remove)),
    'terraform-provider-kubectl',
  );
  const env = {
    TF_CLI_CONFIG_FILE: configuration,
    TF_VAR_kubeconfig: plane.kubeconfig,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  };
  const tofu: Tofu = async (code, ...args) => {
    const run = await runTool('tofu', [...args, '-no-color'], { home: out, env });
    assert.equal(run.code, code, `tofu ${args.join(' ')}\n${run.output}`);
    return run.output;
  };
  assert.equal(await tofu(0, 'fmt', '-check', '-recursive'), '');
  await tofu(0, 'init', '-input=false');
  assert.match(await tofu(0, 'validate'), /^Success!/);
  await tofu(0, 'plan', '-input=false', '-out=plan');
  await tofu(0, 'apply', '-input=false', 'plan');
  assert.match(await tofu(0, 'plan', '-input=false', '-detailed-exitcode'), /No changes/);
  return { out, tofu, applied };
}

function jobsIn(folder: string): string {
  for (const [name, text] of Object.entries({ shop, stock })) {
    mkdirSync(join(folder, 'jobs', name), { recursive: true });
    writeFileSync(join(folder, 'jobs', name, 'jobspec.nomad.hcl'), text);
  }
  return join(folder, 'jobs');
}

async function converted(jobs: string, out: string): Promise<string> {
  const { code, stderr } = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.equal(code, 0, stderr);
  return out;
}

async function isThere({ said }: Applied): Promise<void> {
  const image = ['get', 'deployment', 'shop', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'];
  assert.equal(await said(image), 'registry.example.org/shop:1.4');
  const quote = '{.spec.template.spec.containers[0].env[?(@.name=="QUOTE")].value}';
  assert.equal(await said(['get', 'deployment', 'shop', '-o', `jsonpath=${quote}`]), 'a "quoted" ${word} and 100%');
  const kinds = await said([
    'get',
    'services,ingressroutes,externalsecrets,pvc,vpa',
    '-l',
    'managed-by=terraform',
    '-o',
    'name',
  ]);
  for (const name of [
    'service/shop',
    'service/stock',
    'ingressroute.traefik.io/shop',
    'externalsecret.external-secrets.io/shop-secrets',
    'persistentvolumeclaim/shop-data',
  ]) {
    assert.ok(kinds.includes(`${name}\n`), `${name} is not in\n${kinds}`);
  }
}

type Tofu = (code: number, ...args: readonly string[]) => Promise<string>;

/** The same module once more, in another namespace and with another tag. */
async function followsInputs(out: string, tofu: Tofu, { said }: Applied): Promise<void> {
  const second =
    'module "staging" {\n  source    = "./modules-k8s/stock"\n  namespace = "staging"\n  image_tag = "2.1"\n}\n';
  appendFileSync(join(out, 'kubernetes.tf'), `\n${second}`);
  await said(['create', 'namespace', 'staging']);
  await tofu(0, 'init', '-input=false');
  await tofu(0, 'apply', '-input=false', '-auto-approve');
  const image = [
    '-n',
    'staging',
    'get',
    'deployment',
    'stock',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  ];
  assert.equal(await said(image), 'registry.example.org/stock:2.1');
}
