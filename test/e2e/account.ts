/** The operator's own account on a real control plane, made by the commands that the documentation gives for it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import type { Client } from '../../src/kube/index.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { findKubectl } from '../tools/kubectl.ts';
import { temporaryFolder } from './larder.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const HEADING = '### With an account of its own';

/** As audit logs name it. */
export const ACCOUNT = 'system:serviceaccount:larder-system:larder';

/** Returns the path of the kubeconfig that the commands made. */
export async function accountFor(t: TestContext, plane: ControlPlane): Promise<string> {
  const kubectl = await findKubectl();
  if (kubectl.kind === 'unavailable') throw new Error(kubectl.reason);
  const home = temporaryFolder((remove) => t.after(remove));
  symlinkSync(DOCS, join(home, 'docs'));
  execFileSync('bash', ['-euc', commandsOf(readFileSync(join(DOCS, 'guides', 'cluster.md'), 'utf8'))], {
    cwd: home,
    env: {
      PATH: [dirname(kubectl.path), process.env['PATH']].join(delimiter),
      HOME: home,
      KUBECONFIG: plane.kubeconfig,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(home, 'larder.kubeconfig');
}

/** Those of kubectl; the last one of the block starts the operator. */
function commandsOf(guide: string): string {
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(guide.split(HEADING)[1] ?? '') ?? [];
  const commands = block.split('\n').filter((line) => line.startsWith('kubectl '));
  if (commands.length < 4) throw new Error(`the guide has no commands below "${HEADING}"`);
  return commands.join('\n');
}

/** Also for kinds that the product's client has no type for. */
export async function post(client: Client, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** As `kubectl create token` makes it. */
export async function tokenOf(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  audiences?: readonly string[],
): Promise<string> {
  const request = { spec: { expirationSeconds: 3_600, ...(audiences ? { audiences } : {}) } };
  const made = await post(client, `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, request);
  const token: unknown = Reflect.get(Object(Reflect.get(Object(made), 'status')), 'token');
  if (typeof token !== 'string') throw new Error('the cluster made no token');
  return token;
}
