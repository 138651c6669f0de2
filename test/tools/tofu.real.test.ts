/** OpenTofu, with the kubernetes provider from a local mirror, keeps storage objects on a real control plane. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { ask } from './control-plane/ask.ts';
import { programs } from './control-plane/flags.ts';
import { controlPlaneFor } from './control-plane.ts';
import { writeProviderMirror } from './provider-mirror.ts';
import { lacking, runTool } from './run-tool.ts';
import { pinnedVersion } from './tool.ts';

const CLAIM = '/api/v1/namespaces/default/persistentvolumeclaims/data';

const configuration = (kubeconfig: string): string => `
terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}
provider "kubernetes" {
  config_path = ${JSON.stringify(kubeconfig)}
}
variable "size" {
  default = "1Gi"
}
resource "kubernetes_storage_class" "directory" {
  metadata {
    name = "directory"
  }
  storage_provisioner    = "larder.dev/directory"
  reclaim_policy         = "Retain"
  allow_volume_expansion = true
}
resource "kubernetes_persistent_volume_claim" "data" {
  metadata {
    name = "data"
  }
  spec {
    access_modes       = ["ReadWriteMany"]
    storage_class_name = kubernetes_storage_class.directory.metadata[0].name
    resources {
      requests = { storage = var.size }
    }
  }
  wait_until_bound = false
}
`;

const skip = await lacking('tofu', 'terraform-provider-kubernetes', ...programs);

test('tofu installs from the mirror, applies, plans nothing more, and destroys', { skip }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-tofu-');
  const plane = await controlPlaneFor(t);
  writeFileSync(join(home, 'main.tf'), configuration(plane.kubeconfig));
  const env = { TF_CLI_CONFIG_FILE: await writeProviderMirror(home), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const tofu = async (code: number, ...args: readonly string[]): Promise<string> => {
    const run = await runTool('tofu', [...args, '-no-color', '-input=false'], { home, env });
    assert.equal(run.code, code, run.output);
    return run.output;
  };
  await tofu(0, 'init');
  const version = pinnedVersion('terraform-provider-kubernetes').slice(1);
  assert.match(readFileSync(join(home, '.terraform.lock.hcl'), 'utf8'), new RegExp(`version *= "${version}"`));
  assert.match(await tofu(0, 'apply', '-auto-approve'), /Resources: 2 added, 0 changed, 0 destroyed/);
  const { spec } = JSON.parse((await ask(plane, CLAIM)).text);
  assert.deepEqual([spec.storageClassName, spec.resources.requests.storage], ['directory', '1Gi']);
  await tofu(0, 'plan', '-detailed-exitcode');
  assert.match(await tofu(2, 'plan', '-detailed-exitcode', '-var=size=2Gi'), /"1Gi" -> "2Gi"/);
  assert.match(await tofu(0, 'apply', '-destroy', '-auto-approve'), /Resources: 0 added, 0 changed, 2 destroyed/);
  assert.equal((await ask(plane, CLAIM)).status, 404);
});
