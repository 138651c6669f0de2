/**
 * One list of command lines, told by a pinned real kubectl to a real control plane and to the embedded API. Both answer
 * the same, on stdout, on stderr and by the exit code, but for times, ages, identifiers and addresses.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { programs } from '../tools/control-plane/flags.ts';
import { type ControlPlane, startControlPlane } from '../tools/control-plane.ts';
import { findKubectl } from '../tools/kubectl.ts';
import { lacking } from '../tools/run-tool.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { temporaryFolder } from './larder.ts';
import { type Cap, caps } from './transcript/caps.ts';
import { compare } from './transcript/compare.ts';
import { type Entry, record, type Speaker, transcript } from './transcript/record.ts';
import { scenes } from './transcript/scenes.ts';

/** Those whose work the embedded API does as well; the others would tell of pods and workloads that nobody runs. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'resourcequota-controller',
  'serviceaccount-controller',
];
const COMMANDS_AT_LEAST = 450;

const found = await findKubectl();
const skip = found.kind === 'unavailable' ? found.reason : await lacking(...programs);

describe('kubectl tells the same story of a cluster and of the embedded API', { skip }, () => {
  const removals: (() => void)[] = [];
  const used = new Set<Cap>();
  let told = 0;
  let plane: ControlPlane;
  let embedded: Cluster;
  let listeners: { readonly cluster: Speaker; readonly embedded: Speaker };

  before(async () => {
    if (found.kind === 'unavailable') return;
    const folder = (): string => temporaryFolder((remove) => removals.push(remove), 'larder-transcript-');
    const flags = { 'kube-controller-manager': [`--controllers=${CONTROLLERS.join(',')}`] };
    plane = await startControlPlane({ flags });
    embedded = await startCluster(folder(), { node: false });
    const speaker = (kubeconfig: string): Speaker => ({
      path: found.path,
      kubeconfig,
      url: serverOf(kubeconfig),
      folder: folder(),
    });
    listeners = { cluster: speaker(plane.kubeconfig), embedded: speaker(embedded.kubeconfig) };
  });
  after(async () => {
    await embedded?.close();
    await plane?.close();
    for (const remove of removals) remove();
  });

  for (const scene of scenes) {
    test(scene.name, async (t) => {
      const [cluster, own] = await Promise.all([record(scene, listeners.cluster), record(scene, listeners.embedded)]);
      told += cluster.length;
      const comparison = compare(scene.name, { cluster, embedded: own }, caps);
      for (const cap of comparison.used) {
        used.add(cap);
        t.diagnostic(`known difference, kubectl ${cap.line}: ${cap.reason}`);
      }
      if (comparison.differences.length > 0) {
        assert.fail([...comparison.differences, `all of it: ${keep(cluster, own)}`].join('\n\n'));
      }
    });
  }

  test('much was told, and no known difference has gone', (t) => {
    t.diagnostic(`${told} kubectl commands on each side`);
    assert.ok(told >= COMMANDS_AT_LEAST, `only ${told} commands`);
    assert.deepEqual(
      caps.filter((cap) => !used.has(cap)),
      [],
    );
  });
});

function serverOf(kubeconfig: string): string {
  return parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server;
}

/** Both transcripts as files, for a person to compare; they stay. */
function keep(cluster: readonly Entry[], embedded: readonly Entry[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-transcripts-'));
  writeFileSync(join(folder, 'cluster.txt'), transcript(cluster));
  writeFileSync(join(folder, 'embedded.txt'), transcript(embedded));
  return `diff -u ${folder}/cluster.txt ${folder}/embedded.txt`;
}
