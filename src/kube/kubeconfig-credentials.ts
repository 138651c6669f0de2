/** The credentials of one user of a kubeconfig: plain ones are read here, plugins are asked. */
import { type Credentials, configError, readCredentialFile, type Secrets, type TlsMaterial } from './credentials.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig.ts';
import { loadPlugin, type PluginHost } from './login-plugin.ts';

/** The part of a kubeconfig that one context leads to. */
export interface Login {
  readonly name: string;
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  readonly userName: string;
  readonly user: UserEntry;
}

/** Invariant: `#plugin` is the loaded plugin host while its answers may be used again; exec answers may not once refused. */
export class KubeconfigCredentials implements Credentials {
  readonly #login: Login;
  #plugin: PluginHost | undefined;

  constructor(login: Login) {
    this.#login = login;
  }

  async load(refused: boolean): Promise<Secrets> {
    const { user } = this.#login;
    const headers = await this.#plainHeaders();
    const tls = await this.#plainTls();
    if (!user.exec && !user['auth-provider']) return { headers, tls };
    // OIDC refreshes by itself and may have been given a new refresh token, which exists only in this instance.
    if (refused && user.exec) this.#plugin = undefined;
    this.#plugin ??= await loadPlugin(this.#login);
    const given = await this.#plugin.answer();
    return { headers: { ...headers, ...given.headers }, tls: { ...tls, ...given.tls } };
  }

  async #plainHeaders(): Promise<Record<string, string>> {
    const { user } = this.#login;
    const headers: Record<string, string> = {};
    const token = user.tokenFile
      ? await readCredentialFile(this.#field('user', 'tokenFile'), user.tokenFile)
      : user.token;
    if (token) headers['authorization'] = `Bearer ${token.trim()}`;
    else if (user.username) {
      headers['authorization'] = `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
    }
    if (user.as) headers['impersonate-user'] = user.as;
    return headers;
  }

  async #plainTls(): Promise<TlsMaterial> {
    const { cluster, user } = this.#login;
    const ca = await this.#pem('cluster', 'certificate-authority', cluster);
    const cert = await this.#pem('user', 'client-certificate', user);
    const key = await this.#pem('user', 'client-key', user);
    if ((cert === undefined) !== (key === undefined)) {
      const missing = cert === undefined ? 'client-certificate' : 'client-key';
      throw configError(this.#field('user', missing), 'a client certificate needs its key, and a key its certificate');
    }
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
    };
  }

  /** From the inline field, which counts first, or from the file. */
  async #pem<Name extends string>(
    entry: 'cluster' | 'user',
    name: Name,
    from: { readonly [Field in Name | `${Name}-data`]?: string },
  ): Promise<string | undefined> {
    const data = from[`${name}-data`];
    const file = from[name];
    const field = this.#field(entry, data ? `${name}-data` : name);
    if (!data && !file) return undefined;
    const pem = data ? Buffer.from(data, 'base64').toString('utf8') : await readCredentialFile(field, file ?? '');
    if (!pem.includes('-----BEGIN ')) throw configError(field, 'is not PEM');
    return pem;
  }

  #field(entry: 'cluster' | 'user', name: string): string {
    const { clusterName, userName } = this.#login;
    const place = entry === 'cluster' ? `clusters[${clusterName}].cluster` : `users[${userName}].user`;
    return `${this.#login.name}: ${place}.${name}`;
  }
}
