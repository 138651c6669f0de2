/** The service account that Kubernetes gives to every pod. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCredentialFile } from './credentials.ts';
import { KubeError } from './error.ts';
import type { Target } from './kubeconfig.ts';

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/, 2025-11. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

type Environment = Readonly<Record<string, string | undefined>>;

/** Token and CA are read again whenever credentials are, because the kubelet rotates them. @throws KubeError KUBE_CONFIG */
export async function inClusterTarget(env: Environment, folder = SERVICE_ACCOUNT_FOLDER): Promise<Target> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (!host) throw new KubeError('KUBE_CONFIG', 'in-cluster: KUBERNETES_SERVICE_HOST is not set, so this is not a pod');
  const namespace = await readFile(path.join(folder, 'namespace'), 'utf8').catch(() => ''); // optional: default below
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    namespace: namespace.trim() || 'default',
    source: 'in-cluster service account',
    credentials: {
      async load() {
        const token = await readCredentialFile('in-cluster token', path.join(folder, 'token'));
        const ca = await readCredentialFile('in-cluster CA', path.join(folder, 'ca.crt'));
        return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
      },
    },
  };
}
