/** What `larder volumes adopt -o terraform` writes: OpenTofu lays it out the same way, and what it makes of it binds. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { adoptionTerraform } from '../../src/cli/adoption-terraform.ts';
import { adoption } from '../../src/provision/adopt/adoption.ts';
import { eventually, temporaryFolder } from '../e2e/larder.ts';
import { ask } from './control-plane/ask.ts';
import { programs } from './control-plane/flags.ts';
import { controlPlaneFor } from './control-plane.ts';
import { createKubectl } from './kubectl.ts';
import { writeProviderMirror } from './provider-mirror.ts';
import { lacking, pathOf, runTool } from './run-tool.ts';

const skip = await lacking('tofu', 'terraform-provider-kubernetes', 'kubectl', ...programs);

const proposal = (directory: string) =>
  adoption(
    {
      export: '127.0.0.1:/storage/v',
      backend: 'nfs',
      server: '127.0.0.1',
      path: `/storage/v/${directory}`,
      directory,
      asked: '',
      identity: '42',
      usedBytes: undefined,
      objection: '',
    },
    {
      namespace: 'default',
      storageClass: {
        metadata: { name: 'glusterfs-nfs', uid: 'u', resourceVersion: '1' },
        provisioner: 'larder.dev/directory',
        mountOptions: ['vers=4.1'],
      },
      size: undefined,
      exports: [{ backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/persistentvolumes' }],
      nodeName: 'n',
    },
  );
const { volume, claim } = proposal('glusterfs_myapp_data');
/** The pinned provider is older than this block, which newer ones have; see CONTRIBUTING.md. */
const CLAIM_REF = / {4}claim_ref \{[^}]*\}\n\n/;

test('adopted directories, as Terraform and as YAML: laid out, applied, bound, and kept from destroy', {
  skip,
}, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-adopt-');
  const plane = await controlPlaneFor(t);
  const text = adoptionTerraform([volume, claim]);
  assert.match(text, CLAIM_REF);
  writeFileSync(join(home, 'adopted.tf'), text);
  const env = { TF_CLI_CONFIG_FILE: await writeProviderMirror(home), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const tofu = async (code: number, ...args: readonly string[]): Promise<string> => {
    const run = await runTool('tofu', args, { home, env });
    assert.equal(run.code, code, run.output);
    return run.output;
  };
  await tofu(0, 'fmt', '-check', '-diff', 'adopted.tf');
  writeFileSync(join(home, 'adopted.tf'), text.replace(CLAIM_REF, ''));
  writeFileSync(
    join(home, 'main.tf'),
    `provider "kubernetes" {\n  config_path = ${JSON.stringify(plane.kubeconfig)}\n}\n`,
  );
  const quiet = ['-no-color', '-input=false'];
  await tofu(0, 'init', ...quiet);
  assert.match(await tofu(0, 'apply', '-auto-approve', ...quiet), /Resources: 2 added/);
  const read = async (path: string) => JSON.parse((await ask(plane, path)).text);
  const boundTo = (name: string) =>
    eventually(`${name} to be Bound`, async () => {
      const { status, spec } = await read(`/api/v1/namespaces/default/persistentvolumeclaims/${name}`);
      return status.phase === 'Bound' ? spec.volumeName : undefined;
    });
  assert.equal(await boundTo('myapp-data'), 'adopted-default-myapp-data');
  const { spec } = await read('/api/v1/persistentvolumes/adopted-default-myapp-data');
  assert.deepEqual(spec.nfs, { server: '127.0.0.1', path: '/storage/v/glusterfs_myapp_data' });
  assert.match(await tofu(1, 'destroy', '-auto-approve', ...quiet), /prevent_destroy/);

  const kubectl = createKubectl({ path: await pathOf('kubectl'), kubeconfig: plane.kubeconfig, home });
  const yaml = Object.values(proposal('glusterfs_wiki_pages')).flatMap((each) =>
    typeof each === 'string' ? [] : [stringify(each)],
  );
  const applied = await kubectl(['apply', '-f', '-'], { input: yaml.join('---\n') });
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(await boundTo('wiki-pages'), 'adopted-default-wiki-pages');
  assert.equal(
    (await kubectl(['diff', '-f', '-'], { input: yaml.join('---\n') })).code,
    0,
    'applying again changes nothing',
  );
});
