/**
 * deploy/terraform as its user has it, with OpenTofu on a real control plane. The modules are written for provider 2.x and
 * 3.x, and the newest that can be had here is 1.13 (CONTRIBUTING.md): what is written otherwise in 1.13 is changed in the
 * copy, by the table below and nothing else.
 */
import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { ask } from '../tools/control-plane/ask.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { startKwok } from '../tools/kwok.ts';
import { writeProviderMirror } from '../tools/provider-mirror.ts';
import { runTool } from '../tools/run-tool.ts';
import { pinnedVersion } from '../tools/tool.ts';
import { eventually, temporaryFolder } from './larder.ts';

export const modules = resolve(import.meta.dirname, '../../deploy/terraform');

/** What 1.13 writes otherwise, and how often at least. */
const otherwise: readonly { readonly from: RegExp; readonly to: string; readonly atLeast: number }[] = [
  {
    from: /version\s*= ">= [\d.]+, < 4\.0\.0"/g,
    to: `version = "${pinnedVersion('terraform-provider-kubernetes').slice(1)}"`,
    atLeast: 4,
  },
  // A block, which 2.0 made a map.
  { from: /\b(requests|limits)\s*= \{ (cpu = "\w+"), (memory = "\w+") \}/g, to: '$1 {\n$2\n$3\n}', atLeast: 6 },
  // New in 2.x.
  {
    from: /security_context \{\n\s*seccomp_profile \{\n\s*type = "RuntimeDefault"\n\s*\}\n\s*\}\n/g,
    to: '',
    atLeast: 3,
  },
];

export interface Workspace {
  readonly folder: string;
  /** Everything it said; fails when it ends with another code. */
  tofu(code: number, ...args: readonly string[]): Promise<string>;
  /** Puts another root module in the place of kubernetes.tf. */
  write(text: string): void;
}

/** A copy of deploy/terraform, initialised. */
export async function workspaceFor(t: TestContext, kubeconfig: string, root?: string): Promise<Workspace> {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-terraform-');
  const folder = join(home, 'terraform');
  cpSync(modules, folder, { recursive: true, filter: (path) => !/\.terraform|\.tfstate/.test(path) });
  readWithOldProvider(folder);
  const env = {
    TF_CLI_CONFIG_FILE: await providerMirror(),
    TF_VAR_kubeconfig: kubeconfig,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  };
  const workspace: Workspace = {
    folder,
    async tofu(code, ...args) {
      const run = await runTool('tofu', [...args, '-no-color'], { home: folder, env });
      assert.equal(run.code, code, `tofu ${args.join(' ')}\n${run.output}`);
      return run.output;
    },
    write: (text) => writeFileSync(join(folder, 'kubernetes.tf'), text),
  };
  if (root !== undefined) workspace.write(root);
  await workspace.tofu(0, 'init', '-input=false');
  return workspace;
}

let mirror: Promise<string> | undefined;

/** One for all tests of a process: it is large. */
function providerMirror(): Promise<string> {
  mirror ??= writeProviderMirror(temporaryFolder((remove) => process.once('exit', remove), 'larder-provider-'));
  return mirror;
}

function readWithOldProvider(folder: string): void {
  const counts = otherwise.map(() => 0);
  for (const path of globSync('**/*.tf', { cwd: folder })) {
    const text = readFileSync(join(folder, path), 'utf8');
    const changed = otherwise.reduce((each, { from, to }, index) => {
      counts[index] = (counts[index] ?? 0) + [...each.matchAll(from)].length;
      return each.replace(from, to);
    }, text);
    writeFileSync(join(folder, path), changed);
  }
  for (const [index, { from, atLeast }] of otherwise.entries()) {
    assert.ok((counts[index] ?? 0) >= atLeast, `${from} was found ${counts[index]} times`);
  }
}

interface Account {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly secrets?: readonly object[];
}

/** A node on which pods run, and what clusters before 1.24 did: provider 1.13 waits for the token Secret of each account. */
export async function clusterWithNode(t: TestContext, plane: ControlPlane): Promise<void> {
  const kwok = await startKwok(plane);
  t.after(() => kwok.close());
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  const node = {
    metadata: { name: 'hestia', labels: { 'kubernetes.io/hostname': 'hestia' } },
    status: { capacity: resources, allocatable: resources },
  };
  const { status, text } = await ask(plane, '/api/v1/nodes', { method: 'POST', body: node });
  assert.equal(status, 201, text);
  const timer = setInterval(() => {
    giveTokenSecrets(plane).catch(() => undefined); // the API server is ending
  }, 500);
  t.after(() => clearInterval(timer));
}

async function giveTokenSecrets(plane: ControlPlane): Promise<void> {
  const { text } = await ask(plane, '/api/v1/serviceaccounts?fieldSelector=metadata.name%3Dlarder');
  const { items }: { readonly items: readonly Account[] } = JSON.parse(text);
  for (const account of items.filter(({ secrets = [] }) => secrets.length === 0)) {
    const { namespace, name } = account.metadata;
    const token = `${name}-token-old`;
    const annotations = { 'kubernetes.io/service-account.name': name };
    const secret = { metadata: { name: token, annotations }, type: 'kubernetes.io/service-account-token' };
    await ask(plane, `/api/v1/namespaces/${namespace}/secrets`, { method: 'POST', body: secret });
    const named = { ...account, secrets: [{ name: token }] };
    await ask(plane, `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, { method: 'PUT', body: named });
  }
}

/** JSON of what is at a path of the API. */
export async function read(plane: ControlPlane, path: string): Promise<{ readonly [field: string]: unknown }> {
  return eventually(`an answer of ${path}`, async () => {
    const { status, text } = await ask(plane, path);
    return status === 200 ? JSON.parse(text) : undefined;
  });
}
