/**
 * Kubeconfig files: which server, which user. They are read here and not by @kubernetes/client-node, because that takes
 * most of a second to load and does not say which field of which file is wrong.
 */
import path from 'node:path';
import { parse } from 'yaml';
import { type Credentials, configError } from './credentials.ts';
import { messageOf } from './error.ts';
import { KubeconfigCredentials } from './kubeconfig-credentials.ts';
import { flag, isObject, listOf, object, type Reader, required, text } from './reader.ts';

export interface ClusterEntry {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly as?: string;
  readonly exec?: PluginEntry;
  readonly 'auth-provider'?: PluginEntry;
}

type PluginEntry = Readonly<Record<string, unknown>>;

interface ContextEntry {
  readonly cluster: string;
  readonly user?: string;
  readonly namespace?: string;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: ClusterEntry }[];
  readonly users: readonly { readonly name: string; readonly user: UserEntry }[];
  readonly contexts: readonly { readonly name: string; readonly context: ContextEntry }[];
  readonly 'current-context'?: string;
}

const plugin: Reader<PluginEntry> = (value) => {
  if (!isObject(value)) throw new TypeError('expected an object at exec or auth-provider');
  return value;
};

const kubeconfig = object<Kubeconfig>({
  clusters: required(
    listOf(
      object<Kubeconfig['clusters'][number]>({
        name: required(text),
        cluster: required(
          object<ClusterEntry>({
            server: required(text),
            'certificate-authority': text,
            'certificate-authority-data': text,
            'insecure-skip-tls-verify': flag,
            'tls-server-name': text,
            'proxy-url': text,
          }),
        ),
      }),
    ),
    [],
  ),
  users: required(
    listOf(
      object<Kubeconfig['users'][number]>({
        name: required(text),
        user: required(
          object<UserEntry>({
            token: text,
            tokenFile: text,
            username: text,
            password: text,
            'client-certificate': text,
            'client-certificate-data': text,
            'client-key': text,
            'client-key-data': text,
            as: text,
            exec: plugin,
            'auth-provider': plugin,
          }),
          {},
        ),
      }),
    ),
    [],
  ),
  contexts: required(
    listOf(
      object<Kubeconfig['contexts'][number]>({
        name: required(text),
        context: required(object<ContextEntry>({ cluster: required(text), user: text, namespace: text })),
      }),
    ),
    [],
  ),
  'current-context': text,
});

/** Where one context leads. */
export interface Target {
  readonly server: URL;
  /** Of a proxy on the way; absent: none. */
  readonly proxy?: string;
  /** Default `default`. */
  readonly namespace: string;
  /** Files and context, for messages. */
  readonly source: string;
  readonly credentials: Credentials;
}

/** A kubeconfig as it was found. */
export interface KubeconfigText {
  /** For messages: the path, or what else the text came from. */
  readonly name: string;
  /** Relative paths in it start here. */
  readonly folder: string;
  readonly text: string;
}

/**
 * The target of a context (default: the current one). Of several files the first that has a name counts, as for kubectl.
 * @throws KubeError KUBE_CONFIG naming the file and the field.
 */
export function targetOf(texts: readonly KubeconfigText[], contextName?: string): Target {
  const name = `kubeconfig ${texts.map((text) => text.name).join(path.delimiter)}`;
  const config = merge(texts.map(parseText));
  const wanted = contextName ?? config['current-context'];
  if (!wanted) throw configError(name, 'current-context is empty: set it, or name a context');
  const { context } = find(name, { list: config.contexts, field: 'contexts', wanted, asked: 'current-context' });
  const at = `contexts[${wanted}].context`;
  const { cluster } = find(name, {
    list: config.clusters,
    field: 'clusters',
    wanted: context.cluster,
    asked: `${at}.cluster`,
  });
  const user = context.user
    ? find(name, { list: config.users, field: 'users', wanted: context.user, asked: `${at}.user` }).user
    : {};
  return {
    server: serverOf(`${name}: clusters[${context.cluster}].cluster.server`, cluster.server),
    namespace: context.namespace || 'default',
    source: `${name}, context ${wanted}`,
    credentials: new KubeconfigCredentials({
      name,
      cluster,
      user,
      clusterName: context.cluster,
      userName: context.user ?? '',
    }),
    ...(cluster['proxy-url'] ? { proxy: cluster['proxy-url'] } : {}),
  };
}

function parseText({ name, folder, text: content }: KubeconfigText): Kubeconfig {
  const what = `kubeconfig ${name}`;
  if (content.trim() === '') throw configError(what, 'the file is empty');
  try {
    return absolute(kubeconfig(parse(content)), folder);
  } catch (cause) {
    throw configError(what, messageOf(cause).trimEnd(), cause);
  }
}

/** Paths in a kubeconfig are relative to it, and so is a plugin given with a slash. */
function absolute(config: Kubeconfig, folder: string): Kubeconfig {
  const resolve = (file: string): string => path.resolve(folder, file);
  const clusters = config.clusters.map(({ name, cluster }) => ({
    name,
    cluster: changed(cluster, ['certificate-authority'], resolve),
  }));
  const users = config.users.map(({ name, user }) => {
    const entry = changed(user, ['tokenFile', 'client-certificate', 'client-key'], resolve);
    const command = entry.exec?.['command'];
    const relative = typeof command === 'string' && command.includes('/');
    return { name, user: relative ? { ...entry, exec: { ...entry.exec, command: resolve(command) } } : entry };
  });
  return { ...config, clusters, users };
}

function changed<T extends object>(entry: T, names: readonly (keyof T)[], change: (value: string) => string): T {
  const result = { ...entry };
  for (const name of names) {
    const value = result[name];
    if (typeof value === 'string' && value !== '') Object.assign(result, { [name]: change(value) });
  }
  return result;
}

function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const current = configs.map((config) => config['current-context']).find(Boolean);
  return {
    clusters: configs.flatMap(({ clusters }) => clusters),
    users: configs.flatMap(({ users }) => users),
    contexts: configs.flatMap(({ contexts }) => contexts),
    ...(current === undefined ? {} : { 'current-context': current }),
  };
}

function find<E extends { readonly name: string }>(
  what: string,
  { list, field, wanted, asked }: { list: readonly E[]; field: string; wanted: string; asked: string },
): E {
  const entry = list.find(({ name }) => name === wanted);
  if (entry) return entry;
  const known = list.map(({ name }) => name).join(', ') || 'none';
  throw configError(what, `${asked} "${wanted}" is not among ${field} (${known})`);
}

function serverOf(what: string, server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw configError(what, `"${server}" is not an http or https URL`);
}
