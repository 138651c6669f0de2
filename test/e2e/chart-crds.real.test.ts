/** The kinds of growth in the life of a release: they come with it, follow its upgrades, and stay when it goes. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { installAll } from '../tools/install.ts';
import { createKubectl, findKubectl } from '../tools/kubectl.ts';
import { CHART, helmFor } from './chart/helm.ts';
import { temporaryFolder } from './larder.ts';
import { onReal } from './real.ts';
import { type Journey, planeFor } from './site.ts';

const POLICY = `{apiVersion: pvc-chonker.io/v1alpha1, kind: PVCPolicy, metadata: {name: kept}, spec: {selector: {}}}`;
const values = { nfs: { server: 'nas', path: '/v' }, webhook: { enabled: false } };

const journeys = (): readonly Journey[] => [
  {
    name: 'helm installs the kinds, upgrades them, leaves them and their objects behind, takes them back, and takes none from another release',
    run,
  },
];

const [helm] = (
  await installAll(['helm'], { env: process.env, say: (line) => process.stderr.write(`${line}\n`) })
).values();

for (const { name, run: journey, skip } of await onReal(journeys)) {
  test(name, { skip: skip || (helm?.kind === 'unavailable' ? helm.reason : false) }, journey);
}

async function run(t: TestContext): Promise<void> {
  const found = await findKubectl();
  if (found.kind === 'unavailable') return t.skip(found.reason);
  const plane = await planeFor(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const kubectl = createKubectl({ path: found.path, kubeconfig: plane.kubeconfig, home });
  const said = async (line: string, input = ''): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(line.split(' '), { input });
    assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
    return stdout;
  };
  const helmRun = helmFor(t, plane.kubeconfig);
  const install = (verb: string, chart: string): Promise<string> =>
    helmRun.run(verb, 'mine', chart, '--namespace', 'storage', '--create-namespace', '-f', helmRun.values(values));

  await install('install', older(t));
  await said('wait --for condition=Established crd/pvcpolicies.pvc-chonker.io --timeout=30s');
  await said('apply -f -', POLICY);
  assert.doesNotMatch(await said('explain pvcpolicy.spec.template'), /expandWhenFullWithin/);

  await install('upgrade', CHART);
  const field = '{.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.template.properties}';
  assert.match(await said(`get crd pvcpolicies.pvc-chonker.io -o jsonpath=${field}`), /"expandWhenFullWithin"/);
  assert.match(await said('get validatingadmissionpolicy -o name'), /misplaced-status/);

  await helmRun.run('uninstall', 'mine', '--namespace', 'storage');
  assert.match(await said('get pvcpolicies'), /^kept /m);
  assert.equal(await said('get validatingadmissionpolicy -o name'), '');

  await install('install', CHART);
  assert.match(await said('get pvcpolicies'), /^kept /m);

  const twin = helmRun.values({ ...values, storageClass: { create: false }, fullnameOverride: 'twin' });
  const notes = await helmRun.run('install', 'twin', CHART, '--namespace', 'other', '--create-namespace', '-f', twin);
  assert.match(notes, /PVCPolicy and PVCGroup are there already and belong to somebody else/);
  await helmRun.run('uninstall', 'twin', '--namespace', 'other');
  assert.match(await said('get pvcpolicies'), /^kept /m);
  assert.match(await said('get validatingadmissionpolicy -o name'), /misplaced-status/);
}

/** The chart as it was before a field came. */
function older(t: TestContext): string {
  const folder = join(
    temporaryFolder((remove) => t.after(remove)),
    'larder',
  );
  cpSync(CHART, folder, { recursive: true });
  const file = join(folder, 'files/crds.yaml');
  const text = readFileSync(file, 'utf8');
  const without = text.replaceAll(/^ {20}expandWhenFullWithin:\n(?: {22}.*\n)+/gm, '');
  assert.notEqual(without, text);
  assert.doesNotMatch(without, /expandWhenFullWithin/);
  writeFileSync(file, without);
  return folder;
}
