/** Exec plugins and OIDC, by @kubernetes/client-node, which is loaded only when a user of a kubeconfig needs it. */
import { configError, type Secrets, type TlsMaterial } from './credentials.ts';
import { messageOf } from './error.ts';
import type { Login } from './kubeconfig-credentials.ts';
import { isObject } from './reader.ts';

/** An exec plugin or an auth provider, with what it remembers. */
export interface PluginHost {
  answer(): Promise<Secrets>;
}

/** Hands the one user to the library, as a kubeconfig of its own. */
export async function loadPlugin({ name, userName, user }: Login): Promise<PluginHost> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const { exec, 'auth-provider': provider } = user;
  config.loadFromString(
    JSON.stringify({
      clusters: [{ name: 'cluster', cluster: { server: 'https://localhost' } }],
      users: [{ name: userName, user: { exec, 'auth-provider': provider } }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: userName } }],
      'current-context': 'context',
    }),
  );
  const field = `${name}: users[${userName}].user.${exec ? 'exec' : 'auth-provider'}`;
  return {
    async answer() {
      const given: { headers?: unknown; cert?: unknown; key?: unknown } = {};
      try {
        await config.applyToHTTPSOptions(given);
      } catch (cause) {
        throw configError(field, messageOf(cause).trim() || 'the plugin failed', cause);
      }
      const token = isObject(given.headers) ? given.headers['Authorization'] : undefined;
      const { cert, key } = given;
      if (!token && !cert) throw configError(field, 'the plugin gave neither a token nor a certificate');
      const headers: Record<string, string> = token ? { authorization: String(token) } : {};
      const tls: TlsMaterial = cert && key ? { cert: String(cert), key: String(key) } : {};
      return { headers, tls };
    },
  };
}
