/** Converted jobs on a real control plane: definitions of the kinds that others publish, and applying what was written. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { dryRun } from '../../src/nomad/check/dry-run.ts';
import type { Finding } from '../../src/nomad/check/finding.ts';
import { readTree, type WrittenTree } from '../../src/nomad/check/tree.ts';
import type { Converted } from '../nomad/converted.ts';
import { createKubectl, findKubectl, type Kubectl } from '../tools/kubectl.ts';
import { published } from '../tools/published.ts';
import { temporaryFolder } from './larder.ts';
import type { Site } from './site.ts';

/** Real services beside the checkout; tests that read them skip by name where they are not. */
export const examples = resolve(import.meta.dirname, '../../../shared/examples/nomad');

export const lackingExamples = existsSync(examples)
  ? false
  : 'the folder of example services is not beside the checkout';

const names = ['autoscaler', 'cilium', 'externalSecrets', 'traefik'] as const;

/** Where each module has the definitions of its kinds. */
const definitions: Readonly<Record<(typeof names)[number], readonly string[]>> = {
  autoscaler: ['deploy/vpa-v1-crd-gen.yaml'],
  cilium: ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'].map(
    (name) => `pkg/k8s/apis/cilium.io/client/crds/v2/${name}.yaml`,
  ),
  externalSecrets: ['externalsecrets', 'secretstores', 'clustersecretstores'].map(
    (name) => `config/crds/bases/external-secrets.io_${name}.yaml`,
  ),
  traefik: ['docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml'],
};

/** What keeps the definitions from being had here; false when nothing does. */
export async function lackingDefinitions(): Promise<string | false> {
  for (const name of names) {
    const found = await published(name);
    if (found.kind === 'unavailable') return found.reason;
  }
  return false;
}

export interface Applied {
  /** Namespaces that are there. */
  readonly made: Set<string>;
  readonly kubectl: Kubectl;
  /** Runs kubectl; fails when it does. */
  readonly said: (words: readonly string[], input?: string) => Promise<string>;
}

export async function kubectlFor(t: TestContext, { kubeconfig }: Pick<Site, 'kubeconfig'>): Promise<Applied> {
  const found = await findKubectl();
  if (found.kind === 'unavailable') throw new Error(found.reason);
  const home = temporaryFolder((remove) => t.after(remove), 'larder-nomad-');
  const kubectl = createKubectl({ path: found.path, kubeconfig, home });
  const said: Applied['said'] = async (words, input = '') => {
    const { code, stdout, stderr } = await kubectl(words, { input });
    assert.equal(code, 0, `kubectl ${words.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  return { kubectl, said, made: new Set(['default']) };
}

/** Makes the kinds of Traefik, External Secrets, Cilium and the VPA known to the cluster. */
export async function installDefinitions({ said }: Applied): Promise<void> {
  const files: string[] = [];
  for (const name of names) {
    const found = await published(name);
    if (found.kind === 'unavailable') throw new Error(found.reason);
    files.push(...definitions[name].map((path) => join(found.folder, path)));
  }
  await said(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
  await said(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all', '--timeout=60s']);
}

export function treeOf({ files }: Pick<Converted, 'files'>): WrittenTree {
  return readTree(files);
}

/** Makes the namespaces of a tree, and asks the server for everything in it. */
export async function refusals(
  site: Pick<Site, 'client'>,
  { said, made }: Applied,
  tree: WrittenTree,
): Promise<readonly Finding[]> {
  const namespaces = new Set(tree.modules.flatMap(({ manifests }) => manifests.map(({ namespace }) => namespace)));
  for (const name of [...namespaces].filter((each) => !made.has(each))) {
    made.add(name);
    await said(['apply', '--server-side', '-f', '-'], `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`);
  }
  return dryRun(site.client, tree, new AbortController().signal);
}

/** Folders below, by name. */
export function foldersOf(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];
}
